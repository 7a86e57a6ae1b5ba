"""Random networks at two sets of weights, with the assumptions of the spin-glass reduction on or off.

With all off, a ReLU network runs forward on normal inputs; with all on, its output is the Hamiltonian
of the spherical p-spin model. In between, outputs are sums over paths of X A w^(1) ... w^(H).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_real

Real = npt.NDArray[np.float64]
KEYS = ("gates", "mean", "inputs", "redundancy", "sphere")
MAX_PATHS = 100_000


@dataclass(frozen=True)
class Outputs:
    """Outputs of independent network pairs.

    Attributes
    ----------
    y : ndarray, shape (units, inputs, 2)
        Without the factor q; the last axis holds the two sets of weights.
    gram : ndarray, shape (units, inputs, 3) or None
        |a|^2, a.a' and |a'|^2 of the activities that enter the last hidden layer (of the network
        itself, H >= 2).
    first : ndarray of bool, shape (units, inputs) or None
        Whether the path through unit 0 of every layer is active at the first set of weights (of the
        network itself).
    """

    y: Real
    gram: Real | None = None
    first: npt.NDArray[np.bool_] | None = None


def sample(
    rng: np.random.Generator,
    widths: Sequence[int],
    overlap: float,
    assumptions: AbstractSet[str],
    units: int,
    inputs: int = 2,
) -> Outputs:
    """Draw pairs of networks and their outputs on normal inputs that both are given.

    Parameters
    ----------
    rng : numpy.random.Generator
    widths : sequence of int
        (n_0, ..., n_H), n_H = 1.
    overlap : float
        Correlation of the two sets of weights, each of mean square 1; on the sphere w.w'/Lambda.
    assumptions : set of str
        Of "gates" (activities are Bernoulli(2^-(H-1)), independent of all else), "mean" (activities
        replaced by their mean), "inputs" (an input a path), "redundancy" (Lambda = Psi^(1/H) weights,
        a path for each of their Lambda^H products), "sphere" (|w|^2 = Lambda). All but "gates" need
        "gates"; "sphere" needs "redundancy".
    units, inputs : int
        Pairs of networks, and inputs (with activities of their own) given to each.

    Returns
    -------
    Outputs

    Raises
    ------
    InputError
        For widths that are no network with one output, more than 100000 paths, an overlap beyond
        [-1, 1], an unknown or missing assumption, fewer than 1 units or inputs, or a mass that is
        no H-th power under "redundancy".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sample(rng, [3, 2, 1], 0.5, set(), units=4).y.shape
    (4, 2, 2)
    """
    sizes = [check_integer("widths", n, least=1) for n in widths]
    if len(sizes) < 2 or sizes[-1] != 1:
        raise InputError.of("widths", list(widths), "two or more integers >= 1, the last 1")
    if math.prod(sizes) > MAX_PATHS:
        raise InputError.of("widths", list(widths), f"at most {MAX_PATHS} paths")
    if abs(check_real("overlap", overlap)) > 1:
        raise InputError.of("overlap", overlap, "a number from -1 to 1")
    chosen = frozenset(assumptions)
    if not chosen <= set(KEYS):
        raise InputError.of("assumptions", sorted(chosen), f"of {', '.join(KEYS)}")
    if (chosen and "gates" not in chosen) or ("sphere" in chosen and "redundancy" not in chosen):
        raise InputError.of(
            "assumptions", sorted(chosen), '"gates" before others, "redundancy" before "sphere"'
        )
    check_integer("units", units, least=1)
    check_integer("inputs", inputs, least=1)
    if not chosen:
        weights = _layered(rng, sizes, overlap, units)
        return _forward(weights, rng.standard_normal((units, inputs, sizes[0])))
    if "redundancy" in chosen:
        count = round(math.prod(sizes) ** (1 / (len(sizes) - 1)))
        if count ** (len(sizes) - 1) != math.prod(sizes):
            raise InputError.of("widths", list(widths), "a mass that is an H-th power")
        pair = _pair(rng, units, count, overlap, "sphere" in chosen)
        shape: tuple[int, ...] = (count,) * (len(sizes) - 1)
        monomials = [_powers(w, len(sizes) - 1) for w in pair]
    else:
        shape = tuple(sizes[:-1])
        weights = _layered(rng, sizes, overlap, units)
        monomials = [_path_products([w[side] for w in weights]) for side in (0, 1)]
    return Outputs(_decoupled(rng, monomials, shape, chosen, inputs))


def _correlated(rng: np.random.Generator, shape: tuple[int, ...], overlap: float) -> Sequence[Real]:
    """Two arrays of standard normals, correlated entry by entry."""
    first = rng.standard_normal(shape)
    # same (+ -> -): a normal number as good as its negative
    second = overlap * first + math.sqrt(1 - overlap**2) * rng.standard_normal(shape)
    return first, second


def _layered(
    rng: np.random.Generator, sizes: Sequence[int], overlap: float, units: int
) -> list[Sequence[Real]]:
    """A weight for each connection: per layer, the pair of arrays (units, n_k, n_(k+1))."""
    return [
        _correlated(rng, (units, below, above), overlap)
        for below, above in itertools.pairwise(sizes)
    ]


def _pair(
    rng: np.random.Generator, units: int, count: int, overlap: float, sphere: bool
) -> Sequence[Real]:
    """Weights of redundant networks, shape (units, count); on the sphere at the overlap exactly."""
    if not sphere:
        return _correlated(rng, (units, count), overlap)
    w, v = rng.standard_normal((2, units, count))
    w *= math.sqrt(count) / np.linalg.norm(w, axis=1, keepdims=True)
    v -= (v * w).sum(axis=1, keepdims=True) / count * w
    v *= math.sqrt(count) / np.linalg.norm(v, axis=1, keepdims=True)
    # same (+ -> -): a direction as good as the opposite one
    return w, overlap * w + math.sqrt(1 - overlap**2) * v


def _powers(w: Real, order: int) -> Real:
    """All products w_i1 ... w_iH, shape (units, Lambda^H), i_H fastest."""
    found = w
    for _ in range(order - 1):
        # same (1 -> 2): any negative size is inferred
        found = (found[:, :, None] * w[:, None, :]).reshape(len(w), -1)
    return found


def _path_products(weights: Sequence[Real]) -> Real:
    """The product of the weights along every path, shape (units, Psi), the last unit fastest."""
    # same (0 -> 1, 0 -> -1): all are as long
    units = len(weights[0])
    # same (1 -> 2): any negative size is inferred
    found = weights[0].reshape(units, -1, weights[0].shape[2])
    for matrix in weights[1:]:
        # same (1 -> 2): any negative size is inferred
        found = (found[:, :, :, None] * matrix[:, None, :, :]).reshape(units, -1, matrix.shape[2])
    # same (1 -> 2): any negative size is inferred
    return found.reshape(units, -1)


def _decoupled(
    rng: np.random.Generator,
    monomials: Sequence[Real],
    shape: tuple[int, ...],
    chosen: frozenset[str],
    inputs: int,
) -> Real:
    """Sums over paths of X A times the monomials, X and A the same for both sets of weights."""
    # same (0 -> 1, 0 -> -1): both are as long
    units, count = monomials[0].shape
    rho = 0.5 ** (len(shape) - 1)
    if "inputs" in chosen:
        x = rng.standard_normal((units, inputs, count))
    else:
        shared = rng.standard_normal((units, inputs, shape[0]))
        x = np.repeat(shared, count // shape[0], axis=2)
    # same (comparisons): a tie of chance 0
    x = rho * x if "mean" in chosen else x * (rng.random((units, inputs, count)) < rho)
    # same (0 -> -1): of one column
    return np.stack([(x @ m[:, :, None])[:, :, 0] for m in monomials], axis=-1)


def _forward(weights: Sequence[Sequence[Real]], x: Real) -> Outputs:
    """The network itself: ReLU after every layer but the last."""
    sides: list[Any] = [x, x]
    gram = None
    first = np.ones(x.shape[:2], dtype=bool)
    depth = len(weights)
    for k, pair in enumerate(weights):
        if k == depth - 2:
            a, b = sides
            gram = np.stack([(a * a).sum(-1), (a * b).sum(-1), (b * b).sum(-1)], axis=-1)
        sides = [side @ w for side, w in zip(sides, pair, strict=True)]
        if k < depth - 1:
            sides = [np.maximum(side, 0.0) for side in sides]
            first &= sides[0][:, :, 0] > 0
    # same (0 -> -1): of one column
    return Outputs(np.stack([side[:, :, 0] for side in sides], axis=-1), gram, first)


def reduced_pair(
    rng: np.random.Generator, redundancies: Sequence[int], uniform: int, units: int
) -> Real:
    """Draw (Y_s, Yhat_s): a redundant network with random weights of size 1 and its uniform version.

    Monomial i of Y_s has ``redundancies[i]`` inputs, that of Yhat_s ``uniform``; the two share as
    many as both have.

    Parameters
    ----------
    rng : numpy.random.Generator
    redundancies : sequence of int
        t_i >= 1.
    uniform, units : int
        Psi/s^H, and pairs to draw.

    Returns
    -------
    ndarray, shape (units, 2)

    Raises
    ------
    InputError
        For a number below 1.

    Examples
    --------
    >>> reduced_pair(np.random.default_rng(0), [1, 1, 4], 2, units=5).shape
    (5, 2)
    """
    t = [check_integer("redundancies", value, least=1) for value in redundancies]
    check_integer("uniform", uniform, least=1)
    check_integer("units", units, least=1)
    signs = rng.choice([-1.0, 1.0], size=(units, len(t)))
    most = max(*t, uniform)
    x = rng.standard_normal((units, len(t), most))
    rank = np.arange(most)
    own = (x * (rank < np.array(t)[:, None])).sum(axis=2)
    hat = (x * (rank < uniform)).sum(axis=2)
    return np.stack([(signs * own).sum(axis=1), (signs * hat).sum(axis=1)], axis=1)


def sign_pair(
    rng: np.random.Generator, plus: float, lost: float, gained: float, units: int
) -> npt.NDArray[np.bool_]:
    """Draw signs of a network's output and of its reduction's, which errs on parts of each class.

    The output is a standard normal z that is positive above the (1 - plus)-quantile; the reduction
    loses the weakest share of the positive ones and gains the weakest of the others: a narrow band
    around the decision boundary.

    Parameters
    ----------
    rng : numpy.random.Generator
    plus, lost, gained : float
        P(Y_N > 0); P(Y_N > 0, Y_s < 0) <= plus; P(Y_N < 0, Y_s > 0) <= 1 - plus.
    units : int

    Returns
    -------
    ndarray of bool, shape (units, 2)
        Whether Y_N and Y_s are positive.

    Raises
    ------
    InputError
        For numbers out of these bounds.

    Examples
    --------
    >>> sign_pair(np.random.default_rng(0), 0.5, 0.1, 0.1, units=3).shape
    (3, 2)
    """
    p, minus, more = (
        check_real(n, v) for n, v in (("plus", plus), ("lost", lost), ("gained", gained))
    )
    if not 0 < p < 1:
        raise InputError.of("plus", plus, "a probability between 0 and 1")
    if not (0 <= minus <= p and 0 <= more <= 1 - p):
        raise InputError.of("lost, gained", (lost, gained), "parts of the two classes")
    check_integer("units", units, least=1)
    rank = rng.random(units)  # of z from below
    margin = rank - (1 - p)
    # same (comparisons): ties of chance 0
    return np.stack([margin > 0, (margin > minus) | ((margin < 0) & (margin > -more))], axis=1)

"""Disorder with a random external field: models with a term of degree 1, xi(q) = h^2 q + ...

On the sphere |s|^2 = n the field's b.s is the cubic form (b.s)(s.s)/n, with the same energies and the same
gradients and Hessians on the sphere. So it is added to the couplings of three spins, and every method and
device takes these as they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from numerics.core.mixture import check_coefficients
from numerics.core.streams import Stream
from numerics.pspin import multisets
from numerics.pspin.couplings import Couplings, draw

FIELD = 3
"""The field of a disorder is drawn from ``source.generator(disorder, FIELD)``."""


def cubic_form(field: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the packed couplings of (b.s)(s.s)/n, which on |s|^2 = n is b.s.

    Parameters
    ----------
    field : array_like, shape (n,)
        b.

    Returns
    -------
    ndarray, shape (n, n (n + 1)/2)
        As in `numerics.pspin.couplings`: the gradient is these times the products of two spins.

    Examples
    --------
    The gradient of (2 x)(x^2 + y^2)/2 is (3 x^2 + y^2, 2 x y):

    >>> cubic_form([2.0, 0.0]).tolist()
    [[3.0, 0.0, 1.0], [0.0, 2.0, 0.0]]
    """
    b = np.asarray(field, dtype=float)
    n = len(b)
    spins = np.arange(n)
    rows, columns = np.broadcast_arrays(spins[:, None], spins)
    pairs = np.stack([np.minimum(rows, columns), np.maximum(rows, columns)], axis=2)
    ranks = multisets.rank(pairs)
    found = np.zeros((n, multisets.count(n, 2)))
    # b_i (s.s), then 2 s_i (b.s).
    found[:, ranks[spins, spins]] = b[:, None]
    found[rows, ranks] += 2 * b
    return found / n


def draw_in_field(
    source: Stream,
    disorder: int,
    n: int,
    coefficients: Mapping[int, float],
    memory: int | None = None,
) -> Couplings:
    """Draw one disorder, its field as couplings of three spins.

    Parameters
    ----------
    source : Stream
        The couplings are drawn from ``source.generator(disorder, 0)``, the field from
        ``source.generator(disorder, FIELD)``.
    disorder : int
    n : int
        Number of spins, >= 2.
    coefficients : mapping of int to float
        {p: a_p}; a_1 is the variance of a component of the field.
    memory : int, optional
        Bytes that may be used, by default what is free.

    Returns
    -------
    Couplings
        Stored, NumPy's, in float64.

    Raises
    ------
    InputError
        Bad arguments, or couplings that exceed the memory.

    Examples
    --------
    >>> from numerics.core.streams import stream
    >>> drawn = draw_in_field(stream(0, "example"), 0, 5, {2: 1.0, 1: 4.0})
    >>> [p for p, _ in drawn.terms]
    [2, 3]
    """
    checked = check_coefficients(coefficients, least=1)
    # With none of three spins these are drawn too, for their room, and taken no share of.
    bulk = {3: 1.0, **{p: a for p, a in checked.items() if p > 1}}
    terms = dict(draw(source.generator(disorder, 0), n, bulk, memory=memory, place="stored").terms)
    b = math.sqrt(checked.get(1, 0.0)) * source.generator(disorder, FIELD).standard_normal(n)
    terms[3] = (terms[3] if 3 in checked else 0.0) + cubic_form(b)
    return Couplings(n, tuple(sorted(terms.items())))


def steepest(coefficients: Mapping[int, float]) -> dict[int, float]:
    """Return the coefficients with the field's variance as that of couplings of three spins.

    A step length that fits this model fits the one in the field: of both the curvature where descents end
    is at most that.

    Examples
    --------
    >>> steepest({3: 1.0, 1: 2.5}), steepest({4: 1.0})
    ({3: 3.5}, {4: 1.0})
    """
    found = check_coefficients(coefficients, least=1)
    if field := found.pop(1, 0.0):
        found[3] = found.get(3, 0.0) + field
    return dict(sorted(found.items()))

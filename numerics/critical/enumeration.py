"""Census: every critical point of an instance at small n, each proved, the set proved complete.

A point counts only if `numerics.critical.kantorovich` proves that it is there, alone in its ball,
real, and of that index. An instance is complete if the complex critical points proved to be distinct
are as many as there can be (`numerics.critical.homotopy`).
If some are missing the instance is unresolved, even if the real ones found satisfy the Morse identity
of the sphere, sum_k (-1)^k Crt_k = 1 + (-1)^(n-1): for even n no point at all satisfies it, nor do
pairs x, -x that are lost spoil it. No instance is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_word
from numerics.core.mixture import Mixture, Model, check_model, disorder_stream
from numerics.core.streams import Stream, stream
from numerics.core.tables import to_frame
from numerics.critical.degenerate import CURVE, SINGULAR
from numerics.critical.homotopy import Zeros, solutions, zeros
from numerics.critical.kantorovich import evaluate, index
from numerics.critical.polynomials import Forms, Integer, Real, draw_forms, layout
from numerics.pspin.tensors import SCALES, Given, given

STATUSES = ("complete", "nearly-singular", "path-failure", "budget", "positive-dimensional")

# same (numbers): instances solved at once
CHUNK = 50
"""Instances that `census` solves at once, at most."""

MOST_PATHS = 10_000
MOST_CUBIC = 1 << 16
"""Paths of an instance; a path of the pure cubic, n = 16 with the latter, costs the least."""


@dataclass(frozen=True, repr=False)
class Census:
    """Critical points of instances of one model.

    Attributes
    ----------
    n : int
        Number of spins.
    counts : ndarray of int, shape (instances, n)
        Number of critical points of every index 0..n-1 that were proved, on the sphere |s|^2 = n.
    status : ndarray of str, shape (instances,)
        "complete": all of them, proved. Else why some are missing: "nearly-singular" (balls that meet, an
        eigenvalue's sign undecided, a multiple point), "path-failure", "budget" (too many steps),
        "positive-dimensional" (they fill curves or more; `numerics.critical.degenerate`).
    found : ndarray of int, shape (instances,)
        Complex critical points proved (x and -x once in a pure model), of `possible`.
    possible : int
    hidden : ndarray of int, shape (instances,)
        At most so many real points are not in `counts`; 0 if complete.
    instance, index : ndarray of int, shape (points,)
        Of every real point proved, by instance and then by energy.
    energy : ndarray, shape (points,)
        H/n.
    z_eigenvalue : ndarray, shape (points,)
        H/sqrt(n): of a pure model T x^p at x = s/|s|, of the tensor T that was given or drawn.
    position : ndarray, shape (points, n)
        On the sphere |s|^2 = n; of a tensor with scale "unit" on |x| = 1.
    radius : ndarray, shape (points,)
        Bound on the distance of any component of the position from the true one's.
    """

    n: int
    counts: Integer
    status: npt.NDArray[np.str_]
    found: Integer
    possible: int
    hidden: Integer
    instance: Integer
    index: Integer
    energy: Real
    z_eigenvalue: Real
    position: Real
    radius: Real

    def __repr__(self) -> str:
        """In a line: how many instances, whether complete, and the points by index."""
        names, counts = np.unique(self.status, return_counts=True)
        status = ", ".join(f"{count} {name}" for name, count in zip(names, counts, strict=True))
        by_index = " ".join(map(str, self.counts.sum(axis=0).tolist()))
        return f"<Census: n = {self.n}, instances {status}, points by index {by_index}>"

    def to_pandas(self) -> Any:
        """Return a DataFrame with a row for each real point; its position as columns s0, s1, ...

        Raises
        ------
        InputError
            Where pandas is not installed.
        """
        names = ("instance", "index", "energy", "z_eigenvalue", "radius")
        columns = {name: getattr(self, name) for name in names}
        return to_frame(columns | {f"s{i}": self.position[:, i] for i in range(self.n)})

    @property
    def unresolved(self) -> int:
        """Number of instances that are not complete: their counts are lower bounds."""
        return int((self.status != STATUSES[0]).sum())

    def morse(self) -> npt.NDArray[np.bool_]:
        """Return, for each instance, whether the points satisfy the Morse identity."""
        signs = (-1) ** np.arange(self.n)
        # same (- -> +): n + 1 is as even
        return np.asarray(self.counts @ signs == 1 + (-1) ** (self.n - 1))


def census_of(forms: Forms, source: Stream, first: int = 0) -> Census:
    """Return the census of given instances.

    Parameters
    ----------
    forms : Forms
    source : Stream
        Start systems are drawn from ``source.generator(first + instance, 2, attempt)``.
    first : int

    Examples
    --------
    >>> forms = draw_forms([np.random.default_rng(0)], 3, {2: 1.0})
    >>> census_of(forms, stream(0, "example")).counts.tolist()  # p = 2: eigenvectors, +- each
    [[2, 2, 2]]
    """
    all_zeros = zeros(forms, lambda i, attempt: source.generator(first + i, 2, attempt))
    return _assemble(forms, all_zeros)


def _assemble(forms: Forms, of: Zeros) -> Census:
    """Return the census of the zeros found."""
    layout = forms.layout
    n, pure = layout.n, layout.is_pure
    # Real points first, in as many columns as the instance with the most of them needs.
    order = np.argsort(~of.real, axis=1, kind="stable")
    # same (1 -> 2, 0 -> 1): a column more
    order = order[:, : max(1, int(of.real.sum(axis=1).max(initial=0)))]
    rows = np.arange(len(forms))[:, None]
    real, z, r = of.real[rows, order], of.z.real[rows, order], of.r[rows, order]
    # same (0 -> 1, 0 -> -1): a point that stands in for what is not there
    level = evaluate(forms, np.where(real[..., None], z, 0)).level.real
    k = index(forms, np.where(real[..., None], z, np.nan), r)
    where, column = np.nonzero(real & (k >= 0))
    x, energy = z[where, column, :n], level[where, column]
    k_of, size = k[where, column], r[where, column]
    if pure:
        odd = layout.degree % 2 == 1
        where, size = np.tile(where, 2), np.tile(size, 2)
        x, energy = np.concatenate([x, -x]), np.concatenate([energy, -energy if odd else energy])
        k_of = np.concatenate([k_of, n - 1 - k_of if odd else k_of])
    sort = np.lexsort((energy, where))
    counts = np.zeros((len(forms), n), dtype=np.int64)
    np.add.at(counts, (where, k_of), 1)
    found = np.isfinite(of.r).sum(axis=1)
    possible = solutions(n, layout.degree) * (1 if pure else 2)
    undecided = of.real.sum(axis=1) - (k >= 0).sum(axis=1)
    hidden = (possible - found + undecided) * (2 if pure else 1)
    root = np.sqrt(n)
    # same (1e-09 -> 2e-09): a little above what rounding loses
    return Census(
        n,
        counts,
        _status(hidden, of),
        found,
        possible,
        hidden,
        where[sort],
        k_of[sort],
        energy[sort] / root,
        energy[sort],
        x[sort] * root,
        size[sort] * root * (1 + 1e-9),
    )


def _status(hidden: Integer, of: Zeros) -> npt.NDArray[np.str_]:
    """Return the status of every instance."""
    from numerics.critical.tracking import BUDGET, LOST

    status = np.full(len(hidden), "nearly-singular", dtype="<U20")
    status[(of.steps == BUDGET).any(axis=1)] = "budget"
    status[(of.steps == LOST).any(axis=1)] = "path-failure"
    status[of.kind == SINGULAR] = "nearly-singular"
    status[of.kind == CURVE] = "positive-dimensional"
    status[hidden == 0] = STATUSES[0]
    return status


def join(parts: list[Census]) -> Census:
    """Return one census of the instances of several, in order."""
    shift = np.cumsum([0] + [len(part.status) for part in parts])
    # same (0 -> -1): of one n and one form all
    return Census(
        parts[0].n,
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.status for part in parts]),
        np.concatenate([part.found for part in parts]),
        parts[0].possible,
        np.concatenate([part.hidden for part in parts]),
        np.concatenate([part.instance + s for part, s in zip(parts, shift, strict=False)]),
        np.concatenate([part.index for part in parts]),
        np.concatenate([part.energy for part in parts]),
        np.concatenate([part.z_eigenvalue for part in parts]),
        np.concatenate([part.position for part in parts]),
        np.concatenate([part.radius for part in parts]),
    )


def census(
    n: int | None = None,
    p: int | Model | None = None,
    coefficients: Mixture | None = None,
    samples: int = 1,
    seed: int = 0,
    *,
    disorder: int = 0,
    tensor: npt.ArrayLike | Given | None = None,
    scale: str = "spins",
) -> Census:
    """Find every critical point of random instances, or of one tensor of one's own.

    Parameters
    ----------
    n : int
        Number of spins, >= 2.
    p : int or model, optional
        The pure model xi = q^p; or a model that knows its coefficients, such as `theory.pure(3)`; or
    coefficients : mapping of int to float or model, optional
        {p: a_p} of a mixture. Exactly one of the two.
    samples : int
        Instances.
    seed : int
    disorder : int
        Number of the first instance: that of `numerics.descend` and `numerics.tensor` with this seed.
    tensor : array_like, optional
        In place of all of these a tensor, as `numerics.pspin.tensors.given` takes it: of shape (n,) * p,
        symmetrised if it is not symmetric, or all J_{i < j < ...} alone, and then with `p`.
    scale : {"spins", "unit", "energy"}
        Of the tensor: H(s) = n^{-(p-1)/2} T s^p on |s|^2 = n; T x^p on |x| = 1; H(s) = T s^p.

    Returns
    -------
    Census
        Time grows as the number of complex critical points, (d - 1)^n: p = 3 takes about 0.7 ms an
        instance at n = 4, 20 ms at n = 7, and minutes at n = 16 (`price`).

    Raises
    ------
    InputError
        Bad arguments, or more than 10000 complex critical points (x and -x once in a pure model) an
        instance, 65536 of the pure cubic. An instance that cannot be closed does not raise but says so
        in its status.

    Examples
    --------
    >>> found = census(3, p=3, samples=5)
    >>> found.unresolved, found.possible, bool(found.morse().all())
    (0, 7, True)
    >>> found = census(tensor=[[2.0, 0.0], [0.0, 3.0]], scale="unit")  # eigenvectors
    >>> found.z_eigenvalue.round(12).tolist(), found.index.tolist()
    ([2.0, 2.0, 3.0, 3.0], [0, 0, 1, 1])
    """
    check_word("scale", scale, SCALES)
    if tensor is not None:
        if (n, coefficients, samples, disorder) != (None, None, 1, 0):
            raise InputError("tensor: got it beside a model to draw; takes p and scale at most")
        return census_given(given(tensor, p, scale))
    n, checked, samples = check_census(n, p, coefficients, samples)
    first = check_integer("disorder", disorder, least=0)
    source = disorder_stream(n, checked, seed)
    chunks = range(-(-samples // chunk_size(n, checked)))
    return join([census_part(source, chunk, samples, n, checked, first) for chunk in chunks])


def census_given(one: Given) -> Census:
    """Return the census of a tensor of one's own.

    Examples
    --------
    >>> census_given(given([5.0], p=3)).counts.tolist()  # x_0 x_1 x_2: eight corners and six axes
    [[4, 6, 4]]
    """
    check_paths("tensor", one.n, one.p, pure=True)
    forms = Forms(layout(one.n, (one.p,)), one.t[None])
    found = census_of(forms, stream(0, "census of a tensor"))
    root = math.sqrt(one.n) if one.scale == "unit" else 1.0
    return replace(
        found,
        energy=found.z_eigenvalue * one.u,
        z_eigenvalue=found.z_eigenvalue * one.z,
        position=found.position / root,
        radius=found.radius / root,
    )


def census_part(
    source: Stream,
    chunk: int,
    samples: int,
    n: int,
    coefficients: Mapping[int, float],
    first: int = 0,
) -> Census:
    """Return chunk number `chunk` of a census of so many samples: at most `chunk_size` instances.

    Instance i is drawn from ``source.generator(first + i, 0)``, as disorder first + i of
    `numerics.descend`.
    """
    begin = chunk * chunk_size(n, coefficients)
    size = min(chunk_size(n, coefficients), samples - begin)
    begin += first
    forms = draw_forms([source.generator(begin + i, 0) for i in range(size)], n, coefficients)
    return census_of(forms, source, begin)


def chunk_size(n: int, coefficients: Mapping[int, float]) -> int:
    """Return how many instances are solved at once: as many as memory should hold.

    Examples
    --------
    >>> chunk_size(7, {3: 1.0}), chunk_size(13, {3: 1.0})
    (50, 4)
    """
    return max(1, min(CHUNK, (1 << 15) // paths(n, max(coefficients), len(coefficients) == 1)))


def paths(n: int, degree: int, pure: bool) -> int:
    """Return how many paths a census tracks in an instance.

    Examples
    --------
    >>> paths(16, 3, pure=True), paths(4, 3, pure=False)
    (65535, 30)
    """
    return solutions(n, degree) * (1 if pure else 2)


def price(n: int, coefficients: Mapping[int, float], samples: int = 1) -> float:
    """Return about the seconds of one core that a census takes, if no path is lost.

    A step costs a product of the monomials with the pairs, and a factorization. Measured at p = 3,
    n = 7..16.

    Examples
    --------
    >>> price(16, {3: 1.0}) > 100 * price(9, {3: 1.0})
    True
    """
    degree = max(coefficients)
    work = math.comb(n + degree - 2, n) * n * (n + 1) / 2 + n**3
    return samples * paths(n, degree, len(coefficients) == 1) * work * SECONDS_OF_A_TERM


# same (numbers): a price that is said beforehand
SECONDS_OF_A_TERM = 5e-7


def check_census(
    n: int | None, p: int | Model | None, coefficients: Mixture | None, samples: int
) -> tuple[int, dict[int, float], int]:
    """Return n, the coefficients and the number of samples, checked; see `census`."""
    n = check_integer("n", n, least=2)
    samples = check_integer("samples", samples, least=1)
    checked = check_model(p, coefficients)
    check_paths("n", n, max(checked), len(checked) == 1)
    return n, checked, samples


def check_paths(argument: str, n: int, degree: int, pure: bool) -> None:
    """Refuse more paths than are tracked."""
    most = MOST_CUBIC if pure and degree == 3 else MOST_PATHS
    # Bounded before it is computed: the number itself may have millions of digits.
    if n * np.log(max(degree - 1, 1)) > 20 or solutions(n, degree) > most:
        takes = f"fewer spins at degree {degree}: more than {most} paths to complex critical points"
        raise InputError.of(argument, n, takes)

"""Census: every critical point of an instance at small n, each proved, the set proved complete.

A point counts only if `numerics.critical.kantorovich` proves that it is there, alone in its ball,
real, and of that index. An instance is complete if the complex critical points proved to be distinct
are as many as there can be (`numerics.critical.homotopy`).
If some are missing the instance is unresolved, even if the real ones found satisfy the Morse identity
of the sphere, sum_k (-1)^k Crt_k = 1 + (-1)^(n-1): for even n no point at all satisfies it, nor do
pairs x, -x that are lost spoil it. No instance is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer
from numerics.core.mixture import check_model
from numerics.core.streams import Stream, stream
from numerics.critical.homotopy import Zeros, solutions, zeros
from numerics.critical.kantorovich import evaluate, index
from numerics.critical.polynomials import Forms, Integer, Real, draw_forms

STATUSES = ("complete", "nearly singular", "path failure", "budget")

CHUNK = 50
"""Instances that `census` solves at once."""

MOST_PATHS = 20_000


@dataclass(frozen=True)
class Census:
    """Critical points of instances of one model.

    Attributes
    ----------
    n : int
        Number of spins.
    counts : ndarray of int, shape (instances, n)
        Number of critical points of every index 0..n-1 that were proved, on the sphere |s|^2 = n.
    status : ndarray of str, shape (instances,)
        "complete": all of them, proved. Else why some are missing: "nearly singular" (balls that meet, or
        an eigenvalue's sign undecided), "path failure", "budget" (too many steps).
    found : ndarray of int, shape (instances,)
        Complex critical points proved (x and -x once in a pure model), of `possible`.
    possible : int
    hidden : ndarray of int, shape (instances,)
        At most so many real points are not in `counts`; 0 if complete.
    instance, index : ndarray of int, shape (points,)
        Of every real point proved, by instance and then by energy.
    energy : ndarray, shape (points,)
        H/n.
    position : ndarray, shape (points, n)
        On the sphere |s|^2 = n.
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
    position: Real
    radius: Real

    @property
    def unresolved(self) -> int:
        """Number of instances that are not complete: their counts are lower bounds."""
        return int((self.status != STATUSES[0]).sum())

    def morse(self) -> npt.NDArray[np.bool_]:
        """Return, for each instance, whether the points satisfy the Morse identity."""
        signs = (-1) ** np.arange(self.n)
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
    level = evaluate(forms, np.where(np.isfinite(of.z), of.z, 0)).level.real
    # Real points first, in as many columns as the instance with the most of them needs.
    order = np.argsort(~of.real, axis=1, kind="stable")
    order = order[:, : max(1, int(of.real.sum(axis=1).max(initial=0)))]
    rows = np.arange(len(forms))[:, None]
    real, z, r = of.real[rows, order], of.z.real[rows, order], of.r[rows, order]
    k = index(forms, np.where(real[..., None], z, np.nan), r)
    where, column = np.nonzero(real & (k >= 0))
    x, energy = z[where, column, :n], level[rows, order][where, column]
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
        x[sort] * root,
        size[sort] * root * (1 + 1e-9),
    )


def _status(hidden: Integer, of: Zeros) -> npt.NDArray[np.str_]:
    """Return the status of every instance."""
    from numerics.critical.tracking import BUDGET, LOST

    status = np.full(len(hidden), "nearly singular", dtype="<U15")
    status[(of.steps == BUDGET).any(axis=1)] = "budget"
    status[(of.steps == LOST).any(axis=1)] = "path failure"
    status[hidden == 0] = STATUSES[0]
    return status


def join(parts: list[Census]) -> Census:
    """Return one census of the instances of several, in order."""
    shift = np.cumsum([0] + [len(part.status) for part in parts])
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
        np.concatenate([part.position for part in parts]),
        np.concatenate([part.radius for part in parts]),
    )


def census(
    n: int,
    p: int | None = None,
    coefficients: Mapping[int, float] | None = None,
    samples: int = 1,
    seed: int = 0,
) -> Census:
    """Find every critical point of random instances.

    Parameters
    ----------
    n : int
        Number of spins, >= 2.
    p : int, optional
        The pure model xi = q^p; or
    coefficients : mapping of int to float, optional
        {p: a_p} of a mixture. Exactly one of the two.
    samples : int
        Instances.
    seed : int

    Returns
    -------
    Census
        Time grows as the number of complex critical points, (d - 1)^n: p = 3 takes about 0.7 ms an
        instance at n = 4 and 20 ms at n = 7.

    Raises
    ------
    InputError
        Bad arguments, or more than 20000 complex critical points an instance. An instance that cannot
        be closed does not raise but says so in its status.

    Examples
    --------
    >>> found = census(3, p=3, samples=5)
    >>> found.unresolved, found.possible, bool(found.morse().all())
    (0, 7, True)
    """
    n, checked, samples = check_census(n, p, coefficients, samples)
    source = census_stream(n, checked, seed)
    chunks = range(-(-samples // CHUNK))
    return join([census_part(source, chunk, samples, n, checked) for chunk in chunks])


def census_part(
    source: Stream, chunk: int, samples: int, n: int, coefficients: Mapping[int, float]
) -> Census:
    """Return chunk number `chunk` of a census of so many samples: at most `CHUNK` instances.

    Instance i is drawn from ``source.generator(i, 0)``, as disorder i of `numerics.descend`.
    """
    first = chunk * CHUNK
    size = min(CHUNK, samples - first)
    forms = draw_forms([source.generator(first + i, 0) for i in range(size)], n, coefficients)
    return census_of(forms, source, first)


def census_stream(n: int, coefficients: Mapping[int, float], seed: int) -> Stream:
    """Return the stream of `census`."""
    return stream(seed, "census", n, *(f"{p}:{a!r}" for p, a in coefficients.items()))


def check_census(
    n: int, p: int | None, coefficients: Mapping[int, float] | None, samples: int
) -> tuple[int, dict[int, float], int]:
    """Return n, the coefficients and the number of samples, checked; see `census`."""
    n = check_integer("n", n, least=2)
    samples = check_integer("samples", samples, least=1)
    coefficients = check_model(p, coefficients)
    degree = max(coefficients)
    # Bounded before it is computed: the number itself may have millions of digits.
    if n * np.log(max(degree - 1, 1)) > 20 or 2 * solutions(n, degree) > MOST_PATHS:
        raise InputError.of(
            "n",
            n,
            f"fewer spins at degree {degree}: more than {MOST_PATHS} complex critical points",
        )
    return n, coefficients, samples

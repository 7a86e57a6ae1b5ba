"""Mean numbers of critical points by Monte Carlo of the Kac-Rice integrand itself.

H has covariance n xi(s.t/n) on the sphere |s|^2 = n. At a point of the sphere, with all derivatives
of xi taken at 1 (differentiate the covariance in s and t, then set s = t):

* the tangential gradient is n - 1 independent N(0, xi'), independent of the rest;
* (u, r) = (H/n, s.grad H/n) is Gaussian with covariance (1/n) [[xi, xi'], [xi', xi' + xi'']];
  for one p, H is homogeneous and r = p u (Euler);
* the tangential part of the Euclidean Hessian is sqrt(xi'') times a symmetric Gaussian matrix of
  size n - 1 with variances (1 + delta_ij)/n, independent of (u, r): for the covariance of
  d^2 H(s) with H(t) or t.grad H(t) is proportional to t_i t_j, which has no tangential part;
* the sphere's curvature subtracts r times the identity.

The formula of Kac and Rice then reads

    E Crt_k(B) = vol(S^{n-1}(sqrt n)) (2 pi xi')^{-(n-1)/2} E[ |det Hess| ; index = k, u in B ].

Nothing is simplified further: no integral is done by hand that the exact formulas do by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtri_exp

from numerics.core.backend import InputError, Namespace, namespace, to_numpy
from numerics.core.checks import check_integer, check_real, check_workers
from numerics.core.log_sums import LogSums
from numerics.core.mixture import Mixture, check_coefficients, derivatives
from numerics.core.streams import key_of, stream
from numerics.core.threads import ordered
from numerics.goe.tridiagonals import sweep_drawn

Real = npt.NDArray[np.float64]

# guard (all): what is refused
# tests/numerics/kac_rice/test_monte_carlo.py::test_as_many_spins_as_are_taken
MOST_SPINS = 100_000
# guard (all): what is refused
# tests/numerics/kac_rice/test_monte_carlo.py::test_as_many_samples_as_are_taken
MOST_SAMPLES = 1 << 40
# A constant, not a tuning: it fixes which draws belong to which chunk, hence the numbers.
# same (numbers): which draws belong to which chunk, of one law
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Proposal:
    """The Gaussian law of (u, r) that is drawn from: the true one tilted by exp(n kappa r^2 / 2).

    The mean of |det Hess| given r grows like exp(n r^2 / (4 xi'')) while r stays in the spectrum,
    |r| <= 2 sqrt(xi''), and slower beyond; kappa = 1/(2 xi'') cancels it. Where the tilted law
    would be wider than the spectrum (p = 2: infinitely wide) kappa is reduced, so that the standard
    deviation of r is at most the spectrum's edge. The tilt never exceeds the growth, so the weights
    keep all their moments.

    Attributes
    ----------
    kappa : float
        Strength of the tilt, 0 <= kappa <= 1/(2 xi'').
    shrink : float
        1 - kappa (xi' + xi''), in (0, 1]: E exp(n kappa r^2 / 2) = shrink^(-1/2).
    uu, ur, rr : float
        n times the covariance of (u, r) under the tilted law.
    """

    kappa: float
    shrink: float
    uu: float
    ur: float
    rr: float


def proposal(n: int, coefficients: Mapping[int, float]) -> Proposal:
    """Return the law that `weights` draws (u, r) from.

    Parameters
    ----------
    n : int
        Dimension, >= 2.
    coefficients : mapping of int to float
        {p: a_p}.

    Examples
    --------
    >>> q = proposal(100, {3: 1.0})
    >>> q.rr, q.ur / q.uu  # 2 xi'' (xi' + xi'') / (xi'' - xi'), and r = p u
    (36.0, 3.0)
    """
    xi, d1, d2 = derivatives(coefficients)
    radial = d1 + d2
    # Variance of r: radial / (n shrink) <= (2 sqrt(xi''))^2, but a tilt is never negative.
    shrink = min(1.0, max((d2 - d1) / (2 * d2), radial / (4 * n * d2)))
    kappa = (1 - shrink) / radial
    # Sherman and Morrison: the inverse of C^-1 - kappa e e^T also for a singular C.
    gain = kappa / shrink
    return Proposal(
        kappa=kappa,
        shrink=shrink,
        uu=xi + gain * d1 * d1,
        ur=d1 + gain * d1 * radial,
        rr=radial + gain * radial * radial,
    )


def weights(
    rng: np.random.Generator,
    n: int,
    coefficients: Mixture,
    samples: int,
    below: float | None = None,
    xp: Namespace | None = None,
    memory: int | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Draw points of the Kac-Rice integrand with their importance weights.

    E Crt_k(u <= below) is the mean of exp(log_weight) [index == k]; summed over k, the total.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Dimension, >= 2; the critical points live on the sphere |s|^2 = n in R^n.
    coefficients : mapping of int to float, or model
        {p: a_p} of xi, or a model that has them, such as `theory.pure(3)`.
    samples : int
    below : float, optional
        Only critical points with u = H/n <= below; the proposal is truncated there.
    xp : array namespace, optional
        CuPy's draws and sweeps the matrices on the device; levels go there, results come back.
    memory : int, optional
        Bytes of the device that may be used, by default what is free.

    Returns
    -------
    dict
        "log_weight" (samples,) float, "index" (samples,) int: number of negative eigenvalues of the
        Hessian on the sphere, "u" (samples,) float.

    References
    ----------
    Auffinger, Ben Arous, Cerny, "Random matrices and complexity of spin glasses", CPAM 66 (2013),
    Lemmas 3.1 and 3.2, in other units.

    Examples
    --------
    >>> w = weights(np.random.default_rng(0), 2, {3: 1.0}, samples=20000)
    >>> bool(abs(np.exp(w["log_weight"]).mean() - 2 * 7**0.5) < 0.2)
    True
    """
    coefficients = check_coefficients(coefficients)
    _, d1, d2 = derivatives(coefficients)
    q = proposal(n, coefficients)
    u, log_mass = _truncated_normal(rng, math.sqrt(q.uu / n), samples, below)
    # For one p this variance is zero but for rounding.
    # same (comparisons, 1 -> 0): for one p it is zero but for rounding
    spread = math.sqrt(max(0.0, q.rr - q.ur**2 / q.uu) / n) if len(coefficients) > 1 else 0.0
    r = (q.ur / q.uu) * u + spread * rng.standard_normal(samples)
    # Variances (1 + delta_ij)/n in size n - 1: sqrt(2(n-1)/n) times GOE(n-1).
    scale = math.sqrt(2 * d2 * (n - 1) / n)
    shifts = (xp or namespace()).asarray((r / scale)[:, None])
    swept = sweep_drawn(key_of(rng), n - 1, shifts, xp=xp, memory=memory)
    log_det, index = (to_numpy(x) for x in swept)
    constant = (
        log_sphere(n)
        - (n - 1) / 2 * math.log(2 * math.pi * d1)
        + (n - 1) * math.log(scale)
        - math.log(q.shrink) / 2
        + log_mass
    )
    return {
        "log_weight": constant + log_det[:, 0] - n * q.kappa / 2 * r**2,
        "index": index[:, 0],
        "u": u,
    }


@dataclass(frozen=True)
class Count:
    """Mean numbers of critical points with their standard errors.

    Attributes
    ----------
    n, samples : int
        Dimension; number of draws.
    total, stderr : float
        Mean number over all indices (inf where it exceeds the floats: see `log_total`).
    log_total, relative_stderr : float
        Its logarithm, and stderr / total.
    by_index : dict
        {k: (mean, stderr)}.
    log_by_index : dict
        {k: (log of the mean, stderr / mean)}; (-inf, nan) where no draw had index k.
    """

    n: int
    samples: int
    total: float
    stderr: float
    log_total: float
    relative_stderr: float
    by_index: dict[int, tuple[float, float]]
    log_by_index: dict[int, tuple[float, float]]


def mean_count(
    n: int,
    coefficients: Mixture,
    samples: int,
    below: float | None = None,
    seed: int = 0,
    indices: Iterable[int] | None = None,
    backend: str = "numpy",
    workers: int = 1,
    memory: int | None = None,
) -> Count:
    """Estimate the mean number of critical points of H on the sphere, in total and by index.

    Parameters
    ----------
    n : int
        Dimension, >= 2.
    coefficients : mapping of int to float
        {p: a_p} of xi, p >= 2, a_p >= 0.
    samples : int
        Number of draws, 2..2^40. Near u = 0 the relative variance of one draw grows like n (that of a
        random determinant).
    below : float, optional
        Only critical points with u = H/n <= below.
    seed : int
    indices : iterable of int, optional
        The indices to report; those that occurred by default.
    backend : {"numpy", "cupy", "auto"}
    workers : int
        Threads, >= 1; no number depends on it.
    memory : int, optional
        Bytes of a device that may be used, by default what is free. Of the host, a chunk is used.

    Returns
    -------
    Count

    Raises
    ------
    InputError
        n < 2 or > 100000, samples < 2 or > 2^40, `below` not finite, an index outside 0..n-1, bad
        coefficients or backend.

    Examples
    --------
    >>> c = mean_count(3, {3: 1.0}, samples=20000)  # exactly 10.5524
    >>> abs(c.total - 10.5524) < 5 * c.stderr < 0.5
    True
    """
    n = check_integer("n", n, least=2, most=MOST_SPINS)
    samples = check_integer("samples", samples, least=2, most=MOST_SAMPLES)
    coefficients = check_coefficients(coefficients)
    if below is not None:
        below = check_real("below", below)
    if memory is not None:
        memory = check_integer("memory", memory, least=1)
    if not isinstance(indices, Iterable | None):
        raise InputError.of("indices", indices, "an iterable of integers")
    wanted = None if indices is None else [check_integer("k", k, least=0) for k in indices]
    if wanted is not None and any(k >= n for k in wanted):
        raise InputError.of("k", max(wanted), f"integers in 0..{n - 1}")
    words = [f"{p}:{a!r}" for p, a in coefficients.items()]
    source = stream(seed, "kac-rice", n, repr(below), *words)
    rows = max(64, _CHUNK // n)
    xp = namespace(backend)

    def summed(chunk: int) -> LogSums:
        # A short chunk draws in full, so that its samples do not depend on how many were asked for.
        drawn = weights(source.generator(chunk), n, coefficients, rows, below, xp, memory)
        count = min(rows, samples - chunk * rows)
        return LogSums.empty(n).add(drawn["log_weight"][:count], drawn["index"][:count])

    sums = LogSums.empty(n)
    chunks = range(-(-samples // rows))
    for part in ordered(summed, chunks, check_workers(workers)):
        sums = sums.merge(part)
    log_total, relative = sums.log_mean(samples)
    seen = np.flatnonzero(sums.first).tolist() if wanted is None else wanted
    log_by_index = {k: sums.log_mean(samples, k) for k in seen}
    return Count(
        n=n,
        samples=samples,
        total=_exp(log_total),
        stderr=_times(log_total, relative),
        log_total=log_total,
        relative_stderr=relative,
        by_index={k: (_exp(m), _times(m, e)) for k, (m, e) in log_by_index.items()},
        log_by_index=log_by_index,
    )


def _truncated_normal(
    rng: np.random.Generator, sigma: float, samples: int, below: float | None
) -> tuple[Real, float]:
    """Draw N(0, sigma^2) conditioned on being <= below; return it and the log probability."""
    if below is None:
        return sigma * rng.standard_normal(samples), 0.0
    log_mass = float(log_ndtr(below / sigma))
    # The distribution function inverted in the log domain: exact far into the tail.
    return sigma * ndtri_exp(log_mass - rng.standard_exponential(samples)), log_mass


def log_sphere(n: int) -> float:
    """Return the log of the area of the sphere of radius sqrt(n) in R^n."""
    return math.log(2) + n / 2 * math.log(math.pi) - math.lgamma(n / 2) + (n - 1) / 2 * math.log(n)


def _exp(x: float) -> float:
    """Return exp(x), inf where that overflows."""
    return math.exp(x) if x < 709 else math.inf


def _times(log_mean: float, relative: float) -> float:
    """Return the absolute standard error; zero where nothing was seen."""
    return 0.0 if log_mean == -math.inf else _exp(log_mean) * relative

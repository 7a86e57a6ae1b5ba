"""Mean numbers of critical points of one index, however rare, by importance sampling.

In the formula of Kac and Rice (see `numerics.kac_rice.monte_carlo`, whose notation this is) the Hessian is
sqrt(2 xi''/n) (A - t), t = r sqrt(n / (2 xi'')), A symmetric Gaussian of size m = n - 1 with density
exp(-tr A^2 / 2). To have index k, A must have k eigenvalues y_1..y_k below t. Their joint density
with the others is known, so they are taken out and put where they are wanted:

    E[|det(A - t)|; index k] = C(m, k) Z_{m-k}/Z_m  int_{y < t} prod_{i<j} |y_i - y_j| e^{-sum y^2/2}
        prod_i (t - y_i)  E[ |det(A' - t)| prod_i |det(A' - y_i)| ; A' > t ] dy,

with A' of size m - k, of the same law, and Z_m = (2 pi)^{m/2} prod_{j<=m} Gamma(1+j/2)/Gamma(3/2)
(Mehta). Nothing rare is left: A' > t is what A' does by itself once t is below its spectrum.

* t comes from a histogram: bins of equal width over all t whose leading exponent is within e^-45 of
  the best, a pilot run finding the root mean square of the weight in each (Neyman's allocation),
  then stratified over the bins.
* s_i = t - y_i are gamma variates of shape 2 (the factor t - y_i) at the rate sqrt(t^2 - 2m) with
  which the integrand falls off at t; it falls faster beyond, so weights keep their moments.
* A' is shifted and scaled, c + sigma A'', as far as the k + 1 determinants push it: this takes the
  first two Chebyshev modes, most of the variance, out of their product. With levels outside the
  spectrum the modes of log|det| are independent Gaussians (Johansson 1998), of which these are the
  means; the likelihood ratio needs tr A'' and tr A''^2 only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr

from numerics.core.backend import InputError, Namespace, namespace, to_numpy
from numerics.core.checks import check_integer, check_real, check_workers
from numerics.core.log_sums import LogSums
from numerics.core.mixture import Mixture, check_coefficients, derivatives
from numerics.core.streams import key_of, stream
from numerics.core.threads import ordered
from numerics.goe.tridiagonals import sweep_traced
from numerics.kac_rice.monte_carlo import MOST_SAMPLES, MOST_SPINS, log_sphere

Real = npt.NDArray[np.float64]

# Constants, not tunings: they fix which draws belong to which chunk, hence the numbers.
# same (numbers): bins, draws of the pilot and of a chunk; the estimate has the same mean for any
_BINS = 96
_PILOT = 96 * 256
_CHUNK = 1 << 14

# same (numbers): levels of weight exp(-45) are left out
_DEPTH = 45.0
"""Levels whose leading exponent is this far below the best are left out."""


# Parts of the Gaussian means that A' is shifted and scaled by. Near the edge and at small n the
# modes are not Gaussian and A' > t does some of the pushing: these had the least variance over
# n = 3..100, k = 1..5. The law of A' stays square integrable: 1 - sigma^2 < 1/2.
_SHIFT, _SCALE = 0.75, 0.5


@dataclass(frozen=True)
class LayerCount:
    """The mean number of critical points of one index.

    Attributes
    ----------
    n, k, samples : int
    log_mean : float
        Logarithm of the mean number; -inf if no draw counted.
    relative_stderr : float
        Standard error over the mean (an upper bound: what stratification gains is not taken off).
    """

    n: int
    k: int
    samples: int
    log_mean: float
    relative_stderr: float


@dataclass(frozen=True)
class _Layer:
    """What is to be counted, in the units of the module's docstring."""

    n: int
    k: int
    coefficients: dict[int, float]
    below: float | None

    @property
    def rest(self) -> int:
        """Size of A'."""
        return self.n - 1 - self.k

    def radius(self) -> float:
        """Edge of the spectrum of A."""
        return math.sqrt(2.0 * (self.n - 1))

    def radial(self, t: Real) -> Real:
        """Return r at t."""
        out: Real = t * math.sqrt(2 * derivatives(self.coefficients)[2] / self.n)
        return out

    def log_level(self, r: Real) -> Real:
        """Return log P(u <= below | r)."""
        if self.below is None:
            return np.zeros(len(r))
        xi, d1, d2 = derivatives(self.coefficients)
        mean = d1 / (d1 + d2) * r
        variance = max(0.0, xi - d1 * d1 / (d1 + d2)) / self.n
        # For one p it is zero but for rounding.
        if len(self.coefficients) == 1:
            return np.where(mean <= self.below, 0.0, -np.inf)
        return np.asarray(log_ndtr((self.below - mean) / math.sqrt(variance)), dtype=np.float64)

    def exponent(self, t: Real) -> Real:
        """Return the leading exponent of the integrand at t, up to a constant."""
        _, d1, d2 = derivatives(self.coefficients)
        r, edge = self.radial(t), self.radius()
        x = np.maximum(-t / edge, 1.0)
        root = np.sqrt(x * x - 1.0)
        rate = edge**2 / 2 * (x * root - np.log(x + root))
        # Inside the spectrum the eigenvalues above have to move: the left tail at the edge.
        depth = np.maximum(t + edge, 0.0) * math.sqrt(2.0) * (self.n - 1) ** (1 / 6)
        out: Real = (
            -self.n * r**2 / (2 * (d1 + d2))
            + t**2 / 2
            - (self.k + 1) * rate
            - depth**3 / 24
            + self.log_level(r)
        )
        return out


def layer_count(
    n: int,
    coefficients: Mixture,
    k: int,
    samples: int = 1 << 17,
    below: float | None = None,
    seed: int = 0,
    backend: str = "numpy",
    workers: int = 1,
    memory: int | None = None,
) -> LayerCount:
    """Estimate the mean number of critical points of index k with u = H/n <= below.

    Where `mean_count` would wait for ever: counts of e^-50, or the tenth index among minima. Made
    for k small next to n; for others the standard error tells.

    Parameters
    ----------
    n : int
        Dimension, >= 2.
    coefficients : mapping of int to float, or model
        {p: a_p} of xi, or a model that has them, such as `theory.pure(3)`.
    k : int
        Index, 0..n - 1.
    samples : int
        Number of draws, 2..2^40, besides a pilot run of 24576.
    below : float, optional
    seed : int
    backend, workers, memory
        As in `mean_count`.

    Returns
    -------
    LayerCount

    Raises
    ------
    InputError
        n < 2 or > 100000, k outside 0..n - 1, samples < 2 or > 2^40, `below` not finite, bad
        coefficients or backend.

    References
    ----------
    Auffinger, Ben Arous, Cerny, "Random matrices and complexity of spin glasses", CPAM 66 (2013).

    Examples
    --------
    >>> c = layer_count(3, {3: 1.0}, k=1, samples=20000)  # exactly 4.27618
    >>> bool(abs(math.exp(c.log_mean) / 4.27618 - 1) < 5 * c.relative_stderr < 0.1)
    True
    """
    n = check_integer("n", n, least=2, most=MOST_SPINS)
    if check_integer("k", k, least=0) >= n:
        raise InputError.of("k", k, f"an integer in 0..{n - 1}")
    samples = check_integer("samples", samples, least=2, most=MOST_SAMPLES)
    if below is not None:
        below = check_real("below", below)
    if memory is not None:
        memory = check_integer("memory", memory, least=1)
    layer = _Layer(n, k, check_coefficients(coefficients), below)
    xp = namespace(backend)
    words = [f"{p}:{a!r}" for p, a in layer.coefficients.items()]
    source = stream(seed, "layers", n, k, repr(below), *words)
    draw = _prepared(source.generator(0, 1), layer, _PILOT, xp, memory)

    def summed(chunk: int) -> LogSums:
        count = min(_CHUNK, samples - chunk * _CHUNK)
        logs, _ = draw(source.generator(chunk), samples=count)
        # same (1 -> 2): a class without weights
        return LogSums.empty(1).add(logs, np.zeros(count, dtype=np.int64))

    sums = LogSums.empty(1)
    chunks = range(-(-samples // _CHUNK))
    for part in ordered(summed, chunks, check_workers(workers)):
        sums = sums.merge(part)
    log_mean, relative = sums.log_mean(samples)
    return LayerCount(n, k, samples, log_mean, relative)


def layer_weights(
    rng: np.random.Generator,
    n: int,
    coefficients: Mixture,
    k: int,
    batches: int,
    samples: int,
    below: float | None = None,
    pilot: int = _PILOT,
    xp: Namespace | None = None,
) -> Real:
    """Return the log of the mean weight of independent batches; each mean estimates E Crt_k.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the pilot run too, which allocates the draws of all batches: given it, they are
        independent and without bias.
    n, coefficients, k, below
        As in `layer_count`.
    batches, samples : int
        Number of batches; draws in each.
    pilot : int
        Draws of the pilot.
    xp : array namespace, optional
        CuPy's draws and sweeps the matrices on the device.

    Returns
    -------
    ndarray, shape (batches,)

    Examples
    --------
    >>> x = np.exp(layer_weights(np.random.default_rng(0), 3, {3: 1.0}, 1, 40, 500))
    >>> bool(abs(x.mean() / 4.27618 - 1) < 5 * x.std() / 40**0.5 / 4.27618 < 0.1)
    True
    """
    layer = _Layer(n, k, check_coefficients(coefficients), below)
    draw = _prepared(rng, layer, pilot, xp or namespace(), None)
    means = []
    for _ in range(batches):
        logs, _ = draw(rng, samples=samples)
        means.append(LogSums.empty(1).add(logs, np.zeros(samples, dtype=np.int64)))
    return np.array([sums.log_mean(samples)[0] for sums in means])


def _prepared(
    rng: np.random.Generator, layer: _Layer, pilot: int, xp: Namespace, memory: int | None
) -> Callable[..., tuple[Real, npt.NDArray[np.int64]]]:
    """Return `_draw` with bins and their chances, which a pilot run finds."""
    draw = partial(_draw, layer=layer, edges=_window(layer), xp=xp, memory=memory)
    chances = _allocate(*draw(rng, chances=np.full(_BINS, 1 / _BINS), samples=pilot))
    return partial(draw, chances=chances)


def _window(layer: _Layer) -> Real:
    """Return the ends of the bins of t."""
    edge = layer.radius()
    unit = (layer.n - 1) ** (-1 / 6) / math.sqrt(2.0)
    # same (8.0 -> 9.0, 8.0 -> 7.0, 40 -> 41, 40 -> 39, 40 -> 80, 12 -> 13, 12 -> 24): a wide start
    low, high = -8.0 * edge - 40 * unit, min(8.0 * edge, 12 * unit - edge)
    if layer.below is not None:
        _, d1, d2 = derivatives(layer.coefficients)
        # Far enough to hold any level: mean u given r is d1 r / (d1 + d2).
        level = layer.below * (d1 + d2) / d1 / math.sqrt(2 * d2 / layer.n)
        # same (2 -> 3, 2 -> 4): farther out still
        low = min(low, 2 * level - edge)
        if len(layer.coefficients) == 1:
            high = min(high, level)
    # same (numbers): the third is narrow enough
    for _ in range(12):
        # same (2001 -> 2002): one more
        t = np.linspace(low, high, 2001)
        near = np.flatnonzero(layer.exponent(t) > np.max(layer.exponent(t)) - _DEPTH)
        first, last = max(0, int(near[0]) - 1), min(2000, int(near[-1]) + 1)
        # same (1000 -> 1001, 1000 -> 999, comparisons): half of the grid, or nearly
        if last - first > 1000:
            break
        low, high = float(t[first]), float(t[last])
    return np.linspace(low, high, _BINS + 1)


def _allocate(logs: Real, bins: npt.NDArray[np.int64]) -> Real:
    """Return chances of the bins proportional to the root mean square of the integrand there."""
    top = float(logs.max(initial=-math.inf))
    if top == -math.inf:
        return np.full(_BINS, 1 / _BINS)
    squares = np.bincount(bins, weights=np.exp(2 * (logs - top)), minlength=_BINS)
    root = np.sqrt(squares / np.maximum(np.bincount(bins, minlength=_BINS), 1))
    # A pilot may have missed what is there: neighbours lend, and an even part stays.
    root = np.maximum(root, np.convolve(root, [0.25, 0.5, 0.25], mode="same"))
    chances: Real = 0.95 * root / root.sum() + 0.05 / _BINS
    return chances


def _draw(
    rng: np.random.Generator,
    layer: _Layer,
    edges: Real,
    chances: Real,
    samples: int,
    xp: Namespace,
    memory: int | None,
) -> tuple[Real, npt.NDArray[np.int64]]:
    """Return log weights and the bins they fell in."""
    k, m = layer.k, layer.rest
    # Stratified: one draw in each `samples`-th of the distribution function.
    place = (np.arange(samples) + rng.random(samples)) / samples
    ends = np.concatenate([[0.0], np.cumsum(chances)])
    bins = np.clip(np.searchsorted(ends, place, side="right") - 1, 0, _BINS - 1)
    width = edges[1] - edges[0]
    t = edges[bins] + width * rng.random(samples)
    # same (comparisons, 0 -> 1, 0 -> -1): so near zero the root is zero
    rate = np.sqrt(np.maximum(t * t - 2.0 * (layer.n - 1), 0.0)) * (t < 0)
    # same (2.0 -> 3.0, 2.0 -> 1.0, 2 -> 3, 2 -> 1, 6 -> 7, 6 -> 5): a proposal's width
    slow = 2.0 * (layer.n - 1) ** (-1 / 6) / math.sqrt(2.0) + np.maximum(t + layer.radius(), 0) / 2
    theta = 1.0 / (rate + 1.0 / slow)
    s = theta[:, None] * rng.standard_gamma(2.0, size=(samples, k))
    y = t[:, None] - s
    r = layer.radial(t)
    _, d1, d2 = derivatives(layer.coefficients)
    log = (
        _log_constant(layer)
        - layer.n * r**2 / (2 * (d1 + d2))
        + layer.log_level(r)
        + np.log(width / chances[bins])
        - np.sum(y * y, axis=1) / 2
        + np.sum(s, axis=1) / theta
        + 2 * k * np.log(theta)
    )
    for i in range(k):
        for j in range(i):
            log += np.log(np.abs(y[:, i] - y[:, j]))
    if m == 0:
        return log, bins
    edge = math.sqrt(2.0 * m)
    x = np.maximum(-t / edge, 1.0)
    rho = x - np.sqrt(x * x - 1.0)
    c = _SHIFT * edge * (k + 1) * rho / m
    # same (1 -> 0, 2 -> 1, 2 -> 3): the scale of a proposal, likewise
    sigma = np.sqrt(np.maximum(0.7, 1.0 - 2 * _SCALE * (k + 1) * rho**2 / (m + 1)))
    levels = (np.concatenate([t[:, None], y], axis=1) - c[:, None]) / sigma[:, None]
    shifts = xp.asarray(levels / math.sqrt(m))
    swept = sweep_traced(key_of(rng), m, shifts, xp, memory)
    log_abs, index, traces = (to_numpy(x) for x in swept)
    first, second = math.sqrt(m) * traces[:, 0], m * traces[:, 1]
    log += log_abs.sum(axis=1) + (k + 1) * m * (np.log(sigma) + math.log(m) / 2)
    log += (1 - sigma**2) / 2 * second - c * sigma * first - m * c * c / 2
    log += m * (m + 1) / 2 * np.log(sigma)
    log[index[:, 0] > 0] = -np.inf
    return log, bins


def _log_constant(layer: _Layer) -> float:
    """Return the log of the factors that do not depend on the draw."""
    n, k, m = layer.n, layer.k, layer.rest
    _, d1, d2 = derivatives(layer.coefficients)
    size = n - 1
    log_z = sum(
        math.lgamma(1 + j / 2) - math.lgamma(1.5) + math.log(2 * math.pi) / 2
        for j in range(m + 1, size + 1)
    )
    # The density of r at its value, per unit of t: r has variance (d1 + d2)/n.
    per_t = math.log(2 * d2 / n) / 2 - math.log(2 * math.pi * (d1 + d2) / n) / 2
    return (
        log_sphere(n)
        - size / 2 * math.log(2 * math.pi * d1)
        + size / 2 * math.log(2 * d2 / n)
        + math.lgamma(size + 1)
        - math.lgamma(k + 1)
        - math.lgamma(m + 1)
        - log_z
        + per_t
    )

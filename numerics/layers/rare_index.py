r"""Determinants of block matrices with few eigenvalues below a level, however rare, by importance sampling.

G is symmetric with zero blocks on the diagonal, one a layer, and independent standard normal entries
in the others: the Hessian at a critical point of layers that share no weights is G - f (see
`numerics.layers.descents`). That k eigenvalues of G lie below a level f beyond its spectrum is rare; so they
are put there, with their vectors V (D x k, orthonormal columns): where G V - V diag(y) vanishes y and V are
eigenvalues and vectors, and the formula of Kac and Rice, for vectors, says exactly

    E[|det(G - f)|; k eigenvalues below f] = 1/(2^k k!) int_{y < f} dy int dV p_V(V diag(y)) 2^(k(k-1)/4)
        prod_{i<j} |y_i - y_j| prod_i (f - y_i)
        E[|det(G' - f)| prod_i |det(G' - y_i)|; G' > f | G V = V diag(y)],

G' = G across V, p_V the density of G V among matrices W with W^T V symmetric, dV of total mass
prod_{i<k} |S^(D-1-i)|. G V is Gaussian: with V_l the rows of layer l and Psi_l = V_l^T V_l its covariance
is I - Psi_l along every row of layer l and V_(aj) V_(bi) between entries (a, i) and (b, j) of two layers.
The law of G given G V is a projection of a free draw.

* V is drawn as a matrix-variate Dirichlet law says, of more rows than there are: p_V holds Psi_l near I/H the
  more the deeper the level.
* f - y_i are gamma variates of shape 2 at the rate at which the density falls off at f.
* G across V is scaled as the k + 1 determinants push it, its trace is zero anyway.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import multigammaln

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_memory, check_real
from numerics.layers.blocks import between_layers, block_matrices
from numerics.layers.tensors import check_sizes

Real = npt.NDArray[np.float64]

# same (numbers): where draws are made, which changes no mean
_SPREAD = 0.7  # of the rows that Psi_l has near its most likely value
_LEAST = 0.7  # of the scale's square: above 1/2, so that weights have variances
_MOVED = 1e3  # eigenvalues that are known are put out of the way, in roots of a row's variance


def index_weights(
    rng: np.random.Generator, sizes: Sequence[int], k: int, level: float, samples: int
) -> Real:
    """Return logs of weights whose mean is that of |det(G - f)| where k eigenvalues of G lie below f.

    Parameters
    ----------
    rng : numpy.random.Generator
    sizes : sequence of int
        Units n_l of each of three layers or more; G has n_l - 1 rows of layer l, at least k of them.
    k : int
        Number of eigenvalues below the level: the index of G - f.
    level : float
        f < 0, in the unit of an entry of G; meant for levels below the spectrum.
    samples : int

    Returns
    -------
    ndarray, shape (samples,)
        Logarithms of independent weights, unbiased; -inf where another eigenvalue lies below the level.

    Raises
    ------
    InputError
        Bad arguments.

    Examples
    --------
    >>> log = index_weights(np.random.default_rng(0), [5, 5, 5], 1, -7.0, 2000)
    >>> bool(abs(np.exp(log).mean() / 5.59e5 - 1) < 0.1)  # 5.29(37)e5 by 400,000 plain draws
    True
    """
    checked = check_sizes(sizes)
    k = check_integer("k", k, least=0)
    level = check_real("level", level)
    samples = check_integer("samples", samples, least=1)
    moving = [n - 1 for n in checked]
    if len(moving) < 3 or min(moving) < max(k, 1):
        takes = f"three layers or more of at least {max(k, 1) + 1} units each"
        raise InputError.of("sizes", ",".join(map(str, checked)), takes)
    if not level < 0:
        raise InputError.of("level", level, "a number < 0")
    size = sum(moving)
    check_memory(None, 40 * samples * (size * max(k, 1)) ** 2, f"{samples} samples", "fewer")
    between = between_layers(moving)
    entries, row = int(between.sum()) // 2, float(between.sum()) / size
    # same (sign dropped): of a proposal; its weights are exact
    x = -level / math.sqrt(row)  # 2 is the edge of a semicircle
    g = block_matrices(rng, moving, samples)
    log, mean = np.zeros(samples), np.zeros((samples, size, size))
    y, fixed = np.zeros((samples, 0)), 0
    if k:
        v, log = _frames(rng, moving, k, x, samples)
        # same (numbers): a proposal's width
        slow = size ** (1 / 6) / 2 * math.sqrt(size)
        theta = math.sqrt(row) / (size * math.sqrt(max(x * x - 4, 0.0)) / 2 + slow)
        steps = theta * rng.standard_gamma(2.0, (samples, k))
        y = level - steps
        mean, g, density = _given(v, y, g, between)
        fixed = k * size - k * (k - 1) // 2
        log += density + (steps / theta).sum(axis=1) + 2 * k * math.log(theta)
        log += _log_frames(size, k) + k * (k - 1) / 4 * math.log(2)
        for i in range(k):
            for j in range(i):
                log += np.log(np.abs(y[:, i] - y[:, j]))
        mean += (v * (_MOVED * math.sqrt(row) - y)[:, None]) @ v.swapaxes(1, 2)
    rho = max(x / 2, 1.0) - math.sqrt(max(x * x / 4 - 1, 0.0))
    # same (2 -> 3, 2 -> 4, 2 -> 1): of a proposal
    square = max(_LEAST, 1 - 2 * (k + 1) * rho**2 / (size + 1))
    # |g|^2 of the matrix is twice that of its entries.
    log += (entries - fixed) / 2 * math.log(square) + (1 - square) / 4 * (g**2).sum(axis=(1, 2))
    rest = np.linalg.eigvalsh(mean + math.sqrt(square) * g)[:, : size - k]
    for shift in (np.full(samples, level), *y.T):
        log += np.log(np.abs(rest - shift[:, None])).sum(axis=1)
    return np.where(rest[:, 0] > level, log, -np.inf)


def _log_frames(size: int, k: int) -> float:
    """Return the log of the mass of all frames over the 2^k k! orders and signs of each."""
    spheres = sum(
        math.log(2) + (size - i) / 2 * math.log(math.pi) - math.lgamma((size - i) / 2)
        for i in range(k)
    )
    return spheres - k * math.log(2) - math.lgamma(k + 1)


def _frames(
    rng: np.random.Generator, moving: Sequence[int], k: int, x: float, samples: int
) -> tuple[Real, Real]:
    """Return orthonormal frames (samples, D, k), and logs of the uniform law over the one they have."""
    layers = len(moving)
    # How much narrower than among uniform frames Psi_l is, at equal sizes and k = 1, to second order.
    # same (- -> +): of a proposal
    narrow = 1 - 1 / (layers - 1) ** 2 + x * x * layers / ((layers - 2) * (layers - 1))
    rows = [round(max(1.0, _SPREAD * narrow) * m) for m in moving]
    draws = [rng.standard_normal((samples, r, k)) for r in rows]
    wishart = [z.swapaxes(1, 2) @ z for z in draws]
    root = np.linalg.inv(np.linalg.cholesky(np.sum(wishart, axis=0)))
    blocks, log = [], np.zeros(samples)
    for w, m, r in zip(wishart, moving, rows, strict=True):
        psi = root @ w @ root.swapaxes(1, 2)
        uniform = np.linalg.qr(rng.standard_normal((samples, m, k)))[0]
        blocks.append(uniform @ np.linalg.cholesky(psi).swapaxes(1, 2))
        log -= (r - m) / 2 * np.linalg.slogdet(psi)[1]
        log += multigammaln(r / 2, k) - multigammaln(m / 2, k)
    log += multigammaln(sum(moving) / 2, k) - multigammaln(sum(rows) / 2, k)
    return np.concatenate(blocks, axis=1), log


def _given(v: Real, y: Real, g: Real, between: npt.NDArray[np.bool_]) -> tuple[Real, Real, Real]:
    """Return the mean of G given G V = V diag(y), draws about it made of g, and log p_V there."""
    samples, size, k = v.shape
    one = np.eye(k)
    # Antisymmetric V^T G V does not occur: one is added to the covariance there.
    crossed = v[:, :, None, None, :] * v.swapaxes(1, 2)[:, None, :, :, None]
    covariance = crossed * (between[None, :, None, :, None] - 0.5)
    covariance += (v @ v.swapaxes(1, 2))[:, :, None, :, None] / 2 * one[:, None, :]
    places = np.arange(size)
    psi = np.matmul(~between * 1.0, np.einsum("sai,saj->saij", v, v).reshape(samples, size, k * k))
    along: Real = one - psi.reshape(samples, size, k, k)
    for i in range(k):
        for j in range(k):
            covariance[:, places, i, places, j] += along[:, :, i, j]
    covariance = covariance.reshape(samples, size * k, size * k)
    sides = np.stack([(v * y[:, None]).reshape(samples, -1), (g @ v).reshape(samples, -1)], axis=-1)
    solved = np.linalg.solve(covariance, sides)
    diagonal = np.diagonal(np.linalg.cholesky(covariance), axis1=1, axis2=2)
    freedom = k * size - k * (k - 1) // 2
    log = -freedom / 2 * math.log(2 * math.pi) - np.log(diagonal).sum(axis=1)
    log -= (sides[..., 0] * solved[..., 0]).sum(axis=1) / 2
    places_of = (samples, size, k)
    mean = _symmetric(np.asarray(solved[..., 0].reshape(places_of)), v) * between
    shift = _symmetric(np.asarray(solved[..., 1].reshape(places_of)), v) * between
    return mean, g - shift, log


def _symmetric(w: Real, v: Real) -> Real:
    """Return W V^T + V W^T."""
    half = w @ v.swapaxes(1, 2)
    return half + half.swapaxes(1, 2)

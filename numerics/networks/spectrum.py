"""The spectrum of a network's Hessian: its index, exactly and by a bound, and its density.

All but the terms with r = dL/dz of the Hessian (`numerics.networks.hessian`) is the Gauss-Newton
matrix, which has no negative eigenvalue. For a ReLU the rest is
a direct sum over the hidden units of [[0, G_j], [G_j^T, 0]] with G_j = mean s_j x~ r^T, whose
eigenvalues are plus and minus the singular values of G_j. So, by Weyl's inequality, *the number of
eigenvalues below -c is at most the number of singular values of the G_j above c*: `index_bound`.
With cross-entropy the r of a sample sum to zero and G_j has rank 9 at most: no more than 9 n1 of
the 65 n1 + 10 (n1 + 1) eigenvalues (8 x 8 images) can be negative at any point whatever, trained or
not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import linalg

from numerics.core.backend import Array, InputError, namespace_of, to_numpy
from numerics.core.checks import check_integer, check_real
from numerics.core.lanczos import lanczos
from numerics.networks.hessian import dense, error_bound
from numerics.networks.one_hidden_layer import (
    Networks,
    Samples,
    hessian_product,
    hidden,
    loss_terms,
    outputs,
)

CUTOFF = 1e-3
"""The paper's: eigenvalues smaller in magnitude count as zero."""

GROUPS = 5
"""Parts of a subsample, each of which is left out once."""

Real = npt.NDArray[np.float64]


def index_of(
    network: Networks,
    data: Samples,
    activation: str,
    loss: str,
    generator: np.random.Generator,
    cutoff: float = CUTOFF,
) -> int:
    """Return the number of eigenvalues of a network's Hessian below -cutoff.

    By products in float32 where no eigenvalue is so near to -cutoff that their error, bounded by
    `error_bound`, could matter: the index is the same at both ends of what it leaves open. Else by
    products in float64.

    Parameters
    ----------
    network : Networks
        One, float64.
    data : Samples
    activation, loss : str
    generator : numpy.random.Generator
        Of the vectors by which the error is bounded.
    cutoff : float
        > 0.
    """
    how = activation, loss
    # same (1 -> 0, 2 -> 1): a smaller block is as good
    inner, convex = network.first.shape[1] * network.first.shape[2], activation == "relu"
    # same (0 -> -1): of one network
    short = dense(network, data, *how, "float32")[0, ...]
    error = error_bound(short, network, data, *how, generator)
    # same (2 -> 3, 2 -> 1, 2 -> 4, < -> <=): which of two exact routes is taken
    if 2 * error < cutoff:
        quick = to_numpy(short)
        # same (+ -> -): both signs are taken
        found = {index(quick, inner, cutoff + by, convex) for by in (-error, error)}
        if len(found) == 1:
            return found.pop()
    # same (0 -> -1): of one network
    return index(to_numpy(dense(network, data, *how)[0, ...]), inner, cutoff, convex)


def sampled_index(
    network: Networks,
    data: Samples,
    activation: str,
    loss: str,
    generator: np.random.Generator,
    samples: int,
    cutoff: float = CUTOFF,
) -> tuple[float, float]:
    """Return an estimate of `index_of` from some of the samples, and its standard error.

    The jackknife over `GROUPS` parts of a random subsample (Efron and Stein 1981): with n the index
    on all parts and n_g that without part g, the estimate is G n - (G - 1) mean n_g, whose error has
    the variance (G - 1) var n_g, less the share of all samples that was drawn; the correction for
    bias is in the error too, squared. An error is 1/2 at least: a count that no part changes is not
    known better.

    Parameters
    ----------
    network, data, activation, loss, generator, cutoff
        As in `index_of`; the generator draws the samples.
    samples : int
        >= `GROUPS` and at most those of the data.

    Raises
    ------
    InputError
        Too few samples or too many.
    """
    most = data.x.shape[0]
    if check_integer("samples", samples, least=GROUPS) > most:
        raise InputError.of("samples", samples, f"at most {most}")
    # same (1 -> 0, 2 -> 1): a smaller block is as good
    inner, convex = network.first.shape[1] * network.first.shape[2], activation == "relu"
    xp = namespace_of(data.x)
    parts = []
    for chosen in np.array_split(generator.permutation(most)[:samples], GROUPS):
        some = xp.asarray(chosen)
        part = Samples(xp.take(data.x, some, axis=0), xp.take(data.target, some, axis=0))
        # same (0 -> -1): of one network
        matrix = dense(network, part, activation, loss, "float32")[0, ...]
        parts.append(to_numpy(matrix) * (len(chosen) / samples))
    # same (0 -> 1, 0 -> -1): any part, for its shape
    whole = sum(parts, np.zeros_like(parts[0]))
    n = index(whole, inner, cutoff, convex)
    weight = GROUPS / (GROUPS - 1)
    without = np.array([index((whole - part) * weight, inner, cutoff, convex) for part in parts])
    shift = (GROUPS - 1) * (n - float(without.mean()))
    variance = (GROUPS - 1) * float(without.var()) * (1 - samples / most)
    return n + shift, max((variance + shift**2) ** 0.5, 0.5)


def index(matrix: Real, inner: int, cutoff: float = CUTOFF, convex: bool = True) -> int:
    """Return the number of eigenvalues of `matrix` below -cutoff, by Sylvester's law of inertia.

    Parameters
    ----------
    matrix : ndarray, shape (P, P)
        Symmetric, finite.
    inner : int
        Size of the leading block (the first layer's).
    cutoff : float
        > 0.
    convex : bool
        Whether that block has no negative eigenvalue (a ReLU). Then it is factored by Cholesky and
        only its Schur complement's eigenvalues are counted (Haynsworth 1968): several times faster.

    Returns
    -------
    int

    Examples
    --------
    >>> index(np.diag([1.0, 1e-4, -1e-4, -0.1]), 2)
    1
    """
    check_real("cutoff", cutoff, positive=True)
    if not convex:
        shifted = _raised(matrix, cutoff)
        _, blocks, _ = linalg.ldl(shifted, overwrite_a=True, check_finite=False)
        return int((_block_eigenvalues(blocks) < 0).sum())
    factor = linalg.cholesky(
        _raised(matrix[:inner, :inner], cutoff), lower=True, overwrite_a=True, check_finite=False
    )
    part = linalg.solve_triangular(factor, matrix[:inner, inner:], lower=True, check_finite=False)
    return int((linalg.eigvalsh(_raised(matrix[inner:, inner:], cutoff) - part.T @ part) < 0).sum())


def _raised(matrix: Real, by: float) -> Real:
    """Return a copy, by columns as LAPACK has it, with `by` added to the diagonal."""
    copy = np.array(matrix, order="F")
    copy.flat[:: len(copy) + 1] += by
    return copy


def _block_eigenvalues(blocks: Real) -> Real:
    """Return the eigenvalues of a block diagonal matrix with blocks of size 1 and 2."""
    # same (sign dropped): they are symmetric
    off = np.append(np.diagonal(blocks, -1), 0.0)
    before = np.append(0.0, off[:-1])
    diagonal = np.diagonal(blocks)
    single = diagonal[(off == 0) & (before == 0)]
    pairs = np.flatnonzero(off)
    mean = (diagonal[pairs] + diagonal[pairs + 1]) / 2
    half = np.hypot((diagonal[pairs] - diagonal[pairs + 1]) / 2, off[pairs])
    return np.concatenate([single, mean - half, mean + half])


def index_bound(
    networks: Networks, data: Samples, loss: str, cutoffs: Real
) -> npt.NDArray[np.int64]:
    """Return for ReLU networks an upper bound on the index at each cut-off, shape (B, cutoffs).

    The number of singular values of the G_j (see above) over the cut-off; it needs no Hessian. For
    hinge and absolute loss it is the index itself.
    """
    xp = namespace_of(networks.first)
    active, slope = hidden(networks, data.x, "relu")
    _, r = loss_terms(outputs(networks, active), xp.matrix_transpose(data.target), loss)
    r = r / r.shape[2]
    bounds = []
    for b in range(r.shape[0]):
        (n, m), k = slope[b, ...].shape, r.shape[1]
        g = xp.reshape(slope[b, :, None, :] * r[b, None, :, :], (n * k, m)) @ data.x
        # same (1 -> 2): any negative size is inferred
        singular = xp.linalg.svdvals(xp.reshape(g, (n, k, -1)))
        bounds.append([int(xp.sum(xp.astype(singular > c, xp.int64))) for c in cutoffs])
    return np.asarray(bounds, dtype=np.int64)


def lanczos_density(
    networks: Networks,
    data: Samples,
    activation: str,
    loss: str,
    generator: np.random.Generator,
    steps: int = 80,
    probes: int = 4,
) -> tuple[Real, Real]:
    """Return nodes and weights of the spectral density of each network's Hessian.

    Stochastic Lanczos quadrature with full orthogonalisation (Ubaru, Chen, Saad, SIAM J. Matrix
    Anal. Appl. 38, 2017): exact for polynomials up to degree 2 steps - 1 given the probe vectors.
    The share of eigenvalues below a level is the sum of the weights there, up to the spacing of
    the nodes; its spread over the probes is its sampling error.

    Parameters
    ----------
    networks, data, activation, loss
        As in `dense`, of any size.
    generator : numpy.random.Generator
        Of the probes, normal and normalised.
    steps, probes : int

    Returns
    -------
    nodes, weights : ndarray, shape (probes, B, steps)
        The weights of a probe sum to 1.
    """
    xp = namespace_of(networks.first)
    shape = networks.flat().shape

    def product(q: Array) -> Array:
        return hessian_product(networks, networks.like(q), data, activation, loss).flat()

    nodes, weights = [], []
    for _ in range(probes):
        start = xp.asarray(generator.standard_normal(shape), dtype=networks.first.dtype)
        diagonal, off = (to_numpy(x).astype(np.float64) for x in lanczos(product, start, steps))
        found = [linalg.eigh_tridiagonal(diagonal[:, b], off[:-1, b]) for b in range(shape[0])]
        nodes.append([values for values, _ in found])
        weights.append([vectors[0] ** 2 for _, vectors in found])
    return np.asarray(nodes), np.asarray(weights)

"""The Hessian of a network's loss by all its weights: matrix, spectrum, index, a bound on the index.

With r = dL/dz and S = d^2L/dz^2 for each sample, a = phi(h), s = phi'(h), x~ = [x; 1], a~ = [a; 1],
and V the second matrix without its biases, the Hessian of the mean loss has the blocks

    first  (j, i), (j', i')   mean s_j s_j' (V^T S V)_jj' x~_i x~_i' + [j = j'] (V^T r)_j phi''(h_j) x~ x~
    mixed  (j, i), (k, j')    mean s_j (V^T S)_jk x~_i a~_j' + [j = j'] mean r_k s_j x~_i
    second (k, j), (k', j')   mean S_kk' a~_j a~_j'.

S = diag(p) - p p^T for cross-entropy, 0 for hinge and absolute loss; phi'' = 0 for the ReLU. All but
the terms with r is the Gauss-Newton matrix, which has no negative eigenvalue. For a ReLU the rest is
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

from numerics.core.backend import Array, InputError, namespace_of
from numerics.core.checks import check_real
from numerics.networks.one_hidden_layer import (
    Networks,
    Samples,
    hessian_product,
    hidden,
    loss_terms,
    outputs,
    probabilities,
)

LARGEST = 10_000
"""Parameters up to which the Hessian is written out (800 MB in float64)."""

AT_ONCE = 448
"""Samples in one matrix product: what stands beside the Hessian itself stays in cache."""

CUTOFF = 1e-3
"""The paper's: eigenvalues smaller in magnitude count as zero."""

Real = npt.NDArray[np.float64]


def dense(networks: Networks, data: Samples, activation: str, loss: str) -> Array:
    """Return the Hessian of the mean loss of each network, shape (B, P, P), P = networks.size.

    The parameters are in the order of `Networks.flat`. `data` is shared by the networks.

    Raises
    ------
    InputError
        More than `LARGEST` parameters: take `lanczos_density` there.
    """
    if networks.size > LARGEST:
        raise InputError.of("hidden", f"{networks.size} parameters", f"at most {LARGEST}")
    xp = namespace_of(networks.first)
    return xp.stack(
        [
            _one(
                networks.first[b : b + 1, ...],
                networks.second[b : b + 1, ...],
                data,
                activation,
                loss,
            )
            for b in range(networks.first.shape[0])
        ]
    )


def _one(first: Array, second: Array, data: Samples, activation: str, loss: str) -> Array:
    xp = namespace_of(first)
    networks = Networks(first, second)
    out = xp.zeros((networks.size, networks.size), dtype=first.dtype)
    m = data.x.shape[0]
    for i in range(0, m, AT_ONCE):
        some = Samples(data.x[i : i + AT_ONCE, ...], data.target[i : i + AT_ONCE, ...])
        _add(out, networks, some, m, activation, loss)
    return xp.triu(out) + xp.matrix_transpose(xp.triu(out, k=1))


def _add(out: Array, networks: Networks, data: Samples, m: int, activation: str, loss: str) -> None:
    """Add to `out` the part of some of the m samples; what is under the diagonal is not."""
    xp = namespace_of(out)
    x, (_, n, d), k = data.x, networks.first.shape, networks.second.shape[1]
    active, slope = hidden(networks, x, activation)
    z = outputs(networks, active)
    _, r = loss_terms(z, xp.matrix_transpose(data.target), loss)
    v, a, s, r = networks.second[0, :, :-1], active[0, ...], slope[0, ...], r[0, ...] / m
    inner = n * d
    ones = xp.concat([a, xp.ones((1, a.shape[1]), dtype=a.dtype)], axis=0)
    x_t = xp.matrix_transpose(x)
    if loss == "cross-entropy":
        p = probabilities(z)[0, ...]
        mean = v.T @ p  # V^T p, (n, m)
        for j in range(n):
            (on,) = xp.nonzero(s[j, :])  # of a ReLU about half of the samples
            x_j, x_on, p_j = x[on, ...], x_t[:, on], p[:, on]
            steep, mean_j = s[j, on] / m, mean[j:, on]
            c = v[:, j:].T @ (v[:, j : j + 1] * p_j)
            c = (c - mean_j[0, :] * mean_j) * steep * s[j:, on]
            block = xp.permute_dims(_moments(x_on, c, x_j), (1, 0, 2))  # (d, n - j, d)
            block = xp.reshape(block, (d, (n - j) * d))
            rows = slice(j * d, (j + 1) * d)
            out[rows, j * d : inner] += block
            # (V^T S)_jk = p_k (V_kj - mean_j), times s_j: (k, on)
            c = p_j * (v[:, j : j + 1] - mean_j[0, :]) * steep
            block = xp.permute_dims(_moments(x_on, c, ones[:, on].T), (1, 0, 2))  # (d, k, n + 1)
            out[rows, inner:] += xp.reshape(block, (d, -1))
        for i in range(k):
            c = -p[i, :] * p / m
            c[i, :] += p[i, :] / m
            block = xp.permute_dims(_moments(ones, c, ones.T), (1, 0, 2))
            rows = slice(inner + i * (n + 1), inner + (i + 1) * (n + 1))
            out[rows, inner:] += xp.reshape(block, (n + 1, -1))
    bent = (v.T @ r) * (-2 * a * s) if activation == "tanh" else None
    for j in range(n):
        rows = slice(j * d, (j + 1) * d)
        out[rows, inner + j :: n + 1] += x_t @ (s[j, :] * r).T
        if bent is not None:
            out[rows, rows] += (x_t * bent[j, :]) @ x


def _moments(left: Array, weight: Array, right: Array) -> Array:
    """Return sum_m left_im weight_cm right_mj, shape (c, i, j), as one matrix product."""
    xp = namespace_of(left)
    c, i, m = weight.shape[0], left.shape[0], left.shape[1]
    scaled = xp.reshape(weight[:, None, :] * left[None, :, :], (c * i, m))
    return xp.reshape(scaled @ right, (c, i, right.shape[1]))


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
    shifted = matrix + check_real("cutoff", cutoff, positive=True) * np.eye(len(matrix))
    if not convex:
        _, blocks, _ = linalg.ldl(shifted, overwrite_a=True, check_finite=False)
        return int((_block_eigenvalues(blocks) < 0).sum())
    factor = linalg.cholesky(shifted[:inner, :inner], lower=True, check_finite=False)
    part = linalg.solve_triangular(factor, shifted[:inner, inner:], lower=True, check_finite=False)
    return int((linalg.eigvalsh(shifted[inner:, inner:] - part.T @ part) < 0).sum())


def _block_eigenvalues(blocks: Real) -> Real:
    """Return the eigenvalues of a block diagonal matrix with blocks of size 1 and 2."""
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
        g = _moments(r[b, ...], slope[b, ...], data.x)  # (n, k, d)
        singular = xp.linalg.svdvals(g)
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
    nodes, weights = [], []
    for _ in range(probes):
        q = xp.asarray(generator.standard_normal(shape), dtype=networks.first.dtype)
        basis = [q / xp.linalg.vector_norm(q, axis=1, keepdims=True)]
        diagonal, off = [], []
        for i in range(steps):
            w = hessian_product(networks, networks.like(basis[i]), data, activation, loss).flat()
            diagonal.append(xp.sum(w * basis[i], axis=1))
            for _ in range(2):
                for q in basis:
                    w = w - q * xp.sum(q * w, axis=1, keepdims=True)
            length = xp.linalg.vector_norm(w, axis=1, keepdims=True)
            off.append(length[:, 0])
            safe = xp.where(length > 0, length, xp.ones_like(length))
            basis.append(w / safe)
        found = [
            linalg.eigh_tridiagonal(
                [float(x[b]) for x in diagonal], [float(x[b]) for x in off[:-1]]
            )
            for b in range(shape[0])
        ]
        nodes.append([values for values, _ in found])
        weights.append([vectors[0] ** 2 for _, vectors in found])
    return np.asarray(nodes), np.asarray(weights)

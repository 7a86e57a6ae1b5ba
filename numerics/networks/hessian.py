"""The Hessian of a network's loss by all its weights, written out.

With r = dL/dz and S = d^2L/dz^2 for each sample, a = phi(h), s = phi'(h), x~ = [x; 1], a~ = [a; 1],
and V the second matrix without its biases, the Hessian of the mean loss has the blocks

    first  (j, i), (j', i')   mean s_j s_j' (V^T S V)_jj' x~_i x~_i' + [j = j'] (V^T r)_j phi''(h_j) x~ x~
    mixed  (j, i), (k, j')    mean s_j (V^T S)_jk x~_i a~_j' + [j = j'] mean r_k s_j x~_i
    second (k, j), (k', j')   mean S_kk' a~_j a~_j'.

S = diag(p) - p p^T for cross-entropy, 0 for hinge and absolute loss; phi'' = 0 for the ReLU.

Every block is a sum over samples of a factor that depends on the sample times a product of two inputs
(or of an input and an activation, or of two activations): `_Factors`. A block of samples is one matrix
product for each input x~_i, over the samples alone in which it is not 0 (a third of them, in images), and
over the inputs from x~_i on, ordered so that the rarest comes first: a sixth of all terms.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, InputError, is_cupy, namespace_of
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

# same (numbers): samples in a product, which last bits alone depend on
AT_ONCE = 768
"""Samples in one matrix product: their factors stay in cache. On a device 16 times as many."""

# same (numbers): which of two products of the same numbers is taken
GATHERED = 0.7
"""Share of samples with an input that is not 0 up to which only these are multiplied."""

PROBES, UNLIKELY = 6, 1e-6
"""Vectors that `error_bound` tries, and the probability that the bound does not hold."""

Real = npt.NDArray[np.float64]


def dense(
    networks: Networks, data: Samples, activation: str, loss: str, products: str = "float64"
) -> Array:
    """Return the Hessian of the mean loss of each network, shape (B, P, P), P = networks.size.

    The parameters are in the order of `Networks.flat`. `data` is shared by the networks.

    Parameters
    ----------
    networks : Networks
        Float64.
    data : Samples
    activation, loss : str
    products : {"float64", "float32"}
        Of the products of `AT_ONCE` samples; the sums of these are in float64. `error_bound` says
        what is lost.

    Raises
    ------
    InputError
        More than `LARGEST` parameters: take `numerics.networks.spectrum.lanczos_density` there.
    """
    if networks.size > LARGEST:
        raise InputError.of("hidden", f"{networks.size} parameters", f"at most {LARGEST}")
    xp = namespace_of(networks.first)
    # same (1 -> 2): the first is taken
    ones = (
        Networks(networks.first[b : b + 1, ...], networks.second[b : b + 1, ...])
        for b in range(networks.first.shape[0])
    )
    return xp.stack([_one(one, data, activation, loss, getattr(xp, products)) for one in ones])


def error_bound(
    matrix: Array,
    network: Networks,
    data: Samples,
    activation: str,
    loss: str,
    generator: np.random.Generator,
) -> float:
    """Return a bound on the spectral norm of `matrix` minus the Hessian, which holds almost surely.

    Halko, Martinsson, Tropp (SIAM Review 53, 2011), lemma 4.1: for normal vectors w_1..w_r and any E,
    norm(E) <= a sqrt(2/pi) max norm(E w_i) with probability 1 - a^-r at least. Here r is `PROBES` and
    a^-r is `UNLIKELY`; the Hessian times w is `hessian_product`, another route than that of `dense`.

    Parameters
    ----------
    matrix : array, shape (P, P)
    network : Networks
        One.
    data, activation, loss
        As in `dense`.
    generator : numpy.random.Generator
        Of the vectors.
    """
    xp = namespace_of(matrix)
    w = xp.asarray(generator.standard_normal((PROBES, network.size)), dtype=matrix.dtype)
    vectors, m, right = network.like(w), data.x.shape[0], xp.zeros_like(w)
    for some in _parts(data):
        found = hessian_product(network, vectors, some, activation, loss).flat()
        right = right + found * (some.x.shape[0] / m)
    far = xp.linalg.vector_norm(w @ matrix - right, axis=1)
    return float(UNLIKELY ** (-1 / PROBES) * (2 / np.pi) ** 0.5 * xp.max(far))


def _parts(data: Samples) -> Any:
    """Yield the samples, `AT_ONCE` or the like at a time."""
    # same (numbers): samples in a product, which last bits alone depend on
    many = AT_ONCE * (16 if is_cupy(namespace_of(data.x)) else 1)
    for i in range(0, data.x.shape[0], many):
        yield Samples(data.x[i : i + many, ...], data.target[i : i + many, ...])


@dataclass(frozen=True)
class _Factors:
    """What multiplies products of inputs and activations in some samples, each on the first axis.

    Attributes
    ----------
    pairs : array, shape (m, n1 (n1 + 1)/2)
        s_j s_j' (V^T S V)_jj' + [j = j'] (V^T r)_j phi''(h_j), j <= j', by rows.
    mixed : array, shape (m, n1 classes)
        s_j (V^T S)_jk.
    outer : array, shape (m, classes^2)
        S_kk'.
    back : array, shape (m, n1 classes)
        s_j r_k.
    active : array, shape (m, n1 + 1)
        a~.
    """

    pairs: Array
    mixed: Array
    outer: Array
    back: Array
    active: Array


def _factors(network: Networks, data: Samples, activation: str, loss: str, dtype: Any) -> _Factors:
    """Return the factors of some samples, computed in float64 (they cancel), in `dtype`."""
    xp = namespace_of(data.x)
    active, slope = hidden(network, data.x, activation)
    z = outputs(network, active)
    residual = loss_terms(z, xp.matrix_transpose(data.target), loss)[1]
    a, s, r = (_by_sample(part) for part in (active, slope, residual))
    v = network.second[0, :, :-1]
    (m, n), k = a.shape, v.shape[0]
    first, second = _pairs(n, xp)
    if loss == "cross-entropy":
        p = _by_sample(probabilities(z))
        mean = p @ v
        steep = mean * s
        pairs = p @ (v[:, first] * v[:, second])  # V^T diag(p) V
        for j, cut in _rows(n):
            part = pairs[:, cut]
            part *= s[:, j:]
            part -= steep[:, j:] * mean[:, j, None]
            part *= s[:, j, None]
        mixed = (xp.matrix_transpose(v)[None, :, :] - mean[:, :, None]) * (
            s[:, :, None] * p[:, None, :]
        )
        outer = xp.eye(k, dtype=p.dtype)[None, :, :] * p[:, None, :] - p[:, :, None] * p[:, None, :]
    else:
        pairs = xp.zeros((m, first.shape[0]), dtype=a.dtype)
        mixed, outer = xp.zeros((m, n, k), dtype=a.dtype), xp.zeros((m, k, k), dtype=a.dtype)
    if activation == "tanh":
        bent = (r @ v) * (-2 * a * s)
        for j, cut in _rows(n):
            pairs[:, cut.start] += bent[:, j]
    back = s[:, :, None] * r[:, None, :]
    # same (1 -> 2): any negative size is inferred
    mixed, outer, back = (xp.reshape(part, (m, -1)) for part in (mixed, outer, back))
    a = xp.concat([a, xp.ones((m, 1), dtype=a.dtype)], axis=1)
    return _Factors(*(xp.astype(part, dtype) for part in (pairs, mixed, outer, back, a)))


def _by_sample(x: Array) -> Array:
    """Return (1, rows, m) as (m, rows)."""
    xp = namespace_of(x)
    return xp.asarray(xp.matrix_transpose(x[0, ...]), copy=True)


def _pairs(n: int, xp: Any) -> tuple[Array, Array]:
    """Return j and j' of the pairs j <= j' < n, by rows."""
    first, second = np.triu_indices(n)
    return xp.asarray(first), xp.asarray(second)


def _rows(n: int) -> Any:
    """Yield each j with the place of its pairs (j, j), (j, j + 1), ..."""
    begin = 0
    for j in range(n):
        yield j, slice(begin, begin + n - j)
        begin += n - j


@dataclass(frozen=True)
class _Sums:
    """Sums over samples, in float64, the inputs in the order of `_one`.

    Attributes
    ----------
    first : array, shape (d, d, n1 (n1 + 1)/2)
        Of pairs x~_i x~_i', for i <= i' alone.
    mixed : array, shape (d, n1 + 1, n1 classes)
        Of mixed x~_i a~_j'.
    back : array, shape (d, n1 classes)
        Of back x~_i.
    second : array, shape (classes^2, (n1 + 1) (n1 + 2)/2)
        Of outer a~_j a~_j', j <= j'.
    """

    first: Array
    mixed: Array
    back: Array
    second: Array


def _one(network: Networks, data: Samples, activation: str, loss: str, dtype: Any) -> Array:
    xp = namespace_of(data.x)
    (_, n, d), k, m = network.first.shape, network.second.shape[1], data.x.shape[0]
    # same (0 -> 1, 0 -> -1): an order of inputs; any does
    there = xp.sum(xp.astype(data.x != 0, xp.int64), axis=0)
    order = xp.argsort(there, stable=True)
    inputs = xp.asarray(xp.astype(data.x[:, order], dtype), copy=True)
    pairs = n * (n + 1) // 2
    shapes = (d, d, pairs), (d, n + 1, n * k), (d, n * k), (k * k, pairs + n + 1)
    sums = _Sums(*(xp.zeros(shape, dtype=xp.float64) for shape in shapes))
    begin = 0
    for some in _parts(data):
        end = begin + some.x.shape[0]
        factors = _factors(network, some, activation, loss, dtype)
        _add(
            sums,
            factors,
            inputs[begin:end, :],
            curved=loss == "cross-entropy" or activation == "tanh",
        )
        begin = end
    whole = _Sums(*(getattr(sums, one.name) / m for one in fields(_Sums)))
    return _assembled(whole, xp.argsort(order), n, k)


def _add(sums: _Sums, factors: _Factors, x: Array, curved: bool) -> None:
    """Add some samples; without curvature what is left is `back`."""
    xp = namespace_of(x)
    sums.back[...] += xp.matrix_transpose(x) @ factors.back
    if not curved:
        return
    first, second = _pairs(factors.active.shape[1], xp)
    squares = factors.active[:, first] * factors.active[:, second]
    sums.second[...] += xp.matrix_transpose(factors.outer) @ squares
    whole = x, factors.active, factors.pairs, factors.mixed
    for i in range(x.shape[1]):
        (on,) = xp.nonzero(x[:, i])
        # same (comparisons, numbers): which of two products of the same numbers is taken
        few = on.shape[0] < GATHERED * x.shape[0]
        inputs, active, pairs, mixed = (
            (xp.take(part, on, axis=0) for part in whole) if few else whole
        )
        one = inputs[:, i, None]
        sums.first[i, i:, :] += xp.matrix_transpose(one * inputs[:, i:]) @ pairs
        sums.mixed[i, ...] += xp.matrix_transpose(one * active) @ mixed


def _assembled(sums: _Sums, places: Array, n: int, k: int) -> Array:
    """Return the symmetric matrix; input i stands at `places[i]` in the sums."""
    xp = namespace_of(sums.first)
    # same (0 -> 1): both are as long
    d, inner = sums.first.shape[0], n * sums.first.shape[0]
    out = xp.empty((inner + k * (n + 1),) * 2, dtype=xp.float64)
    for i in range(d):
        sums.first[i + 1 :, i, :] = sums.first[i, i + 1 :, :]
    (first, second), blocks = _pairs(n, xp), xp.reshape(out[:inner, :inner], (n, d, n, d))
    for i in range(d):  # a row of every block, of which those below the diagonal are the same again
        rows = xp.matrix_transpose(xp.take(sums.first[places[i], ...], places, axis=0))
        blocks[first, i, second, :] = rows
        blocks[second, i, first, :] = rows
    mixed = xp.reshape(sums.mixed[places, ...], (d, n + 1, n, k))
    back = xp.reshape(sums.back[places, ...], (d, n, k))
    for j in range(n):
        mixed[:, j, j, :] += back[:, j, :]
    # same (1 -> 2): any negative size is inferred
    mixed = xp.reshape(xp.permute_dims(mixed, (2, 0, 3, 1)), (inner, -1))
    out[:inner, inner:] = mixed
    out[inner:, :inner] = xp.matrix_transpose(mixed)
    first, second = _pairs(n + 1, xp)
    square = xp.empty((k, k, n + 1, n + 1), dtype=xp.float64)
    # same (1 -> 2): any negative size is inferred
    square[:, :, first, second] = xp.reshape(sums.second, (k, k, -1))
    # same (1 -> 2): any negative size is inferred
    square[:, :, second, first] = xp.reshape(sums.second, (k, k, -1))
    out[inner:, inner:] = xp.reshape(xp.permute_dims(square, (0, 2, 1, 3)), (k * (n + 1), -1))
    return out

"""Energy, gradient and Hessian of the spherical p-spin Hamiltonian, many replicas at once.

    H(s) = sum_p sqrt(a_p) n^{-(p-1)/2} sum over ordered (i_1..i_p) of X_{i_1..i_p} s_{i_1}..s_{i_p}

with |s|^2 = n, so Cov(H(s), H(t)) = n xi(s.t/n), xi(q) = sum_p a_p q^p. Off the sphere H is the
polynomial above, homogeneous of degree p term by term; "Euclidean" derivatives are that
polynomial's, "Riemannian" ones the sphere's. A gradient is a matrix product over packed products of
the spins (on the host (p - 1)/p of it), and the energy comes with it by Euler's identity,
H = s.grad H / p.

On the host no bit of a replica's energy, gradient or Hessian depends on the others it shares a call
with: each is a lane of its own (`numerics.pspin.contract_host`). On a device last bits may depend on
how many they are (`numerics.pspin.contract_device`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.core.backend import Array, namespace_of, on_device
from numerics.device import descents
from numerics.pspin import contract_device, contract_host
from numerics.pspin.couplings import Couplings, draw, from_tensors, random_point

__all__ = [
    "Couplings",
    "draw",
    "energy",
    "energy_gradient",
    "energy_slope",
    "from_tensors",
    "gradient",
    "hessian",
    "hessian_vector",
    "radial",
    "random_point",
    "riemannian_gradient",
    "riemannian_hessian",
    "riemannian_hessian_eigenvalues",
    "tangential",
]


def energy_gradient(c: Couplings, s: Array) -> tuple[Array, Array]:
    """Return the energy and the Euclidean gradient, from one product per term.

    Parameters
    ----------
    c : Couplings
    s : array, shape (R, n)
        Replicas, of the couplings' namespace and dtype; on the sphere or not.

    Returns
    -------
    energy : array, shape (R,)
        H, of order n.
    gradient : array, shape (R, n)

    Examples
    --------
    >>> import numpy as np
    >>> c = from_tensors({2: np.eye(3)}, {2: 1.0})  # H = |s|^2 / sqrt 3
    >>> h, g = energy_gradient(c, np.ones((1, 3)))
    >>> bool(np.allclose(h, 3**0.5) and np.allclose(g, 2 / 3**0.5))
    True
    """
    xp = namespace_of(s)
    # In float64, whatever the dtype.
    parts = [(p, _contract_all(a, p, s)) for p, a in c.terms]
    energy, gradient = xp.sum(parts[0][1] * s, axis=1) / parts[0][0], parts[0][1]
    for p, part in parts[1:]:
        energy = energy + xp.sum(part * s, axis=1) / p
        gradient = gradient + part
    return xp.astype(energy, s.dtype), xp.astype(gradient, s.dtype)


def energy_slope(c: Couplings, s: Array) -> tuple[Array, Array]:
    """Return the energy and the gradient on the sphere: what every step of a descent asks for.

    Parameters
    ----------
    c : Couplings
    s : array, shape (R, n)
        On the sphere |s|^2 = n.

    Returns
    -------
    energy : array, shape (R,)
    slope : array, shape (R, n)
        The tangential part of the gradient.

    Examples
    --------
    >>> import numpy as np
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> s = random_point(np.random.default_rng(1), 5, replicas=2)
    >>> h, slope = energy_slope(c, s)
    >>> bool((h == energy(c, s)).all() and (slope == riemannian_gradient(c, s)).all())
    True
    """
    if on_device(s):
        run = contract_device.Evaluation(c.terms, s)
        run()
        return descents.slope(s, run.degrees, run.gradients)
    h, g = energy_gradient(c, s)
    return h, tangential(s, g)


def energy(c: Couplings, s: Array) -> Array:
    """Return the energy H of every replica, shape (R,); see `energy_gradient`."""
    return energy_gradient(c, s)[0]


def gradient(c: Couplings, s: Array) -> Array:
    """Return the Euclidean gradient of every replica, shape (R, n); see `energy_gradient`."""
    return energy_gradient(c, s)[1]


def dots(x: Array, y: Array) -> Array:
    """Return the inner products of the rows of `x` and `y` (R, n), shape (R,).

    Examples
    --------
    >>> import numpy as np
    >>> dots(np.array([[3.0, 4.0]]), np.array([[1.0, 2.0]])).tolist()
    [11.0]
    """
    if on_device(x):
        return descents.dots(x, y)
    return namespace_of(x).sum(x * y, axis=1)


def tangential(s: Array, v: Array) -> Array:
    """Return the part of `v` tangent to the sphere at `s`; both of shape (R, n)."""
    return v - (dots(s, v) / dots(s, s))[:, None] * s


def riemannian_gradient(c: Couplings, s: Array) -> Array:
    """Return the gradient on the sphere, the tangential part of the Euclidean one.

    Parameters
    ----------
    c : Couplings
    s : array, shape (R, n)
        On the sphere |s|^2 = n.

    Returns
    -------
    array, shape (R, n)
        Its entries have variance xi'(1) (in any tangential direction) at a fixed point.

    Examples
    --------
    >>> import numpy as np
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> s = random_point(np.random.default_rng(1), 5, replicas=2)
    >>> bool(np.allclose((riemannian_gradient(c, s) * s).sum(axis=1), 0))
    True
    """
    return tangential(s, gradient(c, s))


def hessian_vector(c: Couplings, s: Array, v: Array) -> Array:
    """Return the Euclidean Hessian times a vector, without forming the Hessian.

    Parameters
    ----------
    c : Couplings
    s, v : array, shape (R, n)

    Returns
    -------
    array, shape (R, n)

    Examples
    --------
    >>> import numpy as np
    >>> c = from_tensors({2: np.eye(2)}, {2: 1.0})
    >>> (hessian_vector(c, np.ones((1, 2)), np.ones((1, 2))) / 2**0.5).round(12).tolist()
    [[1.0, 1.0]]
    """
    xp = namespace_of(s, v)
    p, a = c.terms[0]
    out = _contract_all(a, p, s, v)
    for p, a in c.terms[1:]:
        out = out + _contract_all(a, p, s, v)
    return xp.astype(out, s.dtype)


def hessian(c: Couplings, s: Array) -> Array:
    """Return the Euclidean Hessian of every replica.

    Parameters
    ----------
    c : Couplings
    s : array, shape (R, n)

    Returns
    -------
    array, shape (R, n, n)
        Symmetric. R n^2 numbers: call it on a few replicas at a time when n is large.

    Examples
    --------
    >>> import numpy as np
    >>> c = from_tensors({2: [[1.0, 2.0], [0.0, 3.0]]}, {2: 1.0})
    >>> (hessian(c, np.ones((1, 2))) * 2**0.5).round(12).tolist()
    [[[2.0, 2.0], [2.0, 6.0]]]
    """
    xp, how = namespace_of(s), _how(s)
    p, a = c.terms[0]
    out = how.forms(a, p - 1, s)
    for p, a in c.terms[1:]:
        out = out + how.forms(a, p - 1, s)
    return xp.astype((out + xp.matrix_transpose(out)) / 2, s.dtype)


def radial(c: Couplings, s: Array) -> Array:
    """Return s.grad H / n, by which curvatures on the sphere are lower than the polynomial's.

    Parameters
    ----------
    c : Couplings
    s : array, shape (R, n)
        On the sphere |s|^2 = n.

    Returns
    -------
    array, shape (R,)

    Examples
    --------
    >>> import numpy as np
    >>> c = from_tensors({2: np.eye(2)}, {2: 1.0})  # H = |s|^2 / sqrt 2
    >>> (radial(c, np.ones((1, 2))) * 2**0.5).round(12).tolist()
    [2.0]
    """
    return dots(s, gradient(c, s)) / s.shape[1]


def riemannian_hessian(c: Couplings, s: Array) -> Array:
    """Return the Hessian on the sphere in an orthonormal basis of the tangent space.

    On |s|^2 = n it is P Hess P - (s.grad H / n) P, P the projector along s. The basis is the last
    n - 1 columns of the Householder reflection that takes s to an axis, so the zero eigenvalue of P
    never appears among the n - 1.

    Parameters
    ----------
    c : Couplings
    s : array, shape (R, n)
        On the sphere.

    Returns
    -------
    array, shape (R, n - 1, n - 1)

    Examples
    --------
    >>> import numpy as np
    >>> c = from_tensors({2: np.eye(3)}, {2: 1.0})  # H is constant on the sphere
    >>> bool(np.allclose(riemannian_hessian(c, np.ones((1, 3))), 0))
    True
    """
    xp = namespace_of(s)
    n = s.shape[1]
    full, push = hessian(c, s), radial(c, s)
    v = s / xp.sqrt(xp.sum(s * s, axis=1, keepdims=True))
    # The sign that avoids cancellation; |v|^2 = 2 (1 + |v_0|) in the end.
    # same (comparisons): of a zero either sign
    sign = xp.where(v[:, :1] < 0, -xp.ones_like(v[:, :1]), xp.ones_like(v[:, :1]))
    v = xp.concat([v[:, :1] + sign, v[:, 1:]], axis=1)
    tau = 2 / xp.sum(v * v, axis=1)
    column = v[:, :, None]
    image = tau[:, None, None] * (full @ column)
    overlap = xp.sum(image * column, axis=1, keepdims=True)
    w = image - (tau[:, None, None] / 2) * overlap * column
    outer = column @ xp.matrix_transpose(w)
    rotated = full - outer - xp.matrix_transpose(outer)
    return rotated[:, 1:, 1:] - push[:, None, None] * xp.eye(n - 1, dtype=s.dtype)[None, :, :]


def riemannian_hessian_eigenvalues(c: Couplings, s: Array) -> Array:
    """Return the eigenvalues of the Hessian on the sphere.

    Parameters
    ----------
    c : Couplings
    s : array, shape (R, n)
        On the sphere |s|^2 = n.

    Returns
    -------
    array, shape (R, n - 1)
        Ascending, of order 1: near a semicircle of radius 2 sqrt(xi''(1)) shifted by -s.grad H/n.

    Examples
    --------
    >>> import numpy as np
    >>> c = draw(np.random.default_rng(0), 6, {3: 1.0})
    >>> s = random_point(np.random.default_rng(1), 6, replicas=2)
    >>> riemannian_hessian_eigenvalues(c, s).shape
    (2, 5)
    """
    if on_device(s):
        # Of the Hessian in ambient coordinates all but the one along s, which is the largest.
        return descents.eigenvalues(descents.curvature(s, radial(c, s), hessian(c, s)))[:, :-1]
    return namespace_of(s).linalg.eigvalsh(riemannian_hessian(c, s))


def _contract_all(a: Array, p: int, s: Array, v: Array | None = None) -> Array:
    """Return the gradients (R, n) of the term (p, a) at s, or their derivatives along v."""
    return _how(s).contract(a, p - 1, s, v)


def _how(s: Array) -> Any:
    """Return the module that contracts where `s` is."""
    return contract_host if isinstance(s, np.ndarray) else contract_device

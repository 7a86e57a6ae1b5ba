"""Instances whose critical points are not all isolated: what no census can complete, told apart.

A zero of F = [grad h - mu x, (1 - x.x)/2] where J has a kernel is multiple, or lies on a set of zeros of
positive dimension (a tensor of rank one: all x orthogonal to it; |x|^4: the sphere). Zeros are
sought from random points by the method of Levenberg and Marquardt, which comes to sets of zeros as it
does to points. From one with a kernel a walk goes along it, back to F = 0 after each step. On a curve
of zeros it gets away; beside an isolated zero of multiplicity m the residual grows as the m-th power of
the distance, and the walk stays. This is seen in float64, to `ZERO`, not proved.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from numerics.critical.kantorovich import Complex, evaluate
from numerics.critical.polynomials import Forms

# same (2 -> 3, 2 -> 4): names
REGULAR, SINGULAR, CURVE = 0, 1, 2

# same (16 -> 17, 16 -> 15, 16 -> 32, 1e-12 -> 2e-12): some starts, and far above rounding
STARTS = 16  # half of them real
ZERO = 1e-12
"""Largest component of F at what counts as a zero; forms have numbers of order 1."""

# same (1e-05 -> 2e-05, 0.1 -> 0.2, 5 -> 6, 5 -> 4, 5 -> 10, 150 -> 151, 150 -> 149, 150 -> 300): a walk
_FLAT = 1e-5  # a singular value over the largest, of a kernel
_STEP, _STEPS, _AWAY = 0.1, 5, 0.25
_ITERATIONS = 150


def kinds(forms: Forms, sources: list[np.random.Generator]) -> npt.NDArray[np.int64]:
    """Return of every instance REGULAR, SINGULAR (a multiple zero was seen) or CURVE (a set of zeros).

    Parameters
    ----------
    forms : Forms
    sources : list of numpy.random.Generator
        One an instance.

    Examples
    --------
    >>> from numerics.critical.polynomials import layout
    >>> sphere = Forms(layout(2, (4,)), np.array([[1.0, 0.0, 1 / 3, 0.0, 1.0]]))  # |x|^4
    >>> kinds(sphere, [np.random.default_rng(0)]).tolist()
    [2]
    """
    n = forms.layout.n
    # same (3 -> 4, 3 -> 6): more than is used
    drawn = np.stack([source.standard_normal((3, STARTS, n + 1)) for source in sources])
    # same (0 -> -1, 2 -> 3): any draws
    start = drawn[:, 0] + 1j * drawn[:, 1] * (np.arange(STARTS) % 2)[:, None]
    # same (sign dropped): of any length
    start[..., :n] /= np.linalg.norm(start[..., :n], axis=-1, keepdims=True)
    z, kernel = _zeros(forms, start)
    singular = np.asarray(kernel.any(axis=-1))
    on, along = z, drawn[:, 2].astype(np.complex128)
    there = singular
    for _ in range(_STEPS):
        along = _in_kernel(forms, on, along)
        after, kernel = _zeros(forms, on + _STEP * along)
        there = there & kernel.any(axis=-1)
        on, along = after, after - on
    with np.errstate(invalid="ignore"):
        away = np.linalg.norm((on - z)[..., :n], axis=-1) > _AWAY
    curve = (there & away).any(axis=1)
    return np.where(curve, CURVE, np.where(singular.any(axis=1), SINGULAR, REGULAR))


def _decomposed(
    forms: Forms, z: Complex
) -> tuple[Complex, Complex, npt.NDArray[np.float64], Complex]:
    """Return F and the singular value decomposition of J at the points; zeros where not finite."""
    sound = np.isfinite(z).all(axis=-1, keepdims=True)
    at = evaluate(forms, np.where(sound, z, 0.0))
    return at.value, *np.linalg.svd(at.jacobian)


def _zeros(forms: Forms, z: Complex) -> tuple[Complex, npt.NDArray[np.bool_]]:
    """Return where iterations from the points end, and which directions of J are its kernel at zeros.

    Points that come to no zero have none.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(_ITERATIONS):
            value, u, s, vh = _decomposed(forms, z)
            size = np.abs(value).max(axis=-1, keepdims=True)
            if (size < ZERO / 100).all():
                break
            damping = np.maximum(size, 1e-10) ** 2
            # same (0 -> -1): of an axis of one
            parts = (np.conj(np.swapaxes(u, -1, -2)) @ value[..., None])[..., 0]
            parts = parts * s / (s * s + damping)
            # same (0 -> -1): of an axis of one
            z = z - (np.conj(np.swapaxes(vh, -1, -2)) @ parts[..., None])[..., 0]
        value, _, s, _ = _decomposed(forms, z)
        zero = (np.abs(value).max(axis=-1) < ZERO) & np.isfinite(z).all(axis=-1)
    return z, (s < _FLAT * s[..., :1]) & zero[..., None]


def _in_kernel(forms: Forms, z: Complex, v: Complex) -> Complex:
    """Return unit vectors along the parts of v in the kernels of J."""
    _, _, s, vh = _decomposed(forms, z)
    parts = (vh @ v[..., None]) * (s < _FLAT * s[..., :1])[..., None]
    # same (0 -> -1): of an axis of one
    found = (np.conj(np.swapaxes(vh, -1, -2)) @ parts)[..., 0]
    length = np.linalg.norm(found, axis=-1, keepdims=True)
    return np.asarray(np.divide(found, length, out=np.zeros_like(found), where=length > 0))

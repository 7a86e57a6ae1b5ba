"""CuPy's linear algebra, as much as is needed. cuSOLVER does not raise: what fails is NaN here."""

import numpy as _numpy
from numpy.linalg import LinAlgError

from cupy._array import ndarray as _ndarray
from cupy._array import new as _new

__all__ = [
    "LinAlgError",
    "cholesky",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matrix_rank",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
]


def _checked(*arrays):
    for a in arrays:
        if type(a) is not _ndarray:
            raise LinAlgError("cupy.linalg only supports cupy.ndarray")
        if a.dtype.kind == "f" and a.itemsize < 4:
            raise TypeError(f"Unsupported dtype {a.dtype}")


def _each(function, a, *others):
    """Apply a function to every matrix of a stack; NaN where it fails."""
    stack = a.shape[:-2]
    parts = []
    for i in _numpy.ndindex(stack):
        with _numpy.errstate(all="ignore"):
            try:
                found = function(a[i], *(x[i] for x in others))
            except LinAlgError:
                found = None
        parts.append(found)
    shapes = [x.shape for x in parts if x is not None]
    if not parts or not shapes:
        like = function(
            _numpy.eye(a.shape[-1], dtype=a.dtype), *(_numpy.zeros(x.shape[-2:]) for x in others)
        )
        return _numpy.full((*stack, *like.shape), _numpy.nan, dtype=a.dtype)
    nothing = _numpy.full(shapes[0], _numpy.nan, dtype=a.dtype)
    return _numpy.stack([nothing if x is None else x for x in parts]).reshape(*stack, *shapes[0])


def eigvalsh(a, UPLO="L"):
    _checked(a)
    return _new(_each(lambda x: _numpy.linalg.eigvalsh(x, UPLO), a._a), "eigvalsh", a._a)


def cholesky(a):
    _checked(a)
    return _new(_each(_numpy.linalg.cholesky, a._a), "cholesky", a._a)


def inv(a):
    _checked(a)
    return _new(_each(_numpy.linalg.inv, a._a), "inv", a._a)


def solve(a, b):
    _checked(a, b)
    if b.ndim == 1:
        if a.shape[-1] != b.size:
            raise ValueError("a must have (..., M, M) shape and b must have (M,)")
        full = _numpy.broadcast_to(b._a, a.shape[:-1])[..., None]
        return _new(_each(_numpy.linalg.solve, a._a, full)[..., 0], "solve", a._a)
    if a.shape[:-1] != b.shape[:-1]:
        raise ValueError("a must have (..., M, M) shape and b must have (..., M, K)")
    return _new(_each(_numpy.linalg.solve, a._a, b._a), "solve", a._a)


def det(a):
    _checked(a)
    return _new(_numpy.linalg.det(a._a), "det", a._a)


def slogdet(a):
    _checked(a)
    return tuple(_new(x, "slogdet", a._a) for x in _numpy.linalg.slogdet(a._a))


def eigh(a, UPLO="L"):
    _checked(a)
    return tuple(_new(x, "eigh", a._a) for x in _numpy.linalg.eigh(a._a, UPLO))


def qr(a, mode="reduced"):
    _checked(a)
    return tuple(_new(x, "qr", a._a) for x in _numpy.linalg.qr(a._a, mode))


def svd(a, full_matrices=True, compute_uv=True):
    _checked(a)
    found = _numpy.linalg.svd(a._a, full_matrices, compute_uv)
    if not compute_uv:
        return _new(found, "svd", a._a)
    return tuple(_new(x, "svd", a._a) for x in found)


def norm(x, ord=None, axis=None, keepdims=False):
    _checked(x)
    return _new(_numpy.linalg.norm(x._a, ord, axis, keepdims), "norm", x._a)


def lstsq(a, b, rcond="warn"):
    raise NotImplementedError("lstsq: not in the stand-in")


def pinv(a, rcond=1e-15):
    raise NotImplementedError("pinv: not in the stand-in")


def matrix_rank(M, tol=None):
    raise NotImplementedError("matrix_rank: not in the stand-in")

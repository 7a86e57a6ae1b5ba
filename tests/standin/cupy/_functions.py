"""CuPy's functions of arrays, as many as are needed: what is not here, the stand-in does not have."""

import builtins
import operator

import numpy as np

from cupy import standin
from cupy._array import apply, checked_dtype, fresh, host, like, ndarray, new


def _arrays(*xs):
    for x in xs:
        if type(x) is not ndarray:
            raise TypeError(f"Unsupported type {type(x)}")


# To the device and back, counted.


def array(obj, dtype=None, copy=True, order="K", subok=False, ndmin=0, *, blocking=False):
    if type(obj) is ndarray:
        dtype = obj.dtype if dtype is None else checked_dtype(dtype)
        if dtype == obj.dtype and not copy:
            return obj
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        return obj.astype(dtype, order or "K")
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    if isinstance(obj, (list, tuple)) and _holds(obj):
        raise TypeError("a list of arrays of the device: stack them")
    a = np.array(obj, dtype=dtype, ndmin=ndmin)
    out = fresh(a.shape, checked_dtype(a.dtype), garbage=False)
    out._a[...] = a
    standin.crossed("to_device", a.nbytes)
    return out


def _holds(obj):
    if isinstance(obj, (list, tuple)):
        return builtins.any(_holds(one) for one in obj)
    return type(obj) is ndarray


def asarray(a, dtype=None, order=None, *, copy=None, blocking=False):
    return array(a, dtype, copy, order, blocking=blocking)


def ascontiguousarray(a, dtype=None):
    _arrays(a)
    dtype = a.dtype if dtype is None else dtype
    return a if a.flags.c_contiguous and a.dtype == dtype else a.astype(dtype, "C")


def asnumpy(a, stream=None, order="C", out=None, *, blocking=True):
    return a.get(order=order, out=out) if type(a) is ndarray else np.asarray(a)


# New arrays.


def empty(shape, dtype=float, order="C"):
    return ndarray(shape, float if dtype is None else dtype, order=order)


def empty_like(prototype, dtype=None, order="K", subok=None, shape=None):
    _arrays(prototype)
    if shape is not None:
        return empty(shape, prototype.dtype if dtype is None else dtype)
    return like(prototype, prototype.dtype if dtype is None else checked_dtype(dtype), order)


def _filled(out, value):
    out.fill(value)
    return out


def zeros(shape, dtype=float, order="C"):
    return _filled(empty(shape, dtype, order), 0)


def ones(shape, dtype=float, order="C"):
    return _filled(empty(shape, dtype, order), 1)


def full(shape, fill_value, dtype=None, order="C"):
    return _filled(
        empty(shape, np.array(host(fill_value)).dtype if dtype is None else dtype), fill_value
    )


def zeros_like(a, dtype=None, order="K", subok=None, shape=None):
    return _filled(empty_like(a, dtype, order, subok, shape), 0)


def ones_like(a, dtype=None, order="K", subok=None, shape=None):
    return _filled(empty_like(a, dtype, order, subok, shape), 1)


def full_like(a, fill_value, dtype=None, order="K", subok=None, shape=None):
    return _filled(empty_like(a, dtype, order, subok, shape), fill_value)


def _number(x):
    if isinstance(x, np.ndarray) or type(x) is ndarray:
        raise TypeError(f"Unsupported type {type(x)}")
    return x


def arange(start, stop=None, step=1, dtype=None):
    return new(np.arange(_number(start), _number(stop), _number(step), dtype), "arange")


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    return new(np.linspace(_number(start), _number(stop), num, endpoint, False, dtype), "linspace")


def eye(N, M=None, k=0, dtype=float, order="C"):
    return new(np.eye(N, M, k, float if dtype is None else dtype), "eye")


# One kernel each.

_UNARY = """
    absolute negative positive sqrt square exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh
    arcsin arccos arctan arcsinh arccosh arctanh sign signbit rint floor ceil trunc isfinite isnan isinf
    logical_not invert conj reciprocal
"""
_BINARY = """
    add subtract multiply divide true_divide floor_divide remainder mod fmod power maximum minimum fmax
    fmin hypot arctan2 copysign nextafter logaddexp logical_and logical_or logical_xor bitwise_and
    bitwise_or bitwise_xor left_shift right_shift less less_equal greater greater_equal equal not_equal
    ldexp
"""
_ELEMENTWISE = (_UNARY + _BINARY).split()


def _elementwise(name):
    function = getattr(np, name)

    def one(*operands):
        return apply(function, *operands, name=name)

    one.__name__ = name
    return one


globals().update({name: _elementwise(name) for name in _ELEMENTWISE})
abs = globals()["absolute"]
bitwise_not = globals()["invert"]
conjugate = globals()["conj"]


def round(a, decimals=0, out=None):
    return apply(lambda x: np.round(x, decimals), a, name="round")


around = round


def clip(a, a_min, a_max, out=None):
    return apply(np.clip, a, a_min, a_max, name="clip")


def where(condition, x=None, y=None):
    _arrays(condition)
    if x is None and y is None:
        return nonzero(condition)
    return apply(np.where, condition.astype(bool, copy=False), x, y, name="where")


_REDUCTIONS = ("sum", "prod", "max", "min", "mean", "std", "var", "all", "any", "argmax", "argmin")


def _reduction(name):
    function = getattr(np, name)

    def one(a, axis=None, keepdims=False, **options):
        _arrays(a)
        if options.get("out") is not None or options.keys() - {"dtype", "ddof", "out"}:
            raise TypeError(f"{name}: {sorted(options)} are not in the stand-in")
        options = {k: v for k, v in options.items() if k != "out" and v is not None}
        return apply(function, a, axis=axis, keepdims=keepdims, name=name, **options)

    one.__name__ = name
    return one


globals().update({name: _reduction(name) for name in _REDUCTIONS})
amax, amin = globals()["max"], globals()["min"]
for _name in _REDUCTIONS:
    setattr(ndarray, _name, globals()[_name])


def count_nonzero(a, axis=None):
    _arrays(a)
    return apply(np.count_nonzero, a, axis=axis)


def cumsum(a, axis=None, dtype=None, out=None):
    _arrays(a)
    return apply(np.cumsum, a, axis=axis, dtype=dtype)


def cumprod(a, axis=None, dtype=None, out=None):
    _arrays(a)
    return apply(np.cumprod, a, axis=axis, dtype=dtype)


def nonzero(a):
    """As many as there are is asked of the device."""
    _arrays(a)
    standin.crossed("to_host", 4)
    return tuple(new(x, "nonzero", a._a) for x in np.nonzero(a._a))


def flatnonzero(a):
    return nonzero(a.ravel())[0]


def take(a, indices, axis=None, out=None):
    """Indices out of bounds wrap around on a device; here they are refused."""
    _arrays(a)
    if not isinstance(indices, (int, np.integer)):
        _arrays(indices)
    return apply(np.take, a, indices, axis=axis)


def take_along_axis(a, indices, axis):
    _arrays(a, indices)
    return apply(np.take_along_axis, a, indices, axis=axis)


def sort(a, axis=-1, kind=None):
    _arrays(a)
    return apply(np.sort, a, axis=axis)


def argsort(a, axis=-1, kind=None):
    _arrays(a)
    return apply(np.argsort, a, axis=axis, kind="stable")


def searchsorted(a, v, side="left", sorter=None):
    _arrays(a, v)
    return apply(np.searchsorted, a, v, side=side)


def isin(element, test_elements, assume_unique=False, invert=False):
    _arrays(element, test_elements)
    return apply(np.isin, element, test_elements, invert=invert)


def unique(
    ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True
):
    raise NotImplementedError("unique: not in the stand-in")


# Shapes and several arrays.


def concatenate(tup, axis=0, out=None, *, dtype=None, casting="same_kind"):
    _arrays(*tup)
    with np.errstate(all="ignore"):
        inner = [x._a for x in tup]
        return new(
            np.concatenate(inner, axis=axis, dtype=dtype, casting=casting), "concatenate", *inner
        )


def stack(tup, axis=0, out=None, *, dtype=None, casting="same_kind"):
    _arrays(*tup)
    inner = [x._a for x in tup]
    return new(np.stack(inner, axis=axis, dtype=dtype, casting=casting), "concatenate", *inner)


def reshape(a, shape, order="C"):
    _arrays(a)
    return a.reshape(shape, order=order)


def ravel(a, order="C"):
    _arrays(a)
    return a.ravel(order)


def transpose(a, axes=None):
    _arrays(a)
    return a.transpose(axes)


def swapaxes(a, axis1, axis2):
    _arrays(a)
    return a.swapaxes(axis1, axis2)


def matrix_transpose(x):
    _arrays(x)
    return x.mT


def _viewing(function):
    def one(a, *places, **options):
        _arrays(a)
        return a._view(function(a._a, *places, **options))

    one.__name__ = function.__name__
    return one


moveaxis, expand_dims, squeeze = map(_viewing, (np.moveaxis, np.expand_dims, np.squeeze))
flip, broadcast_to = map(_viewing, (np.flip, np.broadcast_to))
diagonal = _viewing(np.diagonal)


def broadcast_arrays(*args):
    _arrays(*args)
    return [
        x._view(a) for x, a in zip(args, np.broadcast_arrays(*(x._a for x in args)), strict=True)
    ]


def broadcast_shapes(*shapes):
    return np.broadcast_shapes(*shapes)


def meshgrid(*xi, indexing="xy", copy=True, sparse=False):
    _arrays(*xi)
    return [new(x, "meshgrid") for x in np.meshgrid(*(x._a for x in xi), indexing=indexing)]


def repeat(a, repeats, axis=None):
    _arrays(a)
    return apply(np.repeat, a, repeats=operator.index(repeats), axis=axis)


def tile(A, reps):
    _arrays(A)
    return apply(np.tile, A, reps=reps)


def roll(a, shift, axis=None):
    _arrays(a)
    return apply(np.roll, a, shift=shift, axis=axis)


def triu(m, k=0):
    _arrays(m)
    return apply(np.triu, m, k=k)


def tril(m, k=0):
    _arrays(m)
    return apply(np.tril, m, k=k)


# Products.


def _product(function):
    def one(*operands, **options):
        _arrays(*operands)
        return apply(function, *operands, **options)

    one.__name__ = function.__name__
    return one


matmul, dot, outer, tensordot = map(_product, (np.matmul, np.dot, np.outer, np.tensordot))
cross, trace, inner, vdot = map(_product, (np.cross, np.trace, np.inner, np.vdot))


def einsum(subscripts, *operands):
    _arrays(*operands)
    return apply(lambda *xs: np.einsum(subscripts, *xs), *operands, name="einsum")


# Types, which are NumPy's.


def result_type(*xs):
    return np.result_type(*(x._a if type(x) is ndarray else x for x in xs))


def finfo(dtype):
    return np.finfo(dtype)


def iinfo(dtype):
    return np.iinfo(dtype)


def can_cast(from_, to, casting="safe"):
    return np.can_cast(from_, to, casting)


def issubdtype(one, other):
    return np.issubdtype(one, other)


def get_array_module(*args):
    import cupy

    return cupy if builtins.any(type(x) is ndarray for x in args) else np


for _name in ("take", "dot", "cumsum", "nonzero", "argsort", "clip", "round", "diagonal", "trace"):
    setattr(ndarray, _name, globals()[_name])

_HELPERS = {"np", "apply", "builtins", "checked_dtype", "fresh", "host", "like", "new", "operator"}
_HELPERS |= {"ndarray", "standin"}
__all__ = [name for name in globals() if not name.startswith("_") and name not in _HELPERS]

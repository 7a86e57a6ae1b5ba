"""The array of the device: CuPy's `ndarray`, of a NumPy array that nobody sees.

Refused, as CuPy refuses it: NumPy arrays as operands, `numpy.asarray` and `__array__`. Refused, where
CuPy copies in secret, wraps around, or leaves it undefined: indexing by arrays or lists of the host,
assignment of them, indices out of bounds, assignment to one place twice or to memory that is read.
"""

import operator

import numpy as np

from cupy import standin
from cupy._memory import OFFSET, Allocation, MemoryPointer

IMPLICIT = (
    "Implicit conversion to a NumPy array is not allowed. "
    "Please use `.get()` to construct a NumPy array explicitly."
)
_SCALARS = (bool, int, float, complex)
_KNOWN = {np.dtype(x) for x in ("float64", "float32", "int64", "bool")}


def host(x):
    """Return the NumPy array, or the scalar, that an operand stands for; all else is refused."""
    if type(x) is ndarray:
        return x._a
    if isinstance(x, np.generic) or type(x) in _SCALARS:
        return x
    raise TypeError(f"Unsupported type {type(x)}")


def checked_dtype(dtype):
    if dtype in _KNOWN:
        return np.dtype(dtype)
    found = np.dtype(dtype)
    if found.kind not in "biufc" or found.itemsize > (16 if found.kind == "c" else 8):
        raise ValueError(f"Unsupported dtype {found}")
    return found


def fresh(shape, dtype, strides=None, garbage=True):
    """Return an array of new memory, contiguous if no strides are given."""
    size = dtype.itemsize
    for one in shape:
        size *= one
    block = Allocation(size, dtype)
    a = np.ndarray(shape, dtype, block.data, OFFSET, strides)
    if garbage and dtype.kind == "b":
        a[...] = np.arange(a.size).reshape(shape) % 2 == 0
    return _made(a, block)


def _made(a, block, base=None):
    out = object.__new__(ndarray)
    out._a, out._block, out.base = a, block, base
    return out


def new(result, name, *read):
    """Return a result of NumPy on the device, C-contiguous, as by one kernel of CuPy's."""
    if type(result) is not np.ndarray:
        result = np.asarray(result)
    out = fresh(result.shape, checked_dtype(result.dtype), garbage=False)
    out._a[...] = result
    standin.ran(name, result, *read)
    return out


def apply(function, *operands, name=None, **options):
    """Return a function of NumPy of operands of the device; none of them says anything to the host."""
    inner = [host(x) for x in operands]
    if ndarray not in map(type, operands):
        raise TypeError(
            f"{function.__name__}: got {[type(x) for x in operands]}; takes cupy.ndarray"
        )
    with np.errstate(all="ignore"):
        result = function(*inner, **options)
    return new(result, name or function.__name__, *inner)


def _index(where):
    """Return an index as NumPy takes it, and the arrays in it."""
    parts = where if isinstance(where, tuple) else (where,)
    inner, arrays = [], []
    for part in parts:
        if type(part) is ndarray:
            if part.dtype.kind not in "biu":
                raise IndexError("arrays used as indices must be of integer or boolean type")
            arrays.append(part._a)
            inner.append(part._a)
        elif part is None or part is Ellipsis:
            inner.append(part)
        elif isinstance(part, slice):
            ends = (part.start, part.stop, part.step)
            inner.append(slice(*(x if x is None else operator.index(x) for x in ends)))
        elif isinstance(part, (int, np.integer)) and not isinstance(part, bool):
            inner.append(int(part))
        else:
            raise TypeError(f"an index of the host would be copied in secret: {type(part)}")
    if sum(x.dtype.kind == "b" for x in arrays) > (len(arrays) == 1):
        raise IndexError("a mask beside other arrays in an index")
    if Ellipsis not in [x for x in inner if not isinstance(x, np.ndarray)]:
        inner.append(Ellipsis)  # so that a number is a view, too
    return tuple(inner), arrays


def _counted_mask(arrays):
    """Note that CuPy asks the device how often a mask is true."""
    if any(x.dtype.kind == "b" for x in arrays):
        standin.crossed("to_host", 4)


class ndarray:  # noqa: N801
    """CuPy's array."""

    __slots__ = ("__weakref__", "_a", "_block", "base")
    __array_priority__ = 100
    __hash__ = None

    def __new__(cls, shape, dtype=float, memptr=None, strides=None, order="C"):
        if memptr is not None or strides is not None:
            raise TypeError("memptr and strides: not in the stand-in")
        shape = (shape,) if isinstance(shape, (int, np.integer)) else shape
        shape = tuple(operator.index(one) for one in shape)
        if any(one < 0 for one in shape):
            raise ValueError("Negative dimensions are not allowed")
        strides = None if order == "C" else np.empty(shape, dtype, order).strides
        return fresh(shape, checked_dtype(dtype), strides)

    def _view(self, a):
        return _made(a, self._block, self if self.base is None else self.base)

    # What is known of it without asking the device.

    dtype = property(lambda self: self._a.dtype)
    shape = property(lambda self: self._a.shape)
    strides = property(lambda self: self._a.strides)
    ndim = property(lambda self: self._a.ndim)
    size = property(lambda self: self._a.size)
    itemsize = property(lambda self: self._a.itemsize)
    nbytes = property(lambda self: self._a.nbytes)
    T = property(lambda self: self._view(self._a.T))
    mT = property(lambda self: self._view(self._a.mT))
    real = property(lambda self: self._view(self._a.real))
    data = property(lambda self: MemoryPointer(self._block, self._a.ctypes.data))

    @property
    def device(self):
        from cupy.cuda import Device

        return Device(0)

    @property
    def flags(self):
        return Flags(self._a.flags.c_contiguous, self._a.flags.f_contiguous, self.base is None)

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    # To the host: asked for, and counted.

    def get(self, stream=None, order="C", out=None, blocking=True):
        standin.crossed("to_host", self.nbytes)
        if out is None:
            return np.array(self._a, order=order)
        if type(out) is not np.ndarray or out.dtype != self.dtype or out.shape != self.shape:
            raise TypeError("out: an array of the host of the same shape and dtype")
        out[...] = self._a
        return out

    def set(self, arr, stream=None):
        if type(arr) is not np.ndarray or arr.dtype != self.dtype or arr.shape != self.shape:
            raise TypeError("Only numpy.ndarray of the same shape and dtype can be set")
        standin.crossed("to_device", self.nbytes)
        self._a[...] = arr

    def item(self):
        if self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.get().item()

    def tolist(self):
        return self.get().tolist()

    def tobytes(self, order="C"):
        return self.get().tobytes(order)

    def __bool__(self):
        return bool(self.get())

    def __int__(self):
        return int(self.get())

    def __float__(self):
        return float(self.get())

    def __complex__(self):
        return complex(self.get())

    def __repr__(self):
        return repr(self.get())

    def __str__(self):
        return str(self.get())

    def __format__(self, spec):
        return format(self.get(), spec)

    def __reduce__(self):
        from cupy import array

        return array, (self.get(),)

    def __array__(self, dtype=None, copy=None):
        raise TypeError(IMPLICIT)

    def __array_function__(self, function, types, args, kwargs):
        raise TypeError(f"numpy.{function.__name__} of arrays of the device: take the namespace's")

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        import cupy

        if method != "__call__" or options or not hasattr(cupy, ufunc.__name__):
            raise TypeError(f"numpy.{ufunc.__name__}.{method} of arrays of the device")
        return getattr(cupy, ufunc.__name__)(*operands)

    # Indices.

    def __getitem__(self, where):
        index, arrays = _index(where)
        if not arrays:
            return self._view(self._a[index])
        _counted_mask(arrays)
        return new(self._a[index], "getitem", *arrays)

    def __setitem__(self, where, value):
        index, arrays = _index(where)
        inner = host(value)
        _counted_mask(arrays)
        if arrays and type(value) is not ndarray:
            standin.crossed("to_device", self.itemsize)
        if arrays and arrays[0].dtype.kind != "b" and type(value) is ndarray:
            places = np.zeros(self.shape, dtype=np.int32)
            np.add.at(places, index, 1)
            if (places > 1).any():
                raise ValueError("an index has a place twice: what is stored there is undefined")
        target = self._a[index] if not arrays else self._a
        if type(value) is ndarray and value._block is self._block and target is not inner:
            same = target.ctypes.data == inner.ctypes.data and target.strides == inner.strides
            if not same and np.shares_memory(target, inner):
                raise ValueError("read and written in one kernel: what is stored is undefined")
        with np.errstate(all="ignore"):
            self._a[index] = inner
        standin.ran("setitem", inner, target)

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(self.shape[0]))

    # Shapes.

    def view(self, dtype=None):
        return self._view(self._a.view() if dtype is None else self._a.view(checked_dtype(dtype)))

    def reshape(self, *shape, order="C"):
        shape = shape[0] if len(shape) == 1 else shape
        out = self._a.reshape(shape, order=order)
        if out.size == 0 or np.may_share_memory(out, self._a):
            return self._view(out)
        return new(out, "copy", self._a)

    def ravel(self, order="C"):
        return self.reshape(-1, order=order)

    def flatten(self, order="C"):
        return new(self._a.flatten(order), "copy", self._a)

    def transpose(self, *axes):
        return self._view(self._a.transpose(*axes))

    def swapaxes(self, one, other):
        return self._view(self._a.swapaxes(one, other))

    def squeeze(self, axis=None):
        return self._view(self._a.squeeze(axis))

    # Copies on the device.

    def astype(self, dtype, order="K", casting=None, subok=None, copy=True):
        dtype = checked_dtype(dtype)
        if dtype == self.dtype and not copy:
            return self
        out = like(self, dtype, order)
        with np.errstate(all="ignore"):
            out._a[...] = self._a
        standin.ran("astype", self._a, out._a)
        return out

    def copy(self, order="C"):
        return self.astype(self.dtype, order)

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    def fill(self, value):
        inner = host(value)
        if type(value) is ndarray:
            raise TypeError("fill: takes a number of the host")
        self._a.fill(inner)
        standin.ran("fill", self._a)

    # Operators.

    def __matmul__(self, other):
        return apply(np.matmul, self, other)

    def __rmatmul__(self, other):
        return apply(np.matmul, other, self)

    def __neg__(self):
        return apply(np.negative, self)

    def __pos__(self):
        return apply(np.positive, self)

    def __abs__(self):
        return apply(np.absolute, self)

    def __invert__(self):
        return apply(np.invert, self)


class Flags:
    """Only what CuPy's flags have."""

    def __init__(self, c, f, own):
        self.c_contiguous, self.f_contiguous, self.owndata, self.fnc = c, f, own, f and not c
        self.forc = c or f

    def __getitem__(self, name):
        return getattr(self, name.lower())


def like(x, dtype, order="K"):
    """Return new memory for an array like `x`, its axes in that order of strides."""
    strides = np.empty_like(x._a, dtype=dtype, order=order).strides
    return fresh(x.shape, dtype, strides)


def _operator(function, swapped=False):
    def method(self, other):
        return apply(function, other, self) if swapped else apply(function, self, other)

    return method


def _in_place(function):
    def method(self, other):
        inner = host(other)
        with np.errstate(all="ignore"):
            function(self._a, inner, out=self._a, casting="same_kind")
        standin.ran(function.__name__, self._a, self._a, inner)
        return self

    return method


_BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "truediv": np.true_divide,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "pow": np.power,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
}
for _name, _function in _BINARY.items():
    setattr(ndarray, f"__{_name}__", _operator(_function))
    setattr(ndarray, f"__r{_name}__", _operator(_function, swapped=True))
    setattr(ndarray, f"__i{_name}__", _in_place(_function))
for _name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
    _word = {"less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge"}
    _word |= {"equal": "eq", "not_equal": "ne"}
    setattr(ndarray, f"__{_word[_name]}__", _operator(getattr(np, _name)))

"""The stand-in for CuPy: what it refuses, counts and checks, and that its numbers are NumPy's.

Refusals are CuPy's own but for those said to be stricter: there CuPy copies in secret, wraps around or
leaves the result undefined. The planted faults at the end are what it is for.
"""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from numerics.core import backend
from numerics.core.backend import to_numpy
from numerics.core.streams import key_of, stream
from numerics.descent import gradient, loop
from numerics.descent.protocol import Rule
from numerics.device import descents, library
from numerics.goe import tridiagonals
from numerics.pspin import contract_device, hamiltonian, multisets
from numerics.pspin.couplings import draw, random_point

HOST = np.arange(3.0)
OPERATIONS = {
    "x + h": lambda cp, x, h: x + h,
    "h + x": lambda cp, x, h: h + x,
    "h * x": lambda cp, x, h: h * x,
    "x @ h": lambda cp, x, h: x @ h,
    "h @ x": lambda cp, x, h: h @ x,
    "x < h": lambda cp, x, h: x < h,
    "h == x": lambda cp, x, h: h == x,
    "x -= h": lambda cp, x, h: x.__isub__(h),
    "h -= x": lambda cp, x, h: np.subtract(h, x, out=h.copy()),
    "x + 0-d": lambda cp, x, h: x + np.array(1.0),
    "sqrt": lambda cp, x, h: cp.sqrt(h),
    "maximum": lambda cp, x, h: cp.maximum(x, h),
    "where": lambda cp, x, h: cp.where(x > 0, x, h),
    "where, condition": lambda cp, x, h: cp.where(h > 0, x, x),
    "concat": lambda cp, x, h: cp.concat([x, h]),
    "stack": lambda cp, x, h: cp.stack([x, h]),
    "sum": lambda cp, x, h: cp.sum(h),
    "eigvalsh": lambda cp, x, h: cp.linalg.eigvalsh(np.eye(3)),
    "asarray": lambda cp, x, h: np.asarray(x),
    "array": lambda cp, x, h: np.array(x),
    "__array__": lambda cp, x, h: x.__array__(),
    "ascontiguousarray": lambda cp, x, h: np.ascontiguousarray(x),
    "assignment to the host": lambda cp, x, h: h.copy().__setitem__(slice(None), x),
    "range": lambda cp, x, h: range(x[0]),
    "hash": lambda cp, x, h: hash(x),
    "None": lambda cp, x, h: x + None,
    "a list": lambda cp, x, h: x * h.tolist(),
}
STRICTER = {
    "x[h]": lambda cp, x, h: x[h.astype(int)],
    "x[list]": lambda cp, x, h: x[[0, 1]],
    "x[mask]": lambda cp, x, h: x[h > 0],
    "x[h] = 1": lambda cp, x, h: x.__setitem__(h.astype(int), 1.0),
    "x[:] = h": lambda cp, x, h: x.__setitem__(slice(None), h),
    "x[:] = list": lambda cp, x, h: x.__setitem__(slice(None), [1.0, 2.0, 3.0]),
    "take": lambda cp, x, h: cp.take(x, h.astype(int), axis=0),
    "numpy.sum": lambda cp, x, h: np.sum(x),
    "numpy.concatenate": lambda cp, x, h: np.concatenate([x, x]),
    "array of arrays": lambda cp, x, h: cp.asarray([x[0], x[1]]),
    "full of an array": lambda cp, x, h: cp.full((2,), np.array(1.0)),
    "linspace to an array": lambda cp, x, h: cp.linspace(0.0, x[2], 3),
}
UNDEFINED = {
    "an index out of bounds": lambda cp, x: x[cp.asarray([0, 3])],
    "take out of bounds": lambda cp, x: cp.take(x, cp.asarray([3]), axis=0),
    "a place twice": lambda cp, x: x.__setitem__(cp.asarray([1, 1]), x[:2]),
    "read where it is written": lambda cp, x: x.__setitem__(slice(1, None), x[:2]),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_arrays_of_the_host_are_refused(device, name):
    with pytest.raises((TypeError, np.linalg.LinAlgError)):
        OPERATIONS[name](device, device.asarray(HOST), HOST)


@pytest.mark.parametrize("name", STRICTER)
def test_copies_in_secret_are_refused(standin, device, name):
    with pytest.raises(TypeError):
        STRICTER[name](device, device.asarray(HOST), HOST)


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_is_undefined_is_refused(standin, device, name):
    with pytest.raises((IndexError, ValueError)):
        UNDEFINED[name](device, device.asarray(HOST))


def test_what_cupy_has_not_the_stand_in_has_not(device):
    x = device.asarray(HOST)
    assert not isinstance(x, np.ndarray)
    for name in ("ctypes", "__array_interface__", "setflags", "__index__", "sort_values"):
        assert not hasattr(x, name)
    assert not hasattr(x.flags, "writeable")
    assert isinstance(device.sum(x), type(x))
    assert device.sum(x).shape == x[1].shape == ()


CROSSINGS = {
    "float": lambda cp, x: float(x[0]),
    "int": lambda cp, x: int(x[0]),
    "bool": lambda cp, x: bool(x[0] > 0),
    "if": lambda cp, x: 1 if cp.all(x > 0) else 0,
    "item": lambda cp, x: x[0].item(),
    "get": lambda cp, x: x.get(),
    "tolist": lambda cp, x: x.tolist(),
    "to_numpy": lambda cp, x: to_numpy(x),
    "nonzero": lambda cp, x: cp.nonzero(x > 1),
    "a mask": lambda cp, x: x[x > 1],
    "asarray": lambda cp, x: cp.asarray(HOST),
    "a number": lambda cp, x: cp.asarray(1.0),
    "print": lambda cp, x: str(x),
}
SILENT = {
    "arithmetic": lambda cp, x: 2.0 * x + np.float64(1.0) - x / 3,
    "sums": lambda cp, x: cp.sum(x) + cp.max(x),
    "new": lambda cp, x: (
        cp.zeros(3),
        cp.full((2,), 1.5),
        cp.eye(3),
        cp.arange(4),
        cp.ones_like(x),
    ),
    "where": lambda cp, x: cp.where(x > 0, x, 0.0),
    "views": lambda cp, x: (x[1:], x[None, :], cp.reshape(x, (1, 3)), x.T),
    "by an index": lambda cp, x: x[cp.arange(2)],
    "a number into a slice": lambda cp, x: x.__setitem__(slice(1), 2.0),
    "astype": lambda cp, x: cp.astype(x, cp.float32),
}


@pytest.mark.parametrize("name", CROSSINGS)
def test_copies_between_host_and_device_are_counted(standin, device, name):
    x = device.asarray(HOST)
    with standin.counted() as seen:
        CROSSINGS[name](device, x)
    assert seen.crossings == 1


@pytest.mark.parametrize("name", SILENT)
def test_what_stays_on_the_device_is_none(standin, device, name):
    x = device.asarray(HOST)
    with standin.counted() as seen:
        SILENT[name](device, x)
    assert seen.crossings == 0


def test_clip_of_the_array_api_asks_the_device(standin, device):
    """Its wrapper of CuPy's indexes by masks: a copy each, and one of each bound."""
    x = device.asarray(HOST)
    with standin.counted() as seen:
        device.clip(x, 0.5, 1.5)
    assert seen.crossings == 6
    with standin.counted() as seen:
        device.minimum(device.maximum(x, 0.5), 1.5)
    assert seen.crossings == 0


def test_numbers_have_the_types_of_numpys(device):
    for dtype in ("float32", "float64"):
        x, h = device.asarray(HOST.astype(dtype)), HOST.astype(dtype)
        for f in (
            lambda a: a + 1,
            lambda a: 2.0 * a,
            lambda a: a**2,
            lambda a: a * np.float32(2),
            lambda a: a * np.float64(2),
            lambda a: a.sum(),
            lambda a: a.mean(),
            lambda a: a > 1,
            lambda a: (a > 1).sum(),
            lambda a: a.argmax(),
            lambda a: a.sum() * a,
        ):
            assert f(x).dtype == np.asarray(f(h)).dtype
            np.testing.assert_array_equal(to_numpy(f(x)), f(h))


# Memory.


def test_new_memory_is_garbage(standin, device):
    for dtype in ("float32", "float64"):
        assert np.isnan(to_numpy(device.empty(5, dtype=getattr(device, dtype)))).all()
        like = device.empty_like(device.zeros((2, 3), dtype=getattr(device, dtype)))
        assert np.isnan(to_numpy(like)).all()
    assert (abs(to_numpy(device.empty(5, dtype=device.int64))) > 1 << 60).all()
    assert set(to_numpy(device.empty(4, dtype=device.bool)).tolist()) == {True, False}


def test_memory_is_as_much_as_is_said(standin, device):
    from cupy import _memory

    with standin.memory(_memory.used() + 1000):
        assert backend.free_memory(device) == 1000
        kept = device.empty(100)
        with pytest.raises(MemoryError, match="Out of memory allocating 1,600 bytes"):
            device.empty(200)
        del kept
        assert device.empty(120).nbytes == 960


def test_work_is_split_where_memory_is_short(standin, device):
    key = key_of(stream(0, "memory").generator())
    with standin.counted() as whole:
        one = tridiagonals.lowest_drawn(key, 60, 400, 2, xp=device)
    with standin.memory(standin.capacity()), standin.counted() as parts:
        from cupy import _memory

        with standin.memory(_memory.used() + 200_000):
            other = tridiagonals.lowest_drawn(key, 60, 400, 2, xp=device)
    assert whole.launches["lowest_drawn"] == 1 < parts.launches["lowest_drawn"]
    assert (to_numpy(one) == to_numpy(other)).all()


# Kernels.


def launch(cp, name, *arguments, grid=(1,), block=(128,)):
    backend.kernel(library.source(), library.OPTIONS, name)(grid, block, arguments)


def norms(cp, **changed):
    """Launch `norms_float64` on 3 rows of 4, with some of its arguments changed."""
    arguments = {
        "rows": np.int64(3),
        "n": np.int64(4),
        "x": cp.ones((3, 4)),
        "out": cp.empty(3),
    } | {name: value for name, value in changed.items() if name not in ("grid", "block")}
    how = {"grid": (3,), "block": (128,)} | {
        n: v for n, v in changed.items() if n in ("grid", "block")
    }
    launch(cp, "norms_float64", *arguments.values(), **how)
    return arguments["out"]


FAULTS = {
    "an array of the host": (TypeError, lambda cp: {"x": np.ones((3, 4))}),
    "one number of the host as an array": (TypeError, lambda cp: {"n": np.array(4)}),
    "an array for a number": (TypeError, lambda cp: {"n": cp.asarray(4)}),
    "a number for an array": (TypeError, lambda cp: {"x": np.float64(1.0)}),
    "None": (TypeError, lambda cp: {"x": None}),
    "float32": (TypeError, lambda cp: {"x": cp.ones((3, 4), dtype=cp.float32)}),
    "integers": (TypeError, lambda cp: {"x": cp.ones((3, 4), dtype=cp.int64)}),
    "a short integer": (TypeError, lambda cp: {"n": np.int32(4)}),
    "a float": (TypeError, lambda cp: {"n": 4.0}),
    "one more": (TypeError, lambda cp: {"more": np.int64(1)}),
    "columns": (ValueError, lambda cp: {"x": cp.ones((4, 3)).T}),
    "part of the rows": (ValueError, lambda cp: {"x": cp.ones((3, 6))[:, :4]}),
    "too few blocks": (ValueError, lambda cp: {"grid": (2,)}),
    "half a warp": (ValueError, lambda cp: {"block": (16,)}),
    "too many threads": (ValueError, lambda cp: {"block": (2048,)}),
    "a short output": (AssertionError, lambda cp: {"out": cp.empty(2)}),
}


def test_a_sound_launch_is_none(device):
    assert to_numpy(norms(device)).tolist() == [2.0] * 3
    assert to_numpy(norms(device, rows=3, n=4)).tolist() == [2.0] * 3


@pytest.mark.parametrize("name", FAULTS)
def test_faulty_launches_are_refused(standin, device, name):
    error, changed = FAULTS[name]
    with pytest.raises(error):
        norms(device, **changed(device))


def test_a_grid_that_leaves_items_out_is_refused(standin, device):
    out = device.empty(300)
    key = key_of(stream(0, "grid").generator())
    arguments = (np.int64(150), *key, np.int64(0), np.int64(300), out)
    launch(device, "normals", *arguments, grid=(2,))
    with pytest.raises(ValueError, match="leave out some of"):
        launch(device, "normals", *arguments, grid=(1,))


def test_a_read_out_of_bounds_is_no_number(standin, device):
    assert np.isnan(to_numpy(norms(device, x=device.ones((2, 4))))).any()


def test_every_kernel_is_read_from_the_source(standin, device):
    module = backend._module(library.source(), library.OPTIONS)
    found = module.kernels
    assert set(found) == set(library.NAMES)
    assert {share for _, share in found.values()} == {"thread", "pair", "block"}
    assert found["norms_float32"][0][2] == ("float32", True, "x")
    with pytest.raises(RuntimeError, match="named symbol not found"):
        module.get_function("nothing")


# cuBLAS.


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("add", [False, True])
def test_products_are_numpys(standin, device, dtype, batch, add):
    rng = np.random.default_rng(0)
    lead = () if batch is None else (batch,)
    x, y, out = (
        rng.standard_normal((*lead, *shape)).astype(dtype) for shape in ((5, 7), (4, 9), (5, 6))
    )
    there = [device.asarray(a) for a in (x, y, out)]
    parts = (there[0], there[1][..., 1:8], there[2][..., 2:])  # rows that stand apart
    with standin.counted() as seen:
        backend.bound_product(*parts, add=add)()
    expected = x @ np.swapaxes(y[..., 1:8], -1, -2) + (out[..., 2:] if add else 0)
    np.testing.assert_allclose(
        to_numpy(parts[2]), expected, rtol=1e-5 if x.itemsize == 4 else 1e-13
    )
    assert (to_numpy(there[2])[..., :2] == out[..., :2]).all()
    assert seen.flops == 2 * 5 * 7 * 4 * (batch or 1)
    assert seen.products.total() == 1


def test_products_outside_their_arrays_are_refused(standin, device):
    from cupy.cuda.device import get_cublas_handle
    from cupy_backends.cuda.libs import cublas

    one = np.ones(2)
    a, b, c = device.ones((4, 4)), device.ones((4, 4)), device.empty((4, 4))

    def gemm(m=4, leading=4, x=a, out=c, handle=None, pointer=None, kind="d"):
        handle = get_cublas_handle() if handle is None else handle
        pointer = x.data.ptr if pointer is None else pointer
        numbers = (m, 4, 4, one.ctypes.data, pointer, leading, b.data.ptr, 4, one.ctypes.data)
        getattr(cublas, f"{kind}gemm")(handle, 0, 0, *numbers, out.data.ptr, leading)

    gemm()
    for bad in (
        {"m": 5, "leading": 5},
        {"m": 5},
        {"x": a[1:]},
        {"out": c[1:]},
        {"out": a},
        {"handle": 0},
        {"pointer": one.ctypes.data},
        {"kind": "s"},
        {"x": device.ones((4, 4), dtype=device.float32)},
    ):
        with pytest.raises((RuntimeError, ValueError)):
            gemm(**bad)
    with pytest.raises(TypeError):
        gemm(leading=4.0)


# It as a whole.


def test_it_has_a_name_of_its_own(standin, device):
    assert backend.processor("cupy").endswith("CuPy 14.2.0+standin, stand-in")
    assert backend.namespace("auto") is device
    standin.plug(False)
    with pytest.raises(backend.InputError, match="no CUDA device"):
        backend.namespace("cupy")
    standin.plug(True)


def test_a_process_finds_it_on_the_path():
    folder = Path(__file__).parents[2] / "standin"
    code = "import numerics.core.backend as b; print(b.processor('cupy'))"
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{Path.cwd()}"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert run.stdout.strip().endswith("stand-in") or "CuPy" in run.stdout


# Faults, planted in numerics: each is refused.


def test_planted_places_on_the_host(standin, device, monkeypatch):
    """Every draw of couplings ended so on a real device, and nothing here saw it."""
    monkeypatch.setattr(multisets, "places_on", lambda xp, n, d: multisets.places(n, d))
    with pytest.raises(TypeError, match=r"numpy\.ndarray"):
        draw(np.random.default_rng(0), 10, {3: 1.0}, xp=device)


def start(device, n=12, starts=6):
    c = draw(np.random.default_rng(0), n, {3: 1.0}, xp=device)
    return c, device.asarray(random_point(np.random.default_rng(1), n, starts))


def crossings_of(standin, method, points, rule):
    with standin.counted() as seen:
        ends = loop.to_convergence(method, points, rule)
    return seen.crossings, int(ends["steps"].max())


def allowed(steps):
    """Copies of a descent: a few looks, and what is fetched where starts end."""
    return 10 * (2 + steps / 50)


def test_planted_transfer_in_a_step(standin, device):
    c, points = start(device)
    rule = Rule(0.17)
    sound = gradient.method(c, rule)

    def looking(state, k):
        after, info = sound.step(state, k)
        bool(device.any(info.accepted))
        return after, info

    crossings, steps = crossings_of(standin, sound, points, rule)
    assert steps >= 50
    assert crossings <= allowed(steps)
    crossings, steps = crossings_of(standin, type(sound)(sound.init, looking), points, rule)
    assert crossings > allowed(steps)


def crafted(device):
    """Couplings and a point whose gradient is 2^24 of the first part of a sum and 1 of the last, float32."""
    a, s = np.zeros((16, 136), dtype=np.float32), np.zeros((1, 16), dtype=np.float32)
    a[:, 0] = a[:, -1] = 1.0  # of s_0 s_0 and of s_15 s_15
    s[0, 0], s[0, -1] = 2.0**12, 1.0
    return device.asarray(a), device.asarray(s)


def test_planted_accumulation_in_float32(standin, device, monkeypatch):
    monkeypatch.setattr(contract_device, "_SHORT", 32)
    a, s = crafted(device)
    found = contract_device.contract(a, 2, s)
    assert found.dtype == device.float64
    assert to_numpy(found).tolist() == [[2.0**24 + 1] * 16]
    sum_ = device.sum
    monkeypatch.setattr(device, "sum", lambda x, axis=None, dtype=None: sum_(x, axis=axis))
    assert to_numpy(contract_device.contract(a, 2, s)).tolist() == [[2.0**24] * 16]


@pytest.mark.parametrize("sums", [("f64 h = 0.0;", "f64 &energy"), ("f64 g = 0.0;",)])
def test_planted_accumulation_in_float32_in_a_kernel(standin, device, monkeypatch, sums):
    """Parts of a sum of 2^24, 1 and 1, at a point with 1 there: energies and slopes lose what is small."""
    s = device.asarray(np.array([[1.0, 1.0, 0.0, 0.0]], dtype=np.float32))
    gradients = np.zeros((3, 1, 4), dtype=np.float32)
    gradients[:, 0, 0] = gradients[:, 0, 2] = [2.0**24, 1, 1]
    degrees, there = device.ones(3), device.asarray(gradients)
    energy, slope = (to_numpy(x) for x in descents.slope(s, degrees, there))
    assert energy[0] == slope[0, 2] == 2.0**24 + 2
    text = library.source()
    for line in sums:
        assert line in text
        text = text.replace(line, line.replace("f64", "f32"))
    monkeypatch.setattr(library, "source", lambda: text)
    energy, slope = (to_numpy(x) for x in descents.slope(s, degrees, there))
    assert min(energy[0], slope[0, 2]) == 2.0**24


def test_planted_write_out_of_bounds(standin, device, monkeypatch):
    x = device.ones((3, 4))
    monkeypatch.setattr(descents, "norms", descents.norms)
    text = library.source()
    wrong = text.replace(
        "if (first_thread()) out[r] = T(sqrt(square));", "out[r + 1] = T(sqrt(square));"
    )
    assert wrong != text
    monkeypatch.setattr(library, "source", lambda: wrong)
    with pytest.raises(AssertionError, match="norms_float64: written beside an array of 24 bytes"):
        descents.norms(x)


def test_planted_swap_of_arguments(standin, device, monkeypatch):
    x = device.ones((3, 4))
    sound = library.launch_blocks

    def swapped(name, count, n, *arguments):
        sound(name, count, n, *arguments[::-1])

    monkeypatch.setattr(descents, "launch_blocks", swapped)
    with pytest.raises((TypeError, AssertionError)):
        descents.retract(x, x, device.ones(3), -1.0)


def test_planted_float64_in_a_float32_descent(standin, device):
    """A number of float64 that meets float32 arrays makes them float64: the next kernel refuses them."""
    s = device.ones((3, 4), dtype=device.float32)
    with pytest.raises(TypeError, match="takes float32"):
        descents.retract(s, s * np.float64(2.0), device.ones(3, dtype=device.float32), 1.0)


def test_planted_use_before_writing(standin, device, monkeypatch):
    """An output that a kernel leaves unwritten is NaN in what is made of it."""
    c, points = start(device)
    monkeypatch.setattr(descents, "launch_blocks", lambda *arguments: None)
    assert np.isnan(to_numpy(hamiltonian.energy_slope(c, points)[0])).all()


def test_nothing_else_imports_it():
    names = importlib.import_module("cupy").__file__
    assert "standin" in names or "site-packages" in names

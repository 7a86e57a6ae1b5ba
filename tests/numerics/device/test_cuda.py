"""The device's kernels: run by the stand-in from the same source, compiled for devices, and on one if any.

Tests marked ``gpu`` need a CUDA device and CuPy; elsewhere they are skipped and say so.
"""

import contextlib
import ctypes
import importlib.metadata
import shutil
import subprocess

import array_api_compat.numpy
import numpy as np
import pytest

from numerics import InputError
from numerics.core import backend
from numerics.core.backend import to_numpy
from numerics.core.streams import key_of, stream
from numerics.device import cuda, descents, library, translate
from numerics.goe import tridiagonals as t
from numerics.kac_rice.monte_carlo import weights
from numerics.kac_rice.rare_index import layer_weights
from numerics.pspin import multisets
from numerics.pspin.couplings import draw, random_point

COMPILER = shutil.which("g++") or shutil.which("clang++") or shutil.which("c++")
XP = array_api_compat.numpy
LIMIT = 40_000  # bytes: work is split into a few calls


def key(*path):
    return key_of(stream(0, "device", *path).generator())


@pytest.fixture
def calls(standin):
    """The launches of the stand-in, by kernel."""
    with standin.counted() as seen:
        yield seen.launches


def test_a_compiler_for_the_host_has_nothing_to_say(tmp_path):
    if COMPILER is None:
        pytest.skip("no C++ compiler here")
    (tmp_path / "kernels.cpp").write_text(library.source())
    options = ["-std=c++20", "-O2", "-Wall", "-Werror", "-fsyntax-only"]
    subprocess.run([COMPILER, *options, "kernels.cpp"], cwd=tmp_path, check=True)


def blocks(xp):
    counters = [[0] * 4, [0xFFFFFFFF] * 4, [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344]]
    keys = [[0] * 2, [0xFFFFFFFF] * 2, [0xA4093822, 0x299F31D0]]
    out = xp.zeros((3, 4), dtype=xp.uint64)
    given = (xp.asarray(x, dtype=xp.uint64) for x in (counters, keys))
    library.launch("philox_blocks", 3, *given, out)
    return [" ".join(f"{int(x):08x}" for x in block) for block in to_numpy(out)]


ANSWERS = [
    "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "408f276d 41c83b0e a20bc7c6 6d5451fd",
    "d16cfe09 94fdcceb 5001e420 24126ea1",
]


def test_philox_gives_its_published_answers(device):
    """Random123's known answers for philox4x32-10."""
    assert blocks(device) == ANSWERS


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 2), (7, 3), (40, 40), (300, 2), (10**9, 1)])
def test_lowest_eigenvalues_are_the_hosts(device, calls, n, k):
    """Bit by bit, in one call and in several."""
    samples, rows = 70 if n < 10**6 else 2, max(k, t.edge_rows(n, k))
    host = t.lowest_drawn(key("low", n), n, samples, k, first=5)
    found = cuda.lowest_drawn(device, key("low", n), n, samples, k, rows, 5)
    assert (to_numpy(found) == host).all()
    if n < 1000:
        assert calls.total() == 1
        split = cuda.lowest_drawn(device, key("low", n), n, samples, k, rows, 5, memory=LIMIT)
        assert (to_numpy(split) == host).all()
        assert n == 1 or calls.total() > 2 or n * k < 20
    other = cuda.lowest_drawn(device, key("low", n), n, 2, k, rows, 6)
    assert (to_numpy(other) != host[:2]).any()


@pytest.mark.parametrize(("n", "levels"), [(1, 1), (5, 3), (64, 1), (129, 4), (1000, 2)])
def test_sweeps_are_the_hosts(device, calls, n, levels):
    """Index and traces bit by bit, log-determinants to an ulp: the last logarithm is the system's."""
    shifts = np.random.default_rng(n).uniform(-1.5, 1.5, (50, levels))
    log_abs, index, traces = t.sweep_traced(key("sweep", n), n, shifts)
    there = device.asarray(shifts)
    for memory in (None, LIMIT):
        got = cuda.sweep_drawn(device, key("sweep", n), n, there, 0, True, memory)
        got = [to_numpy(x) for x in got]
        assert (got[1] == index).all()
        assert (got[2] == traces).all()
        assert (abs(got[0] - log_abs) <= 2 * np.spacing(abs(log_abs))).all()
    assert calls.total() > 2 or n < 64
    other = cuda.sweep_drawn(device, key("sweep", n), n, there + 0.1)
    assert (to_numpy(other[0]) != log_abs).any()


def test_few_degrees_of_freedom_take_every_branch(standin, device):
    """The last rows reject most: gamma variates of 1, 2, 3 degrees, bit by bit."""
    n = 4
    host = t.sweep_traced(key("few"), n, np.zeros((20_000, 1)))
    got = cuda.sweep_drawn(device, key("few"), n, device.zeros((20_000, 1)), 0, True)
    assert (to_numpy(got[2]) == host[2]).all()
    assert (to_numpy(got[1]) == host[1]).all()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("n", "p"), [(5, 2), (40, 3), (9, 4), (6, 6)])
def test_couplings_are_the_hosts(standin, device, n, p, dtype):
    a = draw(np.random.default_rng(1), n, {p: 0.7}, dtype, place="streamed").terms[0][1]
    host, places = a[:, 1:], multisets.places_on(device, n, p)
    for rows in (slice(0, n), slice(2, n - 1)):
        part = device.empty(host[rows].shape, dtype=getattr(device, dtype))
        cuda.draw_block(a.key, p, places, a.amplitude, rows.start, 1, part)
        assert (to_numpy(part) == host[rows]).all()
        cuda.draw_block(a.key, p, places, a.amplitude, rows.start, 0, part)
        assert (to_numpy(part) != host[rows]).any()


def test_what_does_not_fit_is_refused(device):
    with pytest.raises(InputError, match=r"^memory: got 100 bytes; takes \d+ or more"):
        cuda.lowest_drawn(device, key("memory"), 1000, 5, 5, 200, memory=100)
    places, out = multisets.places_on(device, 3, 17), device.empty((3, 3))
    with pytest.raises(InputError, match=r"^p: got 17; takes at most 16"):
        cuda.draw_block(key("p"), 17, places, 1.0, 0, 0, out)


def test_a_changed_recurrence_is_seen(standin, device, monkeypatch):
    """The comparison above can fail: half the variance of the diagonal, in the source."""
    text = library.source()
    wrong = text.replace("d(j, w) = (x * root)", "d(j, w) = (x * root * 0.70710678118654752)")
    assert wrong != text
    monkeypatch.setattr(library, "source", lambda: wrong)
    host = t.lowest_drawn(key("wrong"), 50, 40, 1)
    found = cuda.lowest_drawn(device, key("wrong"), 50, 40, 1, t.edge_rows(50, 1))
    assert (to_numpy(found) != host).all()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n", [1, 2, 3, 10, 65])
def test_eigenvalues_are_lapacks(device, n, dtype):
    """Of full matrices, of some with equal eigenvalues, of a diagonal one and of zeros."""
    rng = np.random.default_rng(n)
    full = rng.standard_normal((6, n, n))
    matrices = full + np.swapaxes(full, 1, 2)
    matrices[3] = np.eye(n)
    matrices[4] = np.diag(np.arange(n))
    matrices[5] = 0.0
    given = matrices.astype(dtype)
    expected = np.linalg.eigvalsh(given.astype(np.float64))
    found = to_numpy(descents.eigenvalues(device.asarray(given)))
    scale = 10 * n * np.finfo(dtype).eps * (1 + abs(expected).max())
    np.testing.assert_allclose(found, expected, atol=scale)
    some = to_numpy(descents.eigenvalues(device.asarray(given), n // 2, n - n // 2))
    assert (some == found[:, n // 2 :]).all()
    given[2, 0, 0] = np.nan
    found = to_numpy(descents.eigenvalues(device.asarray(given)))
    assert np.isnan(found[2]).all()
    assert np.isfinite(found[[0, 1, 3, 4, 5]]).all()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n", [1, 2, 7, 65])
def test_positive_definite_is_what_has_no_eigenvalue_below_zero(device, n, dtype):
    full = np.random.default_rng(n).standard_normal((8, n, n))
    matrices = full + np.swapaxes(full, 1, 2)
    lowest = np.linalg.eigvalsh(matrices)[:, :1, None]
    shifts = np.array([-1e-2, 1e-2] * 4)[:, None, None]  # to this above zero
    given = (matrices + (shifts - lowest) * np.eye(n)).astype(dtype)
    found = to_numpy(descents.definite(device.asarray(given)))
    assert found.tolist() == [False, True] * 4
    given[1, 0, 0] = np.nan
    assert not to_numpy(descents.definite(device.asarray(given)))[1]


def shared(distributions, library):
    """Return a shared library out of the first of these distributions that is installed, or None."""
    for name in distributions:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            for file in sorted(importlib.metadata.files(name) or [], key=str):
                if file.name.startswith(library):
                    return ctypes.CDLL(str(file.locate()))
    return None


NVRTC = ("nvidia-cuda-nvrtc", "nvidia-cuda-nvrtc-cu13", "nvidia-cuda-nvrtc-cu12")


def test_every_namespace_gets_the_same_numbers(xp):
    """Where a device answers the fixture has CuPy too."""
    shifts = np.linspace(-1.5, 1.5, 80).reshape(40, 2)
    plain = [t.lowest_drawn(key("xp"), 60, 40, 2), *t.sweep_traced(key("xp"), 60, shifts)]
    there = [t.lowest_drawn(key("xp"), 60, 40, 2, xp=xp)]
    there += t.sweep_traced(key("xp"), 60, xp.asarray(shifts), xp=xp)
    swept = t.sweep_drawn(key("xp"), 60, xp.asarray(shifts), xp=xp)
    for host, found in zip([*plain, *plain[1:3]], [*there, *swept], strict=True):
        assert backend.namespace_of(found) is xp
        np.testing.assert_allclose(to_numpy(found), host, rtol=1e-13, atol=1e-13)
    logs = [
        [
            weights(stream(0, "w").generator(), 20, {3: 1.0}, 200, -1.5, x)["log_weight"],
            layer_weights(stream(0, "l").generator(), 9, {3: 1.0}, 1, 3, 90, xp=x),
        ]
        for x in (XP, xp)
    ]
    for host, found in zip(*logs, strict=True):
        np.testing.assert_allclose(found, host, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_the_kernels_compile_for_devices(architecture):
    """To a binary, with every kernel in it, without a device."""
    nvrtc = shared(NVRTC, "libnvrtc.so")  # NVIDIA's runtime compiler needs no device
    if nvrtc is None:
        pytest.skip("no NVRTC here: the development set has it on Linux")

    def check(status, program=None):
        if status and program is not None:
            size = ctypes.c_size_t()
            nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
            log = ctypes.create_string_buffer(size.value)
            nvrtc.nvrtcGetProgramLog(program, log)
            raise AssertionError(log.value.decode())
        assert status == 0

    program = ctypes.c_void_p()
    code = library.source().encode()
    check(nvrtc.nvrtcCreateProgram(ctypes.byref(program), code, b"kernels.cu", 0, None, None))
    options = [
        *(x.encode() for x in library.OPTIONS),
        f"--gpu-architecture={architecture}".encode(),
    ]
    array = (ctypes.c_char_p * len(options))(*options)
    check(nvrtc.nvrtcCompileProgram(program, len(options), array), program)
    size = ctypes.c_size_t()
    check(nvrtc.nvrtcGetCUBINSize(program, ctypes.byref(size)))
    binary = ctypes.create_string_buffer(size.value)
    check(nvrtc.nvrtcGetCUBIN(program, binary))
    assert binary.raw[:4] == b"\x7fELF"
    for name in library.NAMES:
        assert name.encode() in binary.raw
    array[0] = b"--no-such-option"
    assert nvrtc.nvrtcCompileProgram(program, len(options), array) != 0


@pytest.mark.parametrize(
    "line",
    [
        "x = [1, 2]",
        "x = y[::2]",
        "x = 2.0**y",
        "x = y // 2",
        "x = np.empty(3)",
        "x = np.linspace(0, 1, 3)",
        "x = f(a=1)",
        "with y: pass",
        "y.z = 1",
        "x = 'word'",
        "for i in y: pass",
    ],
)
def test_what_is_not_translated_is_refused(line, tmp_path):
    file = tmp_path / "module.py"
    file.write_text(f"def g(y):\n    {line}\n")
    scope = {}
    exec(compile(file.read_text(), str(file), "exec"), scope)
    with pytest.raises(TypeError, match="not translated"):
        translate.source([scope["g"]])


def test_lanes_are_of_their_block_and_a_name_after_it_is_declared_anew(tmp_path):
    file = tmp_path / "module.py"
    file.write_text(
        "def g(y):\n"
        "    for i in range(2):\n"
        "        x = np.empty(LANES)\n"
        "        x[0] = y\n"
        "    x = 1.0\n"
        "    return x\n"
    )
    scope = {"LANES": 4, "np": np}
    exec(compile(file.read_text(), str(file), "exec"), scope)
    assert "auto x = 1.0;" in translate.source([scope["g"]])


def test_a_name_has_one_value(tmp_path):
    """Numbers of several modules share a namespace on the device."""
    functions = []
    for value in (1, 1, 2):
        file = tmp_path / f"module_{len(functions)}.py"
        file.write_text("def g():\n    return SIZE\n")
        scope = {"SIZE": value}
        exec(compile(file.read_text(), str(file), "exec"), scope)
        functions.append(scope["g"])
    assert "constexpr i64 SIZE = 1ll;" in translate.source(functions[:2])
    with pytest.raises(TypeError, match="two values of SIZE"):
        translate.source(functions)


CUPTI = ("nvidia-cuda-cupti", "nvidia-cuda-cupti-cu13", "nvidia-cuda-cupti-cu12")
PLACES = ("libcupti.so", "/usr/local/cuda/extras/CUPTI/lib64/libcupti.so")


class Calls(ctypes.Structure):
    """The head of CUPTI's CUpti_CallbackData."""

    _fields_ = (("site", ctypes.c_int), ("name", ctypes.c_char_p))


@contextlib.contextmanager
def crossings():
    """Names of the driver's calls that copy between host and device, as NVIDIA's CUPTI sees them."""
    cupti = shared(CUPTI, "libcupti.so")
    for place in PLACES:
        if cupti is None:
            with contextlib.suppress(OSError):
                cupti = ctypes.CDLL(place)
    assert cupti is not None, "the extra gpu has CUPTI, which counts the transfers"
    names, subscriber = [], ctypes.c_void_p()

    @ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32, ctypes.POINTER(Calls))
    def note(_, domain, number, data):
        name = data.contents.name.decode()
        if data.contents.site == 0 and ("MemcpyHtoD" in name or "MemcpyDtoH" in name):
            names.append(name)

    assert cupti.cuptiSubscribe(ctypes.byref(subscriber), note, None) == 0
    assert cupti.cuptiEnableDomain(ctypes.c_uint32(1), subscriber, 1) == 0  # the driver's calls
    try:
        yield names
    finally:
        cupti.cuptiUnsubscribe(subscriber)


@pytest.mark.gpu
class TestOnADevice:
    """On the device itself."""

    @pytest.fixture
    def cp(self):
        try:
            return backend.namespace("cupy")
        except InputError:
            pytest.skip("no CUDA device and CuPy here")

    def test_numbers_are_the_hosts(self, cp):
        assert blocks(cp) == ANSWERS
        host = t.lowest_drawn(key("gpu"), 1000, 500, 5)
        found = t.lowest_drawn(key("gpu"), 1000, 500, 5, xp=cp)
        assert (to_numpy(found) == host).mean() > 0.999
        np.testing.assert_allclose(to_numpy(found), host, atol=1e-14)
        shifts = np.linspace(-1.5, 1.5, 500)[:, None]
        host, index = t.sweep_drawn(key("gpu"), 500, shifts)
        found, where = t.sweep_drawn(key("gpu"), 500, cp.asarray(shifts), xp=cp)
        np.testing.assert_allclose(to_numpy(found), host, rtol=1e-13, atol=1e-12)
        assert (to_numpy(where) == index).all()

    @pytest.mark.parametrize("place", ["stored", "streamed"])
    def test_nothing_crosses_in_secret(self, cp, place, monkeypatch):
        """A gradient on the device copies nothing from or to the host."""
        from numerics.pspin import hamiltonian

        c = draw(np.random.default_rng(0), 60, {3: 1.0}, xp=cp, place=place)
        s = cp.asarray(random_point(np.random.default_rng(1), 60, 100))
        hamiltonian.energy_gradient(c, s)
        with crossings() as seen:
            energy, gradient = hamiltonian.energy_gradient(c, s)
        assert seen == []
        with crossings() as seen:
            to_numpy(energy)
        assert len(seen) == 1
        plain = draw(np.random.default_rng(0), 60, {3: 1.0})
        expected = hamiltonian.energy_gradient(plain, to_numpy(s))
        np.testing.assert_allclose(to_numpy(energy), expected[0], rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(to_numpy(gradient), expected[1], rtol=1e-9, atol=1e-10)

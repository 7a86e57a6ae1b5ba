import hashlib
import re
import subprocess
import sys

import numpy as np
import pytest

import numerics
from numerics.core import backend
from numerics.core.checks import check_integer, check_real
from numerics.core.mixture import check_coefficients, derivatives


def test_the_package_is_lazy_and_complete():
    code = "import sys, numerics; print([m for m in sys.modules if m.startswith('numerics.')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
    for name in numerics.__all__:
        assert getattr(numerics, name) is not None
        assert name in dir(numerics)
    with pytest.raises(AttributeError, match="nothing"):
        numerics.nothing  # noqa: B018


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("cupy", "CuPy is not installed"),
        ("cupy_backends.cuda.libs.nvrtc", "NVRTC"),
        ("no device", "no CUDA device"),
        ("no driver", "no CUDA driver answers"),
    ],
)
def test_what_a_device_lacks_is_named(device, monkeypatch, module, says):
    if module.startswith("cupy"):
        monkeypatch.setitem(sys.modules, module, None)
        libs = sys.modules.get("cupy_backends.cuda.libs")
        monkeypatch.delattr(libs, "nvrtc", raising=False)
    else:
        import cupy

        def count():
            if module == "no device":
                return 0
            raise cupy.cuda.runtime.CUDARuntimeError(35)

        monkeypatch.setattr(cupy.cuda.runtime, "getDeviceCount", count)
    with pytest.raises(numerics.InputError, match=rf"^backend: got 'cupy'; {says}.*or take numpy$"):
        backend.namespace("cupy")
    assert backend.namespace("auto") is backend.namespace("numpy")


@pytest.mark.parametrize(
    "name", ["jax", "cupy:x", "cupy:-1", "numpy:0", "auto:1", None, 3, np.zeros(2)]
)
def test_namespaces_have_names(name):
    with pytest.raises(numerics.InputError, match=r"^backend: got"):
        backend.namespace(name)


def test_a_device_that_is_not_there(device):
    assert backend.namespace("cupy:0") is backend.namespace("cupy")
    with pytest.raises(
        numerics.InputError, match=r"^backend: got 'cupy:99'; takes cupy:0 to cupy:"
    ):
        backend.namespace("cupy:99")


def test_arrays_come_back_to_numpy(xp):
    x = xp.asarray([1.0, 2.0])
    assert backend.namespace_of(x) is xp
    assert isinstance(backend.to_numpy(x), np.ndarray)
    assert backend.to_numpy(x).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("value", [1, 2.0, "2", None, True, float("nan")])
def test_integers_are_checked(value):
    with pytest.raises(numerics.InputError, match=r"^n: got"):
        check_integer("n", value, least=2)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x", None, 0.0])
def test_reals_are_checked(value):
    with pytest.raises(numerics.InputError, match=r"^x: got"):
        check_real("x", value, positive=True)


@pytest.mark.parametrize(
    "bad", [{}, {3: 0.0}, {1: 1.0}, {2.5: 1.0}, {3: -1.0}, {3: float("nan")}, [3], {True: 1.0}]
)
def test_coefficients_are_checked(bad):
    with pytest.raises(numerics.InputError):
        check_coefficients(bad)


def test_derivatives_of_xi_are_those_of_the_polynomial():
    mixture = {2: 0.3, 3: 0.5, 7: 0.2}
    xi = np.polynomial.Polynomial([mixture.get(p, 0.0) for p in range(8)])
    expected = (xi(1), xi.deriv(1)(1), xi.deriv(2)(1))
    np.testing.assert_allclose(derivatives(mixture), expected, rtol=1e-14)
    # p^2 for p (p - 1) is seen.
    assert abs(sum(a * p * p for p, a in mixture.items()) / expected[2] - 1) > 0.1


def memory_of(tmp_path, monkeypatch, **files):
    """What is free where these files are all that the system tells."""
    for name, text in files.items():
        place = tmp_path / {"info": "proc/meminfo"}.get(name, f"sys/fs/cgroup/memory.{name}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    monkeypatch.setattr(backend, "Path", lambda path: tmp_path / path.lstrip("/"))
    return backend.free_memory()


INFO = "MemTotal: 9000 kB\nMemAvailable:    3000 kB\nBuffers: 10 kB\n"


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({"info": INFO}, 3000 * 1024),
        ({"info": INFO, "max": "5000\n", "current": "1000\n"}, 4000),
        ({"info": INFO, "max": "9000000\n", "current": "1000\n"}, 3000 * 1024),
        ({"info": INFO, "max": "max\n", "current": "1000\n"}, 3000 * 1024),
        ({"max": "5000\n", "current": "1000\n"}, 4000),
        ({"max": "5000\n", "current": "6000\n"}, 1),
    ],
)
def test_free_memory_is_the_least_that_the_system_leaves(tmp_path, monkeypatch, files, free):
    """In kilobytes of the system, in bytes of a control group, which may have no limit."""
    assert memory_of(tmp_path, monkeypatch, **files) == free


def test_half_of_the_memory_where_the_system_does_not_tell(tmp_path, monkeypatch):
    counts = {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(backend.os, "sysconf", counts.__getitem__)
    assert memory_of(tmp_path, monkeypatch) == 1000 * 4096 // 2

    def nothing(name):
        raise ValueError(name)

    monkeypatch.setattr(backend.os, "sysconf", nothing)
    assert memory_of(tmp_path, monkeypatch) == 2 * 2**30


@pytest.mark.parametrize("name", ["", "generic", "skylake-avx512"])
def test_a_processor_is_named_with_what_is_used_of_it(monkeypatch, name):
    for one in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"):
        monkeypatch.delenv(one, raising=False)
    if name:
        monkeypatch.setenv("NUMBA_CPU_NAME", name)
    said = backend._compiled_for()
    assert re.fullmatch(r"[\w.-]+( avx)?( avx2)?( avx512f)?( fma)? \([0-9a-f]{8}\)", said)
    if name == "generic":
        assert said == f"generic ({hashlib.sha256(b'').hexdigest()[:8]})"
    monkeypatch.setenv("NUMBA_CPU_FEATURES", "+avx,-avx2,+fma")
    assert re.fullmatch(r"[\w.-]+ avx fma \([0-9a-f]{8}\)", backend._compiled_for())


def test_numbers_beyond_bounds_are_put_at_them():
    x = np.array([-np.inf, -1.0, 0.5, 2.0, np.nan])
    assert backend.clipped(x, 0.0, 1.0)[:-1].tolist() == [0.0, 0.0, 0.5, 1.0]
    assert np.isnan(backend.clipped(x, 0.0, 1.0)[-1])
    assert backend.clipped(x, None, 1.0)[:-1].tolist() == [-np.inf, -1.0, 0.5, 1.0]
    assert backend.clipped(x, 0.0, None)[:-1].tolist() == [0.0, 0.0, 0.5, 2.0]

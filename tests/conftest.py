"""Shared fixtures: the array namespaces, and the Hypothesis profiles."""

import os
import sys
from pathlib import Path

# Threads of BLAS wait for each other by spinning, which was a third of the time of some tests; set
# before NumPy is loaded, and for the processes that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import Phase, settings

from numerics.core.backend import InputError, namespace

# "ci" draws the same examples every time; "audit" is content with the first that fails, and with what
# it raises; HYPOTHESIS_PROFILE=long searches freely and longer.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=25, database=None)
settings.register_profile(
    "audit",
    settings.get_profile("ci"),
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)
settings.register_profile("long", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

collect_ignore = ["standin"]
STANDIN = Path(__file__).parent / "standin"


def _device():
    """Return CuPy where a device answers, else the stand-in for it."""
    try:
        return namespace("cupy")
    except InputError:
        for name in [one for one in sys.modules if one.partition(".")[0] == "cupy"]:
            del sys.modules[name]  # CuPy without a device
        sys.path.insert(0, str(STANDIN))
        return namespace("cupy")


_DEVICE = _device()
_STANDIN = getattr(_DEVICE, "standin", None)
if _STANDIN is not None:
    _STANDIN.plug(False)  # but for the tests that ask for it there is no device


@pytest.fixture
def device():
    """The array-API namespace of a device: CuPy's where one answers, else of the stand-in for it."""
    if _STANDIN is None:
        yield _DEVICE
        return
    _STANDIN.plug(True)
    yield _DEVICE
    _STANDIN.plug(False)
    _STANDIN.look()


@pytest.fixture
def standin(device):
    """The stand-in, which counts; skipped where a device answers."""
    if _STANDIN is None:
        pytest.skip("a device answers here: nothing stands in for it")
    return _STANDIN


@pytest.fixture(params=["numpy", "device"])
def xp(request):
    """An array-API namespace."""
    return namespace() if request.param == "numpy" else request.getfixturevalue("device")

"""Shared fixtures: the array namespaces, and the Hypothesis profiles."""

import contextlib
import os

# Threads of BLAS wait for each other by spinning, which was a third of the time of some tests; set
# before NumPy is loaded, and for the processes that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import array_api_compat.numpy
import array_api_strict
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


def _namespaces():
    """Return the namespaces to test: NumPy, the strict one, and CuPy where a device answers."""
    found = {"numpy": array_api_compat.numpy, "strict": array_api_strict}
    with contextlib.suppress(InputError):
        found["cupy"] = namespace("cupy")
    return found


_NAMESPACES = _namespaces()


@pytest.fixture(params=_NAMESPACES)
def xp(request):
    """An array-API namespace."""
    return _NAMESPACES[request.param]

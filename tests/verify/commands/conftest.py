"""The page of what the fuzz counted."""

import os
import time
from pathlib import Path

import pytest
from hostile import TALLY


@pytest.fixture(scope="session", autouse=True)
def page(request):
    """Write what was counted where FUZZ_PAGE says."""
    start = time.monotonic()
    yield
    path = os.environ.get("FUZZ_PAGE")
    if path:
        failed = request.session.testsfailed
        Path(path).write_text(TALLY.page(failed, time.monotonic() - start))

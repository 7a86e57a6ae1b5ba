"""The project's tests as judges of a changed source; pytest is loaded here and nowhere else."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import pytest

Outcome = Literal["refuted", "crashed", "survived"]
# What was imported before pytest came is not rewritten, and need not be.
_QUIET = ("-q", "-p", "no:randomly", "-m", "", "-W", "ignore::pytest.PytestAssertRewriteWarning")


_CRASHES = 3


def _is_answer(error: BaseException) -> bool:
    """Whether an exception is one that theory or numerics names: an answer, and here a wrong one."""
    return type(error).__module__.split(".")[0] in ("theory", "numerics")


class _Watch:
    """Stop at the first test that a wrong answer fails, or at the third that crashes."""

    def __init__(self) -> None:
        self.refuted = ""
        self.crashed: list[str] = []
        self.ran = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[Any]
    ) -> Iterator[None]:
        report = yield
        if call.when == "call":
            self.ran += 1
        if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
            failed = call.excinfo.errisinstance((AssertionError, pytest.fail.Exception))
            if failed or _is_answer(call.excinfo.value):
                self.refuted = self.refuted or item.nodeid
                item.session.shouldstop = "refuted"
            else:
                self.crashed.append(item.nodeid)
                if len(self.crashed) == _CRASHES:
                    item.session.shouldstop = "crashed"
        return report


def judge(nodes: Sequence[str]) -> tuple[Outcome, str]:
    """What the tests say, and the one that decided."""
    os.environ["HYPOTHESIS_PROFILE"] = "audit"
    watch = _Watch()
    code = pytest.main([*nodes, *_QUIET], plugins=[watch])
    if watch.refuted:
        return "refuted", watch.refuted
    if watch.crashed or code not in (0, 1) or not watch.ran:
        return "crashed", watch.crashed[0] if watch.crashed else "collection"
    return "survived", ""


class _Reach:
    """Trace each test and say what it ran."""

    def __init__(
        self,
        traced: Callable[[Callable[[], object]], dict[str, list[int]]],
        say: Callable[[Any], None],
    ) -> None:
        self.traced, self.say = traced, say

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        names = pyfuncitem._fixtureinfo.argnames
        arguments = {name: pyfuncitem.funcargs[name] for name in names}
        start = time.process_time()
        lines = self.traced(lambda: pyfuncitem.obj(**arguments))
        self.say((pyfuncitem.nodeid, lines, time.process_time() - start))
        return True


def reach(
    paths: Sequence[str],
    traced: Callable[[Callable[[], object]], dict[str, list[int]]],
    say: Callable[[Any], None],
) -> None:
    """Say test, lines and seconds of every test of some files that passes."""
    pytest.main([*paths, *_QUIET], plugins=[_Reach(traced, say)])
    sys.stdout.flush()

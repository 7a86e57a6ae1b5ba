"""What long work shows where there is no terminal."""

import io
import time

import pytest
from cli import call
from rich.console import Console
from threadpoolctl import threadpool_info

from verify.commands import progress
from verify.commands.of_theory import counts as command


@pytest.fixture
def shown(monkeypatch):
    """What was printed."""
    file = io.StringIO()
    monkeypatch.setattr(progress.arguments, "stderr_console", lambda: Console(file=file))
    return file


def test_a_line_every_tenth_and_at_each_new_total(shown):
    with progress.watched() as seen:
        for done in range(100):
            seen(done + 1, 100, "first")
        seen(1, 3, "second")
    said = [line.split(" s  ", 1)[1] for line in shown.getvalue().splitlines()]
    assert said[0] == "1/100  first"
    assert said[-2:] == ["100/100  first", "1/3  second"]
    assert len(said) == 12


def test_short_work_shows_nothing(shown):
    with progress.watched("work", patience=600) as seen:
        seen(1, 2, "work")
        seen(2, 2, "work")
    assert shown.getvalue() == ""


def test_work_that_says_nothing_is_seen_to_go_on(shown, monkeypatch):
    monkeypatch.setattr(progress, "QUIET_S", 0.0)
    with progress.watched("work", patience=600):
        deadline = time.monotonic() + 60
        while not shown.getvalue() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert shown.getvalue().rstrip().endswith("s  work")


def test_counts_say_what_they_count_with_one_thread_of_blas(capsys, monkeypatch):
    threads, count = [], command._count

    def watched_count(*given):
        threads.extend(
            pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"
        )
        return count(*given)

    monkeypatch.setattr(command, "_count", watched_count)
    monkeypatch.setattr(command, "PATIENCE_S", 0.0)
    code, _, error = call(
        capsys, "theory", "counts", "--n", "20", "--k", "0..2", "--below", "-E_inf"
    )
    assert code == 0
    assert threads
    assert set(threads) == {1}
    said = [line.split(" s  ")[1].split("  ") for line in error.splitlines()]
    assert said == [
        ["0/4", "counting, in all"],
        *([f"{k + 1}/4", f"counting index {k}"] for k in range(3)),
    ]

"""How claims are run, and the checks of what was asked for."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from numerics.core.backend import namespace, processor
from numerics.networks.datasets import Mnist
from verify.claim import PROFILES, Claim, Profile
from verify.claims import UnknownClaim, all_claims, find
from verify.engine.executors import EXECUTORS, executor
from verify.engine.jobs import Done, Task
from verify.engine.portable import KERNEL, TAKES
from verify.engine.provenance import source_digest
from verify.engine.queue import Queue

Progress = Callable[[int, int, str], None]


MOST_WORKERS = 4096


class RunError(ValueError):
    """Bad input: one line that names the argument, what it got and what it takes."""


@dataclass(frozen=True)
class Options:
    """How to run; see `run`."""

    profile: Profile = "standard"
    seed: int = 0
    backend: str = "numpy"
    executor: str = "process"
    workers: int = 0
    scheduler: str | None = None
    store: Path | None = None
    portable: bool = False
    mnist: Mnist | None = None
    progress: Progress = field(default=lambda done, total, what: None)
    notice: Callable[[str], None] = field(default=lambda line: None)

    @property
    def run_tasks(self) -> Callable[[Sequence[Task] | Queue], Iterator[Done]]:
        """The executor, ready to be given tasks."""
        return executor(self.executor, self.workers or os.cpu_count() or 1, self.scheduler)

    @property
    def run_here(self) -> Callable[[Sequence[Task] | Queue], Iterator[Done]]:
        """An executor for what must be run on this machine."""
        here = "process" if self.executor == "dask" else self.executor
        return executor(here, self.workers or os.cpu_count() or 1)


def _bad(argument: str, got: object, takes: str) -> RunError:
    """The one-line error, whatever was got."""
    shown = repr(got if not isinstance(got, str) else got[:60])
    return RunError(f"{argument}: got {' '.join(shown.split())[:80]}; takes {takes}")


def _word(argument: str, got: object, among: Sequence[str]) -> None:
    if not isinstance(got, str) or got not in among:
        raise _bad(argument, got, ", ".join(among))


def _integer(argument: str, got: object, most: int, takes: str) -> None:
    try:
        number = operator.index(got)  # type: ignore[arg-type]
    except TypeError:
        raise _bad(argument, got, takes) from None
    if isinstance(got, bool) or not 0 <= number <= most:
        raise _bad(argument, got, takes)


def check_options(ids: Sequence[str] | None, options: Options) -> list[Claim]:
    """The claims to run; RunError or numerics.InputError if an argument is not usable."""
    source_digest()  # taken before any claim is imported
    _word("--profile", options.profile, PROFILES)
    _word("--executor", options.executor, EXECUTORS)
    if options.scheduler is not None and options.executor != "dask":
        raise _bad(
            "--scheduler",
            options.scheduler,
            f"--executor dask beside it, not {options.executor}",
        )
    if not isinstance(options.scheduler, str | None):
        raise _bad("--scheduler", options.scheduler, "tcp://host:port of a scheduler")
    _integer("--seed", options.seed, 2**63 - 1, "an integer from 0 to 2^63 - 1")
    _integer("--workers", options.workers, MOST_WORKERS, f"an integer from 0 to {MOST_WORKERS}")
    namespace(options.backend)
    if options.portable and options.backend != "numpy":
        raise _bad("--portable", options.backend, "--backend numpy beside it")
    if options.portable and not processor().startswith(KERNEL):
        raise _bad("--portable", processor(), TAKES)
    if ids is None:
        return list(all_claims().values())
    if not isinstance(ids, list | tuple) or not all(isinstance(name, str) for name in ids):
        raise _bad("ids", ids, "a list of claim ids")
    try:
        return list({claim.id: claim for claim in map(find, ids)}.values())
    except UnknownClaim as error:
        raise _bad("ID", error.args[0], f"one of {', '.join(all_claims())}") from error

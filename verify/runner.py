"""Run claims: the missing work, each claim's judgement as soon as its work is done, the verdicts.

Work that a store already holds is not repeated; what is computed is merged in a fixed order, so
that workers and restarts change no bit. Sampled claims are judged in two looks: Holm over all of
them, then Holm over those flagged, on fresh streams of equal size.
"""

from __future__ import annotations

import operator
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numerics.backend import namespace
from verify import statistics
from verify.claim import PROFILES, Cell, Claim, Profile, Proof, Sampled, Series, Verdict
from verify.claims import UnknownClaim, all_claims, find, module_of
from verify.executors import EXECUTORS, executor
from verify.jobs import Done, Queue, Remaining, Task, in_words
from verify.judging import AlternativeResult, Judgement, verdict_of
from verify.provenance import simulation_digest
from verify.store import Store, key_of

Progress = Callable[[int, int, str], None]
MOST_WORKERS = 4096
WORTH_SAYING = 60.0  # seconds left, once that is known


class RunError(ValueError):
    """Bad input: one line that names the argument, what it got and what it takes."""


@dataclass(frozen=True)
class Result:
    """A claim's verdict with everything that the report prints of it."""

    claim: Claim
    verdict: Verdict
    reason: str
    p_value: float | None
    cells: list[Cell]
    alternatives: list[AlternativeResult]
    sensitivity: dict[str, float]
    series: list[Series]
    seconds: float

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the claim expects."""
        return self.verdict == self.claim.expected


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
    if ids is None:
        return list(all_claims().values())
    if not isinstance(ids, list | tuple) or not all(isinstance(name, str) for name in ids):
        raise _bad("ids", ids, "a list of claim ids")
    try:
        return list({claim.id: claim for claim in map(find, ids)}.values())
    except UnknownClaim as error:
        raise _bad("ID", error.args[0], f"one of {', '.join(all_claims())}") from error


def run_claims(ids: Sequence[str] | None, options: Options) -> list[Result]:
    """Run the claims (all if ids is None) and judge them.

    Raises
    ------
    RunError
        For an unknown claim, profile or executor, a bad seed or number of workers.
    """
    claims = check_options(ids, options)
    sampled = sum(isinstance(claim.evidence, Sampled) for claim in claims)
    level = statistics.LOOK_LEVEL / max(1, sampled)
    opened: AbstractContextManager[Store | None] = (
        nullcontext() if options.store is None else Store(options.store)
    )
    with opened as store:
        first = _Look(claims, 1, options, store, level)
        first.work()
        flagged = statistics.holm(first.p_values(), statistics.LOOK_LEVEL)
        again = [claim for claim in claims if claim.id in flagged]
        second = _Look(again, 2, options, store, level)
        second.work()
        confirmed = statistics.holm(second.p_values(), statistics.LOOK_LEVEL)
    return [_result(claim, first, second, claim.id in confirmed) for claim in claims]


def _result(claim: Claim, first: _Look, second: _Look, confirmed: bool) -> Result:
    """The verdict; whatever failed on the way to it is the verdict `error`."""
    seconds = first.seconds[claim.id] + second.seconds[claim.id]
    error = first.errors.get(claim.id) or second.errors.get(claim.id)
    if error is not None:
        return Result(claim, "error", error, None, [], [], {}, [], seconds)
    found = first.judgements[claim.id]
    verdict, reason = verdict_of(claim, found, confirmed)
    return Result(claim, verdict, reason, **vars(found), seconds=seconds)


class _Look:
    """The judgements of some claims in one look at fresh streams."""

    def __init__(
        self,
        claims: Sequence[Claim],
        look: int,
        options: Options,
        store: Store | None,
        level: float,
    ) -> None:
        self.claims = claims
        self.look = look
        self.options = options
        self.store = store
        self.level = level
        self.errors: dict[str, str] = {}
        self.seconds: dict[str, float] = defaultdict(float)
        self.judgements: dict[str, Judgement] = {}
        self._digests = {
            claim.id: simulation_digest(module_of(claim))
            for claim in claims
            if getattr(claim.evidence, "simulate", None) is not None
        }
        self._keys: dict[str, list[list[str]]] = {}
        self._given: dict[str, dict[tuple[Any, ...], Any]] = {claim.id: {} for claim in claims}

    def work(self) -> None:
        """Take from the store what it has, compute and keep the rest, judge what is complete."""
        options = self.options
        todo = [task for claim in self.claims for task in self._tasks(claim)]
        missing = [task for task in todo if not self._recall(task)]
        while self.store is not None and self.store.damaged:
            options.notice(f"{self.store.damaged.pop(0)}; what is missing is computed again")
        queue = Queue(missing)
        # Judgements read the store, so they are run here: beside the rest, or after what runs elsewhere.
        judging = Queue([]) if options.executor == "dask" else queue
        left = Counter(task.tag[0] for task in missing)
        for claim in self.claims:
            if not left[claim.id]:
                judging.add(self._judging(claim.id))
        total, done = len(todo) + len(self.claims), len(todo) - len(missing)
        if done:
            options.progress(done, total, f"{done} of {len(todo)} from the store")
        remaining, told = Remaining(missing), False
        for finished in self._finished(queue, judging):
            claim_id = finished.task.tag[0]
            self._keep(finished)
            done += 1
            if finished.task.name != "judge":
                remaining.learn(finished)
                left[claim_id] -= 1
                if not left[claim_id] and claim_id in self.errors:
                    done += 1  # there is nothing to judge
                elif not left[claim_id]:
                    judging.add(self._judging(claim_id))
            seconds = remaining.seconds()
            what = f"{finished.task.name} {claim_id}" if finished.task.name == "judge" else claim_id
            if seconds is not None and left.total():
                what += f", about {in_words(seconds)} left"
                if not told and seconds > WORTH_SAYING:
                    options.notice(f"about {in_words(seconds)} for the {total - done} tasks left")
                told = True
            options.progress(done, total, what)

    def _finished(self, queue: Queue, judging: Queue) -> Iterator[Done]:
        yield from self.options.run_tasks(queue)
        yield from self.options.run_here(judging)

    def _tasks(self, claim: Claim) -> Iterator[Task]:
        """All that the judgement of a claim needs; notes the keys of its chunks."""
        evidence, options = claim.evidence, self.options
        self._keys[claim.id] = [[] for _ in evidence.grid]
        for index, params in enumerate(evidence.grid):
            if isinstance(evidence, Proof):
                names = [None, *(a.name for a in claim.alternatives)]
                for name in names:
                    yield Task((claim.id, index, name), "prove", (claim.id, index, name))
            elif evidence.simulate is not None:
                chunks = evidence.chunks(options.profile, params) if evidence.chunks else 0
                for chunk in range(chunks):
                    arguments = (claim.id, index, chunk, self.look, options.seed)
                    task = Task(
                        (claim.id, index, chunk), "simulate", (*arguments, options.backend, None)
                    )
                    self._keys[claim.id][index].append(key_of(self._job(task)))
                    yield task
            else:
                names = [None, *(a.name for a in claim.alternatives if "sequence" in a.change)]
                for name in names:
                    exact = (claim.id, index, options.profile, name)
                    yield Task((claim.id, index, name), "sequence", exact)

    def _judging(self, claim_id: str) -> Task:
        store = None if self.store is None else str(self.store.path.absolute())
        arguments = (claim_id, store, self._keys[claim_id], self._given[claim_id], self.level)
        return Task((claim_id, "judge"), "judge", arguments)

    def _job(self, task: Task) -> dict[str, Any]:
        claim_id, index, chunk, look, seed, backend, _ = task.arguments
        return {
            "claim": claim_id,
            "cell": dict(find(claim_id).evidence.grid[index]),
            "chunk": chunk,
            "look": look,
            "seed": seed,
            "backend": backend,
            "digest": self._digests[claim_id],
        }

    def _recall(self, task: Task) -> bool:
        if self.store is None or task.name != "simulate":
            return False
        claim_id, index, chunk = task.tag
        seconds = self.store.seconds(self._keys[claim_id][index][chunk])
        self.seconds[claim_id] += seconds or 0.0
        return seconds is not None

    def _keep(self, done: Done) -> None:
        claim_id, name = done.task.tag[0], done.task.name
        self.seconds[claim_id] += done.seconds
        if done.error is not None:
            self.errors.setdefault(claim_id, done.error)
        elif name == "judge":
            self.judgements[claim_id] = done.result
            del self._given[claim_id]
        elif name == "simulate" and self.store is not None:
            job = self._job(done.task)
            self.store.put(key_of(job), job, done.result, done.seconds)
        else:
            self._given[claim_id][done.task.tag[1:]] = done.result

    def p_values(self) -> dict[str, float]:
        """One p-value for each sampled claim that was judged; without data it is 1."""
        return {
            claim.id: 1.0 if found.p_value is None else found.p_value
            for claim in self.claims
            if isinstance(claim.evidence, Sampled)
            and (found := self.judgements.get(claim.id)) is not None
        }

"""Run claims: the missing work, then the verdicts.

Work that a store already holds is not repeated; what is computed is merged in a fixed order, so
that workers and restarts change no bit. Sampled claims are judged in two looks: Holm over all of
them, then Holm over those flagged, on fresh streams of equal size.
"""

from __future__ import annotations

import operator
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numerics.backend import namespace
from verify import statistics
from verify.claim import (
    PROFILES,
    Alternative,
    Cell,
    Claim,
    Data,
    Limit,
    Observation,
    Profile,
    Proof,
    Sampled,
    Series,
    Verdict,
    merge,
)
from verify.claims import UnknownClaim, all_claims, find, module_of
from verify.executors import EXECUTORS, executor
from verify.jobs import Done, Remaining, Task, in_words
from verify.provenance import simulation_digest
from verify.store import Store, key_of

Progress = Callable[[int, int, str], None]
MOST_WORKERS = 4096
WORTH_SAYING = 60.0  # seconds left, once that is known


class RunError(ValueError):
    """Bad input: one line that names the argument, what it got and what it takes."""


@dataclass(frozen=True)
class AlternativeResult:
    """What the samples say of a wrong theory."""

    name: str
    why: str
    verdict: Verdict
    p_value: float | None


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
    def run_tasks(self) -> Callable[[Sequence[Task]], Iterator[Done]]:
        """The executor, ready to be given tasks."""
        return executor(self.executor, self.workers or os.cpu_count() or 1, self.scheduler)


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
        return [find(name) for name in ids]
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
    store: AbstractContextManager[Store | None] = (
        nullcontext() if options.store is None else Store(options.store)
    )
    with store as opened:
        first = _Look(claims, 1, options, opened)
        first.work()
        p_values = first.p_values([c for c in claims if isinstance(c.evidence, Sampled)])
        flagged = statistics.holm(p_values, statistics.LOOK_LEVEL)
        again = [claim for claim in claims if claim.id in flagged]
        second = _Look(again, 2, options, opened)
        second.work()
        confirmed = statistics.holm(second.p_values(again), statistics.LOOK_LEVEL)
        level = statistics.LOOK_LEVEL / max(1, len(p_values))
        return [_judged(claim, first, second, confirmed, level) for claim in claims]


class _Look:
    """The data of some claims in one look at fresh streams."""

    def __init__(
        self, claims: Sequence[Claim], look: int, options: Options, store: Store | None
    ) -> None:
        self.claims = claims
        self.look = look
        self.options = options
        self.store = store
        self.errors: dict[str, str] = {}
        self.seconds: dict[str, float] = dict.fromkeys((c.id for c in claims), 0.0)
        self._results: dict[tuple[Any, ...], Any] = {}

    def work(self) -> None:
        """Take from the store what it has, compute and keep the rest."""
        todo = [task for claim in self.claims for task in self._tasks(claim)]
        missing = [task for task in todo if not self._recall(task)]
        options = self.options
        while self.store is not None and self.store.damaged:
            options.notice(f"{self.store.damaged.pop(0)}; what is missing is computed again")
        total, done = len(todo), len(todo) - len(missing)
        if done:
            options.progress(done, total, f"{done} of {total} from the store")
        remaining, told = Remaining(missing), False
        for finished in options.run_tasks(missing):
            self._keep(finished)
            remaining.learn(finished)
            done += 1
            seconds = remaining.seconds()
            what = str(finished.task.arguments[0])
            if seconds is not None and done < total:
                what += f", about {in_words(seconds)} left"
                if not told and seconds > WORTH_SAYING:
                    options.notice(f"about {in_words(seconds)} for the {total - done} tasks left")
                told = True
            options.progress(done, total, what)

    def _tasks(self, claim: Claim) -> Iterator[Task]:
        evidence, options = claim.evidence, self.options
        for index, params in enumerate(evidence.grid):
            if isinstance(evidence, Proof):
                names = [None, *(a.name for a in claim.alternatives)]
                for name in names:
                    yield Task((claim.id, index, name), "prove", (claim.id, index, name))
            elif evidence.simulate is not None:
                chunks = evidence.chunks(options.profile, params) if evidence.chunks else 0
                for chunk in range(chunks):
                    arguments = (claim.id, index, chunk, self.look, options.seed)
                    yield Task(
                        (claim.id, index, chunk), "simulate", (*arguments, options.backend, None)
                    )
            else:
                names = [None, *(a.name for a in claim.alternatives if "sequence" in a.change)]
                for name in names:
                    exact = (claim.id, index, options.profile, name)
                    yield Task((claim.id, index, name), "sequence", exact)

    def _job(self, task: Task) -> dict[str, Any]:
        claim_id, index, chunk, look, seed, backend, _ = task.arguments
        claim = find(claim_id)
        return {
            "claim": claim_id,
            "cell": dict(claim.evidence.grid[index]),
            "chunk": chunk,
            "look": look,
            "seed": seed,
            "backend": backend,
            "digest": simulation_digest(module_of(claim)),
        }

    def _recall(self, task: Task) -> bool:
        if self.store is None or task.name != "simulate":
            return False
        kept = self.store.get(key_of(self._job(task)))
        if kept is None:
            return False
        self._results[task.tag] = kept[0]
        self.seconds[task.tag[0]] += kept[1]
        return True

    def _keep(self, done: Done) -> None:
        claim_id = done.task.tag[0]
        self.seconds[claim_id] += done.seconds
        if done.error is not None:
            self.errors.setdefault(claim_id, done.error)
            return
        self._results[done.task.tag] = done.result
        if self.store is not None and done.task.name == "simulate":
            job = self._job(done.task)
            self.store.put(key_of(job), job, done.result, done.seconds)

    def _data(self, claim: Claim, index: int, name: str | None) -> Data | None:
        evidence = claim.evidence
        if isinstance(evidence, Proof) or evidence.simulate is None:
            exact: Data = self._results[claim.id, index, name]
            return exact
        chunks = (
            evidence.chunks(self.options.profile, evidence.grid[index]) if evidence.chunks else 0
        )
        return merge([self._results[claim.id, index, c] for c in range(chunks)]) if chunks else None

    def observations(
        self, claim: Claim, change: Mapping[str, Callable[..., Any]], name: str | None = None
    ) -> list[Observation]:
        """Predictions (of the theory, as changed) beside the data, over the grid."""
        evidence = claim.evidence
        assert isinstance(evidence, Sampled | Limit)
        predict = change.get("predict", evidence.predict)
        seen = []
        for index, params in enumerate(evidence.grid):
            data = self._data(claim, index, name if "sequence" in change else None)
            if data is not None:
                seen.append(Observation(params, predict(params), data))
        return seen

    def cells(self, claim: Claim, alternative: Alternative | None = None) -> list[Cell]:
        """The comparisons of a claim's own theory, or of a wrong one, on the same data."""
        evidence = claim.evidence
        name = alternative.name if alternative else None
        if isinstance(evidence, Proof):
            return [
                cell
                for index in range(len(evidence.grid))
                for cell in self._results[claim.id, index, name]
            ]
        change = alternative.change if alternative else {}
        return evidence.compare(self.observations(claim, change, name))

    def p_values(self, claims: Sequence[Claim]) -> dict[str, float]:
        """One p-value a claim; a claim whose comparison fails is noted in ``errors``."""
        found = {}
        for claim in claims:
            if claim.id not in self.errors:
                try:
                    found[claim.id] = statistics.joint_p_value(self.cells(claim))
                except Exception:
                    self.errors[claim.id] = traceback.format_exc()
        return found


def _judge_alternative(look: _Look, claim: Claim, alternative: Alternative) -> AlternativeResult:
    cells = look.cells(claim, alternative)
    if isinstance(claim.evidence, Proof):
        verdict: Verdict = "refuted" if any(c.holds is False for c in cells) else "inconclusive"
        return AlternativeResult(alternative.name, alternative.why, verdict, None)
    p_value = statistics.joint_p_value(cells)
    verdict = "refuted" if p_value < statistics.ALTERNATIVE_LEVEL else "inconclusive"
    return AlternativeResult(alternative.name, alternative.why, verdict, p_value)


def _own_verdict(
    claim: Claim, cells: list[Cell], confirmed: set[str]
) -> tuple[Verdict, str, float | None]:
    if isinstance(claim.evidence, Proof):
        failed = [c for c in cells if c.holds is False]
        if failed:
            return "refuted", f"false: {failed[0].quantity} at {dict(failed[0].params)}", None
        undecided = [c for c in cells if c.holds is not True]
        if undecided or not cells:
            what = undecided[0].quantity if undecided else "nothing"
            return "inconclusive", f"undecided: {what}", None
        return "supported", f"{len(cells)} statements proved", None
    p_value = statistics.joint_p_value(cells)
    worst = min(cells, key=lambda c: 1.0 if c.p_value is None else c.p_value, default=None)
    where = f"{worst.quantity} at {dict(worst.params)}" if worst else "no data in this profile"
    if worst is None:
        return "inconclusive", where, None
    if isinstance(claim.evidence, Limit):
        if p_value < statistics.EQUIVALENCE_LEVEL:
            return "refuted", f"outside its margin: {where}", p_value
        loose = [c for c in cells if c.margin is not None and not statistics.within(c)]
        if loose:
            return "inconclusive", f"interval not inside the margin: {loose[0].quantity}", p_value
        return "supported", f"{len(cells)} comparisons within their margins", p_value
    if claim.id in confirmed:
        return "refuted", f"both looks disagree with the theory; first at {where}", p_value
    return "supported", f"{len(cells)} comparisons, smallest p at {where}", p_value


def _judged(claim: Claim, first: _Look, second: _Look, confirmed: set[str], level: float) -> Result:
    """The verdict; whatever fails on the way to it is the verdict `error`, and the rest goes on."""
    seconds = first.seconds[claim.id] + second.seconds.get(claim.id, 0.0)
    error = first.errors.get(claim.id) or second.errors.get(claim.id)
    if error is None:
        try:
            return _judge(claim, first, confirmed, level, seconds)
        except Exception:
            error = traceback.format_exc()
    return Result(claim, "error", error, None, [], [], {}, [], seconds)


def _judge(claim: Claim, first: _Look, confirmed: set[str], level: float, seconds: float) -> Result:
    cells = first.cells(claim)
    verdict, reason, p_value = _own_verdict(claim, cells, confirmed)
    alternatives = [
        _judge_alternative(first, claim, a)
        for a in claim.alternatives
        if set(a.change) != {"simulate"}
    ]
    if verdict == "supported":
        confused = [a.name for a in alternatives if a.verdict != "refuted"]
        if confused:
            verdict, reason = "inconclusive", "cannot tell from: " + "; ".join(confused)
        elif not alternatives:
            verdict, reason = "inconclusive", "no wrong theory was put to the test"
    evidence = claim.evidence
    series = (
        list(evidence.series())
        if isinstance(evidence, Proof)
        else evidence.series(first.observations(claim, {}))
    )
    sensitivity = _sensitivity(claim, first, cells, level)
    return Result(
        claim, verdict, reason, p_value, cells, alternatives, sensitivity, series, seconds
    )


def _sensitivity(
    claim: Claim, look: _Look, cells: list[Cell], level: float, eps: float = 1e-4
) -> dict[str, float]:
    """Smallest relative change of each constant that would be refuted with power 0.99."""
    evidence = claim.evidence
    if isinstance(evidence, Proof) or not cells:
        return {}
    if isinstance(evidence, Limit):
        level = statistics.EQUIVALENCE_LEVEL
    found = {}
    for name, shifted_predict in evidence.constants.items():
        shifted = evidence.compare(
            look.observations(claim, {"predict": lambda p, f=shifted_predict: f(p, eps)})
        )
        change = statistics.smallest_refuted_change(cells, shifted, eps, level)
        if change is not None:
            found[name] = change
    return found

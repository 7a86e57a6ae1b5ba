"""One look at the claims: the missing work, and each claim's judgement as soon as its work is done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from numerics.core.backend import processor
from numerics.networks.datasets import Mnist
from verify.claim import Claim, Judgement, Piece, Setting, of_mnist
from verify.claims import find, module_of
from verify.engine.jobs import Done, Task
from verify.engine.options import Options
from verify.engine.provenance import simulation_digest
from verify.engine.queue import Queue, Remaining, in_words
from verify.engine.store import Store, key_of
from verify.engine.tasks import judge, work

WORTH_SAYING = 60.0  # seconds left, once that is known


@dataclass
class _Work:
    """What is known of the work of one claim: keys of its chunks, and pieces that no store keeps."""

    digest: str
    keys: dict[Piece, str] = field(default_factory=dict)
    given: dict[Piece, Any] = field(default_factory=dict)


class Look:
    """The judgements of some claims in one look at fresh streams."""

    def __init__(
        self,
        claims: Sequence[Claim],
        look: int,
        options: Options,
        store: Store | None,
        level: float,
        mnist: Mnist | None = None,
    ) -> None:
        """Nothing is done yet; ``level`` is that at which a claim's own theory would be refuted."""
        self.claims = claims
        self.setting = Setting(options.profile, options.seed, look, options.backend, mnist)
        self._backend = (
            options.backend if options.backend == "numpy" else processor(options.backend)
        )
        self.options = options
        self.store = store
        self.level = level
        self.errors: dict[str, str] = {}
        self.seconds: dict[str, float] = defaultdict(float)
        self.judgements: dict[str, Judgement] = {}
        self._work = {
            claim.id: _Work(simulation_digest(module_of(claim)) if claim.evidence.simulated else "")
            for claim in claims
        }

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
            judged = finished.task.function is judge
            if not judged:
                remaining.learn(finished)
                left[claim_id] -= 1
                if not left[claim_id] and claim_id in self.errors:
                    done += 1  # there is nothing to judge
                elif not left[claim_id]:
                    judging.add(self._judging(claim_id))
            seconds = remaining.seconds()
            what = f"judge {claim_id}" if judged else claim_id
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
        for piece in claim.evidence.pieces(self.options.profile, claim.alternatives):
            if self.setting.mnist is None and of_mnist(claim.evidence.grid[piece.point]):
                continue
            arguments = {"claim_id": claim.id, "piece": piece, "setting": self.setting}
            last = piece.alternative if piece.chunk is None else piece.chunk
            if claim.evidence.simulated:
                self._work[claim.id].keys[piece] = key_of(self._job(claim.id, piece))
            yield Task((claim.id, piece.point, last), work, arguments)

    def _job(self, claim_id: str, piece: Piece) -> dict[str, Any]:
        """What decides the numbers of a chunk: of MNIST the data, wherever they lie."""
        cell = dict(find(claim_id).evidence.grid[piece.point])
        mnist = self.setting.mnist
        return {
            **({"mnist": mnist.digest} if mnist is not None and of_mnist(cell) else {}),
            "claim": claim_id,
            "cell": cell,
            "chunk": piece.chunk,
            "look": self.setting.look,
            "seed": self.setting.seed,
            "backend": self._backend,
            "digest": self._work[claim_id].digest,
        }

    def _judging(self, claim_id: str) -> Task:
        known = self._work[claim_id]
        arguments = {
            "claim_id": claim_id,
            "store": None if self.store is None else str(self.store.path.absolute()),
            "keys": known.keys,
            "given": known.given,
            "level": self.level,
        }
        return Task((claim_id, "judge"), judge, arguments)

    def _recall(self, task: Task) -> bool:
        claim_id, piece = task.arguments["claim_id"], task.arguments["piece"]
        key = self._work[claim_id].keys.get(piece)
        if self.store is None or key is None:
            return False
        seconds = self.store.seconds(key)
        self.seconds[claim_id] += seconds or 0.0
        return seconds is not None

    def _keep(self, done: Done) -> None:
        claim_id = done.task.tag[0]
        self.seconds[claim_id] += done.seconds
        if done.error is not None:
            self.errors.setdefault(claim_id, done.error)
            return
        if done.task.function is judge:
            self.judgements[claim_id] = done.result
            self._work[claim_id].given.clear()
            return
        piece = done.task.arguments["piece"]
        key = self._work[claim_id].keys.get(piece)
        if self.store is None or key is None:
            self._work[claim_id].given[piece] = done.result
        else:
            self.store.put(key, self._job(claim_id, piece), done.result, done.seconds)

    def p_values(self) -> dict[str, float]:
        """One p-value for each sampled claim that was judged; without data it is 1."""
        return {
            claim.id: 1.0 if found.p_value is None else found.p_value
            for claim in self.claims
            if claim.evidence.looks == 2 and (found := self.judgements.get(claim.id)) is not None
        }

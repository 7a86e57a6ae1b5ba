"""One look at the claims: the missing work, and each claim's judgement as soon as its work is done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from verify.claim import Claim, Proof, Sampled
from verify.claims import find, module_of
from verify.engine.jobs import Done, Task
from verify.engine.judging import Judgement, judge
from verify.engine.options import Options
from verify.engine.provenance import simulation_digest
from verify.engine.queue import Queue, Remaining, in_words
from verify.engine.store import Store, key_of
from verify.engine.tasks import prove, sequence, simulate

WORTH_SAYING = 60.0  # seconds left, once that is known


class Look:
    """The judgements of some claims in one look at fresh streams."""

    def __init__(
        self,
        claims: Sequence[Claim],
        look: int,
        options: Options,
        store: Store | None,
        level: float,
    ) -> None:
        """Nothing is done yet; ``level`` is that at which a claim's own theory would be refuted."""
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
        evidence, options = claim.evidence, self.options
        self._keys[claim.id] = [[] for _ in evidence.grid]
        for index, params in enumerate(evidence.grid):
            asked: dict[str, Any] = {"claim_id": claim.id, "index": index}
            if isinstance(evidence, Proof):
                names = [None, *(a.name for a in claim.alternatives)]
                for name in names:
                    yield Task((claim.id, index, name), prove, {**asked, "alternative": name})
            elif evidence.simulate is not None:
                chunks = evidence.chunks(options.profile, params) if evidence.chunks else 0
                for chunk in range(chunks):
                    drawn = {
                        **asked,
                        "chunk": chunk,
                        "look": self.look,
                        "seed": options.seed,
                        "backend": options.backend,
                        "alternative": None,
                    }
                    task = Task((claim.id, index, chunk), simulate, drawn)
                    self._keys[claim.id][index].append(key_of(self._job(task)))
                    yield task
            else:
                names = [None, *(a.name for a in claim.alternatives if "sequence" in a.change)]
                for name in names:
                    exact = {**asked, "profile": options.profile, "alternative": name}
                    yield Task((claim.id, index, name), sequence, exact)

    def _judging(self, claim_id: str) -> Task:
        store = None if self.store is None else str(self.store.path.absolute())
        arguments = {
            "claim_id": claim_id,
            "store": store,
            "keys": self._keys[claim_id],
            "given": self._given[claim_id],
            "level": self.level,
        }
        return Task((claim_id, "judge"), judge, arguments)

    def _job(self, task: Task) -> dict[str, Any]:
        drawn = task.arguments
        claim_id = drawn["claim_id"]
        return {
            "claim": claim_id,
            "cell": dict(find(claim_id).evidence.grid[drawn["index"]]),
            "chunk": drawn["chunk"],
            "look": drawn["look"],
            "seed": drawn["seed"],
            "backend": drawn["backend"],
            "digest": self._digests[claim_id],
        }

    def _recall(self, task: Task) -> bool:
        if self.store is None or task.function is not simulate:
            return False
        claim_id, index, chunk = task.tag
        seconds = self.store.seconds(self._keys[claim_id][index][chunk])
        self.seconds[claim_id] += seconds or 0.0
        return seconds is not None

    def _keep(self, done: Done) -> None:
        claim_id, function = done.task.tag[0], done.task.function
        self.seconds[claim_id] += done.seconds
        if done.error is not None:
            self.errors.setdefault(claim_id, done.error)
        elif function is judge:
            self.judgements[claim_id] = done.result
            del self._given[claim_id]
        elif function is simulate and self.store is not None:
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

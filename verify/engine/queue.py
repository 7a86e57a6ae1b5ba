"""Group tasks into jobs by what they were seen to cost.

A job is what travels to a worker and back. One task of every kind is run first, which prices all
that is left; from then on a job holds as many tasks of one kind as take about `JOB_SECONDS`,
dearest kind first, and fewer towards the end, so that no worker is left with a long one. Chunk
sizes are constants of the claims: grouping changes no number.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any

from verify.engine.jobs import Done, Task

JOB_SECONDS = 1.0  # far above the cost of a round trip; what a killed worker may lose


ATTEMPTS = 3  # of a task whose worker dies


LEAST_LIMIT = 1800.0  # seconds that any task may take before it is stopped
LIMIT = 100.0  # times the price of a task that it may take
PATIENCE = 5.0  # seconds of results before the pace is known


Job = tuple[Task, ...]


class Queue:
    """The tasks not yet given to a worker, and what their kinds cost.

    Parameters
    ----------
    todo
        The tasks; any order of them gives the same results.
    job_seconds
        What a job should take; 0 gives every task a job of its own.
    least_limit
        Seconds that any task may take; dearer ones may take `LIMIT` times their price.

    Examples
    --------
    >>> queue = Queue([Task(("A", chunk), print, {}) for chunk in range(100)])
    >>> probe = queue.take(workers=2)
    >>> len(probe)
    1
    >>> queue.learn([Done(probe[0], None, 0.1, 0.1, None)])
    >>> len(queue.take(workers=2)), len(queue.take(workers=20))
    (10, 2)
    """

    def __init__(
        self,
        todo: Sequence[Task],
        job_seconds: float = JOB_SECONDS,
        least_limit: float = LEAST_LIMIT,
    ) -> None:
        """Nothing is given out yet."""
        self._least_limit = least_limit
        self._waiting: dict[tuple[Any, ...], deque[Task]] = {}
        self._unprobed: deque[tuple[Any, ...]] = deque()
        self._prices = Prices()
        self._suspects: deque[Task] = deque()
        self._deaths: Counter[tuple[Any, ...]] = Counter()
        self._job_seconds = job_seconds
        for task in todo:
            self.add(task)

    def __len__(self) -> int:
        return len(self._suspects) + sum(map(len, self._waiting.values()))

    def add(self, task: Task) -> None:
        """One more task, which others had to come before."""
        if task.kind not in self._waiting and self._prices.of(task.kind) is None:
            self._unprobed.append(task.kind)
        self._waiting.setdefault(task.kind, deque()).append(task)

    @property
    def suspects(self) -> bool:
        """Whether the next job is a single task that was seen in a death."""
        return bool(self._suspects)

    def _pop(self, kind: tuple[Any, ...], count: int) -> Job:
        waiting = self._waiting[kind]
        job = tuple(waiting.popleft() for _ in range(min(count, len(waiting))))
        if not waiting:
            del self._waiting[kind]
        return job

    def take(self, workers: int) -> Job:
        """The next job, for one of so many workers; the queue must not be empty."""
        if self._suspects:
            return (self._suspects.popleft(),)
        if self._unprobed:
            return self._pop(self._unprobed.popleft(), 1)
        priced = {k: p for k in self._waiting if (p := self._prices.of(k)) is not None}
        if not priced:
            return self._pop(next(iter(self._waiting)), 1)
        left = sum(price * len(self._waiting[kind]) for kind, price in priced.items())
        dearest = max(priced, key=lambda kind: priced[kind])
        seconds = min(self._job_seconds, left / (2 * workers))
        return self._pop(dearest, max(1, round(seconds / max(priced[dearest], 1e-6))))

    def learn(self, finished: Sequence[Done]) -> None:
        """Note what tasks took."""
        for done in finished:
            self._prices.learn(done.task.kind, done.elapsed)

    def suspect(self, job: Job) -> None:
        """Take back a job that may have killed its worker: each of its tasks is run alone."""
        self._suspects.extend(job)

    def died(self, job: Job) -> list[Done]:
        """Take back a job that was alone with its worker when that died.

        The tasks of a job of several are run again one at a time; a single task is guilty, and
        given up at its last attempt. Returns the errors of those given up.
        """
        if len(job) > 1:
            self.suspect(job)
            return []
        (task,) = job
        name = (task.name, *task.tag)
        self._deaths[name] += 1
        if self._deaths[name] < ATTEMPTS:
            self.suspect(job)
            return []
        why = f"the worker process died {ATTEMPTS} times in this task: {task.name} {task.tag}"
        return [Done(task, None, 0.0, 0.0, why)]

    def limit(self, job: Job) -> float:
        """Seconds after which a job is stopped: far more than its tasks were seen to take."""
        return sum(
            max(self._least_limit, LIMIT * (self._prices.of(task.kind) or 0.0)) for task in job
        )

    def out_of_time(self, job: Job) -> list[Done]:
        """Take back a job that was stopped: a single task is given up, several are run alone."""
        if len(job) > 1:
            self.suspect(job)
            return []
        (task,) = job
        why = f"stopped after {self.limit(job):.0f} s, its limit: {task.name} {task.tag}"
        return [Done(task, None, 0.0, 0.0, why)]


class Prices:
    """Mean seconds of the tasks of each kind, as seen so far.

    The first of a kind may also load and compile what it needs: it counts only until there is
    another.

    Examples
    --------
    >>> prices = Prices()
    >>> prices.learn(("simulate", "A"), 2.0)
    >>> prices.of(("simulate", "A")), prices.of(("simulate", "B"))
    (2.0, None)
    >>> prices.learn(("simulate", "A"), 0.5)
    >>> prices.of(("simulate", "A"))
    0.5
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._first: dict[tuple[Any, ...], float] = {}
        self._others: dict[tuple[Any, ...], tuple[float, int]] = {}

    def learn(self, kind: tuple[Any, ...], seconds: float) -> None:
        """Note what a task took."""
        if kind not in self._first:
            self._first[kind] = seconds
            return
        total, tasks = self._others.get(kind, (0.0, 0))
        self._others[kind] = (total + seconds, tasks + 1)

    def of(self, kind: tuple[Any, ...]) -> float | None:
        """The price of a task of that kind, None until one has been seen."""
        if kind in self._others:
            total, tasks = self._others[kind]
            return total / tasks
        return self._first.get(kind)


class Remaining:
    """How long the tasks that are left will take, from what the others took.

    Parameters
    ----------
    todo
        The tasks.
    clock
        Seconds that only rise.

    Examples
    --------
    >>> from itertools import count
    >>> tasks = [Task(("A", chunk), print, {}) for chunk in range(100)]
    >>> remaining = Remaining(tasks, clock=count(step=10).__next__)
    >>> for task in tasks[:2]:  # the second comes ten seconds after the first
    ...     remaining.learn(Done(task, None, 20.0, 20.0, None))
    >>> remaining.seconds()  # at the pace of one in ten seconds: two workers, it seems
    980.0
    """

    def __init__(self, todo: Sequence[Task], clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing has ended yet."""
        self._left = Counter(task.kind for task in todo)
        self._prices = Prices()
        self._clock = clock
        self._first: float | None = None
        self._last = 0.0
        self._spent = 0.0

    def learn(self, done: Done) -> None:
        """Note that a task has ended."""
        self._left[done.task.kind] -= 1
        self._prices.learn(done.task.kind, done.elapsed)
        self._last = self._clock()
        if self._first is None:
            self._first = self._last  # what starting the workers took is not the pace
        else:
            self._spent += done.elapsed

    def seconds(self) -> float | None:
        """Seconds by the clock, at the pace since the first result.

        None until a task of every kind has been seen and the pace is known.
        """
        wall = self._last - (self._first or 0.0)
        prices = {kind: self._prices.of(kind) for kind, tasks in self._left.items() if tasks}
        if wall < PATIENCE or not self._spent or any(p is None for p in prices.values()):
            return None
        work = sum(self._left[kind] * (price or 0.0) for kind, price in prices.items())
        return work * wall / self._spent


def in_words(seconds: float) -> str:
    """A time for people.

    Examples
    --------
    >>> [in_words(s) for s in (0.2, 50, 100, 4000, 20000)]
    ['1 s', '50 s', '2 min', '67 min', '5.6 h']
    """
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"

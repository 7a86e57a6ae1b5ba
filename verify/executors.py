"""Run independent tasks: one after the other, in a pool of spawned processes, or on dask workers.

A task is a name from `TASKS` and plain arguments, looked up where it runs; no closure travels.
Inside a task everything is single-threaded, so that the executor and the number of workers
change no bit.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from threadpoolctl import threadpool_limits

from verify import tasks

EXECUTORS = ("serial", "process", "dask")
ATTEMPTS = 3  # of a task whose worker dies


class ExecutorError(Exception):
    """An executor that cannot be used; the message names the argument and the remedy."""


@dataclass(frozen=True)
class Task:
    """A function of verify.tasks by name, its arguments, and a tag to know the result by."""

    tag: Any
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Done:
    """What became of a task: a result and the core-seconds it took, or the traceback."""

    task: Task
    result: Any
    seconds: float
    error: str | None


def _run(task: Task) -> Done:
    with threadpool_limits(limits=1):
        result, seconds, error = tasks.timed(task.name, task.arguments)
    return Done(task, result, seconds, error)


def serial(todo: Sequence[Task]) -> Iterator[Done]:
    """Run the tasks in this process, in order."""
    for task in todo:
        yield _run(task)


def _ignore_interrupts() -> None:
    """The parent alone answers Ctrl-C; it shuts the pool down."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _pool(todo: deque[Task], workers: int, ahead: int) -> Iterator[Done | Task]:
    """Run from ``todo`` until it is empty or a worker dies; then yield the tasks under way."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _ignore_interrupts)
    under_way: dict[Future[Done], Task] = {}
    try:
        while todo or under_way:
            while todo and len(under_way) < ahead:
                task = todo.popleft()
                try:
                    under_way[pool.submit(_run, task)] = task
                except BrokenProcessPool:
                    todo.appendleft(task)
                    yield from under_way.values()
                    return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                if isinstance(future.exception(), BrokenProcessPool):
                    yield from under_way.values()
                    return
                del under_way[future]
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def process(todo: Sequence[Task], workers: int) -> Iterator[Done]:
    """Run the tasks in ``workers`` spawned processes, yielding each as it ends.

    When a worker is killed the whole pool breaks: it is built anew, and the tasks that were under
    way are run one at a time, so that only the guilty one collects failures; after three it ends
    with an error and the others go on.
    """
    left = deque(todo)
    while left:
        suspects: deque[Task] = deque()
        for done in _pool(left, workers, 2 * workers):
            if isinstance(done, Task):
                suspects.append(done)
            else:
                yield done
        for suspect in suspects:
            yield _alone(suspect)


def _alone(task: Task) -> Done:
    for _ in range(ATTEMPTS):
        [found] = _pool(deque([task]), 1, 1)
        if isinstance(found, Done):
            return found
    return Done(task, None, 0.0, f"the worker process died {ATTEMPTS} times in this task: {task}")


def dask(todo: Sequence[Task], workers: int, scheduler: str | None) -> Iterator[Done]:
    """Run the tasks on a dask.distributed cluster: one at an address, or a local one of processes."""
    try:
        from distributed import Client, LocalCluster, as_completed
    except ImportError as error:
        raise ExecutorError(
            '--executor: got dask, which is not installed; takes pip install -e ".[dask]"'
        ) from error
    if scheduler is None:
        cluster = LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
        )
    else:
        cluster = None
    try:
        client = Client(cluster if cluster is not None else scheduler, timeout=20)
    except OSError as error:
        raise ExecutorError(
            f"--scheduler: got {scheduler}, {str(error)[:100]}; takes tcp://host:port of a scheduler"
        ) from error
    try:
        futures = client.map(_run, todo, pure=False, retries=ATTEMPTS)
        names = dict(zip((future.key for future in futures), todo, strict=True))
        for future in as_completed(futures):
            if future.status == "finished":
                yield future.result()
            else:
                yield Done(names[future.key], None, 0.0, repr(future.exception()))
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def executor(
    name: str, workers: int, scheduler: str | None = None
) -> Callable[[Sequence[Task]], Iterator[Done]]:
    """The executor by name; a pool of one, or a single task, is run serially."""
    if name == "dask":
        return lambda todo: dask(todo, workers, scheduler) if todo else iter(())
    if name == "serial" or workers == 1:
        return serial
    return lambda todo: serial(todo) if len(todo) < 2 else process(todo, workers)

"""Run independent tasks: one after the other, in spawned processes, or on dask workers.

A task is a name from `TASKS` and plain arguments, looked up where it runs; no closure travels.
Inside a task everything is single-threaded, so that the executor and the number of workers
change no bit.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
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


def _work(pipe: Connection) -> None:
    """Run the tasks that come through the pipe until it closes."""
    while True:
        try:
            pipe.send(_run(pipe.recv()))
        except (EOFError, BrokenPipeError):
            return


def _hire() -> tuple[Connection, BaseProcess]:
    """Spawn a worker; it alone keeps its end of the pipe, so that its death is an end of file.

    It is born with interrupts blocked: the parent alone answers Ctrl-C.
    """
    context = get_context("spawn")
    ours, its = context.Pipe()
    worker = context.Process(target=_work, args=(its,), daemon=True)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        worker.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    its.close()
    return ours, worker


def process(todo: Sequence[Task], workers: int) -> Iterator[Done]:
    """Run the tasks in ``workers`` spawned processes, yielding each as it ends.

    A worker that is killed is replaced and its task run again; a task in which three workers
    died ends with an error, and the others go on.
    """
    left = deque((task, 1) for task in todo)
    staff: dict[Connection, BaseProcess] = {}
    under_way: dict[Connection, tuple[Task, int]] = {}
    try:
        while left or under_way:
            while left and len(under_way) < workers:
                if len(under_way) == len(staff):
                    fresh, worker = _hire()
                    staff[fresh] = worker
                free = next(pipe for pipe in staff if pipe not in under_way)
                under_way[free] = left.popleft()
                with suppress(BrokenPipeError):  # dead already: seen below as an end of file
                    free.send(under_way[free][0])
            ready = wait(list(under_way))
            for pipe in [pipe for pipe in under_way if pipe in ready]:
                task, attempt = under_way.pop(pipe)
                try:
                    done = pipe.recv()
                except (EOFError, OSError):
                    pipe.close()
                    staff.pop(pipe).join()
                    if attempt < ATTEMPTS:
                        left.appendleft((task, attempt + 1))
                        continue
                    why = f"the worker process died {ATTEMPTS} times in this task: {task}"
                    done = Done(task, None, 0.0, why)
                yield done
    finally:
        for pipe, worker in staff.items():
            pipe.close()
            worker.terminate()
        for worker in staff.values():
            worker.join()


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

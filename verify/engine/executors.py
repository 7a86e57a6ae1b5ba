"""Run independent tasks: one after the other, in spawned processes, or on dask workers.

A task is a module-level function, which travels by its name, and plain arguments; no closure travels.
Tasks travel in jobs, grouped by `verify.engine.queue`. Inside a task everything is single-threaded, so
that the executor, the grouping and the number of workers change no bit.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from threadpoolctl import threadpool_limits

from verify.engine.jobs import Done, Task, perform
from verify.engine.provenance import (
    SourcesChangedError,
    check_unchanged,
    environment_digest,
    source_digest,
)
from verify.engine.queue import Job, Queue

EXECUTORS = ("serial", "process", "dask")
AHEAD = 2  # jobs per dask worker under way, so that none waits for a round trip
LOOK_SECONDS = 2.0  # between looks at sources, at the clock, and at the workers of a cluster
CONNECT_SECONDS = 15.0  # for a scheduler to answer


class ExecutorError(Exception):
    """An executor that cannot be used; the message names the argument and the remedy."""


def _run(job: Job) -> list[Done]:
    """Do a job's tasks by the sources that this process began with.

    Raises
    ------
    SourcesChangedError
        If one of them was edited since.
    """
    _look_at_sources(int(time.monotonic() / LOOK_SECONDS))
    with threadpool_limits(limits=1):
        return [perform(task) for task in job]


@lru_cache(maxsize=1)
def _look_at_sources(_: int) -> None:
    """Look at most once in `LOOK_SECONDS`: a look takes as long as a short chunk."""
    check_unchanged()


def serial(queue: Queue) -> Iterator[Done]:
    """Run the tasks in this process, one at a time."""
    while queue:
        for task in queue.take(workers=1):
            finished = _run((task,))
            queue.learn(finished)
            yield from finished


def work(pipe: Connection) -> None:
    """Run the jobs that come through the pipe, each with the digest of its sources, until it closes."""
    _die_with_parent()
    while True:
        try:
            digest, job = pipe.recv()
            pipe.send(_answer(digest, job))
        except (EOFError, ConnectionError):  # the run is over, or killed
            return


def _answer(digest: str, job: Job) -> list[Done] | SourcesChangedError:
    """A job's results, or why it was not done."""
    try:
        if source_digest() != digest:
            raise SourcesChangedError(
                "sources: they were changed while a worker started; what was finished is kept, "
                "run the same command again"
            )
        return _run(job)
    except SourcesChangedError as error:
        return error


def _die_with_parent() -> None:
    """End this process when the one that hired it is gone, whatever it is doing."""
    parent = parent_process()
    if parent is None:  # called in a process that nobody hired
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Interrupts wait; not on Windows, which has no mask of signals."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hire(target: Callable[[Connection], None]) -> tuple[Connection, BaseProcess]:
    """Spawn a worker; it alone keeps its end of the pipe, so that its death is an end of file.

    It is born with interrupts blocked: the parent alone answers Ctrl-C.
    """
    context = get_context("spawn")
    ours, its = context.Pipe()
    worker = context.Process(target=target, args=(its,), daemon=True)
    with _uninterrupted():
        worker.start()
    its.close()
    return ours, worker


def process(
    queue: Queue, workers: int, target: Callable[[Connection], None] = work
) -> Iterator[Done]:
    """Run the tasks in ``workers`` spawned processes, yielding each as its job ends.

    A worker that is killed is replaced and the tasks of its job are run again, one at a time; a
    task in which three workers died alone ends with an error, and the others go on. ``target`` is
    what a worker runs.
    """
    staff: dict[Connection, BaseProcess] = {}
    under_way: dict[Connection, Job] = {}
    deadlines: dict[Connection, float] = {}
    digest = source_digest()
    try:
        while queue or under_way:
            while queue and len(under_way) < workers:
                if len(under_way) == len(staff):
                    fresh, worker = _hire(target)
                    staff[fresh] = worker
                free = next(pipe for pipe in staff if pipe not in under_way)
                under_way[free] = queue.take(workers)
                deadlines[free] = time.monotonic() + queue.limit(under_way[free])
                with suppress(BrokenPipeError):  # dead already: seen below as an end of file
                    free.send((digest, under_way[free]))
            ready = wait(list(under_way), timeout=LOOK_SECONDS)
            late = [pipe for pipe in under_way if deadlines[pipe] < time.monotonic()]
            for pipe in [pipe for pipe in under_way if pipe in ready or pipe in late]:
                job = under_way.pop(pipe)
                try:
                    if pipe not in ready:
                        staff[pipe].kill()
                    finished = pipe.recv()
                except (EOFError, OSError):
                    pipe.close()
                    staff.pop(pipe).join()
                    yield from queue.out_of_time(job) if pipe in late else queue.died(job)
                else:
                    if isinstance(finished, SourcesChangedError):
                        raise finished
                    queue.learn(finished)
                    yield from finished
    finally:
        for pipe, worker in staff.items():
            pipe.close()
            worker.terminate()
        for worker in staff.values():
            worker.join()


def dask(queue: Queue, workers: int, scheduler: str | None) -> Iterator[Done]:
    """Run the tasks on a dask.distributed cluster: one at an address, or a local one of processes.

    Raises
    ------
    ExecutorError
        If dask is not installed, the scheduler does not answer or goes away, or a worker has other
        sources or other versions of the packages than this process.
    """
    try:
        from dask import config
        from distributed import Client, LocalCluster, as_completed
    except ImportError as error:
        raise ExecutorError(
            "--executor: got dask, which is not installed; takes pip install -r locks/dask.lock"
        ) from error
    loud = ("distributed", "tornado", "asyncio")
    for name in [n for n in logging.root.manager.loggerDict if n.split(".")[0] in loud]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is raised
    cluster = None
    if scheduler is None:
        # `Queue` tells the guilty from the others; dask itself would retry all of them.
        with config.set({"distributed.scheduler.allowed-failures": 0}):
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
            )
    try:
        with config.set({"distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s"}):
            where = cluster if cluster is not None else scheduler
            client = Client(where, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TypeError) as error:  # the last of a tls:// address without keys
        raise ExecutorError(
            f"--scheduler: got {scheduler}, {str(error)[:100]}; takes tcp://host:port of a scheduler, "
            "or tls:// with its keys in dask's configuration"
        ) from error
    try:
        yield from _on(client, queue, as_completed(raise_errors=False))
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def _on(client: Any, queue: Queue, arriving: Any) -> Iterator[Done]:
    """Keep the workers of a dask client busy until the queue is empty and all has arrived.

    A worker has several jobs at a time here, so that its death says little of each; suspects are
    therefore run with nothing beside them.
    """
    digest = environment_digest()
    under_way: dict[Any, Job] = {}
    alone = False
    counted, workers = -LOOK_SECONDS, 1
    while queue or under_way:
        if time.monotonic() - counted > LOOK_SECONDS:  # workers may come and go
            counted, workers = time.monotonic(), max(1, _workers(client))
        if not under_way:
            alone = queue.suspects
        room = 1 if alone else 0 if queue.suspects else AHEAD * workers
        while queue and len(under_way) < room:
            job = queue.take(workers)
            future = client.submit(run_checked, job, digest, pure=False)
            under_way[future] = job
            arriving.add(future)
        for future in arriving.next_batch():
            job = under_way.pop(future)
            # What is asked of a cluster that went away ends here, not in dask's own threads.
            try:
                why = None if future.status == "finished" else future.exception(timeout=60)
                found = future.result(timeout=60) if why is None else []
            except (Exception, CancelledError) as error:
                raise _broken(client, error) from error
            if why is None:
                queue.learn(found)
                yield from found
            elif isinstance(why, SourcesChangedError):
                raise why
            elif type(why).__name__ != "KilledWorker":
                raise _broken(client, why)
            elif alone:
                yield from queue.died(job)
            else:
                queue.suspect(job)


def _workers(client: Any) -> int:
    try:
        return sum(client.nthreads().values())
    except (OSError, RuntimeError) as error:
        raise _broken(client, error) from error


def _broken(client: Any, found: BaseException) -> ExecutorError:
    """What ended a job that no worker died of: other sources, or the cluster went away."""
    if isinstance(found, ExecutorError):
        return found
    where = client.scheduler.addr if client.scheduler is not None else "a cluster"
    return ExecutorError(
        f"--scheduler: {where}, {type(found).__name__} {str(found)[:200]}; "
        "what was finished is kept, the same command resumes"
    )


def run_checked(job: Job, digest: str) -> list[Done]:
    """Run a job on a machine that may not be this one, if it has the same sources and packages."""
    if environment_digest() != digest:
        raise ExecutorError(
            "--scheduler: a worker has other sources, packages or kernels than this process; takes "
            "workers of the same commit and lock file, on like processors or with --portable's "
            "variables"
        )
    return _run(job)


def executor(
    name: str, workers: int, scheduler: str | None = None
) -> Callable[[Sequence[Task] | Queue], Iterator[Done]]:
    """The executor by name; a pool of one, or a single task, is run serially.

    Tasks may be added to a queue while what has ended is taken from the iterator.
    """

    def run(todo: Sequence[Task] | Queue) -> Iterator[Done]:
        queue = todo if isinstance(todo, Queue) else Queue(todo)
        if not queue:
            return iter(())
        if name == "dask":
            return dask(queue, workers, scheduler)
        if name == "serial" or workers == 1 or len(queue) < 2:
            return serial(queue)
        return process(queue, workers)

    return run

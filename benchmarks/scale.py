"""Wall time against workers, latency and grouping, and what a thousand workers would make of it.

python benchmarks/scale.py [--page reports/scale.md] [--plan] [--largest 500]

``--plan`` measures nothing and says so in every place. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import heapq
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from threadpoolctl import threadpool_limits

from verify.claim import Piece, Profile, Setting
from verify.claims import find
from verify.engine import tasks
from verify.engine.executors import process, run_checked, work
from verify.engine.jobs import Task
from verify.engine.provenance import environment_digest
from verify.engine.queue import JOB_SECONDS, Queue, in_words
from verify.engine.store import Store, pack

EXTRAPOLATED = ("F3", "KR")  # the end points of descents; the counts of critical points
WORKERS = (1, 10, 100, 1000, 10_000)
LATENCIES = (0.0, 0.01, 0.1)  # seconds a round trip
UNKNOWN = "not measured"


def late(latency: float, pipe: Connection) -> None:
    """A worker that is so far away: every job arrives late."""
    receive = pipe.recv

    class Far:
        """The pipe, with a wait before what it brings."""

        send = staticmethod(pipe.send)

        @staticmethod
        def recv() -> object:
            """What comes, late."""
            job = receive()
            time.sleep(latency)
            return job

    work(Far)  # type: ignore[arg-type]


def some_tasks() -> list[Task]:
    """The quick profile of KR: chunks of some milliseconds, where grouping matters most."""
    return list(_tasks("KR", "quick"))


def _tasks(claim_id: str, profile: Profile) -> list[Task]:
    setting = Setting(profile)
    return [
        Task(
            (claim_id, piece.point, piece.chunk),
            tasks.work,
            {"claim_id": claim_id, "piece": piece, "setting": setting},
        )
        for piece in find(claim_id).evidence.pieces(profile, ())
    ]


def wall(workers: int, latency: float, job_seconds: float) -> float:
    """Seconds from the first result to the last, so that starting processes does not count."""
    target = partial(late, latency) if latency else work
    first = last = 0.0
    for _ in process(Queue(some_tasks(), job_seconds), workers, target):
        last = time.perf_counter()
        first = first or last
    return last - first


def measured_walls() -> list[str]:
    """A table of wall times."""
    lines = ["| workers | latency | one task a job | grouped |", "| ---: | ---: | ---: | ---: |"]
    for workers in (1, 2):
        for latency in LATENCIES:
            seconds = [wall(workers, latency, group) for group in (0.0, JOB_SECONDS)]
            cells = " | ".join(f"{s:.2f} s" for s in seconds)
            lines.append(f"| {workers} | {1000 * latency:.0f} ms | {cells} |")
            print(lines[-1], flush=True)
    return lines


@dataclass(frozen=True)
class Cost:
    """A grid point of a claim in the paper profile: how many chunks, and what each takes."""

    claim: str
    where: str
    chunks: int
    seconds: float | None = None
    bytes: int | None = None


def costs(claim_id: str, largest: int, measure: bool) -> list[Cost]:
    """Chunks of the paper profile, priced by the second of each kind (the first may compile)."""
    evidence = find(claim_id).evidence
    found = []
    for i, params in enumerate(evidence.grid):
        chunks = sum(task.tag[1] == i for task in _tasks(claim_id, "paper"))
        where = ", ".join(f"{k} = {v}" for k, v in params.items())
        seconds = size = None
        if measure and chunks and params.get("N", 0) <= largest:
            with threadpool_limits(1):
                tasks.work(claim_id, Piece(i, 0), Setting("paper"))
                start = time.process_time()
                data = tasks.work(claim_id, Piece(i, 1), Setting("paper"))
                seconds, size = time.process_time() - start, len(pack(data))
        if chunks:
            found.append(Cost(claim_id, where, chunks, seconds, size))
            print(found[-1], flush=True)
    return found


def put_seconds(repeats: int = 200) -> float:
    """Seconds in which the client keeps a chunk of KR."""
    data = tasks.work("KR", Piece(0, 0), Setting("quick"))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "s.sqlite") as store:
        start = time.perf_counter()
        for number in range(repeats):
            store.put(str(number), {"chunk": number}, data, 0.0)
        return (time.perf_counter() - start) / repeats


def job_seconds(repeats: int = 500) -> float:
    """Seconds that the client and the scheduler of dask spend on a job that does nothing."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        digest = environment_digest()
        client.submit(run_checked, (), digest, pure=False).result()
        start = time.perf_counter()
        futures = [client.submit(run_checked, (), digest, pure=False) for _ in range(repeats)]
        client.gather(futures)
        return (time.perf_counter() - start) / repeats


def makespan(prices: Sequence[float], workers: int) -> float:
    """Seconds of so many workers on tasks of these prices, the dearest first."""
    free = [0.0] * min(workers, len(prices))
    for price in sorted(prices, reverse=True):
        heapq.heapreplace(free, free[0] + price)
    return max(free)


def extrapolated(some: Sequence[Cost], put: float, job: float) -> list[str]:
    """Wall time by workers: that of the workers, and that of the one client, which is serial."""
    prices = [cost.seconds or 0.0 for cost in some for _ in range(cost.chunks)]
    longest, total = max(prices), sum(prices)
    lines = ["| workers | they need | the client needs | efficiency |", "| ---: " * 4 + "|"]
    for workers in WORKERS:
        busy = makespan(prices, workers)
        jobs = sum(
            -(-cost.chunks // max(1, round(JOB_SECONDS / max(cost.seconds or 0.0, 1e-6))))
            for cost in some
        )
        client = len(prices) * put + jobs * job
        share = total / workers / max(busy, client)
        lines.append(
            f"| {workers} | {in_words(busy)} | {in_words(client)} | {min(1.0, share):.0%} |"
        )
    limits = {
        f"the longest chunk, {in_words(longest)}": total / longest,
        "the number of chunks": float(len(prices)),
        "the client, which keeps every chunk": total / (len(prices) * put + jobs * job),
    }
    order = sorted(limits.items(), key=lambda item: item[1])
    first = "; then ".join(f"{name}, at about {at:,.0f} workers" for name, at in order)
    memory = sum((cost.bytes or 0) * cost.chunks for cost in some)
    lines += ["", f"What breaks first: {first}.", ""]
    lines += [
        f"The store holds {memory / 2**30:.2f} GiB; a process that judges reads one claim of it."
    ]
    return lines


def page(plan: bool, largest: int) -> str:
    """Everything, as markdown."""
    measure = not plan
    where = f"{os.cpu_count()} cores, {platform.system()}" if measure else UNKNOWN
    parts = [
        "# Scale",
        f"Written by `make scale`. Measured on: {where}.",
        "## Wall time against workers, latency and grouping",
        "The quick profile of KR in spawned processes, from the first result to the last; latency "
        "is added to every job. Grouped: as many tasks in a job as take about "
        f"{JOB_SECONDS:g} s, by what they were seen to cost.",
        "\n".join(measured_walls()) if measure else f"{UNKNOWN}.",
    ]
    put, job = (put_seconds(), job_seconds()) if measure else (None, None)
    parts += [
        "## A thousand workers",
        "Chunks are independent, so workers need nothing of each other; one client hands out jobs "
        "and keeps every chunk, one after the other. Wall time is the longer of the workers' and "
        "the client's; a chunk is never split.",
        "Keeping a chunk of KR: "
        + (f"{1000 * put:.2f} ms" if put else UNKNOWN)
        + "; a job through dask's client and scheduler: "
        + (f"{1000 * job:.2f} ms" if job else UNKNOWN)
        + ".",
    ]
    for claim_id in EXTRAPOLATED:
        some = costs(claim_id, largest, measure)
        rows = ["| where | chunks | core-seconds a chunk | bytes a chunk |", "| --- " * 4 + "|"]
        rows += [
            f"| {c.where} | {c.chunks} | "
            f"{UNKNOWN if c.seconds is None else f'{c.seconds:.3g}'} | {c.bytes or UNKNOWN} |"
            for c in some
        ]
        parts += [f"### {claim_id}, paper profile", "\n".join(rows)]
        priced = [cost for cost in some if cost.seconds is not None]
        if put and job and priced:
            if len(priced) < len(some):
                parts.append("Of the grid points that were measured:")
            parts.append("\n".join(extrapolated(priced, put, job)))
        else:
            parts.append(f"Wall time by workers: {UNKNOWN}.")
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--page", type=Path)
    parser.add_argument("--plan", action="store_true", help="measure nothing")
    parser.add_argument("--largest", type=int, default=500, help="N of the chunks to be priced")
    given = parser.parse_args()
    text = page(given.plan, given.largest)
    sys.stdout.write(text)
    if given.page is not None:
        given.page.write_text(text)


if __name__ == "__main__":
    main()

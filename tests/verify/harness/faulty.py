"""Run the command line with a fault inside: python faulty.py PLAN JOURNAL run ID ...

The journal gets a line at the start, and one before and after every chunk is kept, so that it tells,
whatever became of the process, which chunks the store has promised to hold and whether one was being
written.

Plans (K counts the chunks kept by this process, from 0):
``none``; ``inside K``, killed with the chunk inserted and not committed; ``during K F``, killed
within the transaction, F times the duration of the one before after its begin; ``readonly K``, the
store cannot be written any more; ``clock``, time runs backwards; ``leaps``, it jumps a day or ten years
either way. FAULTY_JUDGE in the environment makes judgements take so many seconds. Two words may follow:
``small`` cuts the claims to a few chunks (the parent alone says what is run), ``bare`` writes no pages.
"""

import os
import signal
import sys

if __name__ == "__main__":
    # Ignored in a job of a script; quiet from the start.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with open(sys.argv[2], "a") as journal:
        journal.write(f"start {os.getpid()}\n")

import itertools
import threading
import time
import types
from dataclasses import replace

if os.environ.get("FAULTY_JUDGE"):  # in the workers too, which load this file
    import functools

    from verify.engine import tasks

    def slowly(judge):
        @functools.wraps(judge)
        def wait(*arguments, **named):
            time.sleep(float(os.environ["FAULTY_JUDGE"]))
            return judge(*arguments, **named)

        return wait

    tasks.judge = slowly(tasks.judge)

LARGEST, CHUNKS = 50, 3  # of N in F3, and of a grid point of any claim, at reduced size


def kept_in_a_journal(path, plan):
    """Replace Store.put by one that writes the journal, and fails as planned."""
    from verify.engine import store

    put, count, last = store.Store.put, itertools.count(), [0.01]
    journal = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    kind, at = plan[0], int(plan[1]) if len(plan) > 1 else -1

    def killed():
        os.kill(os.getpid(), signal.SIGKILL)

    def killed_soon(seconds):
        time.sleep(seconds)
        killed()

    def journalled(self, key, *arguments):
        os.write(journal, f"begin {key}\n".encode())
        if next(count) == at:
            if kind == "inside":
                self._db.execute("BEGIN")
                self._db.execute(store._INSERT, (key, "{}", b"half", "", 0.0))
                killed()
            if kind == "during":
                wait = float(plan[2]) * last[0]
                threading.Thread(target=killed_soon, args=(wait,), daemon=True).start()
            if kind == "readonly":
                self._db.execute("PRAGMA query_only = ON")
        start = time.perf_counter()
        put(self, key, *arguments)
        last[0] = time.perf_counter() - start
        os.write(journal, f"end {key}\n".encode())

    store.Store.put = journalled


def at_reduced_size(claim):
    """Cut a claim to a few chunks at a grid point, and F3 to its small sizes."""
    chunks = getattr(claim.evidence, "chunks", None)
    if chunks is None:
        return

    def fewer(profile, params):
        small = claim.id != "F3" or params["N"] <= LARGEST
        return min(CHUNKS, chunks(profile, params)) if small else 0

    object.__setattr__(claim, "evidence", replace(claim.evidence, chunks=fewer))


if __name__ == "__main__":
    plan = sys.argv.pop(1).split()
    if "bare" in plan:
        plan.remove("bare")
        sys.modules["verify.report.pages"] = types.SimpleNamespace(write=lambda data, out: None)
    small = "small" in plan and not plan.remove("small")
    kept_in_a_journal(sys.argv.pop(1), plan)
    if small:
        from verify.claims import all_claims

        for claim in all_claims().values():
            at_reduced_size(claim)
    if plan[0] == "clock":
        steps = itertools.count()
        time.time = lambda: 1e9 - 3600.0 * next(steps)
    if plan[0] == "leaps":
        steps = itertools.cycle((0.0, 86_400.0, -86_400.0, 3e8, -3e8))
        now = time.time
        time.time = lambda: now() + next(steps)
    from verify.commands import enter

    enter("verify")

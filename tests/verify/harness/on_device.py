"""Claims at the size of the audit on a device, or the stand-in for one: a line of JSON each.

    PYTHONPATH=.:tests/standin python tests/verify/harness/on_device.py KR-K F3:1 A4:1:2

Numbers after colons are how many chunks of a grid point are done, and of how many points; their numbers
are compared with the host's. Without one all are done, and judged.
"""

import contextlib
import json
import sys
import time
import warnings

import numpy as np

from numerics.core.backend import namespace
from verify.claim import Setting
from verify.claims import find
from verify.engine.tasks import work

SEED = 0
RIDGE = 0.01


def chunks(claim_id, backend, most=None, points=None):
    """The pieces of a claim and what they give, of each grid point `most` chunks."""
    own = list(find(claim_id).evidence.pieces("audit", ()))
    if most is not None:
        first = sorted({p.point for p in own})[:points]
        own = [p for p in own if p.chunk < most and p.point in first]
    return {piece: work(claim_id, piece, Setting("audit", SEED, 1, backend)) for piece in own}


def counting():
    """The counts of the stand-in, if it is one."""
    standin = getattr(namespace("cupy"), "standin", None)
    return contextlib.nullcontext() if standin is None else standin.counted()


def main(words):
    warnings.simplefilter("error")
    for word in words:
        claim_id, *part = word.split(":")
        part = [int(x) for x in part]
        begun = time.process_time()
        with counting() as seen:
            found = chunks(claim_id, "cupy", *part)
        said = {"claim": claim_id, "seconds": round(time.process_time() - begun, 1)}
        if seen is not None:
            said |= {"launches": seen.all_launches, "crossings": seen.crossings}
        if not part:
            evidence = find(claim_id).evidence
            said["standing"] = evidence.standing(evidence.cells(found))
        else:
            host = chunks(claim_id, "numpy", *part)
            said["apart"] = max(apart(found[piece], host[piece]) for piece in found)
        print(json.dumps(said), flush=True)


def apart(one, other):
    """The largest difference of two chunks' numbers, relative to the largest of them; words must agree.

    Of every array the `RIDGE` farthest are left out: a start on a ridge falls either way by a rounding. (A
    start of A4 that this is of: moved by 1e-15 on the host, it ends in one minimum 171 times of 400, in
    another 224 times.)
    """
    worst = 0.0
    for name in one:
        a, b = np.asarray(one[name]), np.asarray(other[name])
        if a.shape != b.shape or a.dtype.kind != b.dtype.kind:
            return float("inf")
        if a.dtype.kind in "iufb":
            a, b = a.astype(float), b.astype(float)
            sound = np.isfinite(a)
            if not np.array_equal(a[~sound], b[~sound], equal_nan=True):
                return float("inf")
            scale = max(1e-300, float(abs(a[sound]).max(initial=0.0)))
            ordered = np.sort(abs(a - b)[sound])
            kept = ordered[: ordered.size - int(RIDGE * ordered.size)]
            worst = max(worst, float(kept.max(initial=0.0)) / scale)
        elif not (a == b).all():
            return float("inf")
    return worst


if __name__ == "__main__":
    main(sys.argv[1:])

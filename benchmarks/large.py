"""End points at sizes that only a GPU reaches, kept disorder by disorder: a stopped run goes on.

python benchmarks/large.py [--out benchmarks/large.json] [--minutes 8]

Conjugate gradients of the 3-spin model to a tangential gradient of 1e-5 sqrt(N), 64 starts a disorder. Of
each disorder the file keeps the mean and the spread of the energies over its starts, and of the lowest
eigenvalue of the Hessian where they ended.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numerics.core.backend import namespace
from numerics.core.streams import stream
from numerics.descent.methods import descend_each

DISORDERS = {50: 256, 100: 256, 200: 128, 300: 64, 500: 48, 700: 24, 1000: 20, 2000: 4}
STARTS, TOLERANCE = 64, 1e-5
AT_ONCE = {50: 64, 100: 64, 200: 16}  # disorders between two writings of the file; 1 beyond


def one(n: int, number: int, end: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of one disorder."""
    u, low = end["energies"], end["lowest_eigenvalue"]
    return {
        "N": n,
        "disorder": number,
        "mean": float(u.mean()),
        "sd": float(u.std(ddof=1)),
        "lowest": float(u.min()),
        "lowest_eigenvalue": float(low.mean()),
        "saddles": int((end["index"] > 0).sum()),
        "converged": int((end["status"] == "converged").sum()),
        "steps": float(end["steps"].mean()),
    }


def run(file: Path, seconds: float = 1e9) -> list[tuple[str, float, str]]:
    """Descend on the disorders that the file lacks; rows of a table of all that it has."""
    begun, xp = time.perf_counter(), namespace("cupy")
    kept = json.loads(file.read_text()) if file.exists() else []
    have = {(row["N"], row["disorder"]) for row in kept}
    source, spent = stream(0, "large"), dict.fromkeys(DISORDERS, 0.0)
    for n, count in DISORDERS.items():
        left = [d for d in range(count) if (n, d) not in have]
        width = AT_ONCE.get(n, 1)
        for i in range(0, len(left), width):
            if time.perf_counter() - begun > seconds:
                break
            some, start = left[i : i + width], time.perf_counter()
            how: dict[str, Any] = {"tolerance": TOLERANCE, "method": "cg", "xp": xp}
            ends = descend_each(source, some, n, {3: 1.0}, STARTS, **how)
            spent[n] += time.perf_counter() - start
            kept += [one(n, number, end) for number, end in zip(some, ends, strict=True)]
            file.write_text(json.dumps(kept, indent=0) + "\n")
        print(f"N = {n}: {spent[n]:.1f} s", flush=True)
    return [row for n in DISORDERS for row in table(n, [r for r in kept if r["N"] == n])]


def table(n: int, rows: Sequence[dict[str, Any]]) -> list[tuple[str, float, str]]:
    """Return mean energy with its error, and how many disorders there are."""
    if len(rows) < 2:
        return []
    u, low = (np.array([row[name] for row in rows]) for name in ("mean", "lowest_eigenvalue"))
    root = len(rows) ** 0.5
    return [
        (f"mean end-point energy, N = {n}, {len(rows)} disorders", float(u.mean()), ""),
        (f"its standard error, N = {n}", float(u.std(ddof=1) / root), ""),
        (f"mean lowest eigenvalue, N = {n}", float(low.mean()), ""),
        (f"its standard error, eigenvalue, N = {n}", float(low.std(ddof=1) / root), ""),
    ]


def main(arguments: Sequence[str]) -> None:
    """Run, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("large.json"))
    parser.add_argument("--minutes", type=float, default=1e7)
    given = parser.parse_args(arguments)
    for name, value, unit in run(given.out, 60 * given.minutes):
        print(f"{name}: {value:.6g} {unit}")


if __name__ == "__main__":
    main(sys.argv[1:])

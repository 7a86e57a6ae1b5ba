"""Rates on a GPU: writes gpu.json and gpu.md with the device's name; see gpu.sh.

python benchmarks/device.py [--out benchmarks]

Wall time with the device waited for, the median of five after a first call that is not counted.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from timing import Work, figure

import numerics
from numerics.core.backend import namespace
from numerics.core.streams import key_of
from numerics.goe import tridiagonals
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import Couplings, random_point

SIZES = (25, 50, 75, 100, 150, 200, 300, 500)  # of end points at the paper's full scale


@dataclass(frozen=True)
class Row:
    """One measured number."""

    work: str
    value: float
    unit: str
    target: str


def seconds(work: Work, wait: Callable[[], None], repeats: int = 5) -> float:
    """Median wall seconds of a call."""
    spent = []
    for turn in range(repeats + 1):
        start = time.perf_counter()
        work()
        wait()
        if turn:
            spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def matrices(wait: Callable[[], None]) -> list[Row]:
    """GOE kernels."""
    xp, key = namespace("cupy"), key_of(np.random.default_rng(0))
    samples = 1 << 17
    low = seconds(lambda: tridiagonals.lowest_drawn(key, 1000, samples, 5, xp=xp), wait)
    shifts = xp.full((samples, 1), -1.3)
    swept = seconds(lambda: tridiagonals.sweep_drawn(key, 500, shifts, xp=xp), wait)
    return [
        Row("lowest 5 of GOE(1000), drawing included", samples / low, "per second", ">= 1e6"),
        Row("log-determinant and index of GOE(500)", samples / swept, "per second", ""),
    ]


def gradients(wait: Callable[[], None]) -> list[Row]:
    """p-spin gradients beside the product alone."""
    xp, n, replicas = namespace("cupy"), 500, 1024
    rows = []
    draw = seconds(lambda: couplings(n), wait, 3)
    rows.append(Row(f"couplings drawn, p = 3, N = {n}", n * math.comb(n + 1, 2) / draw, "/s", ""))
    c = couplings(n)
    a = c.terms[0][1]
    s = random_point(np.random.default_rng(1), n, replicas).astype("float32")
    s, x = xp.asarray(s), xp.ones((a.shape[1], replicas), dtype=xp.float32)
    flops = 2 * n * a.shape[1] * replicas
    alone = flops / seconds(lambda: a @ x, wait) / 1e12
    ours = flops / seconds(lambda: hamiltonian.energy_gradient(c, s), wait) / 1e12
    rows.append(Row(f"fp32 GEMM of the shape of p = 3, N = {n}", alone, "Tflop/s", ""))
    rows.append(Row(f"energy and gradient, p = 3, N = {n}, float32", ours, "Tflop/s", ""))
    rows.append(Row("gradient over GEMM", ours / alone, "", ">= 0.6"))
    return rows


def couplings(n: int) -> Couplings:
    """One disorder, p = 3, float32, on the device."""
    return hamiltonian.draw(
        np.random.default_rng(0), n, {3: 1.0}, "float32", namespace("cupy"), place="stored"
    )


def end_points() -> list[Row]:
    """Figure 3 at the paper's full scale: 1000 starts on one disorder at each of eight sizes."""
    start = time.perf_counter()
    for n in SIZES:
        numerics.descend(n, p=3, starts=1000, backend="cupy", method="gd+newton")
    spent = time.perf_counter() - start
    return [Row("F3: 8 sizes to N = 500, 1000 starts each", spent, "s", "<= 30")]


def table(rows: Sequence[Row], provenance: dict[str, str]) -> list[str]:
    """Markdown of the rows and where they are from."""
    lines = ["### On a GPU", "", ", ".join(f"{k} {v}" for k, v in provenance.items()) + ".", ""]
    lines += ["| | measured | | target |", "| --- | ---: | --- | --- |"]
    lines += [f"| {r.work} | {figure(r.value)} | {r.unit} | {r.target} |" for r in rows]
    return [*lines, ""]


def sections(repeats: int, out: Path) -> list[str]:
    """Return the table that gpu.sh wrote, if it did."""
    file = Path(__file__).parent / "gpu.md"
    return file.read_text().splitlines() if file.exists() else ["### On a GPU", "", "not measured"]


def main(arguments: Sequence[str]) -> None:
    """Measure and write."""
    import cupy

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    out = parser.parse_args(arguments).out
    wait = cupy.cuda.Stream.null.synchronize
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    provenance = {
        "device": name,
        "CUDA": str(cupy.cuda.runtime.runtimeGetVersion()),
        "CuPy": cupy.__version__,
        "numerics": importlib.metadata.version("spin-landscapes"),
        "measured": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    rows = matrices(wait) + gradients(wait) + end_points()
    data = {"provenance": provenance, "rows": [asdict(row) for row in rows]}
    (out / "gpu.json").write_text(json.dumps(data, indent=1) + "\n")
    lines = table(rows, provenance)
    (out / "gpu.md").write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The same work on each kind of processor that this one can pass for.

BLAS, Numba and NumPy choose their instructions when they are loaded, by what the environment says,
so each kind is measured in a process of its own. torch and JAX choose by the machine: they are peers
on its own kind alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import comb
from pathlib import Path

from llvmlite import binding
from timing import Work, figure, medians

# (N, p, replicas) of a gradient.
SHAPES = [(n, 3, replicas) for n in (200, 100) for replicas in (16, 128, 256)]
SHAPES += [(50, 4, 128), (25, 5, 128)]
OWN = "as it is"
_HEAD = "| | per second | / GEMM | / NumPy packed | / torch einsum | / JAX |"


def kinds() -> dict[str, dict[str, str]]:
    """By name, the environment in which libraries take this processor for one of a kind."""
    has = binding.get_host_cpu_features()
    found: dict[str, dict[str, str]] = {OWN: {}}
    if has.get("avx512f"):
        wide = ("avx512", "avx10", "amx")
        narrow = (("+" if on and not x.startswith(wide) else "-") + x for x, on in has.items())
        found["AVX2"] = {
            "OPENBLAS_CORETYPE": "Haswell",
            "NUMBA_CPU_NAME": "haswell",
            "NUMBA_CPU_FEATURES": ",".join(narrow),
            "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        }
    if has.get("avx"):
        found["SSE"] = {
            "OPENBLAS_CORETYPE": "Nehalem",
            "NUMBA_CPU_NAME": "generic",
            "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        }
    return found


def _repeated(work: Work, times: int) -> Work:
    """The same work so many times."""
    return lambda: [work() for _ in range(times)]


def _gradients(repeats: int, own: bool) -> list[list[str | float | None]]:
    """Rows (what, gradients per second, ratios to each peer)."""
    from peers import jax_outer, torch_einsum
    from pspin import gradient_works

    rows: list[list[str | float | None]] = []
    for n, p, replicas in SHAPES:
        for dtype in ("float64", "float32"):
            ours, packed, product = gradient_works(n, p, replicas, dtype)
            works: list[Work | None] = [ours, product, packed, None, None]
            if own and p == 3:
                works[3:] = torch_einsum(n, replicas, dtype), jax_outer(n, replicas, dtype)
            # A turn is some milliseconds long, as the steps of a descent follow each other.
            times = 1 + 10**8 // (2 * n * comb(n + p - 2, p - 1) * replicas)
            turns = [work and _repeated(work, times) for work in works]
            mine, *others = medians(turns, repeats, of=min)
            what = f"p = {p}, N = {n}, {dtype}, {replicas} replicas"
            spent = mine or 1.0
            rows.append([what, times * replicas / spent, *(x and x / spent for x in others)])
    return rows


def _matrices(repeats: int) -> list[list[str | float | None]]:
    """Rows (what, matrices per second, ratio) of the tridiagonal kernels."""
    from kernels import determinant_works, edge_works

    rows: list[list[str | float | None]] = []
    for what, works in (
        ("lowest 5 of GOE(1000) / SciPy stebz", edge_works()),
        ("log-determinant of GOE(500) / NumPy dense eigvalsh", determinant_works()),
    ):
        spent = medians([work for _, work in works], repeats, of=min)
        ours, peer = ((x or 1.0) / units for (units, _), x in zip(works, spent, strict=True))
        rows.append([what, 1 / ours, peer / ours])
    return rows


def _measured(repeats: int, own: bool) -> str:
    """Everything of this file in this process, as JSON."""
    from threadpoolctl import threadpool_limits

    from numerics.core.backend import processor

    with threadpool_limits(1):
        found = {
            "processor": processor(),
            "gradients": _gradients(repeats, own),
            "matrices": _matrices(repeats),
        }
    return json.dumps(found)


def sections(repeats: int, out: Path) -> list[str]:
    """Markdown of every kind."""
    lines = [
        "## Kinds of processors",
        "",
        "BLAS, Numba and NumPy as on this processor, and as on narrower ones that it can pass for. Ratios "
        "are of rates, ours over the peer's, for the energy and gradient of a p-spin model. Wanted: 0.85 "
        "of a GEMM of the same shape, 1 of NumPy's packed products and one GEMM; 3 of torch einsum and 2 "
        "of JAX, which know this processor only as it is. The fastest turns count.",
        "",
    ]
    for name, environment in kinds().items():
        command = [sys.executable, __file__, str(2 * repeats), name]
        run = subprocess.run(
            command, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True
        )
        found = json.loads(run.stdout.splitlines()[-1])
        lines += [f"### {name}: {found['processor']}", "", _HEAD, "| --- |" + " ---: |" * 5]
        lines += [_row(row) for row in found["gradients"]]
        lines += ["", "| | per second | ratio |", "| --- | ---: | ---: |"]
        lines += [*(_row(row) for row in found["matrices"]), ""]
    print("\n".join(lines), flush=True)
    return lines


def _row(row: list[str | float | None]) -> str:
    """A row of a table: words, a rate, ratios to two digits and what was not measured."""
    what, rate, *ratios = row
    cells = [str(what), figure(float(rate or 0.0))]
    cells += [
        "" if x is None else f"{float(x):.2f}" if float(x) < 10 else figure(float(x))
        for x in ratios
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    print(_measured(int(sys.argv[1]), sys.argv[2] == OWN))

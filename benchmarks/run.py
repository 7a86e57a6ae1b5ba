"""Rates beside the peers, measured in one run: writes RESULTS.md and its figures.

python benchmarks/run.py [--repeats 7] [--only kernels] [--as AVX2] [--scikit-rmt PYTHON]
    [--out benchmarks]

Ratios are what counts, so ours and the peers take turns in one process (a benchmark runner that
times each to the end before the next would compare two hours of a machine's day). torch and JAX
come with the extra `bench`; scikit-rmt is measured in its own environment, by the interpreter named
with --scikit-rmt. What is not installed is "not measured".

Every other file here has ``sections(repeats, out)``, which returns lines of markdown; those in
`PARTS` are run in order.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from processors import kinds
from threadpoolctl import threadpool_limits
from timing import folded

from numerics.core.backend import processor

PARTS = ("kernels", "pspin", "processors", "device", "thresholds", "counts", "census", "networks")


def machine() -> list[str]:
    """What this was measured on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        flags = info.read_text()
        model = names[0].split(":")[1].strip() if names else model
        model += ", AVX-512" if "avx512f" in flags else ", AVX2" if "avx2" in flags else ""
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("numpy", "scipy", "numba", "torch", "jax")
        if importlib.util.find_spec(name)
    )
    return [
        f"Machine: {model}, {os.cpu_count()} cores; {platform.system()}; "
        f"Python {platform.python_version()}, {versions}. One thread.",
        f"Kernels: {processor()}.",
        "",
    ]


def main(arguments: Sequence[str]) -> None:
    """Run every part, or one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--scikit-rmt", metavar="PYTHON", help="an interpreter that has scikit-rmt")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--as", dest="kind", choices=kinds(), help="as on a narrower processor")
    given = parser.parse_args(arguments)
    if given.kind and kinds()[given.kind].items() - os.environ.items():
        # Libraries choose their instructions when they are loaded.
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | kinds()[given.kind])
    if given.scikit_rmt:
        os.environ["SCIKIT_RMT"] = given.scikit_rmt
    lines = ["# Benchmarks", "", "Written by `make bench`.", "", *machine()]
    lines += [
        "Processor seconds, one thread, medians of repeats in which ours and the peers take turns; "
        "ratios are of this run. Compilation (once a machine, some 20 s) is not in the times.",
        "",
    ]
    with threadpool_limits(1):
        for part in [given.only] if given.only else PARTS:
            lines += importlib.import_module(part).sections(given.repeats, given.out)
    (given.out / "RESULTS.md").write_text("\n".join(folded(lines)).rstrip() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

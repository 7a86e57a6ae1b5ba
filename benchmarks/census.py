"""Every critical point of an instance, beside solving from many starts until none is new."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from timing import compare

import numerics
from numerics.core.mixture import disorder_stream
from numerics.critical import enumeration
from numerics.critical.saddles import search
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import random_point

SIZES = ((3, 3), (3, 4), (3, 5), (3, 7), (4, 4))


def instances(p: int, n: int, repeats: int) -> list[str]:
    """A census, beside as many random starts of a saddle search as find the same points."""
    samples = 10 if n > 5 else 50
    source = disorder_stream(n, {p: 1.0}, 0)
    found = enumeration.census_part(source, 0, 1, n, {p: 1.0})
    couplings = hamiltonian.draw(source.generator(0, 0), n, {p: 1.0})

    def by_starts() -> int:
        missing = {tuple(x) for x in np.round(found.position, 5).tolist()}
        rng = np.random.default_rng(0)
        for _ in range(100):
            ends = search(couplings, random_point(rng, n, 4 * len(found.index)))
            missing -= {tuple(x) for x in np.round(ends["position"][ends["converged"]], 5).tolist()}
            if not missing:
                break
        return len(missing)

    left = by_starts()
    name = "until the points of one census are found" + (f" ({left} never were)" if left else "")
    return compare(
        f"Census, p = {p}, N = {n}: {found.possible} complex points up to sign, instances",
        ("numerics.census, all proved", samples, lambda: numerics.census(n, p=p, samples=samples)),
        [(f"random starts, {name}", 1, by_starts, "")],
        repeats,
    )


def sections(repeats: int, out: Path) -> list[str]:
    """All of them."""
    lines = ["## Census of critical points", ""]
    for p, n in SIZES:
        lines += instances(p, n, min(repeats, 3))
    return lines

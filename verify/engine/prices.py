"""What a run will take: core-seconds of every claim in each profile, as measured.

`prices.json` is the table, one place for all claims; it is renewed from the results of a run:
``python -m verify.engine.prices reports/results.json``. A claim that is not in it has no price, and
what is said of a run then leaves it out. Those of standard with MNIST are sums of chunks that were timed one
at a time, and scaled to 60000 images and to the widths; no such run has been made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from verify.claim import Claim, Profile

FILE = Path(__file__).with_name("prices.json")


def table() -> dict[str, dict[str, float]]:
    """Core-seconds by profile and claim.

    Examples
    --------
    >>> sorted(table())
    ['quick', 'quick with MNIST', 'standard', 'standard with MNIST']
    """
    found: dict[str, dict[str, float]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def row_of(profile: str, mnist: bool) -> str:
    """The name of a profile in the table: with MNIST it has prices of its own.

    Examples
    --------
    >>> row_of("quick", True)
    'quick with MNIST'
    """
    return f"{profile} with MNIST" if mnist else profile


def price(claims: Sequence[Claim], profile: Profile, mnist: bool = False) -> float:
    """Core-seconds of some claims, with MNIST or without; 0 in a profile that has no prices."""
    known = table()
    own, plain = known.get(row_of(profile, mnist), {}), known.get(profile, {})
    return sum(own.get(claim.id, plain.get(claim.id, 0.0)) for claim in claims)


def renewed(known: dict[str, dict[str, float]], results: Any) -> dict[str, dict[str, float]]:
    """The table with what a run measured, one decimal.

    Examples
    --------
    >>> run = {"profile": "quick", "claims": [{"id": "A", "seconds": 1.26}]}
    >>> renewed({"quick": {"A": 3.0, "B": 1.0}}, run)
    {'quick': {'A': 1.3, 'B': 1.0}}
    """
    mnist = "mnist" in results.get("provenance", {})
    seen = {
        claim["id"]: round(claim["seconds"], 1)
        for claim in results["claims"]
        if not mnist or len(claim.get("data", ())) > 1
    }
    name = row_of(results["profile"], mnist)
    return {**known, name: dict(sorted({**known.get(name, {}), **seen}.items()))}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        results = json.loads(Path(name).read_text(encoding="utf-8"))
        FILE.write_text(json.dumps(renewed(table(), results), indent=1) + "\n", encoding="utf-8")

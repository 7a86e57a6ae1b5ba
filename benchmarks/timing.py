"""Timing by turns: medians of processor seconds, and a table of ours beside the peers.

Times are processor seconds of the process (a neighbour on the machine does not count), medians over
repeats in which ours and the peers take turns. A peer that cannot be imported is "not measured".
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

Work = Callable[[], object]


def medians(
    works: Sequence[Work | float | None],
    repeats: int,
    clock: Callable[[], float] = time.process_time,
    of: Callable[[list[float]], float] = statistics.median,
) -> list[float | None]:
    """Median (or what else of them) seconds of each, taking turns after a call that is not counted.

    A number stands for what was measured elsewhere.
    """
    spent: list[list[float]] = [[] for _ in works]
    for turn in range(repeats + 1):
        for work, seconds in zip(works, spent, strict=True):
            if isinstance(work, float):
                seconds.append(work)
            elif work is not None:
                start = clock()
                work()
                if turn:
                    seconds.append(clock() - start)
    return [of(s) if s else None for s in spent]


def compare(
    title: str,
    ours: tuple[str, int, Work],
    peers: Sequence[tuple[str, int, Work | float | None, str]],
    repeats: int,
) -> list[str]:
    """Markdown of one comparison: rates, ratios ours / peer, targets.

    `ours` is (name, units a call, work); a peer has a target for the ratio too, "" for none.
    """
    seconds = medians([ours[2], *(peer[2] for peer in peers)], repeats)
    rate = ours[1] / (seconds[0] or 1.0)
    lines = [
        f"### {title}",
        "",
        "| | per second | ours / peer | target |",
        "| --- | ---: | ---: | --- |",
    ]
    lines.append(f"| **{ours[0]}** | {figure(rate)} | | |")
    for (name, units, _, target), spent in zip(peers, seconds[1:], strict=True):
        if spent is None:
            lines.append(f"| {name} | not measured | | {target} |")
        else:
            ratio = rate * spent / units
            lines.append(
                f"| {name} | {figure(units / spent)} | {ratio:.3g} | {judged(target, ratio)} |"
            )
    print("\n".join(lines), flush=True)
    return [*lines, ""]


def judged(target: str, ratio: float) -> str:
    """The target, met or short by how much; a target ends in its number.

    >>> judged(">= 3", 2.7), judged("at least 1", 4.0), judged("", 2.0)
    ('>= 3: short by 10 %', 'at least 1: met', '')
    """
    if not target:
        return ""
    least = float(target.split()[-1])
    return f"{target}: " + (
        "met" if ratio >= least else f"short by {1 - ratio / least:.0%}".replace("%", " %")
    )


def figure(x: float) -> str:
    """Three digits, thousands separated."""
    return f"{float(f'{x:.3g}'):,.10g}"


MOST_OPEN = 12  # rows of a table that is shown without a click


def folded(lines: Sequence[str]) -> list[str]:
    """Lines of markdown, tables of more than `MOST_OPEN` rows shown on a click; what is folded stays.

    Examples
    --------
    >>> rows = [f"| {i} |" for i in range(15)]
    >>> folded(rows)[:2], folded(folded(rows)) == folded(rows)
    (['<details><summary>13 rows</summary>', ''], True)
    """
    found: list[str] = []
    table: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        rows, hidden = len(table) - 2, "".join(found[-2:]).startswith("<details>")
        if rows > MOST_OPEN and not hidden:
            table = [f"<details><summary>{rows} rows</summary>", "", *table, "", "</details>"]
        found += [*table, line]
        table = []
    return found[:-1]

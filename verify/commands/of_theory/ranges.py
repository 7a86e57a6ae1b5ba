"""Ranges of levels and of sizes, and the table over them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext

from verify.commands import arguments

MOST = 10_000  # rows of a table
A_DECADE = 10  # sizes of 10..1000:log


def levels_of(name: str, text: str) -> list[str]:
    """One level as typed, or ``start:stop:step`` with both ends where the step meets them.

    Examples
    --------
    >>> levels_of("--u", "-E_inf"), levels_of("--u", "-1.7:-1.6:0.05")
    (['-E_inf'], ['-1.70', '-1.65', '-1.60'])
    """
    if ":" not in text:
        return [text]
    takes = f"start:stop:step such as -1.7:-1.5:0.01, of at most {MOST} levels"
    words = text.split(":")
    if len(words) == 3 and all(arguments.is_decimal(word) for word in words):
        start, stop, step = map(Decimal, words)
        with localcontext(prec=2 * len(text)):  # every level as exact as it was typed
            steps = (stop - start) / step if step else Decimal(-1)
            if 0 <= steps < MOST:
                return [f"{start + i * step:f}" for i in range(int(steps) + 1)]
    raise arguments.ArgumentError(f"{name}: got {text[:40]!r}; takes a level, or {takes}")


def sizes_of(name: str, text: str, least: int) -> list[int]:
    """One size, ``10..20``, ``10..100:10`` or, ten a decade, ``10..1000:log``; both ends are in.

    Examples
    --------
    >>> sizes_of("--n", "2..4", 2), sizes_of("--n", "10..30:10", 2), sizes_of("--n", "10..20:log", 2)
    ([2, 3, 4], [10, 20, 30], [10, 13, 16, 20])
    """
    first, dots, rest = text.partition("..")
    if not dots:
        return [arguments.integer(name, text, least)]
    match = re.fullmatch(r"([0-9]{1,9})(?::(log|[1-9][0-9]{0,8}))?", rest)
    if match and re.fullmatch(r"[0-9]{1,9}", first) and least <= int(first) <= int(match[1]):
        low, high, step = int(first), int(match[1]), match[2] or "1"
        sizes = _ladder(low, high) if step == "log" else range(low, high + 1, int(step))
        if len(sizes) <= MOST:
            return list(sizes)
    raise arguments.ArgumentError(
        f"{name}: got {text[:40]!r}; takes an integer >= {least}, or 10..20, 10..100:10, 10..1000:log"
    )


def _ladder(low: int, high: int) -> Sequence[int]:
    """Sizes that rise by the tenth root of ten from the lowest, and the highest."""
    sizes, i = {high}, 0
    while (size := round(low * 10 ** (i / A_DECADE))) < high:
        sizes.add(size)
        i += 1
    return sorted(sizes)


def check_rows(number: int) -> None:
    """Refuse a table of too many rows."""
    if number > MOST:
        raise arguments.ArgumentError(f"ranges: got {number} rows; takes at most {MOST}")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of CSV; None is empty, True and False are 1 and 0.

    Examples
    --------
    >>> table(("k", "certified"), [(None, True), (0, False)])
    ['k,certified', ',1', '0,0']
    """
    return [",".join(head), *(",".join(map(_word, row)) for row in rows)]


def _word(value: object) -> str:
    return "" if value is None else str(int(value) if isinstance(value, bool) else value)

"""``python -m theory counts``."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from threadpoolctl import threadpool_limits

import theory
from verify.commands import arguments
from verify.commands.of_theory.options import (
    Csv,
    Digits,
    Json,
    Model,
    P,
    digits_of,
    figure_file,
    one_form,
)
from verify.commands.of_theory.ranges import check_rows, levels_of, sizes_of, table
from verify.commands.progress import watched

if TYPE_CHECKING:
    Level = theory.Ball | Fraction | None


def counts(
    p: P = None,
    model: Model = None,
    n: Annotated[
        str, typer.Option(help="Number of spins N, or 10..20, 10..100:10, 10..1000:log.")
    ] = "100",
    k: Annotated[str | None, typer.Option(help="Index or range; the total if not given.")] = None,
    below: Annotated[
        str | None,
        typer.Option(help="Count only points with H/N <= this level; or start:stop:step."),
    ] = None,
    digits: Digits = "9",
    json: Json = False,
    csv: Csv = False,
    plot: Annotated[str | None, typer.Option(help="Also draw the counts to this file.")] = None,
) -> None:
    """Exact mean numbers of critical points. Example: `python -m theory counts --p 3 --n 99 --k 0..5`.

    A table over sizes or levels: `python -m theory counts --p 3 --n 10..1000:log --csv` (ten sizes a
    decade), `python -m theory counts --p 3 --n 50 --k 0 --below -1.7:-1.5:0.02 --csv`.
    """
    one_form(json, csv)
    of, precision = arguments.model(p, model), digits_of(digits)
    sizes = sizes_of("--n", n, least=2)
    texts = [None] if below is None else levels_of("--below", below)
    levels = [
        (text, None if text is None else arguments.level("--below", text, of, precision + 30))
        for text in texts
    ]
    which = [] if k is None else arguments.indices("--k", k)
    check_rows(len(sizes) * len(levels) * (1 + len(which)))
    several = len(sizes) * len(levels) > 1
    figure = figure_file(plot)
    if figure is not None and several:
        raise arguments.ArgumentError("--plot: got a range beside it; takes one N and one level")
    places = [(size, text, level) for size in sizes for text, level in levels]
    tables = []
    # The matrices are too small for two threads of BLAS, which take twice the processor's time.
    with threadpool_limits(1), watched("counting", PATIENCE_S) as progress:
        for done, (size, text, level) in enumerate(places):

            def tick(more: int, what: str, before: int = done * (1 + len(which))) -> None:
                progress(before + more, len(places) * (1 + len(which)), what)

            found = _counts(of, size, [None, *which], level, precision, tick)
            tables.append(_Table(size, text, precision, found))
    if figure is not None:
        _plot_counts(of, sizes[0], which, figure)
    if csv:
        rows = [row for one in tables for row in one.rows()]
        print("\n".join(table(("n", "below", "k", "mean", "relative_error", "certified"), rows)))
        return
    data = {"counts": [one.data() for one in tables]} if several else tables[0].data()
    arguments.emit(data, json, [line for one in tables for line in one.lines()])


@dataclass(frozen=True)
class _Table:
    """Counts of one N up to one level: in all, and by index."""

    n: int
    below: str | None
    digits: int
    found: dict[int | None, theory.Ball | theory.Count]

    def rows(self) -> list[tuple[object, ...]]:
        """As CSV has them; the total has no index."""
        return [
            (self.n, self.below, i, self._value(i), _relative_error(one), _certified(one))
            for i, one in self.found.items()
        ]

    def _value(self, i: int | None) -> str:
        one = self.found[i]
        return one.value if isinstance(one, theory.Ball) else one.rounded(self.digits)

    def data(self) -> dict[str, Any]:
        """As JSON has them."""
        return {
            "n": self.n,
            "below": self.below,
            "total": self._value(None),
            "relative_error": _relative_error(self.found[None]),
            "by_index": {str(i): self._value(i) for i in self.found if i is not None},
            "certified": [
                "total" if i is None else str(i) for i, one in self.found.items() if _certified(one)
            ],
        }

    def lines(self) -> list[str]:
        """As people read them."""
        where = "" if self.below is None else f" with H/N <= {self.below}"
        lines = []
        for i, one in self.found.items():
            kind = "relative error" if _certified(one) else "relative error, not certified,"
            what = (
                f"mean number of critical points{where}, N = {self.n}"
                if i is None
                else f"of index {i}"
            )
            lines.append(f"{what}: {self._value(i)} ({kind} {_relative_error(one)})")
        return lines


def _certified(found: theory.Ball | theory.Count) -> bool:
    return isinstance(found, theory.Ball)


FLOAT_DIGITS = 15
PATIENCE_S = 3.0  # before progress is shown


def _counts(
    of: theory.Mixture,
    n: int,
    which: list[int | None],
    level: Level,
    digits: int,
    tick: Callable[[int, str], None],
) -> dict[int | None, theory.Ball | theory.Count]:
    """The counts of all points and of every index asked for; ``tick`` is told what is being counted."""
    found: dict[int | None, theory.Ball | theory.Count] = {}
    short = True  # whether a ball may be
    for done, i in enumerate(which):
        tick(done, "counting, in all" if i is None else f"counting index {i}")
        found[i] = _count(of, n, i, level, digits, short)
        # The work of a ball rises with the index: to ask again would take seconds.
        short = short and (i is None or isinstance(found[i], theory.Ball))
    return found


SHORT = 10.0  # seconds that a ball may take where float64 has the digits


def _count(
    of: theory.Mixture, n: int, k: int | None, level: Level, digits: int, short: bool
) -> theory.Ball | theory.Count:
    """A ball, or float64 where that has the digits and a ball would take long (or not `short`)."""
    from theory.finite_n.certified import MOST_SECONDS, certified_count

    if short:
        with suppress(theory.InputError):
            return certified_count(of, n, k, level, digits, SHORT)
    found = theory.mean_count(of, n, k, level) if digits <= FLOAT_DIGITS else None
    if found is not None and digits <= found.digits:
        return found
    return certified_count(of, n, k, level, digits, MOST_SECONDS)


def _relative_error(found: theory.Ball | theory.Count) -> str:
    if isinstance(found, theory.Count):
        return f"{found.relative_error:.1e}"
    return f"{abs(Decimal(found.radius) / Decimal(found.value)):.1e}"


def _plot_counts(of: theory.Mixture, n: int, which: list[int], path: Path) -> None:
    import numpy as np

    from theory.finite_n.integrand import KacRiceConstants
    from verify.report.plots import draw

    edge = float(KacRiceConstants.of(of).mu_squared) ** 0.5 * math.sqrt(2)
    grid = np.linspace(-1.03 * edge, -0.97 * edge, 61)
    indices: list[int | None] = [None, *which]
    draw(
        [
            {
                "panel": f"model {of}, N = {n}",
                "label": "total" if i is None else f"k = {i}",
                "kind": "line",
                "x": grid,
                "y": [
                    theory.mean_count(of, n, k=i, below=float(u)).log / math.log(10) for u in grid
                ],
                "xlabel": "u = H/N",
                "ylabel": "log10 of the mean number with H/N <= u",
            }
            for i in indices
        ],
        path,
    )

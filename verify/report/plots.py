"""Figures from a claim's series; the only importer of matplotlib.

Curves differ by dash and marker as well as by colour, and the ground is opaque, so that figures
read in black and white, in light and in dark. Legends stand below the axes, over no data. The letters
of the theory are set as mathematics; of all other text nothing is. The figures of a report are SVG:
sharp at any width, letters as outlines that need no font, and the same curves are the same bytes.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from verify.report.claim_pages.distances import Distance
from verify.report.letters import parts, signs

_DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2))]
_MARKERS = ["o", "s", "^", "D", "v", "x", "P", "*"]
# Okabe and Ito's palette, without its yellow: distinguishable with colour blindness.
_COLOURS = ["#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"]
_STYLE: dict[Any, Any] = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "font.size": 10,
    "legend.fontsize": 9.5,  # over 8 pt where two panels are as wide as a page
    "savefig.dpi": 130,
    "svg.hashsalt": "spin-landscapes",
    "pdf.fonttype": 42,  # outlines of letters, as journals ask, not bitmaps of them
}


def _set(text: str) -> str:
    """Text with the letters of the theory as mathematics, all else as it stands.

    Examples
    --------
    >>> _set("u = -E_inf, N^(-1/3)"), _set("5 $ and x_one")
    ('u = $-E_\\\\infty$, $N^{-1/3}$', '5 \\\\$ and x_one')
    """
    shown = "".join(c if c.isprintable() else " " for c in text)
    return "".join(
        f"${_mathtext(part)}$" if formula else _plain(part) for formula, part in parts(shown)
    )


def _plain(text: str) -> str:
    """Text of which nothing is mathematics, nor the sign after it read as a letter."""
    return signs(text).replace("$", r"\$") + (" " if text.endswith("\\") else "")


def _mathtext(formula: str) -> str:
    """A formula in what matplotlib sets: no blackboard letters."""
    return formula.replace(r"\mathbb{E}\,", r"\mathrm{E}\,")


# One style for each quantity over the whole report: levels, and the indices by their colour.
_LEVELS = {"-E_inf": ("#444444", "--"), "-E_0": ("#884400", (0, (1, 1)))}
_INDEX = re.compile(r"(?:k =|index) (\d)(?=$|,)")


def _numbers(series: Sequence[Mapping[str, Any]]) -> list[int]:
    """Of each of a panel the number of its colour, dash and marker: its index, where none is twice.

    Examples
    --------
    >>> def points(*labels):
    ...     return [{"kind": "points", "label": label} for label in labels]
    >>> _numbers(points("k = 2", "k = 0")), _numbers(points("N = 2, k = 1", "N = 3, k = 1"))
    ([2, 0], [0, 1])
    >>> _numbers(points("total", "k = 0", "k = 2"))
    [1, 0, 2]
    """
    lines = count()  # lines and steps share their dashes and colours
    numbers = {
        "line": lines,
        "steps": lines,
        "points": count(),
        "vline": count(),
        "band": count(),
    }
    plain = [next(numbers[one["kind"]]) for one in series]
    by_index = list(plain)
    for kind in ("line", "steps", "points", "band"):
        places = [
            i for i, x in enumerate(series) if x["kind"] == kind and x["label"] not in _LEVELS
        ]
        found = [_INDEX.search(series[i]["label"]) for i in places]
        named = [int(one[1]) for one in found if one]
        if len(set(named)) == len(named) > 0:
            free = (number for number in count() if number not in named)
            for i, one in zip(places, found, strict=True):
                by_index[i] = int(one[1]) if one else next(free)
    return by_index


def _draw(axes: Any, series: Sequence[Mapping[str, Any]]) -> None:
    for one, i in zip(series, _numbers(series), strict=True):
        colour, own = _LEVELS.get(one["label"], (_COLOURS[i % len(_COLOURS)], None))
        style = {"color": colour, "label": _set(one["label"])}
        dash = own or _DASHES[i % len(_DASHES)]
        if len(one["x"]) == 0:  # nothing finite to draw; the label says so
            axes.plot([], [], linestyle=dash, **style)
        elif one["kind"] == "vline":
            for j, x in enumerate(one["x"]):
                label = style["label"] if j == 0 else None
                grey = colour if own else "#555555"
                axes.axvline(x, color=grey, linestyle=own or _DASHES[(i + 3) % 6], label=label)
        elif one["kind"] == "band":
            low, high = ([y + sign * e for y, e in zip(one["y"], one["yerr"], strict=True)]
                         for sign in (-1, 1))  # fmt: skip
            axes.fill_between(one["x"], low, high, alpha=0.2, linewidth=0, **style)
        elif one["kind"] == "steps":
            axes.stairs(one["y"], one["x"], linestyle=dash, linewidth=1.4, **style)
        elif one["kind"] == "points":
            axes.errorbar(
                one["x"],
                one["y"],
                yerr=one.get("yerr") or None,
                fmt=_MARKERS[i % len(_MARKERS)],
                markersize=4,
                capsize=2,
                **style,
            )
        else:
            axes.plot(one["x"], one["y"], linestyle=dash, linewidth=1.4, **style)
    first = series[0]
    axes.set_xlabel(_set(first.get("xlabel", "")))
    axes.set_ylabel(_set(first.get("ylabel", "")))
    axes.set_xscale(first.get("xscale", "linear"))
    axes.set_yscale(first.get("yscale", "linear"))
    if names := first.get("xnames"):
        axes.set_xticks(range(len(names)), [_set(name) for name in names], rotation=25, ha="right")
    elif sizes := _sizes(series):
        axes.set_xticks(sizes, [f"{x:g}" for x in sizes])
        axes.xaxis.set_minor_locator(NullLocator())
    elif axes.get_xscale() == "linear":
        whole = all(float(x).is_integer() for one in series for x in one["x"])
        axes.xaxis.set_major_locator(MaxNLocator(8 if whole else 6, integer=whole))
    for axis, ends in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        if axis.get_scale() == "log" and not (axis is axes.xaxis and _sizes(series)):
            few = ends[1] / max(ends[0], 1e-300) < _FEW_DECADES
            axis.set_minor_formatter(FuncFormatter(_two_and_five if few else _nothing))
            if few:
                axis.set_major_formatter(FuncFormatter(_as_it_is))
    if axes.get_legend_handles_labels()[0]:  # an empty label is none
        above = bool(first.get("xnames"))
        below_it = ScaledTranslation(0.0, -_UNDER / 72, axes.figure.dpi_scale_trans)
        axes.legend(
            loc="lower center" if above else "upper center",
            bbox_to_anchor=(0.5, 1.0) if above else (0.5, 0.0),
            bbox_transform=axes.transAxes if above else axes.transAxes + below_it,
            ncols=_columns(series),
            frameon=False,
        )
    for one in series:
        if marked := _marked(one):
            place = (1.0, one["y"][0])
            axes.annotate(
                marked, place, (4, 0), ("axes fraction", "data"), "offset points", va="center"
            )


_UNDER = 34.0  # points from an axis down to its legend: ticks, and a label with a power
_VALUE = re.compile(r"(-?\d+(?:\.\d+)?): ")


def _marked(one: Mapping[str, Any]) -> str:
    """The value at which a level is marked beside its panel, which its label names first; else "".

    Examples
    --------
    >>> level = {"kind": "line", "label": "1.566: printed", "y": [1.566, 1.566]}
    >>> _marked(level), _marked({**level, "label": "printed"}), _marked({**level, "y": [1.0, 2.0]})
    ('1.566', '', '')
    """
    named = _VALUE.match(one["label"])
    level = one["kind"] == "line" and len(one["y"]) == 2 and one["y"][0] == one["y"][1]
    return named[1] if named and level else ""


# What a file would say of when and by what it was drawn: the same curves are the same bytes.
_UNDATED = {".png": {"Software": None}, ".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
_WIDEST = 48  # letters of two labels side by side
_FEW_DECADES = 300.0  # a log axis that spans less has numbers between the powers of ten


def _two_and_five(value: float, _: int) -> str:
    """Text of a minor tick: 2 and 5 alone, as all nine would run into each other."""
    return f"{value:g}" if round(value / 10 ** math.floor(math.log10(value))) in (2, 5) else ""


def _as_it_is(value: float, _: int) -> str:
    """Text of a power of ten beside such numbers."""
    return f"{value:g}"


def _nothing(value: float, _: int) -> str:
    return ""


def _sizes(series: Sequence[Mapping[str, Any]]) -> list[float]:
    """What was measured at, where these are whole numbers on a log axis: its ticks, not too near each other.

    Examples
    --------
    >>> _sizes([{"kind": "points", "xscale": "log", "x": [25, 26, 50, 200]}])
    [25, 50, 200]
    """
    found = sorted({x for one in series if one["kind"] == "points" for x in one["x"]})
    whole = all(float(x).is_integer() and x >= 1 for x in found)
    if series[0].get("xscale") != "log" or len(found) < 2 or len(found) > _MOST_TICKS or not whole:
        return []
    apart = math.log(found[-1] / found[0]) / _MOST_TICKS
    kept = found[:1]
    for x in found[1:]:
        if math.log(x / kept[-1]) >= apart:
            kept.append(x)
    return kept


_MOST_TICKS = 12


def _columns(group: Sequence[Mapping[str, Any]]) -> int:
    """Columns of a legend: two where the longest labels of both halves stand side by side.

    Examples
    --------
    >>> line, points = {"kind": "line", "label": "a" * 40}, {"kind": "points", "label": "b"}
    >>> _columns([line, points]), _columns([points, line]), _columns([line, line])
    (2, 2, 1)
    """
    order = sorted(group, key=lambda one: _IN_LEGEND[one["kind"]])
    widths = [len(one["label"]) for one in order]
    half = -(-len(widths) // 2)
    return 2 if max(widths[:half]) + max(widths[half:], default=0) <= _WIDEST else 1


_IN_LEGEND = {"line": 0, "vline": 0, "steps": 1, "band": 2, "points": 3}  # matplotlib's order


def _legend_rows(group: Sequence[Mapping[str, Any]]) -> int:
    return -(-len(group) // _columns(group))


_ROOM = 0.65  # inches for a named place of an axis


def _pad(group: Sequence[Mapping[str, Any]]) -> int:
    """Room between axes and title: for a legend where the places at the axis are named."""
    return 10 + 16 * _legend_rows(group) if group[0].get("xnames") else 6


@contextmanager
def _drawing(
    path: Path, style: Mapping[str, Any] = _STYLE, pad: float = 1.08, **made: Any
) -> Iterator[Any]:
    """Axes to draw in, saved where all went well, closed whatever came."""
    settings: Any = dict(style)
    with plt.rc_context(settings), warnings.catch_warnings():
        # Letters that no font has are boxes; words wider than their figure are cut.
        warnings.filterwarnings("ignore", "Glyph|Tight layout", UserWarning)
        figure, axes = plt.subplots(**made)
        try:
            yield axes
            figure.tight_layout(pad=pad)
            undated = _UNDATED.get(path.suffix)
            figure.savefig(path, **({"metadata": undated} if undated else {}))  # a .pgf takes none
        finally:
            plt.close(figure)


def _panels(series: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    panels: dict[str, list[Mapping[str, Any]]] = {}
    for one in series:
        panels.setdefault(one["panel"], []).append(one)
    return panels


def _layout(
    panels: Mapping[str, Sequence[Mapping[str, Any]]], columns: int
) -> tuple[int, int, tuple[float, float]]:
    """Rows and columns of panels, and width and height in inches."""
    longest = max(_legend_rows(group) for group in panels.values())
    width, height = (2.9, 2.2) if columns > 2 else (4.6, 3.5 + 0.2 * longest)
    columns = min(columns, len(panels))
    named = [one.get("xnames") or () for group in panels.values() for one in group]
    if columns == 1:  # two panels are as wide as letters can be read in
        width = max(width, _ROOM * max(map(len, named)))
    height += 0.05 * max((len(name) for names in named for name in names), default=0)  # slanted
    rows = -(-len(panels) // columns)
    return rows, columns, (width * columns + 0.6, height * rows)


def draw(series: Sequence[Mapping[str, Any]], path: Path, columns: int = 2) -> None:
    """Draw the series (as in results.json), one set of axes a panel, to a file.

    Parameters
    ----------
    series
        Mappings with the keys of `verify.claim.Series`; the first of a panel names its axes.
    path
        Where to write; the suffix gives the format.
    columns
        Panels in a row; more than two are small, and the first alone has a legend.
    """
    panels = _panels(series)
    small = columns > 2
    rows, columns, size = _layout(panels, columns)
    with _drawing(path, nrows=rows, ncols=columns, figsize=size, squeeze=False) as grid:
        for axes in grid.flat[len(panels) :]:
            axes.set_visible(False)
        for axes, (title, group) in zip(grid.flat, panels.items(), strict=False):
            _draw(axes, group)
            axes.set_title(_set(title), fontsize=10, pad=_pad(group))
            legend = axes.get_legend()
            if small and legend is not None and axes is not grid.flat[0]:
                legend.remove()


def draw_small(series: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw the first panel of the series as a thumbnail: curves alone, no text; arguments as of `draw`."""
    group = [one for one in series if one["panel"] == series[0]["panel"]]
    with _drawing(path, {**_STYLE, "lines.markersize": 2}, 0.2, figsize=(1.6, 1.1)) as axes:
        _draw(axes, group)
        if legend := axes.get_legend():
            legend.remove()
        axes.set(xlabel="", ylabel="")
        axes.tick_params(which="both", length=0, labelbottom=False, labelleft=False)


_NEAREST = 1e-2  # what lies nearer stands there
_KINDS = {"own": ("o", "#000000", "as stated here"), "refuted": ("s", "#0072B2", "refuted")}
_UNDECIDED = ("^", "#D55E00", "not told apart")


def draw_distances(found: Sequence[Distance], path: Path) -> None:
    """Draw a forest plot: a line for each theory, from what it says to what was seen, from the top down."""
    margins = [one.unit == "margins" for one in found]
    with _drawing(path, figsize=(7.2, 1.2 + 0.27 * len(found))) as axes:
        if any(margins):
            axes.axvline(1.0, color="#555555", linestyle=":", label="1 margin: what is allowed")
        for i, one in enumerate(found):
            marker, colour, label = _KINDS.get(one.kind, _UNDECIDED)
            size = max(one.size, _NEAREST)
            axes.plot([_NEAREST, size], [i, i], color=colour, linewidth=1)
            axes.plot(size, i, marker, color=colour, label=label, markersize=5)
        names = [
            one.name if all(margins) or not any(margins) else f"{one.name}, {one.unit}"
            for one in found
        ]
        axes.set_yticks(range(len(found)), [_set(name) for name in names])
        axes.set(xscale="log", ylim=(len(found) - 0.4, -0.6))
        axes.set_xlim(left=_NEAREST)
        axes.set_xlabel(f"off by, in {' or '.join(sorted({one.unit for one in found}))}")
        known = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
        axes.legend(
            known.values(),
            known,
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),  # of the figure: names may leave the axes little width
            bbox_transform=blended_transform_factory(axes.figure.transFigure, axes.transAxes),
            ncols=3,
            frameon=False,
        )

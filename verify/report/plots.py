"""Figures from a claim's series; the only importer of matplotlib.

Curves differ by dash and marker as well as by colour, and the ground is opaque, so that figures
read in black and white, in light and in dark. Legends stand below the axes, over no data. The letters
of the theory are set as mathematics; of all other text nothing is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter

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
    "legend.fontsize": 8,
    "savefig.dpi": 130,
    "svg.hashsalt": "spin-landscapes",
}


# What is set as mathematics: patterns of which every match is whole and sound.
_LETTERS = (
    (re.compile(r"-?E_inf\b"), lambda m: m[0].replace("E_inf", r"E_\infty")),
    (re.compile(r"-?\bE_(\d|k|alg)\b"), lambda m: m[0].replace(f"E_{m[1]}", f"E_{{{m[1]}}}")),
    (re.compile(r"\bTheta_(\{[kp0-9,]+\}|[kp0-9])"), lambda m: rf"\Theta_{{{m[1].strip('{}')}}}"),
    (re.compile(r"\bCrt_(\{[Nk0-9,]+\}|N)"), lambda m: rf"\mathrm{{Crt}}_{{{m[1].strip('{}')}}}"),
    (re.compile(r"\bN\^\(?(-?[0-9]+(?:/[0-9]+)?)\)?"), lambda m: f"N^{{{m[1]}}}"),
    (
        re.compile(r"\bsqrt\(([A-Za-z0-9]+)\)|\bsqrt ([A-Z0-9])\b"),
        lambda m: rf"\sqrt{{{m[1] or m[2]}}}",
    ),
    (re.compile(r"\bsigma\b|\bxi\b|\blambda\b"), lambda m: rf"\{m[0]}"),
)


def _set(text: str) -> str:
    """Text with the letters of the theory as mathematics, all else as it stands.

    Examples
    --------
    >>> _set("u = -E_inf, N^(-1/3)"), _set("5 $ and x_1")
    ('u = $-E_\\\\infty$, $N^{-1/3}$', '5 \\\\$ and x_1')
    """
    shown = "".join(c if c.isprintable() else " " for c in text).replace("$", r"\$")
    for pattern, letters in _LETTERS:
        shown = pattern.sub(lambda m, letters=letters: f"${letters(m)}$", shown)  # type: ignore[misc]
    return shown


def _draw(axes: Any, series: Sequence[Mapping[str, Any]]) -> None:
    lines = count()  # lines and steps share their dashes and colours
    numbers = {"line": lines, "steps": lines, "points": count(), "vline": count()}
    for one in series:
        i = next(numbers[one["kind"]])
        style = {"color": _COLOURS[i % len(_COLOURS)], "label": _set(one["label"])}
        dash = _DASHES[i % len(_DASHES)]
        if len(one["x"]) == 0:  # nothing finite to draw; the label says so
            axes.plot([], [], linestyle=dash, **style)
        elif one["kind"] == "vline":
            for j, x in enumerate(one["x"]):
                label = style["label"] if j == 0 else None
                axes.axvline(x, color="#555555", linestyle=_DASHES[(i + 1) % 6], label=label)
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
    for axis, ends in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        if axis.get_scale() == "log":
            few = ends[1] / max(ends[0], 1e-300) < _FEW_DECADES
            axis.set_minor_formatter(FuncFormatter(_two_and_five if few else _nothing))
            if few:
                axis.set_major_formatter(FuncFormatter(_as_it_is))
    if axes.get_legend_handles_labels()[0]:  # an empty label is none
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False)


_FEW_DECADES = 300.0  # a log axis that spans less has numbers between the powers of ten


def _two_and_five(value: float, _: int) -> str:
    """Text of a minor tick: 2 and 5 alone, as all nine would run into each other."""
    return f"{value:g}" if round(value / 10 ** math.floor(math.log10(value))) in (2, 5) else ""


def _as_it_is(value: float, _: int) -> str:
    """Text of a power of ten beside such numbers."""
    return f"{value:g}"


def _nothing(value: float, _: int) -> str:
    return ""


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
    panels: dict[str, list[Mapping[str, Any]]] = {}
    for one in series:
        panels.setdefault(one["panel"], []).append(one)
    small = columns > 2
    longest = max(len(group) for group in panels.values())
    width, height = (2.9, 2.2) if small else (5.2, 3.6 + 0.18 * -(-longest // 2))
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    with plt.rc_context(_STYLE):
        figure, grid = plt.subplots(
            rows, columns, figsize=(width * columns + 0.6, height * rows), squeeze=False
        )
        for axes in grid.flat[len(panels) :]:
            axes.set_visible(False)
        for axes, (title, group) in zip(grid.flat, panels.items(), strict=False):
            _draw(axes, group)
            axes.set_title(_set(title), fontsize=10)
            legend = axes.get_legend()
            if small and legend is not None and axes is not grid.flat[0]:
                legend.remove()
        figure.tight_layout()
        figure.savefig(path, metadata={"Software": None} if path.suffix == ".png" else None)
        plt.close(figure)

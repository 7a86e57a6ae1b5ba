"""Where a row was compared, and a claim's letters, in the words and the notation of the field.

A grid point is named shortly, since its name is part of its random stream; a page says what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from verify.report.markdown import escape, number, typeset

_ALL = "all"
# What a value of a parameter means; the first part is the name of the parameter.
_MEANT = {
    ("how", "plain"): "plain Monte Carlo",
    ("how", "rare"): "importance sampling",
    ("below", _ALL): "all levels",
    ("u", _ALL): "all levels",
    ("N", _ALL): "all sizes",
    ("k", "total"): "all indices",
    ("p", "any"): "every p",
    ("k", "any"): "every k",
    ("xi", "any"): "every mixture",
    ("start", "cube"): "weights start uniform in a cube",
    ("start", "scaled"): "weights start normal, scaled by fan-in",
    ("start", "uniform"): "start uniform on the sphere",
    ("route", "balls"): "interval arithmetic",
    ("route", "float64"): "double precision",
    ("part", "field"): "the field",
    ("part", "numbers"): "values",
    ("part", "pure"): "pure models",
    ("part", "gap"): "gap",
    ("part", "rate"): "rate I",
    ("part", "search"): "by a search",
    ("part", "symbols"): "in symbols",
    ("weights", "layered"): "weights of layers",
    ("weights", "redundant"): "redundant weights",
    ("side", "above"): "above the band",
    ("side", "below"): "below the band",
}
# How the name of a parameter stands before its value; those that are "" say nothing beside it.
_BEFORE = {
    "below": "u ≤ ",
    "model": "$`\\xi`$ = ",
    "start": "start from equilibrium at T = ",
    "case": "",
    "part": "",
    "way": "",
    "from": "from u = ",
    "to": "to u = ",
    "format": "",
    "proportions": "widths as ",
    "widths": "widths ",
    "widest": "widths up to ",
    "pair": "orders ",
    "s": "s = ",
}
_MIXTURE, _TERM = re.compile(r"\d+:[\d.]+(?: \d+:[\d.]+)*$"), re.compile(r"(\d+):([\d.]+)")
_LIST = re.compile(r"\d+(?: \d+)+$")


def _named(cell: Mapping[str, Any]) -> str:
    """A comparison as the reason of a verdict names it."""
    at = ", ".join(f"{name} = {value}" for name, value in cell["params"].items())
    return f", smallest p at {cell.get('quantity', '')} at {at}"


def place(params: Mapping[str, Any]) -> str:
    r"""Where a row was compared, as markdown; a list of indices is left out, since rows name theirs.

    Examples
    --------
    >>> place({"how": "plain", "model": "3:1", "N": 6, "k": "0 1", "below": "all"})
    'plain Monte Carlo, $`\\xi`$ = $`q^{3}`$, N = 6, all levels'
    >>> place({"below": "-1.5", "widths": "4,1", "case": "two grids"})
    'u ≤ -1.5, widths 4, 1, two grids'
    >>> place({"model": "network", "N": "to 200, extrapolated"})
    'model = network, N to 200, extrapolated'
    """
    shown = params.items() if len(params) == 1 else [x for x in params.items() if not _several(*x)]
    return ", ".join(_one(name, value) for name, value in shown)


def _several(name: str, value: object) -> bool:
    return name == "k" and bool(_LIST.match(str(value)))


def _one(name: str, value: object) -> str:
    text = str(value)
    if (name, text) in _MEANT:
        return typeset(_MEANT[name, text])
    before = _BEFORE.get(name, f"{typeset(name)} = ")
    if name == "model" and not _is_covariance(text):
        before = "model = "
    if name == "N" and text.startswith("to "):
        before = "N "
    return before + _shown(name, value)


def _is_covariance(text: str) -> bool:
    return bool(_MIXTURE.match(text)) or "q" in text


def _shown(name: str, value: object) -> str:
    """A value of a parameter; a mixture written 2:0.5 4:0.5 as its covariance.

    Examples
    --------
    >>> _shown("model", "2:0.5 4:0.5"), _shown("model", "2:1 of 3")
    ('0.5 $`q^{2}`$ + 0.5 $`q^{4}`$', '2:1 of 3')
    >>> _shown("format", "2x3x3"), _shown("proportions", "1,2,3"), _shown("pair", "(0, 2)")
    ('2 × 3 × 3', '1 : 2 : 3', '0 and 2')
    """
    if not isinstance(value, str):
        return number(value)
    if name == "format":
        return escape(value.replace("x", " × "))
    if name == "proportions":
        return escape(value.replace(",", " : "))
    if name == "pair":
        return escape(value.strip("()").replace(", ", " and "))
    if name == "widths" or _LIST.match(value):
        value = value.replace(",", " ").replace(" ", ", ")
    if _MIXTURE.match(value):
        value = _TERM.sub(_term, value.replace(" ", " + "))
    return typeset(value)


def _term(found: re.Match[str]) -> str:
    return ("" if float(found[2]) == 1 else f"{found[2]} ") + f"q^{found[1]}"


def reason(claim: Mapping[str, Any]) -> str:
    """Why the verdict is what it is, as markdown, its place in the words of `place`.

    Examples
    --------
    >>> cell = {"params": {"below": "all"}, "quantity": "mean", "p_value": 0.04}
    >>> reason({"reason": "2 comparisons, smallest p at mean at below = all", "cells": [cell]})
    '2 comparisons; smallest p-value 0.04: mean (all levels)'
    """
    text = claim["reason"]
    for cell in claim["cells"]:
        end = _named(cell)
        if text.endswith(end):
            where = f"{typeset(cell.get('quantity', ''))} ({place(cell['params'])})"
            first = typeset(text.removesuffix(end))
            return f"{first}; smallest p-value {number(cell.get('p_value'), 2)}: {where}"
    return typeset(text[:_MOST])


_MOST = 2000  # letters

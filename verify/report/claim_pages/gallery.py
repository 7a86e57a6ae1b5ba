"""The gallery: figures 1 to 10 of the paper, ours for each, the printed values beside ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verify.report.claim_pages.figure import Series
from verify.report.markdown import FIGURE, escape, link, number, table, typeset, with_error

NAME = "gallery.md"

Claims = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Value:
    """A printed value, and the row of a claim that is the same quantity.

    Attributes
    ----------
    what, printed
        In words, as the paper has it.
    quantity
        Of the row, whose place is ``at``; the first of that name for None.
    """

    what: str
    printed: str
    quantity: str
    at: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Shown:
    """One figure of the paper, and ours."""

    number: str
    title: str
    says: str
    claim: str
    panels: tuple[str, ...]
    values: tuple[Value, ...] = ()


_TEST = "mean test loss"
_TABLE_1 = {25: 0.7616, 50: 0.6861, 100: 0.5983}
_NO_VALUE = "no number is printed"

SHOWN = (
    Shown(
        "1",
        "Mean number of critical points by index, p = 3, N = 1000",
        "The paper draws N Theta_k' exp(N Theta_k) and so puts index 5 on top at -E_inf. "
        "Exactly, index 0 is on "
        "top there, and most points of each index lie above -E_inf, where the paper draws nothing.",
        "F1",
        ("As printed: N Theta_k' exp(N Theta_k)", "Exact, the same levels"),
        (
            Value(
                "log of index 5 over index 0 at -E_inf",
                "above 0 (index 5 on top)",
                "log of index 5 over index 0 at -E_inf",
            ),
        ),
    ),
    Shown(
        "2",
        "The complexity in total and by index, p = 3",
        "As the paper draws it.",
        "F2",
        ("Theta_3", "Theta_{k,3} near the barrier"),
        (Value("plateau", "0.0132, as read off", "plateau, as read off Fig. 2"),),
    ),
    Shown(
        "3 (left) and 8 (top)",
        "Energies where descents end",
        "They concentrate as N grows, and the mean falls. The paper says: at -E_inf; our "
        "extrapolation covers "
        "-E_0 as well.",
        "F3",
        ("End points of descents, p = 3",),
        (
            *(
                Value(f"mean energy, N = {n}", _NO_VALUE, "mean energy", {"N": n})
                for n in (25, 50, 100, 200)
            ),
            Value("limit", "-1.633 (-E_inf)", "mean energy", {"N": "to 200, extrapolated"}),
        ),
    ),
    Shown(
        "3 (right) and 8 (bottom)",
        "Test losses where training ends",
        "Mean and spread fall with the width, on MNIST of 10 x 10 pixels in the paper, on "
        "digits of 8 x 8 here.",
        "F4",
        ("Histograms",),
        tuple(
            Value(f"mean test loss, n1 = {n}", _NO_VALUE, _TEST, {"n1": n, "start": "cube"})
            for n in (10, 25, 50, 100)
        ),
    ),
    Shown(
        "4 and 5",
        "Normalised index of trained networks",
        "The paper finds it of order 0.01 or less; it is a number of the cut-off.",
        "F5",
        ("Index at the paper's cut-off, 1e-3", "Index against the cut-off"),
        tuple(
            Value(
                f"index, cut-off {cut}, n1 = {n}",
                "0.01 or less",
                f"index, cut-off {cut} (mean)",
                {"n1": n},
            )
            for n in (10, 25)
            for cut in ("0.001", "0.0001")
        ),
    ),
    Shown(
        "6",
        "Gradient descent against simulated annealing",
        "Gradient descent is at least as good, as in the paper.",
        "F6",
        ("Test losses, n1 = 5", "Test losses, n1 = 25"),
        tuple(
            Value(
                f"log of the ratio of mean test losses, n1 = {n}",
                "at most 0",
                f"log of mean test loss, SGD over annealing of 2000 proposals, n1 = {n}",
            )
            for n in (5, 25)
        ),
    ),
    Shown(
        "7 and Table 1",
        "Correlation of train and test loss",
        "It falls with the width in the paper and here; ours falls faster, on fewer images.",
        "F4",
        ("Correlation of train and test loss",),
        tuple(
            Value(
                f"correlation, n1 = {n}",
                str(printed),
                f"correlation of train and test loss (paper: {printed})",
                {"n1": n, "start": "cube"},
            )
            for n, printed in _TABLE_1.items()
        ),
    ),
    Shown(
        "9 and 10",
        "Test losses, said to be scaled by exp(alpha n1^beta)",
        "Scaled losses have a mean near 1 at every width; 0.22 at n1 = 10 is the loss itself.",
        "F4",
        ("Test losses of trained networks", "Spread"),
        (
            Value("scaled loss, n1 = 10", "0.22", "mean of L / exp(alpha n1^beta), n1 = 10"),
            Value("loss, n1 = 10", "0.22 (Fig. 7)", _TEST, {"n1": 10, "start": "cube"}),
        ),
    ),
)


def _file(one: Shown) -> str:
    return f"figures/paper-{one.number.split()[0]}-{one.claim}{FIGURE}"


def _known(claims: Sequence[Mapping[str, Any]]) -> Claims:
    return {claim["id"]: claim for claim in claims}


def figures(claims: Sequence[Mapping[str, Any]]) -> dict[str, Series]:
    """Curves of each figure of the gallery, by file; only of claims that were run."""
    known = _known(claims)
    found: dict[str, Series] = {}
    for one in SHOWN:
        if one.claim in known:
            series = [s for s in known[one.claim]["series"] if s["panel"] in one.panels]
            if series:
                found[_file(one)] = series
    return found


def _ours(claim: Mapping[str, Any], value: Value) -> str:
    """The estimate, with its error, of the row; a dash where this run has no such row."""
    for cell in claim["cells"]:
        at = cell["params"] if value.at is None else value.at
        if cell["quantity"] == value.quantity and at == cell["params"]:
            value, error = cell["estimate"], cell.get("stderr")
            if not error or not isinstance(value, float | int):
                return number(value, 4)
            return with_error(value, error)
    return "–"


def page(claims: Sequence[Mapping[str, Any]]) -> str:
    """The page as markdown; ``claims`` are those of results.json."""
    known, drawn = _known(claims), figures(claims)
    parts = [
        "[Report](index.md)",
        "# The paper's figures, ours beside its values",
        "The pictures are ours; what the paper prints is quoted. The paper trains on MNIST, we on smaller "
        "digits: there directions can be compared, not numbers.",
    ]
    for one in SHOWN:
        parts.append(f"## Figure {one.number}")
        parts.append(f"**{typeset(one.title)}.** {typeset(one.says)}")
        if one.claim not in known:
            parts.append(f"Claim {one.claim} is not in this run.")
            continue
        if _file(one) in drawn:
            parts.append(f"![{escape(one.title)}]({_file(one)})")
        rows = [
            [typeset(v.what), typeset(v.printed), _ours(known[one.claim], v)] for v in one.values
        ]
        parts += [table(["quantity", "printed", "ours"], rows), f"Claim {link(known[one.claim])}."]
    return "\n\n".join(parts) + "\n"

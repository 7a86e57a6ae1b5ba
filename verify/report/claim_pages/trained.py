"""What of the 2015 paper stands for trained networks: one table, each cell judged by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verify.report.markdown import link, number, table, typeset

TITLE = "Does a trained network behave like the spin glass?"
_COLUMNS = (
    "the spin glass",
    "a network at its start",
    "trained, square loss",
    "trained, cross-entropy",
)
_SQUARE, _ENTROPY = {"loss": "square"}, {"loss": "cross-entropy"}
_DEEP = {"hidden": "8, 8"}


@dataclass(frozen=True)
class Asked:
    """One line: what the spin glass says, as a number with what counts as agreement, and where it is seen.

    Attributes
    ----------
    claim
        Its id.
    says
        In words.
    value, within
        Of the spin glass, and how far from it another value is still taken for it.
    quantity
        In the claim's table; of networks with "at the start: " or "trained: " before it, if ``states``.
    glass, network
        Parameters of the grid points.
    states
        Whether networks are seen at their start and after training.
    losses
        Whether both losses are asked; else cross-entropy alone.
    """

    claim: str
    says: str
    value: float = 0.0
    within: float = 0.0
    quantity: str = ""
    glass: Mapping[str, Any] | None = None
    network: Mapping[str, Any] | None = None
    states: bool = True
    losses: bool = True


ASKED = (
    Asked(
        "R1",
        "three tenths of the straight barrier stay between deep ends",
        0.295,
        0.13,
        "barrier of path over straight",
        {"system": "glass", "N": 37},
        {"system": "network", "N": 442},
        states=False,
        losses=False,
    ),
    Asked(
        "R2",
        "the Hessian is a semicircle: distance 0",
        0.0,
        0.03,
        "distance to the nearest semicircle",
        {"model": "descent", "H": 3},
        _DEEP,
    ),
    Asked(
        "R3",
        "the level says the index: distance 0 of the share from the semicircle's",
        0.0,
        0.03,
        "distance of the index share from the semicircle's mass at the level",
        {"model": "spin glass"},
        {"model": "tanh"},
        states=False,
    ),
    Asked(
        "R4",
        "it ages: as far from t to 2t at any age, log ratio 0",
        0.0,
        0.9,
        "log of way in as much time again, 16 times the age",
        {"system": "glass", "N": 118},
        {"system": "network", "N": 442},
        states=False,
        losses=False,
    ),
    Asked(
        "R5",
        "the loss is of degree H: slope 1",
        1.0,
        0.01,
        "slope of w.grad L against L, over H",
        {"model": "spin glass", "H": 3},
        _DEEP,
    ),
    Asked(
        "R6",
        "over data, the correlation at overlap 0.95 is overlap^3 = 0.86",
        0.857,
        0.2,
        "correlation at overlap 0.95 in all layers",
        {"model": "spin glass", "H": 3},
        _DEEP,
    ),
    Asked(
        "R7",
        "four times the time lowers end levels by their distance at most: log(1 + fall/distance) to 0.69",
        0.29,
        0.4,
        "log of 1 + fall in the later time over mean distance",
        {"system": "glass", "N": 118},
        {"system": "network", "N": 874},
        states=False,
        losses=False,
    ),
)


def verdict_table(claims: Sequence[Mapping[str, Any]]) -> str:
    """The table: of each cell whether the network is as the spin glass, and its number.

    Parameters
    ----------
    claims
        As in results.json; what was not run is open.

    Examples
    --------
    >>> print(verdict_table([]).splitlines()[2])
    | three tenths of the straight barrier stay between deep ends | open | open | open | open | R1 |
    """
    known = {claim["id"]: claim for claim in claims}
    rows = []
    for one in ASKED:
        claim = known.get(one.claim)
        cells = (claim or {}).get("cells", ()) if one.quantity else ()
        rows.append([typeset(one.says), *_judged(one, cells), link(claim) if claim else one.claim])
    return table(["the spin glass says", *_COLUMNS, "claim"], rows)


def _judged(one: Asked, cells: Sequence[Mapping[str, Any]]) -> list[str]:
    network = one.network or {}
    square, entropy = ({**network, **(loss if one.losses else {})} for loss in (_SQUARE, _ENTROPY))
    begun, ended = ("at the start: ", "trained: ") if one.states else ("", "")
    seen = [
        _seen(cells, one.quantity, one.glass or {}),
        _seen(cells, begun + one.quantity, square) if one.states else None,
        _seen(cells, ended + one.quantity, square) if one.losses else None,
        _seen(cells, ended + one.quantity, entropy),
    ]
    return [_cell(one, value) for value in seen]


def _seen(
    cells: Sequence[Mapping[str, Any]], quantity: str, params: Mapping[str, Any]
) -> float | None:
    """The estimate of a quantity at a grid point; None where there is none."""
    for cell in cells:
        there = cell["params"]
        if cell["quantity"] == quantity and all(there.get(k) == v for k, v in params.items()):
            return float(cell["estimate"])
    return None


def _cell(one: Asked, value: float | None) -> str:
    if value is None:
        return "open"
    agrees = abs(value - one.value) <= one.within
    return f"{'supported' if agrees else 'refuted'}: {number(value, 2)}"

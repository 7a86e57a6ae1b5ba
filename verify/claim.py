"""What a claim is: frozen data that the runner executes and the report prints.

A claim pairs a statement of the theory with evidence for it and with the wrong theories that the
same evidence must refute. The kind of a claim is the type of its evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream

Params = Mapping[str, Any]
Prediction = Mapping[str, Any]
Data = Mapping[str, NDArray[Any]]
Simulate = Callable[[Params, Stream, int, Any], Data]
Profile = Literal["audit", "quick", "standard", "paper"]
Verdict = Literal["supported", "refuted", "inconclusive", "error"]

PROFILES: tuple[Profile, ...] = ("quick", "standard", "paper")


@dataclass(frozen=True)
class Cell:
    """One comparison: a line of a claim's table.

    Attributes
    ----------
    params, quantity
        What was compared, and where.
    predicted, estimate
        Numbers, or decimal strings where they are exact or carry more digits than a float.
    stderr
        Standard error of the estimate (under the theory, where an exact law is known).
    units
        Number of independent units behind the estimate (disorder samples, matrices, sizes N).
    p_value
        Probability of a deviation at least this large if the theory holds; None in a proof.
    holds
        In a proof: True, False, or None where it could not be decided.
    margin
        In an equivalence: the declared bound on abs(limit - estimate).
    """

    params: Params
    quantity: str
    predicted: float | str | None
    estimate: float | str | None
    stderr: float | None = None
    units: int = 0
    p_value: float | None = None
    holds: bool | None = None
    margin: float | None = None


@dataclass(frozen=True)
class Axes:
    """One panel of a figure."""

    panel: str
    xlabel: str
    ylabel: str
    xscale: Literal["linear", "log"] = "linear"
    yscale: Literal["linear", "log"] = "linear"


@dataclass(frozen=True)
class Series:
    """One curve, set of points, histogram (x: edges) or reference line (x alone) of a panel."""

    axes: Axes
    label: str
    x: Sequence[float]
    y: Sequence[float] = ()
    yerr: Sequence[float] = ()
    kind: Literal["line", "points", "steps", "vline"] = "line"


@dataclass(frozen=True)
class Observation:
    """All that was seen of one point of the grid: its prediction and its merged data."""

    params: Params
    prediction: Prediction
    data: Data


Compare = Callable[[Sequence[Observation]], list[Cell]]
Draw = Callable[[Sequence[Observation]], list[Series]]


def each(compare: Callable[[Observation], list[Cell]]) -> Compare:
    """Lift a comparison of one grid point to the whole grid."""
    return lambda seen: [cell for observation in seen for cell in compare(observation)]


def no_series(_: Sequence[Observation]) -> list[Series]:
    """Draw nothing."""
    return []


@dataclass(frozen=True)
class Proof:
    """Evidence by symbolic algebra, ball arithmetic or exact finite computation.

    ``prove(params)`` returns cells whose ``holds`` is True, False or None (undecided).
    """

    grid: tuple[Params, ...]
    prove: Callable[[Params], list[Cell]]
    series: Callable[[], list[Series]] = list


@dataclass(frozen=True)
class Sampled:
    """Evidence by Monte Carlo against an exact law.

    ``simulate(params, stream, chunk, xp)`` returns arrays whose leading axis counts independent
    units, computed in the array namespace xp; chunks are concatenated in order.
    ``chunks(profile, params)`` says how many are run (0: the grid point is absent there).
    ``constants`` maps the name of a constant of the theory to the prediction in which it is
    multiplied by ``1 + eps``.
    """

    grid: tuple[Params, ...]
    predict: Callable[[Params], Prediction]
    simulate: Simulate
    compare: Compare
    chunks: Callable[[Profile, Params], int]
    constants: Mapping[str, Callable[[Params, float], Prediction]] = field(default_factory=dict)
    series: Draw = no_series


@dataclass(frozen=True)
class Limit:
    """Evidence for a limit theorem by a sequence in N, compared within a declared margin.

    The sequence is simulated (``simulate`` and ``chunks``, as in `Sampled`) or exact
    (``sequence(params, profile)``). The bias model lives in ``compare``, which returns cells with
    a margin. ``bias`` says in words what the margin allows for.
    """

    grid: tuple[Params, ...]
    predict: Callable[[Params], Prediction]
    compare: Compare
    bias: str
    simulate: Simulate | None = None
    chunks: Callable[[Profile, Params], int] | None = None
    sequence: Callable[[Params, Profile], Data] | None = None
    constants: Mapping[str, Callable[[Params, float], Prediction]] = field(default_factory=dict)
    series: Draw = no_series


Evidence = Proof | Sampled | Limit


@dataclass(frozen=True)
class Alternative:
    """A wrong theory, a printed erratum, or a wrong sampler.

    ``change`` replaces functions of the evidence: ``prove``, ``predict`` or ``sequence`` (a wrong
    theory, refuted in every run on the same samples) or ``simulate`` (a wrong sampler, run by the
    audit).
    """

    name: str
    why: str
    change: Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Claim:
    """A statement, its source, its evidence, and the wrong theories it must refute."""

    id: str
    title: str
    rows: tuple[str, ...]
    statement: str
    source: str
    assumptions: str
    evidence: Evidence
    alternatives: tuple[Alternative, ...]
    lacks: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    expected: Verdict = "supported"

    @property
    def kind(self) -> str:
        """Proof, sampled or limit."""
        return type(self.evidence).__name__.lower()


def per_profile(
    quick: int, standard: int, paper: int, audit: int = 1
) -> Callable[[Profile, Params], int]:
    """Number of chunks by profile, the same at every grid point.

    ``audit`` is the size at which wrong samplers must be caught, a few core-seconds.
    """
    sizes = {"audit": audit, "quick": quick, "standard": standard, "paper": paper}
    return lambda profile, _: sizes[profile]


def merge(chunks: Sequence[Data]) -> dict[str, NDArray[Any]]:
    """Concatenate chunks, in the order given, along the axis of independent units."""
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}

"""What a claim is: frozen data that the runner executes and the report prints.

A claim pairs a statement of the theory with evidence for it and with the wrong theories that the
same evidence must refute. The kind of a claim is the type of its evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream

if TYPE_CHECKING:
    from numerics.networks.datasets import Mnist

Params = Mapping[str, Any]
Prediction = Mapping[str, Any]
Data = Mapping[str, NDArray[Any]]
Simulate = Callable[[Params, Stream, int, Any], Data]
Profile = Literal["audit", "quick", "standard", "paper"]
Verdict = Literal["supported", "refuted", "inconclusive", "error"]
Standing = Literal["refuted", "inconclusive", "survived"]
Change = Mapping[
    str, Callable[..., Any]
]  # functions of an evidence, by name, and what replaces them

Curve = Sequence[float] | NDArray[Any]  # numbers along one axis of a figure
PROFILES: tuple[Profile, ...] = ("quick", "standard", "paper")


def where(params: Params) -> str:
    """A grid point in words.

    Examples
    --------
    >>> where({"p": 3, "u": -1.7}), where({})
    ('p = 3, u = -1.7', 'its one point')
    """
    return ", ".join(f"{name} = {value}" for name, value in params.items()) or "its one point"


def of_mnist(params: Params) -> bool:
    """Whether a grid point is of MNIST, which is run only where its folder was given.

    Examples
    --------
    >>> of_mnist({"n1": 10}), of_mnist({"data": "mnist", "n1": 10})
    (False, True)
    """
    return params.get("data") == "mnist"


def check_finite(params: Params, quantity: str, **numbers: Any) -> None:
    """Raise ArithmeticError, naming the comparison, unless every number (or array) is finite."""
    for name, value in numbers.items():
        if not np.all(np.isfinite(np.asarray(value, dtype=float))):
            shown = "holds what is not finite" if np.ndim(value) else f"is {float(value)}"
            raise ArithmeticError(f"{quantity} at {where(params)}: {name} {shown}")


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
        In an equivalence: the declared bound on abs(limit - estimate). Of two exact routes: the
        tolerance to which they must agree.
    freedom
        Degrees of freedom of the standard error; None where it is known, not estimated.
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
    freedom: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is not finite: it must never pass for agreement."""
        for name in ("predicted", "estimate", "stderr", "p_value", "margin", "freedom"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                check_finite(self.params, self.quantity, **{name: value})


def farthest(cells: Sequence[Cell]) -> tuple[float | None, str]:
    """How far the row is off that is farthest from its prediction, and in what unit.

    A row has a p-value if it is judged; those that are exact to all digits have no unit.

    Examples
    --------
    >>> row = Cell({}, "q", 1.0, 1.5, stderr=0.25, units=9, p_value=0.05)
    >>> farthest([row, Cell({}, "r", 1.0, 1.25, stderr=0.1, p_value=0.05, margin=0.0625)])
    (4.0, 'margins')
    """
    found: list[tuple[float, str]] = []
    for cell in cells:
        size, unit = (
            (cell.margin, "margins")
            if cell.margin is not None
            else (cell.stderr, "standard errors")
        )
        both = cell.predicted, cell.estimate
        if cell.p_value is not None and size and not any(isinstance(x, str | None) for x in both):
            found.append((abs(float(both[1]) - float(both[0])) / size, unit))  # type: ignore[arg-type]
    return max(found, default=(None, ""))


@dataclass(frozen=True)
class Axes:
    """One panel of a figure, and the curves that stand in it.

    ``xnames`` are names of the places 0, 1, ... on an axis that counts nothing.

    Examples
    --------
    >>> axes = Axes("Decay", "N", "share", "log", "log")
    >>> axes.points("measured", [10, 20], [0.2, 0.1], [0.01, 0.01]).kind
    'points'
    >>> axes.level("limit", (0.0, 1.0), 0.5).y
    [0.5, 0.5]
    >>> band = axes.band("quartiles", [10], [0.1], [0.5])
    >>> band.y.tolist(), band.yerr.tolist()
    ([0.3], [0.2])
    >>> axes.histogram("sizes", [1.0, 1.0, 3.0], np.array([0.0, 2.0, 4.0])).y.tolist()
    [0.3333333333333333, 0.16666666666666666]
    """

    panel: str
    xlabel: str
    ylabel: str
    xscale: Literal["linear", "log"] = "linear"
    yscale: Literal["linear", "log"] = "linear"
    xnames: tuple[str, ...] = ()

    def line(self, label: str, x: Curve, y: Curve) -> Series:
        """A curve."""
        return Series(self, label, x, y)

    def points(self, label: str, x: Curve, y: Curve, yerr: Curve = ()) -> Series:
        """Single values, with their errors if there are any."""
        return Series(self, label, x, y, yerr, "points")

    def band(self, label: str, x: Curve, low: Curve, high: Curve) -> Series:
        """What lies between two curves: an interval at each x."""
        ends = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
        return Series(self, label, x, (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2, "band")

    def steps(self, label: str, edges: Curve, heights: Curve) -> Series:
        """A histogram; one edge more than heights."""
        return Series(self, label, edges, heights, (), "steps")

    def histogram(self, label: str, values: Curve, edges: NDArray[Any]) -> Series:
        """The density of values, by steps between edges."""
        return self.steps(label, edges, np.histogram(values, edges, density=True)[0])

    def level(self, label: str, ends: tuple[float, float], y: float) -> Series:
        """A horizontal line from one x to another: a prediction, a limit."""
        return Series(self, label, list(ends), [y, y])

    def mark(self, label: str, x: float) -> Series:
        """A vertical line."""
        return Series(self, label, [x], kind="vline")


@dataclass(frozen=True)
class Series:
    """One curve of a panel.

    Of a histogram x are the edges; a reference line has x alone; a band lies between y - yerr and y + yerr.
    """

    axes: Axes
    label: str
    x: Curve
    y: Curve = ()
    yerr: Curve = ()
    kind: Literal["line", "points", "steps", "vline", "band"] = "line"


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
class Alternative:
    """A wrong theory, a printed erratum, or a wrong sampler.

    ``change`` replaces functions of the evidence: ``prove``, ``predict`` or ``sequence`` (a wrong
    theory, refuted in every run on the same samples) or ``simulate`` (a wrong sampler, run by the
    audit).
    """

    name: str
    why: str
    change: Change

    @property
    def is_sampler(self) -> bool:
        """Whether it is a wrong sampler, run by the audit alone."""
        return set(self.change) == {"simulate"}


@dataclass(frozen=True)
class Piece:
    """One piece of a claim's work.

    Attributes
    ----------
    point
        Number of the grid point.
    chunk
        Number of the chunk that is simulated; None where nothing is drawn.
    alternative
        Name of the wrong theory or sampler whose piece it is; None for the claim's own.
    """

    point: int
    chunk: int | None = None
    alternative: str | None = None


@dataclass(frozen=True)
class Setting:
    """What a piece of work depends on beside its claim and grid point: size, seed, look, backend, data."""

    profile: Profile
    seed: int = 0
    look: int = 1
    backend: str = "numpy"
    mnist: Mnist | None = None


@dataclass(frozen=True)
class AlternativeResult:
    """What the evidence says of a wrong theory.

    Attributes
    ----------
    off_by, unit
        How far its farthest comparison is off, and in what: "margins" where that comparison has
        one, else "standard errors"; of a proof, how many statements are false, "of" how many.
    """

    name: str
    why: str
    verdict: Verdict
    p_value: float | None
    off_by: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Judgement:
    """All that the data say of a claim; the verdict may wait for a second look."""

    p_value: float | None
    cells: list[Cell]
    alternatives: list[AlternativeResult]
    sensitivity: dict[str, float]
    series: list[Series]


class Evidence(Protocol):
    """What shows a claim. The kinds are the classes of `verify.evidence`; the runner knows no other.

    Attributes
    ----------
    grid
        Where the claim is tried.
    kind
        Its word in the report.
    looks
        How many looks at fresh samples a verdict takes.
    simulated
        Whether its pieces are chunks of samples, which a store keeps.
    bias
        What a margin allows for, in words.
    changes
        What an `Alternative` may change.
    """

    @property
    def grid(self) -> tuple[Params, ...]:
        """Where the claim is tried."""

    @property
    def kind(self) -> str:
        """Its word in the report."""

    @property
    def looks(self) -> int:
        """How many looks at fresh samples a verdict takes."""

    @property
    def simulated(self) -> bool:
        """Whether its pieces are chunks of samples, which a store keeps."""

    @property
    def bias(self) -> str:
        """What a margin allows for, in words."""

    @property
    def changes(self) -> frozenset[str]:
        """What an `Alternative` may change."""

    def pieces(self, profile: Profile, alternatives: Sequence[Alternative]) -> Iterator[Piece]:
        """All the work of a profile, in the order in which it is merged."""

    def work(
        self, piece: Piece, profile: Profile, change: Change, stream: Stream, xp: Any
    ) -> list[Cell] | Data:
        """Do one piece, in a worker."""

    def cells(self, data: Mapping[Piece, Any]) -> list[Cell]:
        """The claim's own comparisons on its pieces."""

    def judge(
        self, data: Mapping[Piece, Any], alternatives: Sequence[Alternative], level: float
    ) -> Judgement:
        """Judge the claim's own theory and every wrong one on the same pieces."""

    def verdict(self, found: Judgement, confirmed: bool) -> tuple[Verdict, str]:
        """The verdict on the claim's own theory and its reason.

        ``confirmed`` says that every look of a sampled claim disagrees with it.
        """

    def standing(self, cells: Sequence[Cell]) -> Standing:
        """What one look at a small size says of the theory as it stands; for the audit."""


@dataclass(frozen=True)
class Claim:
    """A statement, its source, its evidence, and the wrong theories it must refute.

    Attributes
    ----------
    lacks
        Rows of the paper that it shows in part: what is missing.
    lacks_without_mnist
        The same where MNIST was not given.
    expected
        The verdict, or that of each profile: "inconclusive" where its samples cannot tell.
    undecided
        Where a verdict is expected to be inconclusive: the power that is missing, and what would
        bring it.
    compares
        Fragments of the statement, verbatim, each to the quantity that compares it, or to the
        beginning of several followed by ``*``. No quantity of a statement lies outside of them.
    """

    id: str
    title: str
    rows: tuple[str, ...]
    statement: str
    source: str
    assumptions: str
    evidence: Evidence
    alternatives: tuple[Alternative, ...]
    lacks: Mapping[str, str] = field(default_factory=dict)
    lacks_without_mnist: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    expected: Verdict | Mapping[Profile, Verdict] = "supported"
    undecided: str = ""
    compares: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """That of the evidence."""
        return self.evidence.kind

    def expects(self, profile: Profile) -> Verdict:
        """The verdict that a profile is expected to give."""
        if isinstance(self.expected, str):
            return self.expected
        return self.expected.get(profile, "supported")

    def change(self, alternative: str | None) -> Change:
        """What an alternative changes; nothing for None."""
        return next((a.change for a in self.alternatives if a.name == alternative), {})


def per_profile(
    quick: int, standard: int, paper: int, audit: int = 1
) -> Callable[[Profile, Params], int]:
    """Number of chunks by profile, the same at every grid point.

    ``audit`` is the size at which wrong samplers must be caught, a few core-seconds.
    """
    sizes = {"audit": audit, "quick": quick, "standard": standard, "paper": paper}
    return lambda profile, _: sizes[profile]


@dataclass(frozen=True)
class Schedule:
    """How many chunks each profile runs, by the value of one parameter of the grid point.

    Parameters
    ----------
    by
        The parameter's name.
    sizes
        For each profile the chunks of each value; a value that is left out is absent there.

    Examples
    --------
    >>> chunks = Schedule("N", {"quick": {25: 5}, "standard": {25: 15, 50: 15}})
    >>> chunks("quick", {"N": 25}), chunks("quick", {"N": 50}), chunks("audit", {"N": 25})
    (5, 0, 0)
    """

    by: str
    sizes: Mapping[Profile, Mapping[Any, int]]

    def __call__(self, profile: Profile, params: Params) -> int:
        """Number of chunks of a grid point."""
        return self.sizes.get(profile, {}).get(params.get(self.by), 0)


def merge(chunks: Sequence[Data]) -> dict[str, NDArray[Any]]:
    """Concatenate chunks, in the order given, along the axis of independent units."""
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}

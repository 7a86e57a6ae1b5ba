"""CK: the Cugliandolo-Kurchan equations and their solver against exact cases and other routes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from theory import Relaxation, dynamics, parse, threshold, threshold_energy
from theory.mean_field_dynamics.cugliandolo_kurchan import Resolution, solve
from theory.mean_field_dynamics.power_law_tail import tail
from theory.mean_field_dynamics.taylor import energy_series
from theory.model import Mixture
from verify.alternatives import replacing
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Curve,
    Data,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
    each,
)
from verify.evidence import Limit
from verify.statistics import equivalence_cell

Real = NDArray[np.float64]

PURE2, PURE3, MIXED = "q^2", "q^3", "0.5 q^3 + 0.5 q^4"
LEVELS = (PURE3, MIXED, "q^3 + 0.7 q^6")
SOON, LIMIT, RATE = 0.1, -1.5, 0.6
TIMES = (0.25, 0.5, 1.0, 1.5)  # where rows compare
MOMENTS = np.linspace(0.0, TIMES[-1], 25)[1:]  # those of the figure; TIMES are among them
U = [f"u({t:g})" if t in TIMES else "" for t in MOMENTS]  # names of the rows, "" where none is
SHORT = ((PURE3, 0.0, 0.0), (MIXED, 0.0, 0.0), (MIXED, 0.5, 1.0), (MIXED, 1.0, 1.0))
GRID = Resolution(40, 24, 20)  # a coarse grid: its error is below the margins
EXACT = 1e-4
ROUTES = 1e-4  # of the slower second route, extrapolated in its step
ROUNDING = 1e-9
POINTS = (
    {"case": "p = 2, exact"},
    {"case": "equilibrium"},
    {"case": "short times"},
    {"case": "threshold"},
    {"case": "two grids"},
    {"case": "fit"},
    {"case": "another solver", "model": PURE3, "T": 0.0, "beta": 0.0},
    {"case": "another solver", "model": MIXED, "T": 0.0, "beta": 1.2},
    {"case": "another solver", "model": MIXED, "T": 0.4, "beta": 0.7},
)


def exact_p2(times: Curve, unit: float = 1.0) -> list[float]:
    """u(t) of p = 2: in the basis of the coupling matrix each spin decays by itself.

    H = N^(-1/2) s.X s has Hessian eigenvalues x of semicircle radius 2 sqrt 2 = 2 sqrt(xi''), and
    s_x(t) ~ exp(-x t) s_x(0) up to a factor, so u = <x exp(-2 x t)>/(2 <exp(-2 x t)>); with
    <exp(-2 x t)> ~ I_1(z)/z, z = 4 sqrt2 t, that is -sqrt2 I_2(z)/I_1(z).
    """
    z = 4 * sqrt(2) * np.asarray(times) * unit
    return [float(u) for u in -sqrt(2) * special.ive(2, z) / special.ive(1, z)]


def uniform(
    model: Mixture, temperature: float, beta: float, steps: int, kernel: int = 2, pull: float = 1.0
) -> Real:
    """u at `MOMENTS` by Heun's method and trapezia on a uniform grid; shares nothing with the solver.

    ``kernel`` is the order of the derivative of xi in the memory kernel, ``pull`` the factor of the terms
    of a thermalised start: 2 and 1 in the theory.
    """
    h = TIMES[-1] / steps
    c, r = np.eye(steps + 1), np.eye(steps + 1)
    xi = model.xi

    def row(i: int) -> tuple[Real, Real, float]:
        ends = np.full(i + 1, h)
        ends[0] = ends[-1] = h / 2 if i else 0.0
        k, d = xi(c[i, : i + 1], kernel) * r[i, : i + 1], xi(c[i, : i + 1], 1)
        b = pull * beta * xi(c[i, 0], 1)
        mu = temperature + float(ends @ (k * c[i, : i + 1] + d * r[i, : i + 1])) + b * c[i, 0]
        # Trapezia from j to i, and from 0 to j: half weight at both ends; r vanishes for s < j.
        full = h * (k @ np.tril(r[: i + 1, : i + 1]))
        to_r = full - h / 2 * (k[-1] * r[i, : i + 1] + k * r.diagonal()[: i + 1])
        to_c = (ends * k) @ c[: i + 1, : i + 1] + b * c[: i + 1, 0]
        below = h * (np.tril(r[: i + 1, : i + 1]) @ d)
        to_c += below - h / 2 * (d * r.diagonal()[: i + 1] + d[0] * r[: i + 1, 0])
        u = -float(ends @ (d * r[i, : i + 1])) - pull * beta * xi(c[i, 0])
        return to_r - mu * r[i, : i + 1], to_c - mu * c[i, : i + 1], u

    u = np.zeros(steps + 1)
    for i in range(steps + 1):
        r_rate, c_rate, u[i] = row(i)
        if i == steps:
            break
        r[i + 1, : i + 1] = r[i, : i + 1] + h * r_rate
        c[i + 1, : i + 1] = c[i, : i + 1] + h * c_rate
        for _ in range(2):
            c[: i + 1, i + 1] = c[i + 1, : i + 1]
            r_next, c_next, _ = row(i + 1)
            r[i + 1, : i + 1] = r[i, : i + 1] + h / 2 * (r_rate + r_next[: i + 1])
            c[i + 1, : i + 1] = c[i, : i + 1] + h / 2 * (c_rate + c_next[: i + 1])
        c[: i + 1, i + 1] = c[i + 1, : i + 1]
    return np.asarray(u[np.rint(MOMENTS / h).astype(int)])


def second_route(params: Params, **wrong: Any) -> list[float]:
    """`uniform` extrapolated in its step, error below ROUTES; then mu and u at 0."""
    model, heat, beta = parse(params["model"]), params["T"], params["beta"]
    rough, middle, fine = (uniform(model, heat, beta, steps, **wrong) for steps in (24, 48, 96))
    second = [(4 * b - a) / 3 for a, b in ((rough, middle), (middle, fine))]  # of order 3
    found = (8 * second[1] - second[0]) / 7
    return [*found.tolist(), heat + beta * model.xi(1.0, 1), -beta * model.xi(1.0)]


def marginal_complexity(model: Mixture) -> float:
    """The threshold a second way: where the most numerous stationary points at u turn marginal.

    The exponent of their mean number at energy u and radial derivative r is, up to a constant,
    Phi(r/sqrt xi'') - (1/2) (u, r) C^-1 (u, r)^T with C = [[xi, xi'], [xi', xi' + xi'']]; Phi(x) = x^2/4
    up to the edge x = -2. Its slope in r there vanishes at the threshold u.
    """
    if model.is_pure:  # r = p u there: the edge of the spectrum touches 0
        return -float(threshold(model, None, 17))
    xi, first, second = (model.xi(1.0, order) for order in (0, 1, 2))
    inverse = np.linalg.inv(np.array([[xi, first], [first, first + second]]))
    edge = -2 * sqrt(second)

    def slope(u: float) -> float:
        return float(edge / (2 * second) - inverse[1] @ np.array([u, edge]))

    return float(optimize.brentq(slope, -10.0, 0.0, xtol=1e-14))


def derivatives(model: Mixture, heat: float, beta: float) -> list[float | None]:
    """u and its derivatives at t = 0 over k!, from the Gaussian law of H's derivatives alone.

    u' = -|grad|^2/N + T tr Hess/N = -xi' (1 - beta T). From a uniform start at T = 0, u'' = 2 grad.Hess grad
    = 0 and u''' = -4 |Hess grad|^2 - 2 D^3H(grad, grad, grad) over N = -4 xi' xi'' + 2 xi' (xi' + 3 xi''),
    since along a geodesic Cov(H', H''') = -(xi' + 3 xi'')/N.
    """
    xi, first, second = (model.xi(1.0, order) for order in (0, 1, 2))
    known: list[float | None] = [-beta * xi, -first * (1 - beta * heat), None, None]
    if beta == 0 and heat == 0:
        known[2:] = [0.0, (-4 * first * second + 2 * first * (first + 3 * second)) / 6]
    if beta * heat == 1:
        known[2:] = [0.0, 0.0]
    return known


def in_equilibrium(_: Params) -> Curve:
    """The solver's u, largest error of the fluctuation-dissipation relation, and mu."""
    flow = solve(parse(MIXED), TIMES[-1], 1.0, 1.0, GRID)
    balance = flow.integrated_response - (1 - flow.correlation)
    return np.array([flow.energy(TIMES[-1]), np.abs(balance[1:]).max(), flow.mu[-1]])


def two_grids(_: Params) -> Curve:
    """The face of the solver, which halves the step."""
    free, still = dynamics(parse(PURE2), SOON), dynamics(parse(MIXED), SOON, 1.0, 1.0)
    missing = float(len(free.error) - len(free.t))
    return np.array([free.t[-1], free.u[-1], still.u[-1], free.error[-1], missing])


def fitted(_: Params) -> Curve:
    """The fit of the end to a power law."""
    t = np.array([0.0, *np.expm1(np.arange(1, 400) / 40)])
    u = LIMIT + 0.3 * np.maximum(t, t[1]) ** -RATE
    found = tail(Relaxation(t, u, 0 * u, u, *[u[:, None]] * 4))
    return [found.limit, found.exponent]


def solved(params: Params) -> Curve:
    """The solver's u at `MOMENTS`, and mu and u at 0."""
    flow = solve(parse(params["model"]), TIMES[-1], params["T"], params["beta"], GRID)
    return np.array([*flow.energy(MOMENTS), flow.mu[0], flow.u[0]])


@dataclass(frozen=True)
class Case:
    """Numbers by the theory's solver, what must be true of them by a route of its own, the margin.

    A number whose name is empty stands in the figure alone.
    """

    names: Sequence[str]
    seen: Callable[[Params], Curve]
    said: Callable[[Params], Sequence[float | None]]
    margin: float = EXACT


CASES = {
    "p = 2, exact": Case(
        U,
        lambda _: solve(parse(PURE2), TIMES[-1], resolution=GRID).energy(MOMENTS),
        lambda _: exact_p2(MOMENTS),
    ),
    # u stays; chi = beta (1 - C); mu = T + beta xi' in equilibrium.
    "equilibrium": Case(
        ["u(1.5)", "largest |chi - (1 - C)|", "mu(1.5)"],
        in_equilibrium,
        lambda _: [-1.0, 0.0, 1.0 + parse(MIXED).xi(1.0, 1)],
    ),
    "short times": Case(
        [
            f"u^({k})(0)/{k}!, {model}, T = {heat:g}, beta = {beta:g}"
            for model, heat, beta in SHORT
            for k in range(4)
        ],
        lambda _: [x for model, *how in SHORT for x in energy_series(parse(model), *how)[:4]],
        lambda _: [x for model, *how in SHORT for x in derivatives(parse(model), *how)],
        ROUNDING,
    ),
    "threshold": Case(
        [f"threshold energy of {model}" for model in LEVELS],
        lambda _: [threshold_energy(parse(model)) for model in LEVELS],
        lambda _: [marginal_complexity(parse(model)) for model in LEVELS],
        ROUNDING,
    ),
    "two grids": Case(
        [
            "last time",
            f"u({SOON:g}) of p = 2",
            f"u({SOON:g}) in equilibrium",
            "change by half the step",
            "rows without an error",
        ],
        two_grids,
        lambda _: [SOON, *exact_p2([SOON]), -1.0, 0.0, 0.0],
    ),
    "fit": Case(["limit of a power law", "its exponent"], fitted, lambda _: [LIMIT, RATE]),
    "another solver": Case(
        [*U, "mu(0)", "u(0)"],
        solved,
        second_route,
        ROUTES,
    ),
}


def sequence(params: Params, _: Profile) -> Data:
    """What the theory's solver says of a case."""
    return {"value": np.array(CASES[params["case"]].seen(params))}


def predict(params: Params) -> Prediction:
    """What must be true of the case, by a route of its own."""
    return {"value": CASES[params["case"]].said(params)}


def compare(seen: Observation) -> list[Cell]:
    """Every number of a case."""
    case = CASES[seen.params["case"]]
    return [
        equivalence_cell(seen.params, name, said, found, 0.0, 1, case.margin)
        for name, said, found in zip(
            case.names, seen.prediction["value"], seen.data["value"].tolist(), strict=True
        )
        if name and said is not None
    ]


def series(seen: Sequence[Observation]) -> list[Series]:
    """u(t) of the cases by both routes, and how far these are apart beside what is allowed."""
    axes = Axes("Energy against time, two routes", "t", "u = H/N")
    apart = Axes("Solver minus other route", "t", f"difference of u / {EXACT:g}")
    ends = float(MOMENTS[0]), float(MOMENTS[-1])
    drawn, residuals = [], [apart.band("allowed", ends, (-1.0, -1.0), (1.0, 1.0))]
    for one in seen:
        if one.params["case"] in ("p = 2, exact", "another solver"):
            at = {"model": PURE2, "T": 0.0, "beta": 0.0, **one.params}
            how = f"{at['model']}, T = {at['T']:g}, beta = {at['beta']:g}"
            found, said = (np.array(x["value"][: len(MOMENTS)]) for x in (one.data, one.prediction))
            other = "exact" if at["model"] == PURE2 else "Heun"
            drawn += [
                axes.line(how, MOMENTS, found),
                axes.points(f"{other}: {how}", MOMENTS, said),
            ]
            residuals.append(apart.points(how, MOMENTS, (found - said) / EXACT))
    return drawn + residuals


def wrong(name: str, why: str, case: str, value: Callable[[Params], Any]) -> Alternative:
    """A theory that is wrong in one case."""
    return replacing(
        predict, name, why, lambda q, _: {"value": value(q)}, lambda q: bool(q["case"] == case)
    )


def pure_threshold(_: Params) -> list[float]:
    """The threshold energy of a pure model of the same xi' and xi''."""
    models = [parse(model) for model in LEVELS]
    return [-2 * sqrt(model.xi(1.0, 2)) / model.xi(1.0, 1) for model in models]


def hessian_alone(params: Params) -> list[float | None]:
    """Twice the third derivative of u: that of H forgotten."""
    said = CASES["short times"].said(params)
    return [x if k % 4 != 3 or x is None else 2 * x for k, x in enumerate(said)]


CLAIM = Claim(
    id="CK",
    title="The Cugliandolo-Kurchan equations, solved",
    rows=(),
    statement="The equations of the relaxation of infinitely many spins, from a uniform or a "
    "thermalised start, at T = 0 and T > 0, for pure models and mixtures, and the solver used here: "
    "exact for p = 2, in equilibrium and at short times, and equal to another solver elsewhere.",
    compares={
        "from a uniform or a thermalised start, at T = 0 and T > 0, for pure models and "
        "mixtures": "u(1.5)",
        "exact for p = 2": "u(1)",
        "in equilibrium": "largest |chi - (1 - C)|",
        "at short times": "u^(1)(0)/1!, *",
        "equal to another solver elsewhere": "mu(0)",
    },
    source="Cugliandolo and Kurchan 1993; thermalised start: Folena, Franz and Ricci-Tersenghi 2020",
    assumptions="d sigma/dt = -grad H - mu sigma + sqrt(2T) noise on |sigma|^2 = N; N to infinity at "
    "fixed t",
    evidence=Limit(
        grid=POINTS,
        predict=predict,
        compare=each(compare),
        bias="values of the coarse grid used here, to 1e-4; of the other solver, Heun's method "
        "extrapolated in its step, twice, to 1e-4; series and threshold to rounding",
        sequence=sequence,
        series=series,
    ),
    alternatives=(
        wrong(
            "half the time unit",
            "d sigma/dt = -grad H/2",
            "p = 2, exact",
            lambda _: exact_p2(MOMENTS, 0.5),
        ),
        wrong(
            "kernel xi'",
            "xi' for xi'' in the memory",
            "another solver",
            lambda q: second_route(q, kernel=1),
        ),
        wrong(
            "no pull",
            "a thermalised start taken for a uniform one",
            "another solver",
            lambda q: second_route(q, pull=0.0),
        ),
        wrong(
            "fluctuation-dissipation with T/2",
            "the factor of the noise",
            "equilibrium",
            lambda _: [-1.0, 0.5, 1.0 + parse(MIXED).xi(1.0, 1)],
        ),
        wrong("no third derivative", "u''' from the Hessian alone", "short times", hessian_alone),
        wrong(
            "threshold of the pure formula",
            "-2 sqrt(xi'')/xi' for every mixture",
            "threshold",
            pure_threshold,
        ),
    ),
)

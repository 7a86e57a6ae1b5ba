"""CK: the Cugliandolo-Kurchan equations and their solver against exact cases and other routes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from theory import Relaxation, parse, relaxation, threshold, threshold_energy
from theory.mean_field_dynamics.cugliandolo_kurchan import Resolution, solve
from theory.mean_field_dynamics.power_law_tail import tail
from theory.mean_field_dynamics.taylor import energy_series
from theory.model import Mixture
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
)
from verify.evidence import Limit
from verify.statistics import equivalence_cell

Real = NDArray[np.float64]

PURE2, PURE3, MIXED = "q^2", "q^3", "0.5 q^3 + 0.5 q^4"
LEVELS = (PURE3, MIXED, "q^3 + 0.7 q^6")
SOON, LIMIT, RATE = 0.1, -1.5, 0.6
TIMES = (0.25, 0.5, 1.0, 1.5)
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


def exact_p2(times: Sequence[float], unit: float = 1.0) -> list[float]:
    """u(t) of p = 2: in the basis of the coupling matrix each spin decays by itself.

    H = N^(-1/2) s.X s has Hessian eigenvalues x of semicircle radius 2 sqrt 2 = 2 sqrt(xi''), and
    s_x(t) ~ exp(-x t) s_x(0) up to a factor, so u = <x exp(-2 x t)>/(2 <exp(-2 x t)>); with
    <exp(-2 x t)> ~ I_1(z)/z, z = 4 sqrt2 t, that is -sqrt2 I_2(z)/I_1(z).
    """
    z = 4 * sqrt(2) * np.asarray(times) * unit
    found: list[float] = (-sqrt(2) * special.ive(2, z) / special.ive(1, z)).tolist()
    return found


def uniform(
    model: Mixture, temperature: float, beta: float, steps: int, kernel: int = 2, pull: float = 1.0
) -> Real:
    """u at `TIMES` by Heun's method and trapezia on a uniform grid; shares nothing with the solver.

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
    return np.asarray(u[np.rint(np.asarray(TIMES) / h).astype(int)])


def second_route(params: Params, **wrong: Any) -> list[float]:
    """`uniform` extrapolated in its step, error below ROUTES."""
    model = parse(params["model"])
    rough, middle, fine = (
        uniform(model, params["T"], params["beta"], steps, **wrong) for steps in (24, 48, 96)
    )
    second = [(4 * b - a) / 3 for a, b in ((rough, middle), (middle, fine))]  # of order 3
    found: list[float] = ((8 * second[1] - second[0]) / 7).tolist()
    return found


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


def sequence(params: Params, profile: Profile) -> Data:
    """What the theory's solver says of a case."""
    case = params["case"]
    if case == "p = 2, exact":
        flow = solve(parse(PURE2), TIMES[-1], resolution=GRID)
        return {"value": flow.energy(TIMES)}
    if case == "equilibrium":
        flow = solve(parse(MIXED), TIMES[-1], 1.0, 1.0, GRID)
        balance = flow.integrated_response - (1 - flow.correlation)
        return {"value": np.array([flow.energy(TIMES[-1]), np.abs(balance[1:]).max(), flow.mu[-1]])}
    if case == "short times":
        found = []
        for name, heat, beta in SHORT:
            found += energy_series(parse(name), heat, beta)[:4].tolist()
        return {"value": np.array(found)}
    if case == "two grids":
        free, still = relaxation(parse(PURE2), SOON), relaxation(parse(MIXED), SOON, 1.0, 1.0)
        ends = [free.t[-1], free.u[-1], still.u[-1]]
        return {"value": np.array([*ends, free.error[-1], float(len(free.error) - len(free.t))])}
    if case == "fit":
        t = np.expm1(np.arange(1, 400) / 40)
        t = np.array([0.0, *t])
        u = LIMIT + 0.3 * np.maximum(t, t[1]) ** -RATE
        fitted = tail(Relaxation(t, u, 0 * u, u, *[u[:, None]] * 4))
        return {"value": np.array([fitted.limit, fitted.exponent])}
    if case == "threshold":
        return {"value": np.array([threshold_energy(parse(m)) for m in LEVELS])}
    model = parse(params["model"])
    flow = solve(model, TIMES[-1], params["T"], params["beta"], GRID)
    return {"value": np.array([*flow.energy(TIMES), flow.mu[0], flow.u[0]])}


SHORT = ((PURE3, 0.0, 0.0), (MIXED, 0.0, 0.0), (MIXED, 0.5, 1.0), (MIXED, 1.0, 1.0))


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


def predict(params: Params) -> Prediction:
    """What must be true of the case, by a route of its own."""
    case = params["case"]
    if case == "p = 2, exact":
        return {"value": exact_p2(TIMES)}
    if case == "equilibrium":
        # u stays; chi = beta (1 - C); mu = T + beta xi' in equilibrium.
        return {"value": [-1.0, 0.0, 1.0 + parse(MIXED).xi(1.0, 1)]}
    if case == "short times":
        return {"value": [x for model, *how in SHORT for x in derivatives(parse(model), *how)]}
    if case == "two grids":
        return {"value": [SOON, *exact_p2([SOON]), -1.0, 0.0, 0.0]}
    if case == "fit":
        return {"value": [LIMIT, RATE]}
    if case == "threshold":
        return {"value": [marginal_complexity(parse(m)) for m in LEVELS]}
    start = params["T"] + params["beta"] * parse(params["model"]).xi(1.0, 1)
    level = -params["beta"] * parse(params["model"]).xi(1.0)
    return {"value": [*second_route(params), start, level]}


NAMES = {
    "p = 2, exact": [f"u({t:g})" for t in TIMES],
    "equilibrium": ["u(1.5)", "largest |chi - (1 - C)|", "mu(1.5)"],
    "short times": [
        f"u^({k})(0)/{k}!, {model}, T = {heat:g}, beta = {beta:g}"
        for model, heat, beta in SHORT
        for k in range(4)
    ],
    "two grids": [
        "last time",
        f"u({SOON:g}) of p = 2",
        f"u({SOON:g}) in equilibrium",
        "change by half the step",
        "rows without an error",
    ],
    "fit": ["limit of a power law", "its exponent"],
    "threshold": [f"threshold energy of {m}" for m in LEVELS],
    "another solver": [*(f"u({t:g})" for t in TIMES), "mu(0)", "u(0)"],
}
MARGINS = {"short times": ROUNDING, "threshold": ROUNDING, "another solver": ROUTES}


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """Every number of every case."""
    cells = []
    for one in seen:
        case = one.params["case"]
        said, found = one.prediction["value"], one.data["value"].tolist()
        for name, a, b in zip(NAMES[case], said, found, strict=True):
            if a is not None:
                margin = MARGINS.get(case, EXACT)
                cells.append(equivalence_cell(one.params, name, a, b, 0.0, 1, margin))
    return cells


def series(seen: Sequence[Observation]) -> list[Series]:
    """u(t) of the cases, over the other routes."""
    axes = Axes("Energy against time, two routes", "t", "u = H/N")
    drawn = []
    for one in seen:
        if one.params["case"] in ("p = 2, exact", "another solver"):
            name = one.params.get("model", PURE2)
            how = (
                f"{name}, T = {one.params.get('T', 0.0):g}, beta = {one.params.get('beta', 0.0):g}"
            )
            count = len(TIMES)
            drawn.append(Series(axes, how, TIMES, one.data["value"][:count].tolist()))
            drawn.append(
                Series(
                    axes,
                    f"other route: {how}",
                    TIMES,
                    one.prediction["value"][:count],
                    (),
                    "points",
                )
            )
    return drawn


def other(case: str, change: Callable[[Params], list[Any]]) -> dict[str, Any]:
    """A prediction that is wrong in one case."""

    def wrong(params: Params) -> Prediction:
        return {"value": change(params)} if params["case"] == case else predict(params)

    return {"predict": wrong}


def wrong_route(**how: Any) -> dict[str, Any]:
    """The second route with the equations changed."""
    return other("another solver", lambda q: [*second_route(q, **how), *predict(q)["value"][-2:]])


CLAIM = Claim(
    id="CK",
    title="The Cugliandolo-Kurchan equations, solved",
    rows=(),
    statement="The equations of the relaxation of infinitely many spins, from a uniform or a "
    "thermalised start, at T = 0 and T > 0, for pure models and mixtures, and the solver used here: "
    "exact for p = 2, in equilibrium and at short times, and equal to another solver elsewhere.",
    source="Cugliandolo and Kurchan 1993; thermalised start: Folena, Franz and Ricci-Tersenghi 2020",
    assumptions="d sigma/dt = -grad H - mu sigma + sqrt(2T) noise on |sigma|^2 = N; N to infinity at "
    "fixed t",
    evidence=Limit(
        grid=POINTS,
        predict=predict,
        compare=compare,
        bias="values of the coarse grid used here, to 1e-4; of the other solver, Heun's method "
        "extrapolated in its step, twice, to 1e-4; series and threshold to rounding",
        sequence=sequence,
        series=series,
    ),
    alternatives=(
        Alternative(
            "half the time unit",
            "d sigma/dt = -grad H/2",
            other("p = 2, exact", lambda q: exact_p2(TIMES, 0.5)),
        ),
        Alternative("kernel xi'", "xi' for xi'' in the memory", wrong_route(kernel=1)),
        Alternative(
            "no pull", "a thermalised start taken for a uniform one", wrong_route(pull=0.0)
        ),
        Alternative(
            "fluctuation-dissipation with T/2",
            "the factor of the noise",
            other("equilibrium", lambda q: [-1.0, 0.5, 1.0 + parse(MIXED).xi(1.0, 1)]),
        ),
        Alternative(
            "no third derivative",
            "u''' from the Hessian alone",
            other(
                "short times",
                lambda q: [
                    x if k % 4 != 3 or x is None else 2 * x
                    for k, x in enumerate(predict(q)["value"])
                ],
            ),
        ),
        Alternative(
            "threshold of the pure formula",
            "-2 sqrt(xi'')/xi' for every mixture",
            other(
                "threshold",
                lambda q: [-2 * sqrt(parse(m).xi(1.0, 2)) / parse(m).xi(1.0, 1) for m in LEVELS],
            ),
        ),
    ),
)

"""Relaxation of infinitely many spins: the equations of Cugliandolo and Kurchan.

d sigma/dt = -grad H - mu sigma + sqrt(2 T) noise on the sphere, xi the covariance. With C(t, t') the
correlation, R(t, t') the response and K = xi''(C) R, for t > t':

    dC/dt = -mu C + int_0^t K(t,s) C(s,t') ds + int_0^t' xi'(C(t,s)) R(t',s) ds
            + beta xi'(C(t,0)) C(t',0)
    dR/dt = -mu R + int_t'^t K(t,s) R(s,t') ds,        R(t,t) = C(t,t) = 1
    mu(t) = T + int_0^t [K C + xi'(C) R](t,s) ds + beta xi'(C(t,0)) C(t,0)
    u(t)  = -int_0^t xi'(C(t,s)) R(t,s) ds - beta xi(C(t,0)).

beta is the inverse temperature of the start: 0 if it is uniform on the sphere. The terms in beta
hold where the start's equilibrium is not frozen (annealed): its disorder then is the random one
plus a pull of covariance beta towards the start.

Rows of the grid (`theory.mean_field_dynamics.grid`) are solved one by one, implicitly: backward
differentiation of fourth order in log t at fixed t', all integrals through the row itself, by a
fixed-point iteration with Anderson's acceleration. The cost is O(log t) rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial.polynomial import polyval2d
from numpy.typing import NDArray

from theory.checks import bad
from theory.mean_field_dynamics.grid import ROW_POINTS, Grid, Sampling, within_row
from theory.mean_field_dynamics.taylor import taylor
from theory.model import Mixture, check_mixture, has_field

Real = NDArray[np.float64]

BACKWARD = (25 / 12, -4.0, 3.0, -4 / 3, 1 / 4)  # of fourth order
# guard (all): the order of the first guess
# tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_the_guess_of_a_row_is_of_fourth_order
FORWARD = (5.0, -10.0, 10.0, -5.0, 1.0)  # a row from the five before it: the first guess

# guard (all): a search for what satisfies the equations
# tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_p2_is_the_ratio_of_bessel_functions
FIRST = ROW_POINTS - 1  # rows up to this one are Taylor polynomials
TOLERANCE = 1e-10
# guard (all): when a search is given up
# tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_a_search_without_an_end_is_given_up
MAX_ITERATIONS = 300
DEPTH = 8  # of Anderson's acceleration
# guard (all): what is refused
# tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_bad_input_is_refused
MOST_TIME = 1e6


# guard (all): how fine the grid is, and so the error stated
# tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_p2_is_the_ratio_of_bessel_functions
STEP = 0.05  # of log(1 + t/scale) from row to row, at most, on the coarser grid


@dataclass(frozen=True)
class Resolution:
    """Number of rows, intervals of the lag, nodes of an integral."""

    rows: int
    # same (all): finer than the rows need; the error is stated
    lags: int = 48
    nodes: int = 32


class NotConverged(ArithmeticError):
    """A row's equations were not solved."""


@dataclass(frozen=True)
class Relaxation:
    """The solution on the grid.

    Attributes
    ----------
    t, u, mu
        Times, energy densities, Lagrange multipliers; shape (rows,).
    error
        Largest difference so far of u from a solution with half the step (a bound on the coarser
        one's error); 0 where only one was computed. Shape (rows,).
    lags
        t - t' of every row's points, from 0 to t; shape (rows, lags).
    correlation, response, integrated_response
        C(t, t'), R(t, t') and int_t'^t R(t, s) ds there.
    """

    t: Real
    u: Real
    error: Real
    mu: Real
    lags: Real
    correlation: Real
    response: Real
    integrated_response: Real

    # guard (all): how fine the grid is, and so the error stated
    # tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_p2_is_the_ratio_of_bessel_functions
    def energy(self, times: Any) -> Real:
        """u at given times up to the last, by splines in log t (error below that of the grid).

        Raises
        ------
        InputError
            Beyond the last time, or before 0.
        """
        from scipy.interpolate import make_interp_spline

        at = np.asarray(times, dtype=float)
        if not (np.all(at >= 0) and np.all(at <= self.t[-1])):
            raise bad("times", at.tolist(), f"times from 0 to {self.t[-1]}")
        # The second row of the grid gives back the scale of its logarithms.
        ratio = self.t[2] / self.t[1] - 1  # e^step
        scale = self.t[1] / (ratio - 1)
        spline = make_interp_spline(np.log1p(self.t / scale), self.u, k=5)
        return np.asarray(spline(np.log1p(at / scale)))


def threshold_energy(model: Mixture) -> float:
    """Where the relaxation from a uniform start ends, in the picture of one aging time scale.

    Marginal response 1/sqrt(xi'') and effective inverse temperature (xi''/xi' - 1)/sqrt(xi''), with
    xi, xi', xi'' at 1: u = -[xi' + (xi''/xi' - 1) xi]/sqrt(xi''). It is -E_inf for a pure model. The
    same level comes from the complexity: there the most numerous minima at u become marginal.

    Raises
    ------
    InputError
        For what is no mixture, and in an external field, where aging ends at an overlap above 0.

    Examples
    --------
    >>> from theory.model import parse, pure
    >>> round(threshold_energy(pure(3)), 12), round(threshold_energy(parse("0.5 q^3 + 0.5 q^4")), 6)
    (-1.632993161855, -1.690476)
    """
    if has_field(check_mixture(model)):
        raise bad("model", model, "a model without a field (a term of degree 1)")
    xi, first, second = (model.xi(1.0, order) for order in (0, 1, 2))
    return -float(first + (second / first - 1) * xi) / math.sqrt(second)


@dataclass(frozen=True)
class _Memory:
    """The integrals of one row as functions of the row: its points, weights and known parts."""

    model: Mixture
    beta: float
    temperature: float
    shape: tuple[int, int]
    after: Real  # weights of int_t'^t
    before: Real  # weights of int_0^t'
    row_after: tuple[Any, Any]  # where (t, s) is in the row
    row_before: tuple[Any, Any]
    later: Sampling  # (s, t') for s in (t', t)
    earlier: Sampling  # (t', s) for s in (0, t')
    start: Sampling  # (t', 0)
    known: tuple[Real, Real, Real, Real, Real]

    def __call__(self, c: Real, r: Real) -> tuple[Real, Real, float, float, Real]:
        """Memory terms of C and R, mu, u, and the integrated response."""
        xi, shape = self.model.xi, self.shape
        c_later, r_later, c_earlier, r_earlier, c_start = self.known
        row_c = within_row(c, *self.row_after).reshape(shape)
        row_r = within_row(r, *self.row_after).reshape(shape) * self.after
        kernel = xi(row_c, 2) * row_r
        to_c = (kernel * (c_later + self.later.new(c)).reshape(shape)).sum(axis=1)
        to_r = (kernel * (r_later + self.later.new(r)).reshape(shape)).sum(axis=1)
        old_c = within_row(c, *self.row_before).reshape(shape)
        old_r = within_row(r, *self.row_before).reshape(shape)
        pulled = xi(old_c, 2) * old_r * (c_earlier + self.earlier.new(c)).reshape(shape)
        pulled = pulled + xi(old_c, 1) * (r_earlier + self.earlier.new(r)).reshape(shape)
        pull = self.beta * float(xi(c[-1], 1))
        to_c = to_c + (self.before * pulled).sum(axis=1) + pull * (c_start + self.start.new(c))
        # The last point of a row is t' = 0: its integrals run over all of (0, t).
        force = float((xi(row_c[-1], 1) * row_r[-1]).sum())
        mu = self.temperature + float((kernel[-1] * row_c[-1]).sum()) + force + pull * float(c[-1])
        u = -force - self.beta * float(xi(c[-1]))
        return to_c, to_r, mu, u, row_r.sum(axis=1)


def _memory(
    grid: Grid, model: Mixture, temperature: float, beta: float, n: int, c: Real, r: Real
) -> _Memory:
    """Prepare the integrals of row n."""
    lag, earlier = grid.split(np.array([grid.time(n)]), grid.z)
    solved = max(n, FIRST)
    from_low, to_top, after = grid.integral(lag)  # s - t', t - s
    s = earlier[:, None] + from_low
    # same (all): only gives a shape or a type
    later = Sampling(
        *grid.lag_stencil(grid.coordinate(from_low, earlier[:, None] + 0 * from_low)),
        *grid.row_stencil(s, solved),
        n,
    )
    low, to_high, before = grid.integral(earlier)  # s, t' - s
    rows, shares = grid.row_stencil(earlier, solved)
    old = Sampling(
        *grid.lag_stencil(grid.coordinate(to_high, low)),
        np.repeat(rows, grid.nodes, axis=0),
        np.repeat(shares, grid.nodes, axis=0),
        n,
    )
    start = Sampling(*grid.lag_stencil(np.ones(grid.lags + 1)), rows, shares, n)
    return _Memory(
        model,
        beta,
        temperature,
        after.shape,
        after,
        before,
        grid.lag_stencil(grid.coordinate(to_top, s)),
        grid.lag_stencil(grid.coordinate(lag[:, None] + to_high, low)),
        later,
        old,
        start,
        (later.known(c), later.known(r), old.known(c), old.known(r), start.known(c)),
    )


def _transport(grid: Grid, n: int) -> tuple[Real, float]:
    """d/dt at fixed t' of row n: its matrix on that row, and the factor of the rows before."""
    t = grid.time(n)
    lag, _ = grid.split(np.array([t]), grid.z)
    depth, rate = grid.depth(t), 1 / (grid.scale + t)
    flow = (1 / (grid.scale + lag) - grid.z * rate) / depth
    # same (all): 0 but for rounding
    flow[-1] = 0.0  # t' = 0 stays where it is
    matrix = flow[:, None] * grid.derivative
    factor = rate / grid.step
    return matrix + BACKWARD[0] * factor * np.eye(grid.lags + 1), factor


# guard (all): a search for what satisfies the equations
# tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_p3_to_t_100_with_a_halved_step
def _fixed_point(mapping: Any, y: Real) -> Real:
    """Solve y = mapping(y) with Anderson's acceleration."""
    points: list[Real] = []
    residuals: list[Real] = []
    for _ in range(MAX_ITERATIONS):
        residual = mapping(y) - y
        worst = float(abs(residual).max())
        if not math.isfinite(worst):
            break
        if worst < TOLERANCE:
            return np.asarray(y + residual)
        points, residuals = [*points[-DEPTH:], y], [*residuals[-DEPTH:], residual]
        y = y + residual
        if len(points) > 1:
            moved = np.diff(np.array(points), axis=0)
            changed = np.diff(np.array(residuals), axis=0)
            share = np.linalg.lstsq(changed.T, residual, rcond=1e-10)[0]
            y = y - share @ (moved + changed)
    raise NotConverged(f"residual {worst:.1e} after {len(points)} iterations")


def solve(
    model: Mixture,
    until: float,
    temperature: float = 0.0,
    beta: float = 0.0,
    resolution: Resolution | None = None,
) -> Relaxation:
    """Solve the equations once, on one grid; see `dynamics` for the arguments."""
    scale, rows = _scale_and_rows(model, until)
    used = resolution or Resolution(rows)
    rows = used.rows
    grid = Grid(scale, math.log1p(until / scale) / rows, used.lags, used.nodes)
    t = grid.time(np.arange(rows + 1))
    t[-1] = until
    lags, earlier = grid.split(t[:, None], grid.z)
    c, r, chi = np.ones_like(lags), np.ones_like(lags), np.zeros_like(lags)
    # same (all): only gives a shape or a type
    mu, u = np.full(rows + 1, temperature + beta * model.xi(1.0, 1)), np.zeros(rows + 1)
    u[0] -= beta * model.xi(1.0)
    for f, series in zip((c, r), taylor(model, temperature, beta), strict=True):
        # same (all): only gives a shape or a type
        f[: FIRST + 1] = polyval2d(t[: FIRST + 1, None] + 0 * grid.z, earlier[: FIRST + 1], series)
    for n in range(1, rows + 1):
        if n > FIRST:
            for f in (c, r):
                f[n] = sum(w * f[n - 1 - i] for i, w in enumerate(FORWARD))
        memory = _memory(grid, model, temperature, beta, n, c, r)
        if n > FIRST:
            c[n], r[n] = _row(grid, n, memory, c, r)
        _, _, mu[n], u[n], chi[n] = memory(c[n], r[n])
    return Relaxation(t, u, np.zeros_like(u), mu, lags, c, r, chi)


# guard (all): how fine the grid is, and so the error stated
# tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_p2_is_the_ratio_of_bessel_functions
def _scale_and_rows(model: Mixture, until: float) -> tuple[float, int]:
    """Unit of time of the model, half of 1/sqrt(xi''), and the rows of the coarser grid."""
    scale = 0.5 / math.sqrt(model.xi(1.0, 2))
    return scale, max(2 * FIRST, math.ceil(math.log1p(until / scale) / STEP))


def _row(grid: Grid, n: int, memory: _Memory, c: Real, r: Real) -> Real:
    """C and R on row n."""
    matrix, factor = _transport(grid, n)
    behind = [sum(w * f[n - 1 - i] for i, w in enumerate(BACKWARD[1:])) for f in (c, r)]
    eye = np.eye(grid.lags + 1)

    def mapping(y: Real) -> Real:
        to_c, to_r, mu, _, _ = memory(*y.reshape(2, -1))
        system = matrix + mu * eye
        right = np.stack([to_c, to_r], axis=1) - factor * np.stack(behind, axis=1)
        system[0], right[0] = eye[0], 1.0  # C = R = 1 at t' = t
        return np.asarray(np.linalg.solve(system, right).T.ravel())

    return _fixed_point(mapping, np.concatenate([c[n], r[n]])).reshape(2, -1)


def dynamics(
    model: Mixture, until: float, temperature: float = 0.0, start: float | None = None
) -> Relaxation:
    """Energy, correlation and response of N -> infinity spins that relax, up to time ``until``.

    Parameters
    ----------
    model
        Any mixture.
    until
        Last time, 0 < until <= 10^6, in the unit of d sigma/dt = -grad H. At T = 0 from a uniform start the
        pure 3-spin model is solved to 10^4; from about 2 10^4 on errors grow from row to row, on both grids
        and whatever solves a row, and the time is refused.
    temperature
        T >= 0 of the bath; 0 is gradient flow.
    start
        Temperature of the equilibrium that it starts from; None: uniform on the sphere.

    Returns
    -------
    Relaxation
        On the finer of two grids, with the difference of the two as error.

    Raises
    ------
    InputError
        Bad arguments; a start colder than the static transition; a bath so hot, or at T = 0 a time so late,
        that the grid's equations could not be solved.

    References
    ----------
    Cugliandolo and Kurchan 1993 (random start, T > 0), Folena, Franz and Ricci-Tersenghi 2020
    (thermalised start).

    Examples
    --------
    >>> from theory.model import pure
    >>> flow = dynamics(pure(3), 2.0)
    >>> flow.energy([0.5, 1, 2]).round(4).tolist(), bool(flow.error[-1] < 1e-5)
    ([-0.9681, -1.2198, -1.3806], True)
    """
    check_mixture(model)
    last = _real("until", until)
    # guard (all): what is refused
    # tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_bad_input_is_refused
    if not 0 < last <= MOST_TIME:
        raise bad("until", until, f"a time > 0 and <= {MOST_TIME:g}")
    bath = _real("temperature", temperature)
    # guard (numbers): what is refused
    # tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_bad_input_is_refused
    if bath < 0:
        raise bad("temperature", temperature, "a number >= 0")
    beta = 0.0 if start is None else _inverse(model, start)
    _, rows = _scale_and_rows(model, last)
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite does not converge
            coarse = solve(model, last, bath, beta, Resolution(rows))
            # same (numbers): the finer of two grids; the error is stated
            fine = solve(model, last, bath, beta, Resolution(2 * rows, 56, 36))
    except NotConverged as stopped:
        if bath == 0:
            raise bad("until", until, f"an earlier time, such as 10000 ({stopped})") from stopped
        takes = (
            f"one whose steps the grid up to until = {last:g} resolves; lower either ({stopped})"
        )
        raise bad("temperature", temperature, takes) from stopped
    # Every row of the coarse grid is one of the fine grid.
    worst = np.maximum.accumulate(np.abs(fine.u[::2] - coarse.u))
    error = np.repeat(worst, 2)[1:]
    return Relaxation(**{**vars(fine), "error": error})


def _real(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise bad(name, value, "a finite number")
    return number


# guard (all): what is refused
# tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_bad_input_is_refused
def _inverse(model: Mixture, start: float) -> float:
    """1/start, if the equilibrium there is annealed: no overlap q outweighs 0."""
    heat = _real("start", start)
    if heat <= 0:
        raise bad("start", start, "a temperature > 0, or None for a uniform start")
    q = np.linspace(0.001, 0.999, 999)
    if np.any(model.xi(q) / heat**2 + np.log1p(-q) + q > 0):
        raise bad("start", start, "a temperature above the static transition of the model")
    return 1 / heat

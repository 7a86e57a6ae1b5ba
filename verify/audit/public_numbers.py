"""Public calls whose values an excused change must not move beyond their stated error.

Each group is a function that gives numbers by name: a value and its error, both as decimals; a ball
states its own, an array of floats the relative error that its function documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

import theory
from theory.annealed import classify, marginal_levels
from theory.finite_n import certified_count, log_mean_density, mean_curves
from theory.goe import edge_law, goe_law
from theory.goe.spectrum import cdf, log_density, semicircle_cdf
from theory.mean_field_dynamics import tail
from theory.networks import CHAIN, kernel, network
from theory.networks.reduction import signs_bound_squared, uniform_bound
from theory.networks.size_bounds import sharp_lower, sharp_upper

Number = tuple[str, str]  # value and error
Numbers = Mapping[str, Number]

_WIDER = 10  # times the error that was stated: more is a loss of digits
_FLOAT = 1e-13  # relative error of a formula in float64
_MIXED = theory.mixture({2: 0.25, 3: 0.5, 4: 0.25})
_MODELS = {"p=3": theory.pure(3), "p=4": theory.pure(4), "p=10": theory.pure(10), "mixed": _MIXED}


def _ball(ball: theory.Ball) -> Number:
    return ball.value, ball.radius


def _float(value: Any, error: float) -> Number:
    return repr(float(value)), repr(float(error))


def _relative(values: Any, error: float = _FLOAT) -> Iterator[Number]:
    for value in np.atleast_1d(np.asarray(values, dtype=float)).ravel():
        yield _float(value, error * max(1.0, abs(value)) if np.isfinite(value) else 0.0)


def _named(name: str, numbers: Iterator[Number]) -> dict[str, Number]:
    return {f"{name}[{i}]": number for i, number in enumerate(numbers)}


def thresholds() -> Numbers:
    """Layers, barriers, marginal levels and classes."""
    found = {}
    for name, model in _MODELS.items():
        for k in (None, 0, 1, 5, 40):
            for digits in (30, 60):
                found[f"threshold({name}, {k}, {digits})"] = _ball(
                    theory.threshold(model, k, digits)
                )
    low, high = marginal_levels(_MIXED, 40)
    found |= {"marginal low": _ball(low), "marginal high": _ball(high)}
    mixtures = (_MIXED, theory.mixture({2: 0.9, 4: 0.1}), theory.mixture({3: 0.5, 16: 0.5}))
    for model in mixtures:
        found[f"class of {model}"] = (str(["pure-like", "full"].index(classify(model))), "0")
    return found


def complexities() -> Numbers:
    """Theta and Sigma in float64 and to digits, on every branch and next to its ends."""
    found: dict[str, Number] = {}
    levels = np.array([-2.5, -1.7, -1.66, -1.64, -1.633, -1.6, -1.0, -1e-9, 0.0, 1e-9, 0.7, 3.0])
    for name, model in _MODELS.items():
        for k in (None, 0, 1, 7):
            values = theory.complexity(model, levels, k)
            found |= _named(f"complexity({name}, {k})", _relative(values))
            for u in ("-1.75", "-1.655", "-1.5", "-0.1", "0.25"):
                ball = theory.complexity(model, u, k, digits=30)
                found[f"complexity({name}, {u}, {k}, 30)"] = _ball(ball)
    return found


def counts() -> Numbers:
    """Mean numbers in float64: total and by index, everywhere and below levels."""
    found: dict[str, Number] = {}
    for name, model in _MODELS.items():
        for n, k, below in (
            (2, None, None),
            (10, None, -1.5),
            (10, 0, None),
            (30, 2, -1.6),
            (100, 0, -1.64),
            (1000, None, -1.0),
            (300, 1, 0.5),
        ):
            count = theory.mean_count(model, n, k=k, below=below)
            found[f"count({name}, {n}, {k}, {below})"] = _float(
                count.log, count.relative_error + 1e-15
            )
    return found


def certified() -> Numbers:
    """Mean numbers as balls."""
    found = {}
    for p, n, k, below in (
        (3, 10, None, None),
        (3, 12, 0, "-1.6"),
        (4, 8, 2, None),
        (3, 40, None, "-1.5"),
        (5, 6, 5, "0.5"),
    ):
        ball = certified_count(theory.pure(p), n, k=k, below=below, digits=30)
        found[f"certified({p}, {n}, {k}, {below})"] = _ball(ball)
    return found


def curves() -> Numbers:
    """Curves of mean numbers, their densities and the asymptotics."""
    found: dict[str, Number] = {}
    levels = np.array([-1.75, -1.64, -1.5, 0.0, 1.0])
    drawn = mean_curves(3, 30, [0, 2], levels)
    for name, values in (("log", drawn.log), ("density", drawn.log_density)):
        found |= _named(f"curves {name}", _relative(values, 1e-6))
    for k in (0, 3):
        values = log_mean_density(3, 50, k, levels)
        found |= _named(f"log_mean_density({k})", _relative(values, 1e-7))
    for u in ("-1.7", "-E_inf", "-1.0", "0", "0.5"):
        found[f"prefactor({u})"] = _ball(theory.prefactor(theory.pure(3), u).corrected)
    return found


def laws() -> Numbers:
    """Laws of one eigenvalue, of all, and of the edge."""
    found: dict[str, Number] = {}
    levels = np.array([1e-6, 0.1, 0.5, 0.9, 1 - 1e-6])
    for n, k in ((1, 0), (10, 3), (200, 0)):
        law = goe_law(n, k)
        points = np.asarray(law.ppf(levels))
        found |= _named(f"goe_law({n}, {k}).ppf", _relative(points, 1e-8))
        at = np.round(points, 3)
        found |= _named(f"goe_law({n}, {k}).logcdf", _relative(law.logcdf(at), 1e-8))
        found |= _named(f"goe_law({n}, {k}).logsf", _relative(law.logsf(at), 1e-8))
        found |= _named(f"goe_law({n}, {k}).logpdf", _relative(law.logpdf(at), 1e-8))
    for k in (0, 2):
        edge = edge_law(k)
        at = np.array([-9.0, -5.0, -2.0, 0.0, 2.5])
        found |= _named(f"edge_law({k}).logcdf", _relative(edge.logcdf(at), 1e-8))
        found |= _named(f"edge_law({k}).logpdf", _relative(edge.logpdf(at), 1e-8))
        found |= _named(f"edge_law({k}).mean", _relative([edge.mean(), edge.var()], 1e-8))
    at = np.array([-1.6, -1.2, 0.0, 0.3, 1.45])
    for n in (1, 2, 9, 60):
        found |= _named(f"cdf({n})", _relative(cdf(n, at), 1e-11))
        found |= _named(f"log_density({n})", _relative(log_density(n, at), 1e-11))
    return found | _named("semicircle_cdf", _relative(semicircle_cdf(at), 1e-13))


def ground_states() -> Numbers:
    """Parisi values of pure models and mixtures."""
    found = {}
    for p in (2, 3, 4, 9):
        for digits in (30, 60):
            found[f"parisi_energy({p}, {digits})"] = _ball(
                theory.parisi_energy(theory.pure(p), digits)
            )
    for text in ("3/4 q^2 + 1/4 q^4", "1/2 q^3 + 1/2 q^4", "1/10 q^2 + 9/10 q^6"):
        found[f"lowest_energy({text})"] = _ball(theory.lowest_energy(theory.parse(text)).energy)
    return found


def dynamics() -> Numbers:
    """The mean field dynamics, its threshold and its power law."""
    found: dict[str, Number] = {}
    for name, model, heat in (("p=3", theory.pure(3), 0.0), ("mixed", _MIXED, 0.4)):
        flow = theory.dynamics(model, 20.0, heat)
        at = np.array([0.0, 0.5, 3.0, 20.0])
        error = 2 * float(np.max(flow.error)) + 1e-9
        energies = [_float(value, error) for value in np.asarray(flow.energy(at))]
        found |= _named(f"energy({name})", iter(energies))
        found |= _named(f"threshold_energy({name})", _relative(theory.threshold_energy(model)))
    found_tail = tail(theory.dynamics(theory.pure(3), 100.0, 0.0))
    found["tail limit"] = _float(found_tail.limit, found_tail.limit_error)
    return found


def networks() -> Numbers:
    """Bounds on sizes and kernels of small networks."""
    found: dict[str, Number] = {}
    for mass, inputs, depth in ((6, 3, 2), (64, 4, 3), (1000, 10, 4)):
        bounds = [float(bound(mass, inputs, depth)) for bound in (sharp_lower, sharp_upper)]
        found |= _named(f"sizes({mass}, {inputs}, {depth})", _relative(bounds))
    net = network([3, 3, 3, 1])
    for name, assumptions in CHAIN.items():
        if "gates" in assumptions:
            values = [kernel(net, assumptions, c) for c in (-0.5, 0.0, 0.4, 1.0)]
            found |= _named(f"kernel {name}", _relative(values, 1e-12))
    net = network([3, 2, 1])
    values = [kernel(net, CHAIN["network"], c) for c in (-0.5, 0.0, 0.4, 1.0)]
    found |= _named("kernel network", _relative(values, 1e-12))
    for eps, share in ((0.01, 0.25), (0.2, 0.5)):
        found |= _named(f"signs({eps}, {share})", _relative(signs_bound_squared(eps, share)))
    return found | _named("uniform", _relative([uniform_bound(c) for c in (1.5, 2.0, 8.0)]))


GROUPS: dict[str, Callable[[], Numbers]] = {
    "thresholds": thresholds,
    "complexities": complexities,
    "counts": counts,
    "certified": certified,
    "curves": curves,
    "laws": laws,
    "ground states": ground_states,
    "dynamics": dynamics,
    "networks": networks,
}


def values(group: str) -> dict[str, Number]:
    """The numbers of a group as plain data."""
    return dict(GROUPS[group]())


def agrees(before: Number | None, now: Number | None) -> bool:
    """Whether two values lie within their errors, and the second has not lost the digits of the first.

    Examples
    --------
    >>> agrees(("1.5", "0.1"), ("1.6", "0.05")), agrees(("1.5", "0"), ("1.6", "0"))
    (True, False)
    """
    if before is None or now is None:
        return False
    if before == now:
        return True
    try:
        (a, r), (b, s) = [tuple(map(Fraction, pair)) for pair in (before, now)]
    except (ValueError, OverflowError):  # an infinity has no neighbours
        return False
    return abs(a - b) <= r + s and s <= _WIDER * max(r, Fraction(1, 10**60))

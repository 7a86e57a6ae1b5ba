"""MIX-V: values of the complexity of mixtures, their layers and their class, by search alone."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import flint
import mpmath
import numpy as np

from theory import Mixture, complexity, mixture, parse, pure, threshold
from theory.annealed import mixed_model
from theory.annealed.thresholds import marginal_levels
from theory.arithmetic.functions import NUMPY
from theory.derivation import mixtures
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Exact, decided, equal, exact_cell

MODELS = (
    "1/2 q^3 + 1/2 q^4",
    "3/4 q^2 + 1/4 q^4",
    "3/5 q^2 + 1/5 q^3 + 1/5 q^5",
    "97/100 q^2 + 3/100 q^30",
)
CRITICAL = "a q^2 + (1 - a) q^30"
LEVELS = ("-2.3", "-1.7", "-1.6", "-1.54", "-1.3", "-0.4", "0.3")
Sigma = Callable[[Mixture, float, int | None], float]


def single(model: Mixture, u: float, k: int | None) -> float:
    """The closed form in float64."""
    return float(complexity(model, u, k))


def prove(params: Params, sigma: Sigma = single) -> list[Cell]:
    """Search over r and quadrature; float64, mpmath and balls. Then thresholds and their class."""
    if params["xi"].startswith("a "):
        return critical(params) + indexed(params) if sigma is single else []
    model = parse(params["xi"])
    cells = []
    for k in (None, 0, 3):
        for u in LEVELS:
            found = mixtures.sigma_quadrature(model, float(u), k)
            closed = sigma(model, float(u), k)
            multi = mixed_model.sigma_mp(model, u, k, 20)
            with flint.ctx.workprec(120):
                ball = mixed_model.sigma_arb(model, flint.arb(u), k)
                near = abs(ball - flint.arb(mpmath.nstr(multi, 30))) < flint.arb("1e-22")
            scale = (1 + (k or 0)) * (1 + float(u) ** 2)
            same = abs(closed - float(multi)) < 1e-14 * scale and near
            tolerance = 1e-12 * scale
            holds = abs(closed - found) < tolerance and same
            at = {**params, "k": "total" if k is None else k, "u": u}
            what = "Sigma: search and quadrature; closed form"
            shown = f"{found:.14g}", f"{closed:.14g}"
            cells.append(decided(at, what, *shown, holds, tolerance))
    return cells + (layers(params) if sigma is single else [])


def critical(params: Params) -> list[Cell]:
    """The class on both sides of a pure-like mixture's end, 1e-25 apart: balls must not guess."""
    order = int(params["xi"].split("^")[-1])

    def exponent(a: mpmath.mpf) -> mpmath.mpf:
        """The total at -E_inf of a q^2 + (1 - a) q^order, by r = -2 sqrt(xi'') there."""
        one, two = 2 * a + order * (1 - a), 2 * a + order * (order - 1) * (1 - a)
        root = mpmath.sqrt(two)
        u = -(two - one + one**2) / (one * root)
        rest = -2 * root - one * u
        return mpmath.log(two / one) / 2 + 1 - u**2 / 2 - rest**2 / (2 * (one + two - one**2))

    with mpmath.workdps(60):
        low, high = mpmath.mpf("0.5"), mpmath.mpf("0.99")
        for _ in range(190):
            middle = (low + high) / 2
            low, high = (middle, high) if exponent(middle) > 0 else (low, middle)
        scale = 10**25
        at = [Fraction(int(mpmath.floor(low * scale)) + step, scale) for step in (-1, 2)]
    kinds = [mixed_model.classify(mixture({2: a, order: 1 - a})) for a in at]
    said, seen = "pure-like, full", ", ".join(kinds)
    what = "class at a within 1e-25 of G = 0, on either side"
    return [equal(params, what, said, seen)]


def indexed(params: Params) -> list[Cell]:
    """Index k of a pure model: the cost k I(u), by quadrature, in floats and balls; a mixture's ball."""
    cells = []
    for p, k, u in ((3, 2, "-1.66"), (5, 1, "-1.9")):
        with mpmath.workdps(25):
            edge, at = 2 * mpmath.sqrt(mpmath.mpf(p - 1) / p), mpmath.mpf(u)
            cost = mpmath.quad(lambda z, e=edge: mpmath.sqrt(z * z - e * e), [edge, -at])
            wanted = float(-k * 2 / edge**2 * cost)
        # Below -E_inf the total is index 0: an index off by one moves the one, not the other.
        found = [
            float(complexity(pure(p), u, k, digits)) - float(complexity(pure(p), u, None, digits))
            for digits in (None, 20)
        ]
        for face, value in zip(("float64", "balls"), found, strict=True):
            cells.append(
                exact_cell({"p": p, "k": k, "u": u}, f"-k I(u), {face}", wanted, value, 1e-12)
            )
    for k in (1, 4):
        model = parse(MODELS[1])
        wanted = mixtures.sigma_quadrature(model, -1.6, k)
        value = complexity(model, -1.6, k, 20)
        at = {"xi": MODELS[1], "k": k, "u": "-1.6"}
        cells.append(exact_cell(at, "Sigma_k as a ball", wanted, float(value), 1e-11))
    return cells


def layers(params: Params) -> list[Cell]:
    """E_k: where the searched Sigma_k changes sign; the class; the limit E_inf^+ of the layers."""
    model = parse(params["xi"])
    kind = mixed_model.classify(model)
    e_inf, far = threshold(model, None, 20), threshold(model, 10**9, 20)
    upper = marginal_levels(model, 20)[1]
    cells = []
    for k in (0, 2):
        level = -float(threshold(model, k, 20))
        signs = [mixtures.sigma_quadrature(model, level + s, k) > 0 for s in (1e-9, -1e-9)]
        shown = " ".join("+" if s else "-" for s in signs)
        what = "the searched Sigma_k changes sign at -E_k"
        right = signs == [True, False]
        cells.append(decided({**params, "k": k}, what, "+ above, - below", shown, right, 1e-9))
    far_below, below, above = (complexity(model, u, 0) for u in (-1e200, -1e99, 1e200))
    edges = f"{far_below}, {np.isfinite(below)}, {above == complexity(model, 0.0, 0)}"
    at_barrier = mixtures.sigma_quadrature(model, -float(e_inf), None)
    expected = "pure-like" if at_barrier > 0 else "full"
    # Marginal points: exponent 0 at -E_inf^+; the layers of high index end there, not at E_inf.
    marginal = mixtures.sigma_quadrature(model, -float(upper), 10**6)
    close = abs(float(far) - float(upper)) < 1e-6 and abs(marginal) < 1e-5
    right = close and far.arb() > upper.arb() - flint.arb("1e-15")
    return [
        *cells,
        equal(params, "float64 far away: -inf, finite, the plateau", "-inf, True, True", edges),
        equal(
            params, "pure-like if the total exponent at -E_inf is > 0, else full", expected, kind
        ),
        decided(
            *(
                params,
                "E_k -> E_inf^+ as k grows; Sigma_k there",
                upper.value,
                far.value,
                right,
                1e-6,
            )
        ),
    ]


def by_order(model: Mixture, u: float, k: int | None) -> float:
    """The pure model of the order nearest to xi'(1): r = xi'(1) u rigidly."""
    return single(pure(round(float(model.xi(1.0, 1)))), u, k)


def in_proportion(model: Mixture, u: float, k: int | None) -> float:
    """The pure models' complexities, weighted by the coefficients."""
    return sum(a * single(pure(p), u, k) for p, a in model.coefficients.items())


def density(model: Mixture, u: float, k: int | None) -> float:
    """The exponent at u itself, not of all below."""
    m = mixed_model.slopes(model, lambda x: np.float64(float(x)))
    return single(model, u, k) if u < 0 or k is not None else float(mixed_model.bulk(m, u, NUMPY))


CLAIM = Claim(
    id="MIX-V",
    title="Complexity, layers and class of mixtures against search and quadrature",
    rows=(),
    statement="float64, mpmath and ball evaluation of Sigma and Sigma_k agree with a numerical "
    "search over the level and the radial derivative, the log potential by quadrature; the layers E_k "
    "are where the searched Sigma_k changes sign; the class (pure-like or full) is the sign of the "
    "searched total at -E_inf; E_k tends to E_inf^+, where marginal points end.",
    compares={
        "agree with a numerical search over the level and the radial derivative, the log "
        "potential by quadrature": "Sigma: search and quadrature; closed form",
        "the layers E_k are where the searched Sigma_k changes sign": (
            "the searched Sigma_k changes sign at -E_k"
        ),
        "the class (pure-like or full) is the sign of the searched total at -E_inf": (
            "pure-like if the total exponent at -E_inf is > 0, else full"
        ),
        "E_k tends to E_inf^+": "E_k -> E_inf^+ as k grows; Sigma_k there",
    },
    source="Auffinger and Ben Arous 2013",
    assumptions="xi(1) = 1",
    evidence=Exact(tuple({"xi": name} for name in (CRITICAL, *MODELS)), prove),
    alternatives=refuting(
        prove,
        "sigma",
        ("one order", "r = xi'(1) u, rounded, as in a pure model", by_order),
        ("in proportion", "complexities of the pure parts, averaged", in_proportion),
        ("not cumulative", "the exponent at u > 0 itself", density),
        ("k + 1 for k", "an index off by one", lambda m, u, k: single(m, u, k and k + 1)),
        ("all indices as minima", "no cost of the index", lambda m, u, k: single(m, u, k and 0)),
        ("1e-10 larger", "the resolution", lambda m, u, k: single(m, u, k) + 1e-10),
    ),
)

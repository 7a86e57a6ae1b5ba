"""HAM: real random Hamiltonians against the exact Gaussian law behind Kac-Rice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

import numpy as np

from numerics.core.backend import to_numpy
from numerics.core.streams import Stream
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import Couplings, from_tensors, random_point
from theory import mixture
from verify.alternatives import constant, replacing, sampling, scaling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Series,
    each,
    per_profile,
)
from verify.evidence import Sampled
from verify.statistics import chi_square_cell, normal_cell

DISORDERS = 250  # Hamiltonians in a chunk
OVERLAP = 0.8  # q: of the second point with the first
COVARIANCES = ("xi(1)", "xi(q)", "xi'(1)", "xi'(q)", "xi''(1)")


def coefficients(params: Params) -> dict[int, float]:
    """The model of a grid point, {p: a_p}."""
    return {int(p): float(a) for p, a in (t.split(":") for t in params["model"].split(" "))}


def two_points(rng: Any, couplings: Couplings) -> Any:
    """Independent uniform points."""
    return random_point(rng, couplings.n, 2)


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    draw: Callable[..., Couplings] = hamiltonian.draw,
    energy: Callable[..., Any] = hamiltonian.energy,
    gradient: Callable[..., Any] = hamiltonian.riemannian_gradient,
    spectrum: Callable[..., Any] = hamiltonian.riemannian_hessian_eigenvalues,
    couplings_of: Callable[[int], tuple[int, int]] = lambda disorder: (disorder, 0),
    points: Callable[..., Any] = two_points,
) -> Data:
    """Energy at two points, gradient and tangential Hessian at the first, a disorder each.

    "along" is the component of the gradient towards the second point. The audit replaces one of the
    functions at a time.
    """
    n, model, rows = params["N"], coefficients(params), []
    for disorder in range(DISORDERS):
        couplings = draw(stream.generator(chunk, *couplings_of(disorder)), n, model, xp=xp)
        pair = points(stream.generator(chunk, disorder, 1), couplings)
        s = pair[:1]
        # A second point at the overlap asked for, in a random direction.
        across = pair[1:] - (pair[1:] @ s.T / n) * s
        across /= np.linalg.norm(across)
        t = OVERLAP * s + sqrt((1 - OVERLAP**2) * n) * across
        both = xp.asarray(np.concatenate([s, t]))
        energies = to_numpy(energy(couplings, both))
        slope = to_numpy(gradient(couplings, both[:1]))[0]
        row = {
            "H": energies[0],
            "H'": energies[1],
            "gradient": float(slope @ slope),
            "along": float(slope @ across[0]),
            "eigenvalues": to_numpy(spectrum(couplings, both[:1]))[0],
        }
        rows.append(row)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def predict(params: Params) -> Prediction:
    """Cov(H(s), H(t)) = N xi(s.t/N) and its derivatives at the same point."""
    model = mixture(coefficients(params))
    return {
        "xi(1)": float(model.xi(1.0)),
        "xi(q)": float(model.xi(OVERLAP)),
        "xi'(1)": float(model.xi(1.0, 1)),
        "xi'(q)": float(model.xi(OVERLAP, 1)),
        "xi''(1)": float(model.xi(1.0, 2)),
        "n": params["N"],
        "dimension": params["N"] - 1,
    }


def compare(seen: Observation) -> list[Cell]:
    """Exact chi-square tests of every variance; a z test of the Hessian's shift."""
    said, data, params = seen.prediction, seen.data, seen.params
    n, m, units = said["n"], said["dimension"], len(data["H"])
    xi, xi_q, slope, slope_q, curvature = (said[name] for name in COVARIANCES)
    h, far, at_q = data["H"], data["H'"], f"at overlap {OVERLAP}"
    # Cov(H(t), dH(s)) = xi'(q) t along the direction, of length sqrt((1 - q^2) N) here.
    cross = 2 * (slope_q * sqrt(1 - OVERLAP**2))
    ahead, behind = (far / sqrt(n) + sign * data["along"] for sign in (1, -1))
    # Hess = sqrt(xi'') G - r 1 with E G_ij^2 = (1 + delta_ij)/N. Its traceless part is free of r:
    # N/2 times its squared norm over xi'' is chi-square with m(m+1)/2 - 1 degrees of freedom.
    mean = data["eigenvalues"].mean(axis=1)
    traceless, free = data["eigenvalues"] - mean[:, None], m * (m + 1) // 2 - 1
    # mean eigenvalue = sqrt(xi'') tr G / m - r, with Var tr G = 2m/N and (u, r) Gaussian.
    variance = (curvature * (2 / m + 1) + slope) / n
    hessian = "N times the variance of an off-diagonal entry of the Hessian"
    total = float(data["gradient"].sum())
    # Quantity, its variance, a sum of squares, their number.
    rows: tuple[tuple[str, float, float, int], ...] = (
        ("Var H / N", xi, squares(h) / n, units),
        (f"Var (H(s) + H(t)) / 2N {at_q}", xi + xi_q, squares(h + far) / (2 * n), units),
        (f"Var (H(s) - H(t)) / 2N {at_q}", xi - xi_q, squares(h - far) / (2 * n), units),
        ("variance of a component of the gradient", slope, total, units * (n - 1)),
        ("Var H(t)/sqrt(N) + gradient at s towards t", xi + slope + cross, squares(ahead), units),
        ("Var H(t)/sqrt(N) - gradient at s towards t", xi + slope - cross, squares(behind), units),
        (hessian, curvature, squares(traceless) * n / 2, units * free),
        ("N times the variance of the mean eigenvalue", variance * n, squares(mean) * n, units),
    )
    u, covariance = h / n, -slope / n
    expected = covariance / (xi / n)
    regression = normal_cell(
        params,
        "regression of the mean eigenvalue on u",
        expected,
        float((u * mean).sum() / (u * u).sum()),
        sqrt((variance - expected * covariance) / float((u * u).sum())),
        units,
    )
    return [*(chi_square_cell(params, *row, units) for row in rows), regression]


def squares(values: Any) -> float:
    """Sum of squares."""
    return float((values**2).sum())


SHORT_NAMES = (  # of the comparisons, for a figure
    *("Var H", "sum of levels", "difference of levels", "gradient"),
    *("level + slope", "level - slope", "Hessian off the diagonal", "trace of the Hessian"),
    "regression on u",
)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Every comparison as a ratio; the mean Hessian eigenvalue against u, a line of slope -xi'(1)/xi(1)."""
    axes = Axes("Measured over stated law", "", "measured / stated", xnames=SHORT_NAMES)
    drawn = [axes.level("stated", (-0.3, len(SHORT_NAMES) - 0.7), 1.0)]
    for i, one in enumerate(seen):
        rows = [(float(c.predicted or 1.0), c) for c in compare(one)]
        ratio = [float(c.estimate or 0.0) / said for said, c in rows]
        errors = [abs(2 * (c.stderr or 0.0) / said) for said, c in rows]
        label = f"{mixture(coefficients(one.params))}, 2 std. err."
        drawn.append(axes.points(label, np.arange(len(rows)) + 0.15 * i, ratio, errors))
    for one in seen:
        u = one.data["H"][:400] / one.params["N"]
        mean = one.data["eigenvalues"][:400].mean(axis=1)
        slope = -one.prediction["xi'(1)"] / one.prediction["xi(1)"]
        ends = [float(u.min()), float(u.max())]
        panel = f"N = {one.params['N']}, {mixture(coefficients(one.params))}"
        axes = Axes(panel, "u = H/N", "mean eigenvalue of the Hessian")
        drawn += [
            axes.points("sampled", u, mean),
            axes.line("predicted regression", ends, [slope * x for x in ends]),
        ]
    return drawn


def scaled_draw(factor: Callable[[int, int], float]) -> Callable[..., Couplings]:
    """Couplings of order p multiplied by factor(n, p)."""

    def draw(rng: Any, n: int, model: Any, xp: Any) -> Couplings:
        return hamiltonian.draw(rng, n, {p: a * factor(n, p) ** 2 for p, a in model.items()}, xp=xp)

    return draw


def sorted_only(rng: Any, n: int, model: Any, xp: Any) -> Couplings:
    """One X for each sorted multi-index in place of a sum over its orderings."""
    tensors = {}
    for p in model:
        full = rng.standard_normal((n,) * p)
        index = np.indices(full.shape)
        rising = np.all(index[1:] >= index[:-1], axis=0)
        tensors[p] = np.where(rising, full, 0.0)
    return from_tensors(tensors, model, xp=xp)


def amplitudes(rng: Any, n: int, model: Any, xp: Any) -> Couplings:
    """a_p for sqrt(a_p)."""
    return hamiltonian.draw(rng, n, {p: a * a for p, a in model.items()}, xp=xp)


def points_of_couplings(rng: Any, couplings: Couplings) -> Any:
    """Points made of the first rows of the couplings' own numbers."""
    n = couplings.n
    rows = to_numpy(couplings.terms[0][1])[:2, :n]
    return rows * np.sqrt(n / (rows**2).sum(axis=1, keepdims=True))


def misread_energy(couplings: Any, s: Any) -> Any:
    """s.grad H = p H read with p - 1 for p."""
    p = couplings.terms[-1][0]
    return hamiltonian.energy(couplings, s) * p / (p - 1)


def ambient_spectrum(couplings: Any, s: Any) -> Any:
    """Eigenvalues of the Euclidean Hessian, all N of them."""
    return np.linalg.eigvalsh(to_numpy(hamiltonian.hessian(couplings, s)))


def flat_spectrum(couplings: Any, s: Any) -> Any:
    """The tangential Hessian without the curvature term - r."""
    radial = (s * hamiltonian.gradient(couplings, s)).sum(axis=1) / s.shape[1]
    return hamiltonian.riemannian_hessian_eigenvalues(couplings, s) + radial[:, None]


# Wrong samplers: by name, why and the keyword of `simulate` that is another.
WRONG_SAMPLERS: dict[str, tuple[str, dict[str, Callable[..., Any]]]] = {
    "N^(-(p-1)/2) missing": (
        "a public p-spin Hessian lacks it",
        {"draw": scaled_draw(lambda n, p: n ** ((p - 1) / 2))},
    ),
    "N^(-p/2)": ("p for p-1", {"draw": scaled_draw(lambda n, p: n**-0.5)}),
    "N-1 for N in the scale": (
        "N for N-1",
        {"draw": scaled_draw(lambda n, p: (n / (n - 1)) ** ((p - 1) / 2))},
    ),
    "couplings 5 % larger": ("near 1", {"draw": scaled_draw(lambda n, p: 1.05)}),
    "symmetrisation forgotten": ("sorted tuples alone", {"draw": sorted_only}),
    "a_p for sqrt(a_p)": ("a variance for an amplitude", {"draw": amplitudes}),
    "disorder shared": (
        "one Hamiltonian where independent ones are claimed",
        {"couplings_of": lambda disorder: (0, 0)},
    ),
    "a stream used twice": (
        "the points are made of the couplings' own numbers",
        {"points": points_of_couplings},
    ),
    "Euclidean gradient": ("not projected", {"gradient": hamiltonian.gradient}),
    "half the gradient": (
        "the energy of both orders of a pair counted once",
        {"gradient": lambda c, s: hamiltonian.riemannian_gradient(c, s) / 2},
    ),
    "Hessian of the ambient space": ("N for N-1", {"spectrum": ambient_spectrum}),
    "Hessian without - r": ("the curvature of the sphere", {"spectrum": flat_spectrum}),
    "energy by Euler's identity with p-1": ("p for p-1", {"energy": misread_energy}),
}

CLAIM = Claim(
    id="HAM",
    title="Energy, gradient and Hessian of a random Hamiltonian have the law that Kac-Rice uses",
    rows=(),
    statement="Cov(H(s), H(t)) = N xi(s.t/N); at a point the tangential gradient is independent "
    "normal with variance xi'(1), and the tangential Hessian is sqrt(xi''(1)) times a GOE matrix of "
    "dimension N-1 with off-diagonal variance 1/N, minus r times the identity, with (u, r) Gaussian "
    "of covariance [[xi, xi'], [xi', xi' + xi'']]/N (pure p: r = p u).",
    compares={
        "Cov(H(s), H(t)) = N xi(s.t/N)": "Var (H(s) + H(t)) / 2N at overlap 0.8",
        "the tangential gradient is independent normal with variance xi'(1)": (
            "variance of a component of the gradient"
        ),
        "the tangential Hessian is sqrt(xi''(1)) times a GOE matrix of dimension N-1 with "
        "off-diagonal variance 1/N": (
            "N times the variance of an off-diagonal entry of the Hessian"
        ),
        "minus r times the identity, with (u, r) Gaussian of covariance [[xi, xi'], [xi', "
        "xi' + xi'']]/N": "N times the variance of the mean eigenvalue",
        "(pure p: r = p u)": "regression of the mean eigenvalue on u",
    },
    source="ABC, Lemma 3.2; Auffinger and Ben Arous 2013, Lemma 1.1",
    assumptions="Gaussian couplings; every N >= 3 and every mixture",
    evidence=Sampled(
        grid=({"N": 6, "model": "3:1"}, {"N": 6, "model": "2:0.5 4:0.5"}),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=6, quick=20, standard=120, paper=2400),
        constants={
            name.replace("q", f"{OVERLAP}"): constant(predict, name) for name in COVARIANCES
        },
        series=series,
    ),
    alternatives=(
        scaling(
            predict,
            "N^(-(p-1)/2) missing",
            "a public p-spin Hessian lacks this factor",
            lambda params: params["N"] ** (min(coefficients(params)) - 1),
            *COVARIANCES,
        ),
        scaling(predict, "xi(1) 15 % larger", "a factor near 1", 1.15, "xi(1)"),
        scaling(predict, "xi'(1) 10 % larger", "a factor near 1", 1.10, "xi'(1)"),
        replacing(
            predict,
            "xi'(q) at q = 1",
            "a power forgotten",
            lambda _, said: {"xi'(q)": said["xi'(1)"]},
        ),
        scaling(predict, "xi''(1) 5 % larger", "a factor near 1", 1.05, "xi''(1)"),
        replacing(
            predict,
            "N for N-1",
            "the Hessian of the ambient space",
            lambda params, _: {"dimension": params["N"]},
        ),
        scaling(
            predict,
            "half the gradient's variance",
            "the symmetrisation of the couplings forgotten",
            0.5,
            "xi'(1)",
        ),
        *(sampling(simulate, name, why, **other) for name, (why, other) in WRONG_SAMPLERS.items()),
    ),
)

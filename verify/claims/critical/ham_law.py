"""HAM: real random Hamiltonians against the exact Gaussian law behind Kac-Rice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Any

import numpy as np

from numerics.core.backend import to_numpy
from numerics.core.streams import Stream
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import Couplings, from_tensors, random_point
from theory import mixture
from verify.alternatives import constant, multiplied
from verify.claim import (
    Alternative,
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
OVERLAP = 0.8  # of the second point with the first


def coefficients(params: Params) -> dict[int, float]:
    """The model of a grid point, {p: a_p}."""
    return {int(p): float(a) for p, a in (t.split(":") for t in params["model"].split(" "))}


@dataclass(frozen=True)
class Sampler:
    """How a chunk is drawn; the audit replaces one of these at a time."""

    draw: Callable[..., Couplings] = hamiltonian.draw
    energy: Callable[..., Any] = hamiltonian.energy
    gradient: Callable[..., Any] = hamiltonian.riemannian_gradient
    spectrum: Callable[..., Any] = hamiltonian.riemannian_hessian_eigenvalues
    couplings_of: Callable[[int], tuple[int, int]] = lambda disorder: (disorder, 0)
    points: Callable[..., Any] = lambda rng, couplings: random_point(rng, couplings.n, 2)


def simulate(params: Params, stream: Stream, chunk: int, xp: Any, how: Sampler = Sampler()) -> Data:
    """Energy at two points, gradient and tangential Hessian at the first, a disorder each.

    "along" is the component of the gradient towards the second point.
    """
    n, model = params["N"], coefficients(params)
    names = ("H", "H'", "gradient", "along", "eigenvalues")
    kept: dict[str, list[Any]] = {name: [] for name in names}
    for disorder in range(DISORDERS):
        couplings = how.draw(stream.generator(chunk, *how.couplings_of(disorder)), n, model, xp=xp)
        pair = how.points(stream.generator(chunk, disorder, 1), couplings)
        s = pair[:1]
        # A second point at the overlap asked for, in a random direction.
        across = pair[1:] - (pair[1:] @ s.T / n) * s
        across /= np.linalg.norm(across)
        t = OVERLAP * s + sqrt((1 - OVERLAP**2) * n) * across
        both = xp.asarray(np.concatenate([s, t]))
        energies = to_numpy(how.energy(couplings, both))
        gradient = to_numpy(how.gradient(couplings, both[:1]))[0]
        kept["H"].append(energies[0])
        kept["H'"].append(energies[1])
        kept["gradient"].append(float(gradient @ gradient))
        kept["along"].append(float(gradient @ across[0]))
        kept["eigenvalues"].append(to_numpy(how.spectrum(couplings, both[:1]))[0])
    return {name: np.asarray(values) for name, values in kept.items()}


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
    n, m = said["n"], said["dimension"]
    units = len(data["H"])
    total = {sign: float(((data["H"] + sign * data["H'"]) ** 2).sum()) for sign in (1, -1)}
    cells = [
        chi_square_cell(
            params,
            "Var H / N",
            said["xi(1)"],
            float((data["H"] ** 2).sum()) / n,
            units,
            units,
        ),
        chi_square_cell(
            params,
            f"Var (H(s) + H(t)) / 2N at overlap {OVERLAP}",
            said["xi(1)"] + said["xi(q)"],
            total[1] / (2 * n),
            units,
            units,
        ),
        chi_square_cell(
            params,
            f"Var (H(s) - H(t)) / 2N at overlap {OVERLAP}",
            said["xi(1)"] - said["xi(q)"],
            total[-1] / (2 * n),
            units,
            units,
        ),
        chi_square_cell(
            params,
            "variance of a component of the gradient",
            said["xi'(1)"],
            float(data["gradient"].sum()),
            units * (n - 1),
            units,
        ),
    ]
    # Cov(H(t), dH(s)) = xi'(q) t along the direction, of length sqrt((1 - q^2) N) here.
    slope = said["xi'(q)"] * sqrt(1 - OVERLAP**2)
    for sign, word in ((1, "+"), (-1, "-")):
        both = data["H'"] / sqrt(n) + sign * data["along"]
        cells.append(
            chi_square_cell(
                params,
                f"Var H(t)/sqrt(N) {word} gradient at s towards t",
                said["xi(1)"] + said["xi'(1)"] + 2 * sign * slope,
                float((both**2).sum()),
                units,
                units,
            )
        )
    # Hess = sqrt(xi'') G - r 1 with E G_ij^2 = (1 + delta_ij)/N. Its traceless part is free of r:
    # N/2 times its squared norm over xi'' is chi-square with m(m+1)/2 - 1 degrees of freedom.
    eigenvalues = data["eigenvalues"]
    mean = eigenvalues.mean(axis=1)
    traceless = float(((eigenvalues - mean[:, None]) ** 2).sum())
    dof = units * (m * (m + 1) // 2 - 1)
    cells.append(
        chi_square_cell(
            params,
            "N times the variance of an off-diagonal entry of the Hessian",
            said["xi''(1)"],
            traceless * n / 2,
            dof,
            units,
        )
    )
    # mean eigenvalue = sqrt(xi'') tr G / m - r, with Var tr G = 2m/N and (u, r) Gaussian.
    u = data["H"] / n
    variance = (said["xi''(1)"] * (2 / m + 1) + said["xi'(1)"]) / n
    covariance = -said["xi'(1)"] / n
    slope = covariance / (said["xi(1)"] / n)
    left = variance - slope * covariance
    cells += [
        chi_square_cell(
            params,
            "N times the variance of the mean eigenvalue",
            variance * n,
            float((mean**2).sum()) * n,
            units,
            units,
        ),
        normal_cell(
            params,
            "regression of the mean eigenvalue on u",
            slope,
            float((u * mean).sum() / (u * u).sum()),
            sqrt(left / float((u * u).sum())),
            units,
        ),
    ]
    return cells


def without_scale(params: Params) -> Prediction:
    """The factor N^(-(p-1)/2) forgotten: every covariance larger by N^(p-1)."""
    said = dict(predict(params))
    lowest = min(coefficients(params))
    for name in ("xi(1)", "xi(q)", "xi'(1)", "xi'(q)", "xi''(1)"):
        said[name] *= params["N"] ** (lowest - 1)
    return said


def slope_at_one(params: Params) -> Prediction:
    """xi'(1) for xi'(q) in the covariance of H and the gradient."""
    said = predict(params)
    return {**said, "xi'(q)": said["xi'(1)"]}


def dimension_n(params: Params) -> Prediction:
    """The Hessian taken as an N by N matrix."""
    return {**predict(params), "dimension": params["N"]}


def euclidean_radius(params: Params) -> Prediction:
    """xi'' for xi'' + xi' in the radial part: the Riemannian term forgotten."""
    said = dict(predict(params))
    said["xi'(1)"] = 0.0 + said["xi'(1)"] * 0.5
    return said


def series(seen: Sequence[Observation]) -> list[Series]:
    """The mean Hessian eigenvalue against u: a line through 0 of slope -xi'(1)/xi(1)."""
    drawn = []
    for one in seen:
        u = one.data["H"][:400] / one.params["N"]
        mean = one.data["eigenvalues"][:400].mean(axis=1)
        slope = -one.prediction["xi'(1)"] / one.prediction["xi(1)"]
        ends = [float(u.min()), float(u.max())]
        axes = Axes(
            f"N = {one.params['N']}, model {one.params['model']}",
            "u = H/N",
            "mean eigenvalue of the Hessian",
        )
        drawn += [
            Series(axes, "sampled", u.tolist(), mean.tolist(), (), "points"),
            Series(axes, "predicted regression", ends, [slope * x for x in ends]),
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


def ambient_spectrum(couplings: Any, s: Any) -> Any:
    """Eigenvalues of the Euclidean Hessian, all N of them."""
    return np.linalg.eigvalsh(to_numpy(hamiltonian.hessian(couplings, s)))


def flat_spectrum(couplings: Any, s: Any) -> Any:
    """The tangential Hessian without the curvature term - r."""
    radial = (s * hamiltonian.gradient(couplings, s)).sum(axis=1) / s.shape[1]
    return hamiltonian.riemannian_hessian_eigenvalues(couplings, s) + radial[:, None]


def sampler(name: str, why: str, **changes: Any) -> Alternative:
    """A wrong sampler that the claim must refute."""
    return Alternative(
        f"sampler: {name}", why, {"simulate": partial(simulate, how=Sampler(**changes))}
    )


WRONG_SAMPLERS = (
    sampler(
        "N^(-(p-1)/2) missing",
        "a public p-spin Hessian lacks it",
        draw=scaled_draw(lambda n, p: n ** ((p - 1) / 2)),
    ),
    sampler("N^(-p/2)", "p for p-1", draw=scaled_draw(lambda n, p: n**-0.5)),
    sampler(
        "N-1 for N in the scale",
        "N for N-1",
        draw=scaled_draw(lambda n, p: (n / (n - 1)) ** ((p - 1) / 2)),
    ),
    sampler("couplings 5 % larger", "near 1", draw=scaled_draw(lambda n, p: 1.05)),
    sampler("symmetrisation forgotten", "sorted tuples alone", draw=sorted_only),
    sampler("a_p for sqrt(a_p)", "a variance for an amplitude", draw=amplitudes),
    sampler(
        "disorder shared",
        "one Hamiltonian where independent ones are claimed",
        couplings_of=lambda disorder: (0, 0),
    ),
    sampler(
        "a stream used twice",
        "the points are made of the couplings' own numbers",
        points=points_of_couplings,
    ),
    sampler("Euclidean gradient", "not projected", gradient=hamiltonian.gradient),
    sampler(
        "half the gradient",
        "the energy of both orders of a pair counted once",
        gradient=lambda c, s: hamiltonian.riemannian_gradient(c, s) / 2,
    ),
    sampler("Hessian of the ambient space", "N for N-1", spectrum=ambient_spectrum),
    sampler("Hessian without - r", "the curvature of the sphere", spectrum=flat_spectrum),
    sampler(
        "energy by Euler's identity with p-1",
        "p for p-1",
        energy=lambda c, s: hamiltonian.energy(c, s) * c.terms[-1][0] / (c.terms[-1][0] - 1),
    ),
)

CLAIM = Claim(
    id="HAM",
    title="Energy, gradient and Hessian of a random Hamiltonian have the law that Kac-Rice uses",
    rows=(),
    statement="Cov(H(s), H(t)) = N xi(s.t/N); at a point the tangential gradient is independent "
    "normal with variance xi'(1), and the tangential Hessian is sqrt(xi''(1)) times a GOE matrix of "
    "dimension N-1 with off-diagonal variance 1/N, minus r times the identity, with (u, r) Gaussian "
    "of covariance [[xi, xi'], [xi', xi' + xi'']]/N (pure p: r = p u).",
    source="ABC, Lemma 3.2; Auffinger and Ben Arous 2013, Lemma 1.1",
    assumptions="Gaussian couplings; every N >= 3 and every mixture",
    evidence=Sampled(
        grid=(
            {"N": 6, "model": "3:1"},
            {"N": 6, "model": "2:0.5 4:0.5"},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=6, quick=48, standard=240, paper=2400),
        constants={
            "xi(1)": constant(predict, "xi(1)"),
            f"xi({OVERLAP})": constant(predict, "xi(q)"),
            "xi'(1)": constant(predict, "xi'(1)"),
            f"xi'({OVERLAP})": constant(predict, "xi'(q)"),
            "xi''(1)": constant(predict, "xi''(1)"),
        },
        series=series,
    ),
    alternatives=(
        Alternative(
            "N^(-(p-1)/2) missing",
            "a public p-spin Hessian lacks this factor",
            {"predict": without_scale},
        ),
        Alternative(
            "xi(1) 15 % larger", "a factor near 1", {"predict": multiplied(predict, 1.15, "xi(1)")}
        ),
        Alternative(
            "xi'(1) 10 % larger",
            "a factor near 1",
            {"predict": multiplied(predict, 1.10, "xi'(1)")},
        ),
        Alternative("xi'(q) at q = 1", "a power forgotten", {"predict": slope_at_one}),
        Alternative(
            "xi''(1) 5 % larger",
            "a factor near 1",
            {"predict": multiplied(predict, 1.05, "xi''(1)")},
        ),
        Alternative("N for N-1", "the Hessian of the ambient space", {"predict": dimension_n}),
        Alternative(
            "half the gradient's variance",
            "the symmetrisation of the couplings forgotten",
            {"predict": euclidean_radius},
        ),
        *WRONG_SAMPLERS,
    ),
)

"""HAM: real random Hamiltonians against the exact Gaussian law behind Kac-Rice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any

import numpy as np

from numerics import hamiltonian
from numerics.backend import to_numpy
from theory import mixture
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Sampled,
    Series,
    each,
    per_profile,
)
from verify.statistics import chi_square_cell, normal_cell

DISORDERS = 1000  # Hamiltonians in a chunk
OVERLAP = 0.5  # of the second point with the first


def coefficients(params: Params) -> dict[int, float]:
    """The model of a grid point, {p: a_p}."""
    return {int(p): float(a) for p, a in (t.split(":") for t in params["model"].split(" "))}


def simulate(params: Params, stream: Any, chunk: int, xp: Any) -> Data:
    """Energy at two points, gradient and tangential Hessian at the first, a disorder each."""
    n, model = params["N"], coefficients(params)
    kept: dict[str, list[Any]] = {"H": [], "H'": [], "gradient": [], "eigenvalues": []}
    for disorder in range(DISORDERS):
        couplings = hamiltonian.draw(stream.generator(chunk, disorder, 0), n, model, xp=xp)
        pair = hamiltonian.random_point(stream.generator(chunk, disorder, 1), n, 2)
        s = pair[:1]
        # A second point at the overlap asked for, in a random direction.
        across = pair[1:] - (pair[1:] @ s.T / n) * s
        t = OVERLAP * s + sqrt(1 - OVERLAP**2) * across * sqrt(n) / np.linalg.norm(across)
        both = xp.asarray(np.concatenate([s, t]))
        energies = to_numpy(hamiltonian.energy(couplings, both))
        gradient = to_numpy(hamiltonian.riemannian_gradient(couplings, both[:1]))[0]
        kept["H"].append(energies[0])
        kept["H'"].append(energies[1])
        kept["gradient"].append(float(gradient @ gradient))
        kept["eigenvalues"].append(
            to_numpy(hamiltonian.riemannian_hessian_eigenvalues(couplings, both[:1]))[0]
        )
    return {name: np.asarray(values) for name, values in kept.items()}


def predict(params: Params) -> Prediction:
    """Cov(H(s), H(t)) = N xi(s.t/N) and its derivatives at the same point."""
    model = mixture(coefficients(params))
    return {
        "xi(1)": float(model.xi(1.0)),
        "xi(q)": float(model.xi(OVERLAP)),
        "xi'(1)": float(model.xi(1.0, 1)),
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
            "Var (H(s) + H(t)) / 2N at overlap 1/2",
            said["xi(1)"] + said["xi(q)"],
            total[1] / (2 * n),
            units,
            units,
        ),
        chi_square_cell(
            params,
            "Var (H(s) - H(t)) / 2N at overlap 1/2",
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


def changed(**factors: float) -> Callable[[Params], Prediction]:
    """The prediction with some constants multiplied; a prime is written d."""
    names = {"xi": "xi(1)", "xiq": "xi(q)", "dxi": "xi'(1)", "ddxi": "xi''(1)"}

    def predicted(params: Params) -> Prediction:
        said = dict(predict(params))
        for name, factor in factors.items():
            said[names[name]] *= factor
        return said

    return predicted


def without_scale(params: Params) -> Prediction:
    """The factor N^(-(p-1)/2) forgotten: every covariance larger by N^(p-1)."""
    said = dict(predict(params))
    lowest = min(coefficients(params))
    for name in ("xi(1)", "xi(q)", "xi'(1)", "xi''(1)"):
        said[name] *= params["N"] ** (lowest - 1)
    return said


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


def constant(name: str) -> Callable[[Params, float], Prediction]:
    """One constant, changed by a relative eps."""
    return lambda params, eps: changed(**{name: 1 + eps})(params)


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
        chunks=per_profile(quick=12, standard=60, paper=600),
        constants={
            "xi(1)": constant("xi"),
            "xi(1/2)": constant("xiq"),
            "xi'(1)": constant("dxi"),
            "xi''(1)": constant("ddxi"),
        },
        series=series,
    ),
    alternatives=(
        Alternative(
            "N^(-(p-1)/2) missing",
            "a public p-spin Hessian lacks this factor",
            {"predict": without_scale},
        ),
        Alternative("xi(1) 15 % larger", "a factor near 1", {"predict": changed(xi=1.15)}),
        Alternative("xi'(1) 10 % larger", "a factor near 1", {"predict": changed(dxi=1.10)}),
        Alternative("xi''(1) 5 % larger", "a factor near 1", {"predict": changed(ddxi=1.05)}),
        Alternative("N for N-1", "the Hessian of the ambient space", {"predict": dimension_n}),
        Alternative(
            "half the gradient's variance",
            "the symmetrisation of the couplings forgotten",
            {"predict": euclidean_radius},
        ),
    ),
)

"""CENSUS: critical points of real random instances, all of them, against the exact mean counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.critical import enumeration
from numerics.critical.enumeration import Census
from numerics.critical.polynomials import Forms, draw_forms
from numerics.pspin import multisets
from theory import mean_count, mixture
from verify.alternatives import constant, predicting, replacing, sampling, scaling
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Data,
    Draw,
    Observation,
    Params,
    Prediction,
    Series,
    each,
)
from verify.evidence import Sampled
from verify.statistics import bracketed_cell, mean_cell

LEVELS = tuple(round(0.1 * i, 1) for i in range(-15, 1))
JUDGED = ((0, -1.0), (1, -0.4))  # index and level


class Size(NamedTuple):
    """Instances in a chunk, and the number of chunks in each profile."""

    instances: int
    audit: int
    quick: int
    standard: int
    paper: int


SIZES = {  # by model and N
    ("3:1", 2): Size(200, audit=45, quick=10, standard=100, paper=1000),
    ("3:1", 3): Size(100, audit=30, quick=12, standard=100, paper=1000),
    ("3:1", 4): Size(50, audit=8, quick=12, standard=100, paper=1000),
    ("3:1", 5): Size(20, audit=2, quick=10, standard=80, paper=1000),
    ("3:1", 6): Size(10, audit=1, quick=14, standard=100, paper=1000),
    ("3:1", 7): Size(8, audit=1, quick=10, standard=50, paper=1000),
    ("4:1", 3): Size(50, audit=4, quick=8, standard=80, paper=1000),
    ("3:0.5 4:0.5", 3): Size(40, audit=4, quick=8, standard=80, paper=1000),
}

DrawForms = Callable[[list[np.random.Generator], int, dict[int, float]], Forms]
Change = Callable[[Params, Census, np.random.Generator], Census]


def size_of(params: Params) -> Size:
    """How much is run at a grid point."""
    return SIZES[params["model"], params["N"]]


def coefficients(params: Params) -> dict[int, float]:
    """The model of a grid point, {p: a_p}."""
    return {int(p): float(a) for p, a in (t.split(":") for t in params["model"].split(" "))}


def untouched(params: Params, found: Census, rng: np.random.Generator) -> Census:
    """The census as it is."""
    return found


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    draw: DrawForms = draw_forms,
    change: Change = untouched,
    disorder: Callable[[int], int] = lambda i: i,
) -> Data:
    """Numbers of critical points by index, and by index up to each level; a row an instance."""
    n, size = params["N"], size_of(params).instances
    numbers = [disorder(chunk * size + i) for i in range(size)]
    forms = draw([stream.generator(i, 0) for i in numbers], n, coefficients(params))
    found = enumeration.census_of(forms, stream, chunk * size)
    found = change(params, found, stream.generator(chunk, 3))
    below = np.zeros((size, n, len(LEVELS)), dtype=np.int64)
    for column, level in enumerate(LEVELS):
        low = found.energy <= level
        np.add.at(below[:, :, column], (found.instance[low], found.index[low]), 1)
    return {
        "counts": found.counts,
        "below": below,
        "hidden": found.hidden,
        "closed": found.morse() | (found.hidden > 0),
    }


def quantities(params: Params) -> dict[str, tuple[int, float | None]]:
    """What is compared: index and level (None: any) by name. Reflected ones are left out."""
    n = params["N"]
    odd = list(coefficients(params)) == [3]  # H(-s) = -H(s): index k is N-1-k
    every: list[tuple[int, float | None]] = [(k, None) for k in range((n + 1) // 2 if odd else n)]
    return {
        f"mean number of index {k}" + ("" if u is None else f" up to u = {u}"): (k, u)
        for k, u in [*every, *JUDGED]
    }


def exact(params: Params, k: int, u: float | None) -> float:
    """The exact mean number of critical points of index k up to u."""
    return float(mean_count(mixture(coefficients(params)), params["N"], k, below=u).value)


def predict(
    params: Params, more_spins: int = 0, higher_index: int = 0, unit: float = 1.0
) -> Prediction:
    """Exact mean numbers, by index and by index up to a level; wrong theories change one keyword."""
    n = params["N"]
    there = {**params, "N": n + more_spins}
    return {
        name: exact(there, (k + higher_index) % n, None if u is None else unit * u)
        for name, (k, u) in quantities(params).items()
    }


def compare(seen: Observation) -> list[Cell]:
    """Clustered t tests of every mean number, with what an unresolved instance could hide."""
    params, data = seen.params, seen.data
    counts, hidden = data["counts"], data["hidden"]
    units = len(counts)
    cells = []
    for name, (k, u) in quantities(params).items():
        values = counts[:, k] if u is None else data["below"][:, k, LEVELS.index(u)]
        said = seen.prediction[name]
        cells.append(bracketed_cell(params, name, said, values, values + hidden))
    closed = data["closed"].astype(float)
    cells.append(mean_cell(params, "share that satisfies the Morse identity", 1.0, closed))
    total = counts.sum(axis=1).astype(float)
    mean, square = total.mean(), (total**2).mean()
    ratio = square / mean**2
    influence = (total**2 - square) / mean**2 - 2 * ratio * (total - mean) / mean
    stderr = float(influence.std(ddof=1)) / sqrt(units)
    unresolved = float((hidden > 0).sum())
    return [
        *cells,
        Cell(params, "E Crt^2 / (E Crt)^2", None, float(ratio), stderr, units),
        Cell(params, "instances not proved complete", None, unresolved, None, units),
    ]


def series(seen: Sequence[Observation]) -> list[Series]:
    """Mean numbers by index, and minima and saddles up to a level, over the exact ones."""
    pure = [one for one in seen if one.params["model"] == "3:1"]
    axes = Axes("Critical points by index, p = 3", "index k", "mean number in an instance")
    drawn = []
    for one in pure:
        n, every = one.params["N"], range(one.params["N"])
        drawn += [
            axes.line(f"exact, N = {n}", every, [exact(one.params, k, None) for k in every]),
            axes.points(f"found, N = {n}", every, *mean_and_two_errors(one.data["counts"])),
        ]
    one = pure[-1]
    axes = Axes(f"Up to a level, p = 3, N = {one.params['N']}", "u = H/N", "mean number")
    for k in range(3):
        means, errors = mean_and_two_errors(one.data["below"][:, k])
        drawn += [
            axes.line(f"exact, index {k}", LEVELS, [exact(one.params, k, u) for u in LEVELS]),
            axes.points(f"found, index {k}", LEVELS, means, errors),
        ]
    return drawn


def mean_and_two_errors(counts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean over instances and two of its standard errors."""
    return counts.mean(axis=0), 2 * counts.std(axis=0, ddof=1) / sqrt(len(counts))


def without(found: Census, dropped: NDArray[np.bool_]) -> Census:
    """The census without some of its points, its status as before."""
    counts = found.counts.copy()
    np.add.at(counts, (found.instance[dropped], found.index[dropped]), -1)
    kept = ~dropped
    return replace(
        found,
        counts=counts,
        instance=found.instance[kept],
        index=found.index[kept],
        energy=found.energy[kept],
        position=found.position[kept],
        radius=found.radius[kept],
    )


def lossy(params: Params, found: Census, rng: np.random.Generator) -> Census:
    """One point in fifty dropped."""
    return without(found, np.asarray(rng.random(len(found.index)) < 0.02))


def lossy_in_pairs(params: Params, found: Census, rng: np.random.Generator) -> Census:
    """One pair x, -x in fifty dropped where the Morse identity does not notice."""
    if params["N"] % 2:
        return found
    first = found.position[:, 0]
    names, pair = np.unique(
        np.stack([found.instance, np.round(np.abs(first), 8)]), axis=1, return_inverse=True
    )
    dropped = np.asarray(rng.random(names.shape[1]) < 0.02)
    return without(found, dropped[pair.ravel()])


def index_by_sign(params: Params, found: Census, rng: np.random.Generator) -> Census:
    """Signs of the energy for the index: the half of low energy taken for minima."""
    index = np.where(found.energy < 0, 0, params["N"] - 1)
    counts = np.zeros_like(found.counts)
    np.add.at(counts, (found.instance, index), 1)
    return replace(found, index=index, counts=counts)


def energies_times(factor: Callable[[int], float]) -> Change:
    """Another normalisation of the energy."""
    return lambda params, found, rng: replace(found, energy=found.energy * factor(params["N"]))


def unsymmetrised(generators: list[Any], n: int, model: dict[int, float]) -> Forms:
    """One X for a sorted multi-index in place of a sum over its orderings."""
    right = draw_forms(generators, n, model)
    factors = [multisets.orderings(n, p) ** -0.5 for p in model]
    return Forms(right.layout, right.t * np.concatenate(factors))


# Wrong samplers: by name, why and the keyword of `simulate` that is another.
WRONG_SAMPLERS: dict[str, tuple[str, dict[str, Callable[..., Any]]]] = {
    "one point in fifty dropped": ("a lossy census", {"change": lossy}),
    "one pair in fifty dropped, at even N": (
        "a lossy census that the Morse identity does not notice",
        {"change": lossy_in_pairs},
    ),
    "symmetrisation forgotten": (
        "one X for a sorted multi-index in place of a sum over its orderings",
        {"draw": unsymmetrised},
    ),
    "index from the sign of H": ("no Hessian at all", {"change": index_by_sign}),
    "N^(-p/2)": ("p for p-1 in the scale", {"change": energies_times(lambda n: n**-0.5)}),
    "energies 10 % larger": (
        "a wrong normalisation near 1",
        {"change": energies_times(lambda n: 1.1)},
    ),
    "disorder shared": (
        "one instance where independent ones are claimed",
        {"disorder": lambda i: i % 20},
    ),
}
# Wrong theories: by name, why and the keyword of `predict` that is another.
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "N+1 for N": ("the sphere's dimension mistaken", {"more_spins": 1}),
    "k+1 for k": ("the index off by one", {"higher_index": 1}),
    "levels in units of sqrt 2": ("the other GOE normalisation", {"unit": sqrt(2)}),
    "levels 1.2 times deeper": ("a factor near 1", {"unit": 1.2}),
}


def claim(
    name: str,
    title: str,
    grid: tuple[Params, ...],
    samplers: tuple[Alternative, ...],
    notes: str,
    draw: Draw = series,
) -> Claim:
    """The claim on some models and sizes."""
    return Claim(
        id=name,
        title=title,
        rows=("T5",),
        statement="All critical points of random Hamiltonians, each proved to exist, alone in its "
        "ball, real and of its index, their set proved complete: the mean numbers by index, and by "
        "index up to a level, are the exact finite-N ones.",
        compares={
            "their set proved complete": "share that satisfies the Morse identity",
            "the mean numbers by index": "mean number of index 0",
            "by index up to a level": "mean number of index 0 up to u = *",
        },
        source="ABC, Thm 2.1 and 2.2; Auffinger and Ben Arous 2013 for mixtures; number of complex "
        "critical points: Cartwright and Sturmfels 2013, Nie and Ranestad 2009",
        assumptions="Gaussian couplings; an instance is a unit",
        evidence=Sampled(
            grid=grid,
            predict=predict,
            simulate=simulate,
            compare=each(compare),
            chunks=lambda profile, params: getattr(size_of(params), profile),
            constants={"the mean numbers": constant(predict)},
            series=draw,
        ),
        alternatives=(
            scaling(
                predict,
                "(p-1)^((N-1)/2)",
                "N-1 for N in the exponent",
                lambda params: (max(coefficients(params)) - 1) ** -0.5,
            ),
            replacing(
                predict,
                "a factor 1/N",
                "a density for a number",
                lambda params, said: {name: x / params["N"] for name, x in said.items()},
            ),
            scaling(
                predict,
                "x and -x counted once",
                "eigenvectors up to sign, as in the tensor literature",
                0.5,
            ),
            *(
                predicting(name, why, partial(predict, **other))
                for name, (why, other) in WRONG.items()
            ),
            *samplers,
        ),
        notes=notes,
    )


CLAIM = claim(
    "CENSUS",
    "Every critical point of random instances: the exact mean numbers by index and level",
    (
        *({"model": "3:1", "N": n} for n in (2, 3, 4, 5)),
        {"model": "4:1", "N": 3},
        {"model": "3:0.5 4:0.5", "N": 3},
    ),
    tuple(sampling(simulate, name, why, **other) for name, (why, other) in WRONG_SAMPLERS.items()),
    "An instance counts as complete if as many complex critical points are proved to be distinct as "
    "a generic one has; the Morse identity is tested beside that, instance by instance, for it alone "
    "closes nothing. Where an instance is not proved complete the cells allow for every point that "
    "it could hide. E Crt^2 / (E Crt)^2 - 1 says how far the typical count is from the mean one.",
)

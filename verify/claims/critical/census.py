"""CENSUS: critical points of real random instances, all of them, against the exact mean counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.critical import enumeration
from numerics.critical.enumeration import Census
from numerics.critical.polynomials import Forms, draw_forms
from numerics.pspin import multisets
from theory import mean_count, mixture
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
    Profile,
    Series,
    each,
)
from verify.evidence import Sampled
from verify.statistics import bracketed_cell, mean_cell

LEVELS = tuple(round(0.1 * i, 1) for i in range(-15, 1))
JUDGED = ((0, -1.0), (1, -0.4))  # index and level
INSTANCES = {  # in a chunk
    "3:1": {2: 200, 3: 100, 4: 50, 5: 20, 6: 10, 7: 8},
    "4:1": {3: 50},
    "3:0.5 4:0.5": {3: 40},
}
CHUNKS: dict[Profile, dict[str, dict[int, int]]] = {
    "audit": {"3:1": {2: 45, 3: 30, 4: 8, 5: 2, 6: 1, 7: 1}, "4:1": {3: 4}, "3:0.5 4:0.5": {3: 4}},
    "quick": {
        "3:1": {2: 20, 3: 30, 4: 30, 5: 25, 6: 30, 7: 20},
        "4:1": {3: 20},
        "3:0.5 4:0.5": {3: 20},
    },
    "standard": {
        "3:1": {2: 100, 3: 100, 4: 120, 5: 100, 6: 120, 7: 60},
        "4:1": {3: 100},
        "3:0.5 4:0.5": {3: 100},
    },
    "paper": {
        "3:1": {2: 1000, 3: 1000, 4: 1000, 5: 1000, 6: 1000, 7: 1000},
        "4:1": {3: 1000},
        "3:0.5 4:0.5": {3: 1000},
    },
}

DrawForms = Callable[[list[np.random.Generator], int, dict[int, float]], Forms]
Change = Callable[[Params, Census, np.random.Generator], Census]


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
    n, size = params["N"], INSTANCES[params["model"]][params["N"]]
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


def predict(params: Params) -> Prediction:
    """Exact mean numbers, by index and by index up to a level."""
    return {name: exact(params, k, u) for name, (k, u) in quantities(params).items()}


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


def changed(change: Callable[[float, Params], float]) -> Callable[[Params], Prediction]:
    """Every mean number changed."""
    return lambda params: {name: change(said, params) for name, said in predict(params).items()}


def one_more_spin(params: Params) -> Prediction:
    """The exact counts of N + 1."""
    more = {**params, "N": params["N"] + 1}
    return {name: exact(more, k, u) for name, (k, u) in quantities(params).items()}


def next_index(params: Params) -> Prediction:
    """k + 1 for k."""
    n = params["N"]
    return {name: exact(params, (k + 1) % n, u) for name, (k, u) in quantities(params).items()}


def level_scaled(factor: float) -> Callable[[Params], Prediction]:
    """Levels in another unit."""
    return lambda params: {
        name: exact(params, k, None if u is None else factor * u)
        for name, (k, u) in quantities(params).items()
    }


def series(seen: Sequence[Observation]) -> list[Series]:
    """Mean numbers by index, and minima and saddles up to a level, over the exact ones."""
    drawn = []
    pure = [one for one in seen if one.params["model"] == "3:1"]
    axes = Axes("Critical points by index, p = 3", "index k", "mean number in an instance")
    for one in pure:
        n, counts = one.params["N"], one.data["counts"]
        mean = [exact(one.params, k, None) for k in range(n)]
        errors = (2 * counts.std(axis=0, ddof=1) / sqrt(len(counts))).tolist()
        found = counts.mean(axis=0).tolist()
        drawn += [
            Series(axes, f"exact, N = {n}", list(range(n)), mean),
            Series(axes, f"found, N = {n}", list(range(n)), found, errors, "points"),
        ]
    one = pure[-1]
    below = one.data["below"]
    axes = Axes(f"Up to a level, p = 3, N = {one.params['N']}", "u = H/N", "mean number")
    for k in range(3):
        errors = (2 * below[:, k].std(axis=0, ddof=1) / sqrt(len(below))).tolist()
        found = below[:, k].mean(axis=0).tolist()
        drawn += [
            Series(axes, f"exact, index {k}", LEVELS, [exact(one.params, k, u) for u in LEVELS]),
            Series(axes, f"found, index {k}", LEVELS, found, errors, "points"),
        ]
    return drawn


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


def euclidean_index(params: Params, found: Census, rng: np.random.Generator) -> Census:
    """Signs of the energy for the index: the half of low energy taken for minima."""
    index = np.where(found.energy < 0, 0, params["N"] - 1)
    counts = np.zeros_like(found.counts)
    np.add.at(counts, (found.instance, index), 1)
    return replace(found, index=index, counts=counts)


def energies_times(factor: Callable[[int], float]) -> Change:
    """Another normalisation of the energy."""
    return lambda params, found, rng: replace(found, energy=found.energy * factor(params["N"]))


def weighted(weight: Callable[[int, int], Any]) -> DrawForms:
    """Couplings of order p multiplied by weight(n, p), one factor a sorted multi-index."""

    def draw(generators: list[Any], n: int, model: dict[int, float]) -> Forms:
        right = draw_forms(generators, n, model)
        factors = [np.broadcast_to(weight(n, p), multisets.count(n, p)) for p in model]
        return Forms(right.layout, right.t * np.concatenate(factors))

    return draw


def amplitudes(generators: list[Any], n: int, model: dict[int, float]) -> Forms:
    """a_p for sqrt(a_p), a_p = 1/2."""
    other = {p: a * a * (1.5 if p == 4 else 1.0) for p, a in model.items()}
    return draw_forms(generators, n, other)


def sampler(name: str, why: str, **changes: Any) -> Alternative:
    """A wrong sampler that the claim must refute."""
    return Alternative(f"sampler: {name}", why, {"simulate": partial(simulate, **changes)})


WRONG_SAMPLERS = (
    sampler("one point in fifty dropped", "a lossy census", change=lossy),
    sampler(
        "one pair in fifty dropped, at even N",
        "a lossy census that the Morse identity does not notice",
        change=lossy_in_pairs,
    ),
    sampler(
        "symmetrisation forgotten",
        "one X for a sorted multi-index in place of a sum over its orderings",
        draw=weighted(lambda n, p: multisets.orderings(n, p) ** -0.5),
    ),
    sampler("index from the sign of H", "no Hessian at all", change=euclidean_index),
    sampler("N^(-p/2)", "p for p-1 in the scale", change=energies_times(lambda n: n**-0.5)),
    sampler(
        "energies 10 % larger",
        "a wrong normalisation near 1",
        change=energies_times(lambda n: 1.1),
    ),
    sampler(
        "disorder shared",
        "one instance where independent ones are claimed",
        disorder=lambda i: i % 20,
    ),
)


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
        source="ABC, Thm 2.1 and 2.2; Auffinger and Ben Arous 2013 for mixtures; number of complex "
        "critical points: Cartwright and Sturmfels 2013, Nie and Ranestad 2009",
        assumptions="Gaussian couplings; an instance is a unit",
        evidence=Sampled(
            grid=grid,
            predict=predict,
            simulate=simulate,
            compare=each(compare),
            chunks=lambda profile, params: CHUNKS[profile][params["model"]][params["N"]],
            constants={
                "the mean numbers": lambda params, eps: changed(lambda x, _: x * (1 + eps))(params)
            },
            series=draw,
        ),
        alternatives=(
            Alternative(
                "(p-1)^((N-1)/2)",
                "N-1 for N in the exponent",
                {"predict": changed(lambda x, q: x * (max(coefficients(q)) - 1) ** -0.5)},
            ),
            Alternative(
                "a factor 1/N",
                "a density for a number",
                {"predict": changed(lambda x, q: x / q["N"])},
            ),
            Alternative(
                "x and -x counted once",
                "eigenvectors up to sign, as in the tensor literature",
                {"predict": changed(lambda x, q: x / 2)},
            ),
            Alternative("N+1 for N", "the sphere's dimension mistaken", {"predict": one_more_spin}),
            Alternative("k+1 for k", "the index off by one", {"predict": next_index}),
            Alternative(
                "levels in units of sqrt 2",
                "the other GOE normalisation",
                {"predict": level_scaled(sqrt(2))},
            ),
            Alternative(
                "levels 1.2 times deeper", "a factor near 1", {"predict": level_scaled(1.2)}
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
    WRONG_SAMPLERS,
    "An instance counts as complete if as many complex critical points are proved to be distinct as "
    "a generic one has; the Morse identity is tested beside that, instance by instance, for it alone "
    "closes nothing. Where an instance is not proved complete the cells allow for every point that "
    "it could hide. E Crt^2 / (E Crt)^2 - 1 says how far the typical count is from the mean one.",
)

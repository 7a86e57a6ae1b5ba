"""Outputs of networks and of the models on the way to the spin glass: what is kept, said and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.networks import path_sums as numeric
from theory.networks import assumptions
from theory.networks.architecture import Network, network
from theory.networks.assumptions import CHAIN
from verify.claim import Cell, Data, Observation, Params, Prediction
from verify.statistics import chi_square_cell, mean_cell, moments_cell

UNITS = 5_000  # pairs of networks in a chunk
INPUTS = 2
Sample = Callable[..., numeric.Outputs]


# What each model takes for granted, written out: no draw depends on theory, whose `CHAIN` is tested.
_ALL = ("gates", "mean", "inputs", "redundancy", "sphere")
IN_FORCE = {
    "network": frozenset[str](),
    **{word: frozenset(_ALL[: i + 1]) for i, word in enumerate(_ALL[:4])},
    "spin glass": frozenset(_ALL),
    "all but mean": frozenset(_ALL) - {"mean"},
    "all but inputs": frozenset(_ALL) - {"inputs"},
}


def widths_of(params: Params) -> tuple[int, ...]:
    """Units of each layer of a grid point."""
    return tuple(int(n) for n in params["widths"].split(","))


def net_of(params: Params) -> Network:
    """The network of a grid point, as theory has it."""
    return network(widths_of(params))


def simulate(
    params: Params, stream: Stream, chunk: int, _xp: Any, draw: Sample = numeric.sample
) -> Data:
    """Sums over pairs of networks, with the assumptions of this model in force.

    "first", "second": of the products and of the mean squares of the outputs Y(w), Y(w') (means over the
    inputs) and of (Y(w) + Y(w'))^2, (Y(w) - Y(w'))^2, and their squares. Of a network itself also
    each pair's products over the scale of what enters the last hidden layer, and the cosine there.
    """
    widths, on = widths_of(params), IN_FORCE[params["model"]]
    found = draw(stream.generator(chunk), widths, params["overlap"], on, UNITS, INPUTS)
    one, other = found.y[..., 0], found.y[..., 1]
    squares = (one**2 + other**2) / 2
    units = np.stack([one * other, squares, (one + other) ** 2, (one - other) ** 2]).mean(axis=2)
    kept = {
        "units": np.array([UNITS]),
        "first": units.sum(axis=1)[None],
        "second": (units**2).sum(axis=1)[None],
    }
    if found.gram is None or found.first is None:
        return kept
    # Over |a| |a'| n_(H-1), of what enters the last hidden layer: the law of the ratio has no long
    # tail. Where nothing enters, the outputs are 0 and so is the ratio.
    own, inner, across = np.moveaxis(found.gram, -1, 0)
    both = np.sqrt(own * across)
    return {
        **kept,
        "ratio": one * other / np.where(both > 0, widths[-2] * both, np.inf),
        "cosine": np.where(both > 0, inner / np.where(both > 0, both, 1.0), np.nan),
        "own ratio": one**2 / np.where(own > 0, widths[-2] * own, np.inf),
        "alive": own > 0,
        "active": found.first,
    }


def predict(params: Params) -> Prediction:
    """Lambda, q^2, and the covariances in units of Lambda, of the outputs at the two sets of weights."""
    net, model, overlap = net_of(params), params["model"], params["overlap"]
    said: dict[str, Any] = {
        "Lambda": float(assumptions.spins(net)),
        "q^2": assumptions.normalisation(net) / net.mass,
        "active": float(assumptions.active(net)),
    }
    if model == "network":
        said["last layer"] = partial(assumptions.last_layer, net.widths[-2], overlap)
        said["itself"] = partial(assumptions.last_layer, net.widths[-2], 1.0)
    if model != "network" or net.depth == 2:
        said["covariance"] = assumptions.kernel(net, CHAIN[model], overlap)
        said["variance"] = assumptions.kernel(net, CHAIN[model], 1.0)
    return said


def compare(seen: Observation) -> list[Cell]:
    """Exact chi-square tests of the spin glass; t tests over pairs of networks of the rest."""
    said, params, data = seen.prediction, seen.params, seen.data
    q2, spins, units = said["q^2"], said["Lambda"], int(data["units"].sum())
    first, second = (data[name].sum(axis=0) for name in ("first", "second"))
    if params["model"] == "spin glass":  # Gaussian, the same law at every pair of weights
        return [
            chi_square_cell(
                params,
                f"Var (Y(w) {word} Y(w')) / 4",
                spins * (said["variance"] + sign * said["covariance"]) / 2,
                q2 * float(total) * INPUTS / 4,
                units * INPUTS,
                units,
            )
            for sign, word, total in ((1, "+", first[2]), (-1, "-", first[3]))
        ]
    cells = []
    for at, (name, entry) in enumerate(
        (("E Y(w) Y(w')", "covariance"), ("E Y(w)^2", "variance")) if "covariance" in said else ()
    ):
        mean, square = q2 * float(first[at]) / units, q2**2 * float(second[at]) / units
        cells.append(moments_cell(params, name, spins * said[entry], mean, square, units))
    if "last layer" in said:
        width = net_of(params).widths[-2]
        gone = np.isnan(data["cosine"])
        cosine = np.where(gone, 0.0, data["cosine"])
        given = np.where(gone, 0.0, said["last layer"](1.0, cosine, 1.0) / width)
        itself = np.where(data["alive"], said["itself"](1.0, 1.0, 1.0) / width, 0.0)
        both, one = ("E Y(w) Y(w') / (q^2 n |a| |a'|)", "E Y(w)^2 / (q^2 n |a|^2)")
        cells += [
            _paired(params, f"{both} given the layers below", given, data["ratio"]),
            _paired(params, f"{one} given the layers below", itself, data["own ratio"]),
            mean_cell(params, "a path is active", said["active"], data["active"].astype(float)),
        ]
    return cells


def _paired(params: Params, quantity: str, conditional: Any, values: Any) -> Cell:
    """t test of values whose conditional means are known, one for one."""
    cell = mean_cell(params, quantity, 0.0, values - conditional)
    mean = float(conditional.mean())
    return replace(cell, predicted=mean, estimate=mean + float(cell.estimate or 0.0))

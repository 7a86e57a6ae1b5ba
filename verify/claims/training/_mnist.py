"""What claims about trained networks do on MNIST, where its folder was given: grids, pilots, estimates.

A grid point of MNIST says so: {"data": "mnist", "images": 6000, ...}. Images are reduced to 10 x 10. With
6000 images every tenth of those to train on is taken, so that 200 epochs are a matter of seconds; with
60000 it is the paper's own experiment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from numerics.networks.datasets import Dataset
from numerics.networks.sgd import TILE
from verify.claim import Cell, Observation, Params, Prediction, Profile, of_mnist
from verify.claims.training import _estimates as estimate
from verify.claims.training._estimates import Estimate

FEW, ALL = 6000, 60_000
PAIR = 2  # networks in a chunk with all images: one of 500 units takes minutes
TABLE_1 = {
    25: 0.7616,
    50: 0.6861,
    100: 0.5983,
    250: 0.5302,
    500: 0.4081,
}  # of the paper: correlations


Chunks = Mapping[Profile, Mapping[tuple[Any, ...], int]]  # by images and what else decides


def point(images: int, **others: object) -> Params:
    """A grid point of MNIST.

    Examples
    --------
    >>> point(6000, n1=10)
    {'data': 'mnist', 'images': 6000, 'n1': 10}
    """
    return {"data": "mnist", "images": images, **others}


def chunks(
    on_mnist: Chunks, on_digits: Callable[[Profile, Params], int], *names: str
) -> Callable[[Profile, Params], int]:
    """How many chunks a profile runs of a grid point: of MNIST by images and these parameters."""

    def found(profile: Profile, params: Params) -> int:
        if not of_mnist(params):
            return on_digits(profile, params)
        key = params["images"], *(params[name] for name in names)
        return on_mnist.get(profile, {}).get(key, 0)

    return found


def split(seen: Sequence[Observation]) -> tuple[list[Observation], list[Observation]]:
    """What was seen of digits, and of MNIST."""
    digits = [one for one in seen if not of_mnist(one.params)]
    return digits, [one for one in seen if of_mnist(one.params)]


def few(seen: Sequence[Observation]) -> list[Observation]:
    """What was seen with `FEW` images, which pilots are of."""
    return [one for one in seen if one.params["images"] == FEW]


def against_the_pilot(
    found: Mapping[str, Estimate], said: Prediction, pilot: estimate.Pilot
) -> list[Cell]:
    """Every estimate beside the pilot's."""
    return estimate.against_the_pilot(found, said, pilot, {"data": "mnist", "images": FEW})


def taken(data: Dataset, params: Params) -> Dataset:
    """The data with as many images to train on as the grid point says, evenly spread."""
    every = len(data.train_y) // params.get("images", len(data.train_y))
    return replace(data, train_x=data.train_x[::every], train_y=data.train_y[::every])


def networks(params: Params) -> int:
    """Networks in a chunk of a grid point."""
    return PAIR if params.get("images") == ALL else TILE


def measured(params: Params, most: int) -> int:
    """Of these, the first whose Hessians are taken."""
    return min(most, networks(params))

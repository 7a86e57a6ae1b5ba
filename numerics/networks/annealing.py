"""Simulated annealing of one-hidden-layer ReLU networks, many at once; weights real or of few values.

A proposal changes one weight of each network, of the first and of the second layer in turn, and is
judged by the cross-entropy of the whole training set: accepted if u < exp(-(change)/temperature)
(Kirkpatrick, Gelatt, Vecchi 1983), with a temperature that falls geometrically. Outputs are carried
on, so a proposal costs one pass over classes x samples and no matrix product.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.core.backend import Array, InputError, Namespace, clipped
from numerics.core.checks import check_integer, check_real
from numerics.core.streams import Stream
from numerics.networks.datasets import Dataset
from numerics.networks.one_hidden_layer import Networks, Samples, hidden, outputs, samples
from numerics.networks.sgd import TILE, Settings, Trained, host, join, measured, starts

CAP = 80.0
"""A logit ahead of or behind the right one by more counts as this much: exp stays a normal float32."""

_BLOCK = 500  # proposals drawn at once
_DRAW = 2  # second word of the counters; 0 and 1 are the start's and the order's


@dataclass(frozen=True)
class Schedule:
    """How a network is annealed.

    Attributes
    ----------
    proposals : int
        Changes of one weight that are tried on each network.
    hot, cold : float
        Temperature, in units of the mean loss, of the first and of the last proposal.
    width : float
        Scale of a change of a real weight: normal times uniform, times this.
    levels : float or None
        None for real weights; else each is one of -levels, 0, levels, and a change goes to one of
        the other two values.

    Raises
    ------
    InputError
        If one of them is not usable.
    """

    proposals: int
    hot: float = 1e-2
    cold: float = 1e-5
    width: float = 1.0
    levels: float | None = None

    def __post_init__(self) -> None:
        """Check the arguments."""
        check_integer("proposals", self.proposals, least=0)
        for name in ("hot", "cold", "width"):
            check_real(name, getattr(self, name), positive=True)
        if self.cold > self.hot:
            raise InputError.of("cold", self.cold, f"at most hot = {self.hot}")
        if self.levels is not None:
            check_real("levels", self.levels, positive=True)


@dataclass
class State:
    """Networks with what their samples give: phi's argument h, outputs z and the mean loss."""

    first: Array
    second: Array
    h: Array
    z: Array
    loss: Array


def cross_entropy(z: Array, labels: Array, xp: Namespace) -> Array:
    """Return the mean cross-entropy (B,) of outputs (B, classes, m), gaps cut at `CAP`."""
    gap = z - z[:, labels, xp.arange(z.shape[2])][:, None, :]
    e = xp.exp(clipped(gap, -CAP, CAP))
    return xp.mean(xp.log(xp.sum(e, axis=1)), axis=1)


def init(networks: Networks, data: Samples, xp: Namespace) -> State:
    """Return the state of annealing that starts at `networks`."""
    h = networks.first @ xp.matrix_transpose(data.x)
    z = outputs(networks, hidden(networks, data.x, "relu")[0])
    labels = xp.argmax(data.target, axis=1)
    first, second = (xp.asarray(m, copy=True) for m in (networks.first, networks.second))
    return State(first, second, h, z, cross_entropy(z, labels, xp))


def step(
    state: State,
    layer: int,
    draws: tuple[Array, ...],
    temperature: float,
    xt: Array,
    labels: Array,
    schedule: Schedule,
    xp: Namespace,
) -> Array:
    """Propose one change of each network in place; return which were accepted, (B,).

    `draws` are, for each network: a row and a column as uniforms in [0, 1), the change, and a
    uniform to accept by. `xt` is (d + 1, m).
    """
    row, column, change, chance = draws
    matrix = state.first if layer == 0 else state.second
    b = xp.arange(matrix.shape[0])
    row = xp.astype(row * matrix.shape[1], xp.int64)
    column = xp.astype(column * matrix.shape[2], xp.int64)
    old = matrix[b, row, column]
    if schedule.levels is not None:
        values = xp.round(old / schedule.levels) + 1  # 0, 1, 2
        # same (comparisons): a tie of chance 0
        change = ((values + 1 + xp.astype(change > 0, old.dtype)) % 3 - values) * schedule.levels
    if layer == 0:
        unit = state.h[b, row, :]
        moved = unit + change[:, None] * xt[column, :]
        more = xp.maximum(moved, xp.zeros_like(moved)) - xp.maximum(unit, xp.zeros_like(unit))
        z = state.z + state.second[b, :, row][:, :, None] * more[:, None, :]
    else:
        units = state.h.shape[1]
        unit = state.h[b, xp.minimum(column, xp.asarray(units - 1)), :]
        active = xp.where(
            (column == units)[:, None], xp.ones_like(unit), xp.maximum(unit, xp.zeros_like(unit))
        )
        z = xp.asarray(state.z, copy=True)
        z[b, row, :] += change[:, None] * active
    loss = cross_entropy(z, labels, xp)
    # same (comparisons): a tie of chance 0
    accept = chance < xp.exp(xp.minimum((state.loss - loss) / temperature, xp.zeros_like(loss)))
    # same (0 -> -1): of one axis
    yes = xp.nonzero(accept)[0]
    state.z[yes, ...] = z[yes, ...]
    state.loss[yes] = loss[yes]
    matrix[yes, row[yes], column[yes]] = old[yes] + change[yes]
    if layer == 0:
        state.h[yes, row[yes], :] = moved[yes, :]
    return accept


def _drawn(stream: Stream, numbers: range, block: int, width: float, dtype: Any) -> tuple[Any, ...]:
    """Return draws of a block of proposals, each of shape (proposals, networks)."""
    kept = []
    for network in numbers:
        generator = stream.generator(network, _DRAW, block)
        # same (4 -> 5, 4 -> 8): rows that are not read; then other numbers of the same law
        uniform = generator.random((4, _BLOCK))
        change = generator.standard_normal(_BLOCK) * uniform[3] * width
        kept.append((uniform[0], uniform[1], change, uniform[2]))
    row, column, change, chance = (np.stack(part, axis=1) for part in zip(*kept, strict=True))
    return row, column, change.astype(dtype), chance


def anneal_tile(
    stream: Stream, first: int, data: Samples, settings: Settings, schedule: Schedule, xp: Namespace
) -> Networks:
    """Return the `TILE` networks of numbers first, first + 1, ... after their annealing."""
    numbers = range(first, first + TILE)
    networks = starts(stream, numbers, settings, data.x.shape[1] - 1, xp)
    if schedule.levels is not None:  # of a start in [-1/2, 1/2], two thirds become 0
        networks = Networks(
            *(
                schedule.levels * xp.sign(xp.round(3 * matrix / 2)) * xp.ones_like(matrix)
                for matrix in (networks.first, networks.second)
            )
        )
    state = init(networks, data, xp)
    labels, xt = xp.argmax(data.target, axis=1), xp.asarray(xp.matrix_transpose(data.x), copy=True)
    fall = math.log(schedule.cold / schedule.hot) / max(1, schedule.proposals - 1)
    for t in range(schedule.proposals):
        if t % _BLOCK == 0:
            block = _drawn(
                stream, numbers, t // _BLOCK, schedule.width, getattr(np, settings.dtype)
            )
            block = tuple(xp.asarray(part) for part in block)
        draws = tuple(part[t % _BLOCK, ...] for part in block)
        temperature = schedule.hot * math.exp(fall * t)
        step(state, t % 2, draws, temperature, xt, labels, schedule, xp)
    return Networks(state.first, state.second)


def anneal_tiles(
    stream: Stream,
    first: int,
    count: int,
    data: Dataset,
    settings: Settings,
    schedule: Schedule,
    xp: Namespace,
) -> Trained:
    """Return `count` networks, numbered from `first`, annealed and measured.

    Parameters
    ----------
    stream : Stream
        Network b draws its start from the counters (b, 0), as in `numerics.networks.sgd.train_tiles`,
        and block i of its proposals from (b, 2, i).
    first, count : int
    data : Dataset
    settings : Settings
        Of the network and its start; activation "relu" and loss "cross-entropy", the rest unused.
    schedule : Schedule
    xp : module

    Returns
    -------
    Trained

    Raises
    ------
    InputError
        Another activation or loss.

    Examples
    --------
    >>> from numerics.core.backend import namespace
    >>> from numerics.networks.datasets import digits
    >>> from numerics.core.streams import stream
    >>> cold = Schedule(20, levels=0.5)
    >>> end = anneal_tiles(stream(0), 0, 1, digits(), Settings(3), cold, namespace())
    >>> sorted({float(abs(w)) for w in end.networks.first.ravel()})
    [0.0, 0.5]
    """
    if settings.activation != "relu" or settings.loss != "cross-entropy":
        raise InputError.of(
            "loss", f"{settings.activation}, {settings.loss}", "relu, cross-entropy"
        )
    seen = samples(data.train_x, data.train_y, data.classes, xp, getattr(xp, settings.dtype))
    tiles = [
        host(
            anneal_tile(stream, tile, seen, settings, schedule, xp), min(TILE, first + count - tile)
        )
        for tile in range(first, first + count, TILE)
    ]
    return measured(join(tiles), data, settings)

"""CENSUS-7: the census at six and seven spins, with the disconnectivity graph of one instance."""

from __future__ import annotations

from collections.abc import Sequence

from numerics.core.mixture import disorder_stream
from numerics.critical import enumeration
from numerics.critical.disconnectivity import Graph, graph
from numerics.pspin import hamiltonian
from theory import pure, threshold
from verify.claim import Axes, Observation, Series
from verify.claims.critical.census import claim
from verify.claims.critical.census import series as counts_series

SHOWN = 7  # spins of the instance whose graph is drawn


def outline(tree: Graph, top: float) -> tuple[list[float], list[float]]:
    """One line along the graph, there and back: stems of minima, and where they join.

    Examples
    --------
    >>> import numpy as np
    >>> outline(Graph(np.array([-2.0, -1.0]), ((-0.5, 0, 1),), 0), 0.0)
    ([0, 0, 1, 1, 1, 0, 0, 0], [0.0, -0.5, -0.5, -1.0, -0.5, -0.5, -2.0, 0.0])
    """
    # Leaves in an order in which no two lines cross: each basin beside the one that it joins.
    order = {i: [i] for i in range(len(tree.minima))}
    joined: dict[int, list[tuple[float, int]]] = {i: [] for i in order}
    for height, a, b in tree.joins:
        order[a] = order[a] + order.pop(b)
        joined[a].append((height, b))
    place = {leaf: x for x, leaf in enumerate(leaf for some in order.values() for leaf in some)}

    def tour(a: int, start: float) -> list[tuple[int, float]]:
        points = [(place[a], start)]
        for height, b in reversed(joined[a]):
            points += [(place[a], height), *tour(b, height), (place[a], height)]
        return [*points, (place[a], float(tree.minima[a])), (place[a], start)]

    whole = [point for a in order for point in tour(a, top)]
    return [x for x, _ in whole], [y for _, y in whole]


def series(seen: Sequence[Observation]) -> list[Series]:
    """Counts by index and level; the disconnectivity graph; low points over the layers."""
    drawn = counts_series(seen)
    source = disorder_stream(SHOWN, {3: 1.0}, 0)
    found = enumeration.census_part(source, 0, 4, SHOWN, {3: 1.0})
    tree = graph(hamiltonian.draw(source.generator(0, 0), SHOWN, {3: 1.0}), found, 0)
    axes = Axes(f"Disconnectivity graph of an instance, N = {SHOWN}", "minimum", "H/N")
    drawn.append(axes.line("basins", *outline(tree, tree.joins[-1][0] + 0.1)))
    axes = Axes(f"Points of four instances, N = {SHOWN}", "index k", "H/N")
    drawn.append(axes.points("found", found.index, found.energy))
    for name, k in (("-E_0", 0), ("-E_1", 1), ("-E_inf", None)):
        drawn.append(axes.level(name, (0.0, SHOWN - 1.0), -float(threshold(pure(3), k, 17))))
    return drawn


CLAIM = claim(
    "CENSUS-7",
    "Every critical point of instances of six and seven spins",
    ({"model": "3:1", "N": 6}, {"model": "3:1", "N": 7}),
    (),
    "At N = 7 there are 127 complex critical points up to sign, and 80.2 real ones in the mean. "
    "The disconnectivity graph joins the minima of one instance at the lowest saddles of index 1 "
    "between them, found by steepest descent from every such saddle.",
    series,
)

"""Figures of claims about trained networks, as in the paper, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.claim import Axes, Curve, Data, Observation, Series, of_mnist
from verify.claims.training import _estimates as estimate
from verify.claims.training._estimates import Estimate, mean, spread
from verify.claims.training._mnist import TABLE_1

ByWidth = Mapping[int, Data]


def bars(axes: Axes, label: str, x: Curve, found: Sequence[Estimate]) -> Series:
    """Estimates with two standard errors."""
    ends = [one.value for one in found], [2 * one.stderr for one in found]
    return axes.points(label, x, *ends)


def losses(data: ByWidth, fit: tuple[float, float] | None) -> Iterator[Series]:
    """Test losses against the width: all, their middle half, the mean, and exp(alpha n1^beta) if it fits."""
    axes = Axes("Test losses of trained networks", "hidden units n1", "test loss", "log", "log")
    widths, test = sorted(data), [data[n]["test"] for n in sorted(data)]
    for label, low, high in (("all networks", 0.0, 1.0), ("middle half", 0.25, 0.75)):
        ends = ([float(np.quantile(x, q)) for x in test] for q in (low, high))
        yield axes.band(label, widths, *ends)
    yield bars(axes, "mean, 2 std. err.", widths, [mean(x) for x in test])
    if fit is None:
        return
    (alpha, beta), wide = fit, np.geomspace(10, max(widths), 50)
    label = f"exp({alpha:.2f} n1^{beta:.2f})"
    yield axes.line(label, wide, [exp(alpha * n**beta) for n in wide])


def histograms(data: ByWidth) -> Iterator[Series]:
    """Histograms of the test losses, as the paper draws them."""
    axes = Axes("Histograms", "test loss", "density")
    wide = {n: data[n]["test"] for n in sorted(data) if n >= 10}
    edges = np.linspace(0.04, max(float(x.max()) for x in wide.values()), 41)
    for n, values in wide.items():
        yield axes.histogram(f"n1 = {n}", values, edges)


def spreads(data: ByWidth, scaled: ByWidth) -> Iterator[Series]:
    """Standard deviations of the test losses."""
    axes = Axes("Spread", "hidden units n1", "std. dev. of test loss", "log", "log")
    for label, some in (("measured, 2 std. err.", data), ("scaled start", scaled)):
        if some:
            yield bars(axes, label, sorted(some), [spread(some[n]["test"]) for n in sorted(some)])


def correlations(data: ByWidth, other: Sequence[Observation]) -> Iterator[Series]:
    """Correlations of train and test loss, of digits and of MNIST, beside the paper's Table 1."""
    name = "Correlation of train and test loss"
    axes = Axes(name, "hidden units n1", "Pearson's correlation", "log")
    pairs = [(data[n]["train"], data[n]["test"]) for n in sorted(data)]
    low, high = zip(*(estimate.bootstrap_interval(*pair) for pair in pairs), strict=True)
    yield axes.band("95 % of bootstraps", sorted(data), low, high)
    yield axes.points("digits", sorted(data), [estimate.correlation(*pair) for pair in pairs])
    yield axes.points("the paper, MNIST 10 x 10", list(TABLE_1), list(TABLE_1.values()))
    for images in sorted({one.params["images"] for one in other}):
        seen = {one.params["n1"]: one.data for one in other if one.params["images"] == images}
        y = [estimate.correlation(d["train"], d["test"]) for d in seen.values()]
        yield axes.points(f"MNIST, {images} images", list(seen), y)


def named(one: Observation) -> str:
    """A grid point in a figure.

    Examples
    --------
    >>> named(Observation({"n1": 10}, {}, {}))
    'n1 = 10'
    """
    images = f", MNIST, {one.params['images']} images" if of_mnist(one.params) else ""
    return f"n1 = {one.params['n1']}{images}"


def spectra(seen: Sequence[Observation], edges: NDArray[Any]) -> Iterator[Series]:
    """Shares of eigenvalues a half decade, positive and negative."""
    middle = np.sqrt(abs(edges[1:] * edges[:-1]))
    axes = Axes("Hessian spectra", "abs(eigenvalue)", "share a half decade", "log", "log")
    for one in seen:
        share = one.data["histogram"].mean(axis=0)
        for sign, side in (("positive", edges[:-1] > 0), ("negative", edges[1:] < 0)):
            keep = side & (share > 0)
            order = np.argsort(middle[keep])
            yield axes.line(f"{sign}, {named(one)}", middle[keep][order], share[keep][order])


def indices(seen: Sequence[Observation]) -> Iterator[Series]:
    """Histograms of the index at the paper's cut-off, as the paper draws them, and its own order."""
    axes = Axes("Index at the paper's cut-off, 1e-3", "index / number of weights", "density")
    edges = np.linspace(0.0, 0.1, 41)
    for one in seen:
        yield axes.histogram(named(one), one.data["index"][:, 1], edges)
    yield axes.mark("the paper: 0.01 or less", 0.01)


def against_cutoff(seen: Sequence[Observation], cutoffs: NDArray[Any]) -> Iterator[Series]:
    """The mean index with two standard errors against the cut-off, and the certified bound on it."""
    axes = Axes("Index against the cut-off", "cut-off", "mean index / number of weights", "log")
    for i, one in enumerate(seen):
        yield axes.line(f"bound, {named(one)}", cutoffs, one.data["bound"].mean(axis=0))
        beside = cutoffs * 1.15 ** (i - (len(seen) - 1) / 2)
        found = [mean(column) for column in one.data["index"].T]
        yield bars(axes, f"index, {named(one)}", beside, found)


def further(one: Observation, cutoffs: NDArray[Any]) -> Iterator[Series]:
    """The index after SGD and after descending further, with two standard errors."""
    axes = Axes(
        f"Before and after descending further, {named(one)}",
        "cut-off / largest eigenvalue",
        "mean index / number of weights",
        "log",
    )
    for i, (name, label) in enumerate(
        (("relative", "after SGD"), ("further relative", "loss below 1e-8"))
    ):
        found = [mean(column) for column in one.data[name].T]
        yield bars(axes, f"{label}, 2 std. err.", cutoffs * 1.08 ** (2 * i - 1), found)


def accuracies(test: Mapping[str, NDArray[Any]], hidden: int, lost: float) -> Iterator[Series]:
    """Test accuracies by kind of weights: histograms, means with two standard errors, the paper's bound."""
    bound = float(test["real"].mean()) - lost
    name = f"real, less {100 * lost:g} %"
    axes = Axes(f"{hidden} hidden units", "test accuracy", "density")
    edges = np.linspace(0.92, 1.0, 33)
    for weights, values in test.items():
        yield axes.histogram(weights, values, edges)
    yield axes.mark(name, bound)
    places = tuple(test)
    axes = Axes("Means, 2 std. err.", "", "mean test accuracy", xnames=places)
    yield bars(axes, "measured", range(len(test)), [mean(values) for values in test.values()])
    yield axes.level(name, (-0.4, len(test) - 0.6), bound)

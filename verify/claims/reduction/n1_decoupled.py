"""N1: from random ReLU networks to the spin glass, the covariance with every assumption on or off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from numerics.networks import path_sums as numeric
from theory.networks import assumptions
from theory.networks.architecture import network
from theory.networks.assumptions import CHAIN
from verify.alternatives import Where, constant, replacing, sampling, scaling
from verify.claim import Axes, Claim, Observation, Params, Prediction, Profile, Series, each
from verify.claims.reduction._path_sums import Sample, compare, net_of, predict, simulate
from verify.evidence import Sampled


def model_is(name: str) -> Where:
    """The grid points of one model."""
    return lambda params: bool(params["model"] == name)


def in_closed_form(params: Params) -> bool:
    """Whether the covariance has a closed form."""
    return params["model"] != "network" or net_of(params).depth == 2


def takes_the_mean(params: Params) -> bool:
    """Whether the model takes the mean of A."""
    return "mean" in CHAIN[params["model"]]


def power_less(params: Params, said: Prediction) -> Mapping[str, Any]:
    """overlap^(H-1)."""
    return {"covariance": said["variance"] * params["overlap"] ** (net_of(params).depth - 1)}


def printed_q(params: Params, _: Prediction) -> Mapping[str, Any]:
    """q as Section 3.1 prints it."""
    return {"q^2": assumptions.normalisation_printed(net_of(params)) / net_of(params).mass}


def gates_decoupled(params: Params, said: Prediction) -> Mapping[str, Any]:
    """The network's own gates taken as independent of all else."""
    net, overlap = net_of(params), params["overlap"]
    width, shared = net.widths[-2], said["active"] * assumptions.spin_kernel(net.depth, overlap)
    last = {"last layer": lambda own, cross, other: width * overlap**2 * cross / 2}
    return last | ({"covariance": shared} if in_closed_form(params) else {})


def step_gates(params: Params, said: Prediction) -> Mapping[str, Any]:
    """The arc-cosine kernel of degree 0, of the gates, for that of degree 1."""
    width, overlap = net_of(params).widths[-2], params["overlap"]

    def last_layer(own: Any, cross: Any, other: Any) -> Any:
        scale = np.sqrt(own * other)
        c = np.clip(overlap * cross / np.where(scale > 0, scale, 1.0), -1, 1)
        return width * overlap * scale / 2 * (1 - np.arccos(c) / np.pi)

    shared = said["active"] * overlap * (1 - np.arccos(overlap) / np.pi)
    return {"last layer": last_layer} | ({"covariance": shared} if in_closed_form(params) else {})


def without_mean(_: Params, said: Prediction) -> Mapping[str, Any]:
    """rho for rho^2: the variance of A counted although its mean is taken."""
    return {name: said[name] / said["active"] for name in ("covariance", "variance")}


def as_spin_glass(params: Params, said: Prediction) -> Mapping[str, Any]:
    """The covariance of the spin glass, whatever the model lacks."""
    square = said["active"] ** 2
    return {"covariance": square * params["overlap"] ** net_of(params).depth, "variance": square}


def own_gates(rng: Any, widths: Any, overlap: float, on: Any, *size: int) -> numeric.Outputs:
    """The gates of the forward pass where they are claimed independent."""
    found = numeric.sample(rng, widths, overlap, on if "mean" in on else set(), *size)
    return found if on == CHAIN["network"] else numeric.Outputs(found.y)


def dropped(key: str) -> Sample:
    """One assumption quietly not made, in the spin glass."""

    def draw(rng: Any, widths: Any, overlap: float, on: Any, *size: int) -> numeric.Outputs:
        left = on - {key} if on == CHAIN["spin glass"] else on
        return numeric.sample(rng, widths, overlap, left, *size)

    return draw


def loose(rng: Any, widths: Any, overlap: float, on: Any, *size: int) -> numeric.Outputs:
    """Weights of a smaller overlap."""
    return numeric.sample(rng, widths, 0.95 * overlap, on, *size)


def outputs(change: Callable[[Any], Any]) -> Sample:
    """Outputs changed after they are drawn."""

    def draw(*arguments: Any) -> numeric.Outputs:
        found = numeric.sample(*arguments)
        return replace(found, y=change(found.y))

    return draw


def input_each(y: Any) -> Any:
    """Each set of weights sees an input of its own."""
    return np.stack([y[..., 0], np.roll(y[..., 1], 1, axis=1)], axis=-1)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Covariance over variance against the overlap; how far K differs between pairs of weights."""
    drawn = []
    grid = np.linspace(-1, 1, 101)
    for widths, depth in (("4,4,1", 2), ("3,3,3,1", 3)):
        axes = Axes(
            f"H = {depth}, widths {widths}", "overlap of the weights", "covariance / variance"
        )
        label = "ReLU, exact" if depth == 2 else "ReLU, wide"
        drawn += [
            axes.line("spin glass, overlap^H", grid, grid**depth),
            axes.line(label, grid, assumptions.relu_kernel(depth, grid)),
        ]
        if depth > 2:
            narrow = assumptions.narrow_kernel(depth, grid)
            drawn.append(axes.line("ReLU, one unit a layer", grid, narrow))
        for model in ("spin glass", "network"):
            some = [o for o in seen if (o.params["widths"], o.params["model"]) == (widths, model)]
            overlaps = [float(one.params["overlap"]) for one in some]
            ratios, errors = np.array([sampled_ratio(one) for one in some]).reshape(-1, 2).T
            drawn.append(axes.points(f"{model}, sampled", overlaps, ratios, errors))
    drawn += layer_by_layer(seen)
    axes = Axes(
        "H = 2, layers of n units, overlap 0.8", "n", "std of K(w, w') / mean", "log", "log"
    )
    sizes = [2, 3, 4, 6, 9, 16, 25, 49, 100]
    for model, label in (
        ("mean", "layers, shared inputs"),
        ("inputs", "layers, inputs a path"),
        ("redundancy", "redundant weights, no sphere"),
    ):
        spread = []
        for n in sizes:
            net, on = network([n, n, 1]), CHAIN[model]
            mean = assumptions.kernel(net, on, 0.8)
            spread.append((assumptions.kernel_square(net, on, 0.8) / mean**2 - 1) ** 0.5)
        drawn.append(axes.line(label, [float(n) for n in sizes], spread))
    return drawn


def layer_by_layer(seen: Sequence[Observation]) -> list[Series]:
    """A network of three layers: covariance of the last one given the others, measured less exact."""
    title = "H = 3, given the layers below"
    axes = Axes(title, "overlap of the weights", "measured less exact mean of Y(w) Y(w')")
    some = [o for o in seen if (o.params["widths"], o.params["model"]) == ("3,3,3,1", "network")]
    x = [float(one.params["overlap"]) for one in some]
    cells = [compare(one)[0] for one in some]
    apart = [float(c.estimate or 0.0) - float(c.predicted or 0.0) for c in cells]
    errors = [2 * float(c.stderr or 0.0) for c in cells]
    return [
        axes.level("exact", (min(x, default=0.0), max(x, default=1.0)), 0.0),
        axes.points("network, 2 std. err.", x, apart, errors),
    ]


def sampled_ratio(seen: Observation) -> tuple[float, float]:
    """Covariance over variance of the outputs, and two standard errors."""
    first, second = (seen.data[name].sum(axis=0) for name in ("first", "second"))
    units = float(seen.data["units"].sum())
    spread = (second[0] / units - (first[0] / units) ** 2) ** 0.5
    return float(first[0] / first[1]), float(2 * spread * units**0.5 / first[1])


def _grid() -> tuple[Params, ...]:
    every = [
        {"widths": widths, "model": model, "overlap": -0.6}
        for widths in ("4,4,1", "3,3,3,1")
        for model in CHAIN
        if (widths, model) != ("3,3,3,1", "redundancy")  # (w.w')^3 of 3 normals: too long a tail
    ]
    more = [
        {"widths": widths, "model": model, "overlap": overlap}
        for widths in ("4,4,1", "3,3,3,1")
        for model in ("network", "spin glass")
        for overlap in (0.3, 0.8)
    ]
    return (*every, *more)


def chunks(profile: Profile, params: Params) -> int:
    """Of a network itself every pair is kept, of the models on the way sums alone."""
    if params["model"] == "network":
        return {"audit": 8, "quick": 40, "standard": 40, "paper": 400}[profile]
    return {"audit": 8, "quick": 40, "standard": 160, "paper": 4000}[profile]


CLAIM = Claim(
    id="N1",
    title="From a ReLU network to the spin glass: the covariance, assumption by assumption",
    rows=("N1", "E3"),
    statement="With gates independent of all else and replaced by their mean rho, an input a "
    "path, Lambda weights of which every product is a path's, and |w|^2 = Lambda, q times the "
    "path sum over rho has covariance Lambda (w.w'/Lambda)^H exactly, q = Psi^(-(H-1)/(2H)). For "
    "a real network of two layers it is overlap k(overlap)/2 Lambda with k the arc-cosine kernel; "
    "deeper ones follow layer by layer.",
    compares={
        "|w|^2 = Lambda, q times the path sum over rho has covariance Lambda "
        "(w.w'/Lambda)^H exactly, q = Psi^(-(H-1)/(2H))": "Var (Y(w) + Y(w')) / 4",
        "For a real network of two layers it is overlap k(overlap)/2 Lambda with k the "
        "arc-cosine kernel": "E Y(w) Y(w')",
        "deeper ones follow layer by layer": (
            "E Y(w) Y(w') / (q^2 n |a| |a'|) given the layers below"
        ),
    },
    source="CHMBL Sec. 3, Eq. 1-3 (erratum E3); Cho and Saul 2009 for k",
    assumptions="; ".join(
        f"{a.key}: {a.holds} (without: {a.without})" for a in assumptions.ASSUMPTIONS.values()
    )
    + ". Each on or off as the table's model says; weights and inputs standard normal",
    evidence=Sampled(
        grid=_grid(),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=chunks,
        constants={
            "Lambda": constant(predict, "Lambda"),
            "covariance": constant(predict, "covariance", where=in_closed_form),
            "rho": constant(predict, "active"),
        },
        series=series,
    ),
    alternatives=(
        replacing(predict, "overlap^(H-1)", "one power short", power_less, model_is("spin glass")),
        replacing(predict, "Lambda missing", "a loss of variance 1", {"Lambda": 1.0}),
        replacing(
            predict,
            "q as printed in Section 3.1",
            "erratum E3: sqrt((n_0 ... n_H)^((H-1)/2H))",
            printed_q,
        ),
        scaling(predict, "Lambda 4 % larger", "near 1", 1.04, "Lambda"),
        replacing(
            predict,
            "gates independent in the real network",
            "the first assumption holds as it stands",
            gates_decoupled,
            model_is("network"),
        ),
        replacing(
            predict,
            "kernel of the gates for that of the activities",
            "arc-cosine of degree 0",
            step_gates,
            model_is("network"),
        ),
        replacing(predict, "rho for rho^2", "A has no mean taken", without_mean, takes_the_mean),
        replacing(
            predict,
            "paths active with probability 1/2 at any depth",
            "one gate for H - 1",
            {"active": 0.5},
        ),
        replacing(
            predict,
            "sphere or not, the same",
            "moments of w.w' forgotten",
            as_spin_glass,
            model_is("redundancy"),
        ),
        replacing(
            predict,
            "shared inputs or not, the same",
            "paths of one input are correlated",
            as_spin_glass,
            model_is("all but inputs"),
        ),
        *(
            sampling(simulate, name, why, draw=draw)
            for name, why, draw in (
                ("the network's gates", "gates that are not independent", own_gates),
                ("ReLU on the output", "erratum E11", outputs(lambda y: np.maximum(y, 0.0))),
                ("weights off the sphere", "an assumption not made", dropped("sphere")),
                ("inputs shared", "an assumption not made", dropped("inputs")),
                ("activities random", "an assumption not made", dropped("mean")),
                ("outputs 5 % larger", "near 1", outputs(lambda y: 1.05 * y)),
                ("overlap 5 % smaller", "near 1", loose),
                ("an input for each set of weights", "two losses, not one", outputs(input_each)),
            )
        ),
    ),
    notes="What each assumption costs. gates: at equal variance the kernel overlap k(overlap) of "
    "the network becomes overlap^H; at negative overlap the two have nothing in common. mean: a "
    "factor rho of the variance. inputs: nothing in the mean, but less spread of K(w, w') between "
    "pairs of weights (last panel). redundancy and sphere: only with both is K a function of the "
    "overlap. all but inputs: paths that share an input are correlated, and the redundant "
    "spherical model has another kernel, at H = 3 overlap (1 + 2 overlap^2) Lambda/(Lambda + 2) "
    "in place of overlap^3.\n\nFor H >= 3 the real network's covariance has no closed form at "
    "finite width; what is tested there is its exact conditional mean given the layers below the "
    "last hidden one.",
)

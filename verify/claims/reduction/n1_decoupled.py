"""N1: from random ReLU networks to the spin glass, the covariance with every assumption on or off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from numerics.networks import path_sums as numeric
from theory.networks import assumptions
from theory.networks.architecture import network
from theory.networks.assumptions import CHAIN
from verify.alternatives import constant, multiplied, replaced
from verify.claim import (
    Alternative,
    Axes,
    Claim,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
    each,
)
from verify.claims.reduction._path_sums import Sample, compare, net_of, predict, simulate
from verify.evidence import Sampled


def power_less(params: Params, said: Prediction) -> Mapping[str, Any]:
    """overlap^(H-1) in the spin glass."""
    if params["model"] != "spin glass":
        return {}
    return {"covariance": said["variance"] * params["overlap"] ** (net_of(params).depth - 1)}


def printed_q(params: Params, said: Prediction) -> Mapping[str, Any]:
    """q as Section 3.1 prints it."""
    return {"q^2": assumptions.normalisation_printed(net_of(params)) / net_of(params).mass}


def _known(said: Prediction, **entries: float) -> dict[str, Any]:
    """Those that the theory has at this grid point: no closed covariance for H >= 3 networks."""
    return {name: value for name, value in entries.items() if name in said}


def gates_decoupled(params: Params, said: Prediction) -> Mapping[str, Any]:
    """The network's own gates taken as independent of all else."""
    net, overlap = net_of(params), params["overlap"]
    if params["model"] != "network":
        return {}
    width = net.widths[-2]
    return _known(
        said,
        covariance=said["active"] * assumptions.spin_kernel(net.depth, overlap),
    ) | {"last layer": lambda own, cross, other: width * overlap**2 * cross / 2}


def step_gates(params: Params, said: Prediction) -> Mapping[str, Any]:
    """The arc-cosine kernel of degree 0, of the gates, for that of degree 1."""
    net, overlap = net_of(params), params["overlap"]
    if params["model"] != "network":
        return {}

    def last_layer(own: Any, cross: Any, other: Any) -> Any:
        scale = np.sqrt(own * other)
        c = np.clip(overlap * cross / np.where(scale > 0, scale, 1.0), -1, 1)
        return net.widths[-2] * overlap * scale / 2 * (1 - np.arccos(c) / np.pi)

    return _known(said, covariance=said["active"] * overlap * (1 - np.arccos(overlap) / np.pi)) | {
        "last layer": last_layer
    }


def without_mean(params: Params, said: Prediction) -> Mapping[str, Any]:
    """rho for rho^2: the variance of A counted although its mean is taken."""
    if "mean" not in CHAIN[params["model"]]:
        return {}
    return {name: said[name] / said["active"] for name in ("covariance", "variance")}


def sphere_everywhere(params: Params, said: Prediction) -> Mapping[str, Any]:
    """Independent weights for weights on the sphere: the same covariance."""
    net = net_of(params)
    if params["model"] != "redundancy":
        return {}
    return {
        "covariance": said["active"] ** 2 * params["overlap"] ** net.depth,
        "variance": said["active"] ** 2,
    }


def inputs_anyway(params: Params, said: Prediction) -> Mapping[str, Any]:
    """Shared inputs change nothing, once weights are redundant and on the sphere."""
    net = net_of(params)
    if params["model"] != "all but inputs":
        return {}
    return {
        "covariance": said["active"] ** 2 * params["overlap"] ** net.depth,
        "variance": said["active"] ** 2,
    }


def _sampler(name: str, why: str, draw: Sample) -> Alternative:
    return Alternative(f"sampler: {name}", why, {"simulate": partial(simulate, draw=draw)})


def _own_gates(rng: Any, widths: Any, overlap: float, on: Any, *size: int) -> numeric.Outputs:
    """The gates of the forward pass where they are claimed independent."""
    found = numeric.sample(rng, widths, overlap, on if "mean" in on else set(), *size)
    return found if on == CHAIN["network"] else numeric.Outputs(found.y)


def _output_relu(rng: Any, widths: Any, overlap: float, on: Any, *size: int) -> numeric.Outputs:
    found = numeric.sample(rng, widths, overlap, on, *size)
    return numeric.Outputs(np.maximum(found.y, 0.0), found.gram, found.first)


def _dropped(key: str) -> Sample:
    """One assumption quietly not made, in the spin glass."""

    def draw(rng: Any, widths: Any, overlap: float, on: Any, *size: int) -> numeric.Outputs:
        left = on - {key} if on == CHAIN["spin glass"] else on
        return numeric.sample(rng, widths, overlap, left, *size)

    return draw


def _scaled_outputs(factor: float) -> Sample:
    def draw(*arguments: Any) -> numeric.Outputs:
        found = numeric.sample(*arguments)
        return numeric.Outputs(factor * found.y, found.gram, found.first)

    return draw


def _loose(rng: Any, widths: Any, overlap: float, on: Any, *size: int) -> numeric.Outputs:
    return numeric.sample(rng, widths, 0.95 * overlap, on, *size)


def _one_input(rng: Any, widths: Any, overlap: float, on: Any, *size: int) -> numeric.Outputs:
    """Each set of weights sees an input of its own."""
    first = numeric.sample(rng, widths, overlap, on, *size)
    y = np.stack([first.y[..., 0], np.roll(first.y[..., 1], 1, axis=1)], axis=-1)
    return numeric.Outputs(y, first.gram, first.first)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Covariance over variance against the overlap; how far K differs between pairs of weights."""
    drawn = []
    grid = np.linspace(-1, 1, 101)
    for widths, depth in (("4,4,1", 2), ("3,3,3,1", 3)):
        axes = Axes(
            f"H = {depth}, widths {widths}", "overlap of the weights", "covariance / variance"
        )
        drawn.append(Series(axes, "spin glass, overlap^H", grid.tolist(), (grid**depth).tolist()))
        wide = assumptions.relu_kernel(depth, grid)
        label = "ReLU, exact" if depth == 2 else "ReLU, wide"
        drawn.append(Series(axes, label, grid.tolist(), wide.tolist()))
        if depth > 2:
            narrow = assumptions.narrow_kernel(depth, grid)
            drawn.append(Series(axes, "ReLU, one unit a layer", grid.tolist(), narrow.tolist()))
        for model in ("spin glass", "network"):
            some = [o for o in seen if o.params["widths"] == widths and o.params["model"] == model]
            x = [float(o.params["overlap"]) for o in some]
            sums = [
                (one.data["first"].sum(axis=0), one.data["second"].sum(axis=0)[0]) for one in some
            ]
            units = [float(one.data["units"].sum()) for one in some]
            spread = [
                (square / n - (first[0] / n) ** 2) ** 0.5
                for n, (first, square) in zip(units, sums, strict=True)
            ]
            drawn.append(
                Series(
                    axes,
                    f"{model}, sampled",
                    x,
                    [float(first[0] / first[1]) for first, _ in sums],
                    [
                        float(2 * s * n**0.5 / first[1])
                        for n, s, (first, _) in zip(units, spread, sums, strict=True)
                    ],
                    "points",
                )
            )
    axes = Axes(
        "H = 2, layers of n units, overlap 0.8",
        "n",
        "std of K(w, w') / mean",
        xscale="log",
        yscale="log",
    )
    sizes = [2, 3, 4, 6, 9, 16, 25, 49, 100]
    for model in ("mean", "inputs", "redundancy"):
        nets = [network([n, n, 1]) for n in sizes]
        ratio = [
            assumptions.kernel_square(net, CHAIN[model], 0.8)
            / assumptions.kernel(net, CHAIN[model], 0.8) ** 2
            for net in nets
        ]
        label = {"mean": "layers, shared inputs", "inputs": "layers, inputs a path"}.get(
            model, "redundant weights, no sphere"
        )
        drawn.append(
            Series(axes, label, [float(n) for n in sizes], [(r - 1) ** 0.5 for r in ratio])
        )
    return drawn


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


def in_closed_form(params: Params) -> bool:
    """Whether the covariance has a closed form."""
    return params["model"] != "network" or net_of(params).depth == 2


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
        Alternative("overlap^(H-1)", "one power short", {"predict": replaced(predict, power_less)}),
        Alternative(
            "Lambda missing",
            "a loss of variance 1",
            {"predict": replaced(predict, {"Lambda": 1.0})},
        ),
        Alternative(
            "q as printed in Section 3.1",
            "erratum E3: sqrt((n_0 ... n_H)^((H-1)/2H))",
            {"predict": replaced(predict, printed_q)},
        ),
        Alternative(
            "Lambda 4 % larger",
            "near 1",
            {"predict": multiplied(predict, 1.04, "Lambda")},
        ),
        Alternative(
            "gates independent in the real network",
            "the first assumption holds as it stands",
            {"predict": replaced(predict, gates_decoupled)},
        ),
        Alternative(
            "kernel of the gates for that of the activities",
            "arc-cosine of degree 0",
            {"predict": replaced(predict, step_gates)},
        ),
        Alternative(
            "rho for rho^2", "A has no mean taken", {"predict": replaced(predict, without_mean)}
        ),
        Alternative(
            "paths active with probability 1/2 at any depth",
            "one gate for H - 1",
            {"predict": replaced(predict, {"active": 0.5})},
        ),
        Alternative(
            "sphere or not, the same",
            "moments of w.w' forgotten",
            {"predict": replaced(predict, sphere_everywhere)},
        ),
        Alternative(
            "shared inputs or not, the same",
            "paths of one input are correlated",
            {"predict": replaced(predict, inputs_anyway)},
        ),
        _sampler("the network's gates", "gates that are not independent", _own_gates),
        _sampler("ReLU on the output", "erratum E11", _output_relu),
        _sampler("weights off the sphere", "an assumption not made", _dropped("sphere")),
        _sampler("inputs shared", "an assumption not made", _dropped("inputs")),
        _sampler("activities random", "an assumption not made", _dropped("mean")),
        _sampler("outputs 5 % larger", "near 1", _scaled_outputs(1.05)),
        _sampler("overlap 5 % smaller", "near 1", _loose),
        _sampler("an input for each set of weights", "two losses, not one", _one_input),
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

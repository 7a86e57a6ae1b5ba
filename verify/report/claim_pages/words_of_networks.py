"""Words of the claims that ask the same of the spin glass and of trained networks."""

from __future__ import annotations

from verify.report.claim_pages.words import Words

NETWORKS = {
    "R2": Words(
        "Curvatures of a trained network are spread unlike those of the spin glass",
        "The spin glass spreads its curvatures in a semicircle; a network piles most of its at zero "
        "and has a few large ones, before training and after. It is the network's paths that make the "
        "difference, before gates, data or loss.",
        "Small networks without biases on 4 x 4 digits, one and two hidden layers.",
        "Spectra in units of their spread, and how far they are from a semicircle, step by step.",
    ),
    "R3": Words(
        "How many ways lead down, by the height of the point",
        "On the spin glass the height of a critical point says how many of its directions lead down. "
        "On the networks that can be asked fewer do. Most searches on networks end where the loss is "
        "flat and no critical point is near.",
        "64 weights, tanh, cross-entropy; another search might certify more ends; a kink of a ReLU may "
        "be a critical point that no search of this kind sees.",
        "Share of descending directions against what the level says; how far from a critical point "
        "searches end.",
    ),
    "R5": Words(
        "The output of a network has the spin glass's law of scale, its loss has not",
        "Scaling all weights scales the output by a power, as in the spin glass. Square loss adds a "
        "second power, and after training cross-entropy follows neither.",
        "Networks without biases, on rays from half to one and a half of the weights.",
        "The change of the loss along a ray against the loss: a line through the spin glass alone.",
    ),
    "R6": Words(
        "How fast fresh data forget the weights",
        "With other weights near by, the losses over fresh images agree as in the spin glass before "
        "training, and clearly less after it.",
        "Second weights in random directions; 453 fresh images of 4 x 4 digits.",
        "Correlation of losses over fresh images against the overlap of the weights.",
    ),
}

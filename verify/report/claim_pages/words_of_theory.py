"""Words of the claims on formulas: the complexity, exact counts, eigenvalues, dynamics in the limit."""

from __future__ import annotations

from verify.report.claim_pages.words import Words

THEORY = {
    "T1": Words(
        "The barrier lies where the paper puts it",
        "Below a certain loss the typical curvature at a critical point is positive in every direction; "
        "that loss is the barrier, and its formula is right.",
        "It says where typical minima begin, not that a descent ends there.",
    ),
    "T2": Words(
        "The lowest loss is the level that the count of minima gives",
        "The lowest loss that any parameters reach, computed in two ways that know nothing of each "
        "other, is the same number.",
        "For pure models of p >= 3, in the limit of many spins.",
    ),
    "T3": Words(
        "How many critical points there are, as an exponent",
        "The number of points of zero gradient grows exponentially with the number of parameters; the "
        "paper's rate follows from the definition of the model.",
        "Of the mean over instances; a typical instance may have fewer.",
    ),
    "T4": Words(
        "How many saddles of each index there are, as an exponent",
        "Points with exactly k downhill directions have an exponential rate of their own, and the formula "
        "follows from the definition of the model.",
        "The number of downhill directions is fixed while the number of spins grows.",
    ),
    "T5": Words(
        "Below the barrier almost all critical points are minima",
        "At any fixed loss below the barrier, saddles are exponentially rarer than minima.",
        "Of the mean, and not uniformly up to the barrier.",
    ),
    "T6": Words(
        "Saddles with more downhill directions begin at higher losses",
        "Each number of downhill directions has a lowest loss of its own, and these layers fall strictly "
        "to the barrier.",
        "Of the mean in the limit of many spins; the layers of the 3-spin model are 0.004 wide and less.",
        "How far the layers lie below the barrier: they crowd at it.",
    ),
    "E1": Words(
        "Above the barrier a printed constant is wrong",
        "The exponent of the number of saddles above the barrier is printed with 1 in place of the "
        "square of the barrier.",
        "It touches one of two formulas; the one below the barrier is right.",
    ),
    "E9": Words(
        "The height between two losses is no barrier",
        "To leave a minimum one has to climb to a saddle, whatever the drop behind it; the paper takes the "
        "drop for the climb.",
        "A lower bound for the climb; how high it is, the formula does not say.",
    ),
    "F2": Words(
        "Figure 2 of the paper, redrawn",
        "The curves of the number of critical points against the loss are as the paper draws them.",
        "For the 3-spin model, as drawn.",
        "Figure 2 of the paper. One plateau above the barrier, one zero for each index below.",
    ),
    "LAW": Words(
        "Loss, gradient and Hessian at one point, from the covariance",
        "At any point the gradient is independent noise and the Hessian a random matrix shifted by the "
        "loss; all else is built on it.",
        "It is the starting point of the counts, not yet one of them.",
    ),
    "DER": Words(
        "Every line of the derivation, by a second route",
        "The page that derives the exponents is checked line by line by other means.",
        "A second route in floating point, not a second proof.",
    ),
    "DER-X": Words(
        "Every line of the derivation beyond the paper, by other code",
        "The formulas for a field, temperatures, pairs of points, free layers, a spike and algorithms are "
        "derived from the covariance and give the numbers of the code that computes them.",
        "To leading order where exponents are meant; determinants' means are taken to concentrate.",
    ),
    "MIX": Words(
        "Models with several orders at once: the exponents",
        "If the loss is a sum of terms of different order, the number of critical points still has a "
        "formula, and there are two kinds of landscape.",
        "The paper treats one order alone; this goes beyond it.",
        "The exponents of two mixtures, of either kind, against the level.",
    ),
    "MIX-V": Words(
        "The formulas of mixtures against a search",
        "The closed formulas for mixtures give the numbers that a direct numerical search finds.",
        "To the tolerance of the search.",
    ),
    "THETA-V": Words(
        "The exponents are evaluated right",
        "Three programs and a direct integral give the same numbers.",
        "It checks programs, not the theory.",
    ),
    "T2-M": Words(
        "The lowest loss of mixtures",
        "For models of several orders the lowest loss is enclosed by certified bounds; the count of "
        "minima finds it for some of them only.",
        "Where the bounds do not meet, the value is known to their distance.",
        "Certified bounds of the ground state and the root of the count, over a family of mixtures.",
    ),
    "X1": Words(
        "A strong enough tilt leaves one minimum and one maximum",
        "Adding a random linear term to the loss removes critical points until, in the mean, two are left; "
        "where this sets in there are exactly 2N.",
        "Beyond the paper; a Gaussian field.",
        "Mean number of points against the strength of the field, down to two.",
    ),
    "X5": Words(
        "Layers with weights of their own: as many minima, in the same band",
        "The paper lets all layers share one set of weights. Without that, equally wide layers have the same "
        "barrier, the same lowest loss and the same exponent; unequal ones a narrower band.",
        "Couplings are independent on all tuples, not on a network's paths alone; with unequal widths the "
        "lowest loss is bounded, not found; beyond the paper.",
        "Number of critical points against the level, and the band against the widths.",
    ),
    "X6": Words(
        "How strong a signal must be before critical points lie near it",
        "From a certain strength on, a signal in the data makes critical points near itself; the "
        "exponentially many others stay.",
        "Mean numbers, to exponential order; beyond the paper.",
        "Number of critical points against their overlap with the signal, at three strengths.",
    ),
    "X7": Words(
        "How low efficient algorithms come",
        "For the pure models of the paper the barrier is as low as any known efficient algorithm comes; in "
        "mixtures some come lower, but not to the lowest loss.",
        "That no efficient algorithm does better is a theorem of others, for some of them; beyond the paper.",
        "The barrier and the lowest loss over the level that algorithms reach, for two families of mixtures.",
    ),
    "X2": Words(
        "Temperatures lead to the same two levels",
        "Heating the model instead of descending it gives the barrier and the lowest loss once more.",
        "Beyond the paper; physics that is proved elsewhere for p >= 3.",
    ),
    "A1": Words(
        "Outside the band minima are exponentially rare, with room on either side",
        "The mean number of minima falls exponentially below the band and faster above it, at any fixed "
        "distance.",
        "Without the distance it is wrong: most mean minima lie just above the band (claim E6).",
        "Rates of the exact mean number of minima against 1/N, below the band and above it, with their "
        "fits and, at 0, their limits.",
    ),
    "COUNTS": Words(
        "Exact counts by two independent methods",
        "The mean number of critical points of a finite model is known exactly, and two methods agree.",
        "Both use the same reduction to one eigenvalue.",
    ),
    "E6": Words(
        "Almost all minima lie above the barrier, not below it",
        "In the mean nearly every minimum has a loss slightly above the barrier, by a distance that shrinks "
        "with the square root of the size; the paper puts them below.",
        "Of the mean number; a typical instance is not counted at these sizes. At p = 3, N = 100, "
        "below -1.64, the mean square of the number of points is five times the square of the mean.",
        "The share of the exact mean number of minima that lies below the barrier falls to 0.",
    ),
    "E7": Words(
        "Two in a hundred critical points below the barrier are saddles, for ever",
        "The paper says that saddles vanish below the barrier; their share tends to 2.11 % instead.",
        "Cumulated to the barrier and in the mean, which speaks of instances only where points are many; "
        "at a fixed distance below it saddles do vanish.",
        "The exact share of saddles below the barrier against size, and its limit.",
    ),
    "F1": Words(
        "Figure 1 of the paper draws the wrong order",
        "The picture shows saddles of index 5 on top where minima dominate; it draws a limit "
        "formula as if it "
        "were a count.",
        "Of the mean, p = 3.",
        "Up to -E_inf: the curves as drawn, index 5 on top, and exactly, where index 0 is.",
        ("As printed: N Theta_k' exp(N Theta_k)", "Exact, the same levels"),
    ),
    "T3-N": Words(
        "Exact counts tend to the exponent",
        "The exponent is a limit; exact counts up to 5000 spins tend to it.",
        "At levels away from the barrier.",
        "The exact mean number over its asymptotic form tends to 1.",
    ),
    "T3-S": Words(
        "Counts for two and three spins, by hand",
        "For the smallest models the number of critical points has a simple formula, and the general one "
        "gives it.",
        "N = 2 and 3, and p = 2.",
    ),
    "T4-N": Words(
        "Exact counts of saddles tend to their exponents",
        "Exact numbers of points with one or two downhill directions tend to the formulas, slowly above "
        "the barrier.",
        "k = 1 and 2; the coefficient of log N is not compared.",
        "Exact counts against N in the layers and above the barrier, with their limits.",
        ("p = 10, u = -2.05 (layers)", "p = 3, u = -0.8 (above)"),
    ),
    "T5-N": Words(
        "Exact counts show minima take over below the barrier",
        "Below the barrier, exact numbers of saddles fall behind those of minima at the stated rate.",
        "At levels where even minima are rare.",
        "(1/N) log of exact counts by index against N, with their limits.",
    ),
    "T6-N": Words(
        "Between two layers exactly the right indices are there",
        "Half way between two layers the counts of the indices that should be there grow and the next one's "
        "falls.",
        "p = 10 and 30; at p = 3 the layers are too narrow to resolve.",
        "(1/N) log of exact counts by index, half way between two layers: three rise, one falls.",
        ("p = 10, between -E_2 and -E_3",),
    ),
    "T7-N": Words(
        "Above the barrier points of low index are rarer than any exponential",
        "Far above the barrier, points with few downhill directions have a probability of exp(-c N^2).",
        "A bound by the mean number, at fixed levels.",
        "(1/N^2) log of the exact mean number above a level, against N, with the limit.",
        ("Above u = -1.0, p = 3", "Above u = -1.1, p = 4"),
    ),
    "T8": Words(
        "At the barrier the printed number of critical points is too small by over a third",
        "Beyond the exponent the paper states the constant in front; at the barrier it lacks a term, and "
        "the true number is 1.566 times as large.",
        "At fixed levels; the regimes do not hold uniformly near the barrier and 0.",
        "Exact mean number at the barrier over the printed constant (tends to 1.566) and over the corrected "
        "one (tends to 1).",
        ("u = -E_inf",),
    ),
    "T9": Words(
        "The number of minima below the barrier, constant included",
        "Below the barrier the constant in front of the exponential is the same for minima as for all "
        "points, as printed.",
        "At fixed levels, not uniformly up to the barrier.",
        "Exact mean number of minima over the printed formula, against 1/N: it tends to 1.",
    ),
    "MIX-N": Words(
        "Exact counts of mixtures tend to their exponents",
        "The formulas for models of several orders are limits; exact counts tend to them.",
        "At levels away from the barrier.",
        "How far the rates of exact counts are from the exponents, with the fitted expansions.",
        ("0.5 q^3 + 0.5 q^4",),
    ),
    "GOE-D": Words(
        "Densities of single eigenvalues, twice",
        "The law of one eigenvalue of a random matrix, on which all counts rest, is right to eleven digits.",
        "At the points of the table.",
    ),
    "GOE-X": Words(
        "Laws of single eigenvalues against an exact formula",
        "Every function of these laws is checked against exact arithmetic, far out in both tails.",
        "Matrices up to 6 x 6; larger ones are sampled (claim GOE-K).",
        "Relative error of the distribution functions in both tails.",
    ),
    "GOE-T": Words(
        "How improbable far tails are, to the last term that does not vanish",
        "All but k eigenvalues of a random matrix pushed far to one side: the logarithm of that probability "
        "is a formula, and exact numbers tend to it.",
        "Of the lower tail, a fixed share of the spectrum away from its edge; the constant is not compared.",
        "Slopes of the exact logarithm, less the formula, against 1/N: they tend to 0.",
    ),
    "TW": Words(
        "The limit laws of the largest eigenvalues",
        "The laws of the largest eigenvalues of huge random matrices have the values of a formula made from "
        "other parts.",
        "From -13.5 to 8.",
        "Relative error of a published table, measured by these laws.",
    ),
    "TW-D": Words(
        "Densities of the largest eigenvalues in the limit",
        "Their densities too, by two routes.",
        "At the points of the table.",
    ),
    "CK": Words(
        "The equations of descent with infinitely many parameters, solved right",
        "For infinitely many spins the loss along gradient flow follows a known equation; our solution is "
        "exact where the answer is known.",
        "At finite times; what they tend to is claim S1-END.",
        "Energy against time by the solver and by another route, and how far they are apart.",
    ),
    "S1-END": Words(
        "With infinitely many parameters, descent ends at the barrier",
        "Gradient flow from a random start sinks to the barrier, not to the best minimum; for mixtures of "
        "orders another start goes lower.",
        "Size first, time second; extrapolated in time.",
        "Distance to the barrier against time, pure models, and a mixture from two starts.",
    ),
}

"""Formulas of the way from networks to the spin glass."""

from __future__ import annotations

from fractions import Fraction

from verify.report.formulas.formula import Formula

_DEPTH = {"H": "depth: number of layers of weights", r"\Psi": "number of paths n_0 ... n_H"}

NETWORKS = (
    Formula(
        "path-sum",
        "A ReLU network as a sum over its paths",
        r"Y = q \sum_{i=1}^{n_0} \sum_{j=1}^{\Psi/n_0} X_i A_{ij} \prod_{h=1}^{H} w^{(h)}_{ij}",
        "no biases, linear output",
        "Sec. 3.1, Eq. 1",
        ("N1-P",),
        {**_DEPTH, "A_{ij}": "1 if all gates of the path are open, else 0"},
        erratum="E11",
        printed=r"Y = q\,\sigma\Big(W_H^{T}\,\sigma\big(W_{H-1}^{T} \cdots \sigma(W_1^{T} X)\big)\Big)",
    ),
    Formula(
        "normaliser",
        "The factor that gives the loss variance of its number of weights",
        r"q = \Psi^{-(H-1)/(2H)}",
        "widths of which the product is an H-th power",
        "Sec. 3.1 against 3.4",
        ("N1",),
        _DEPTH,
        erratum="E3",
        printed=r"q = \sqrt{(n_0 n_1 \cdots n_H)^{(H-1)/(2H)}}",
        samples={"H = 2, Psi = 16": lambda: "1/2"},
    ),
    Formula(
        "spin-covariance",
        "Covariance of the loss after all five assumptions",
        r"\mathbb{E}\,[\ell(w)\,\ell(w')] = \Lambda \Big(\frac{w \cdot w'}{\Lambda}\Big)^{H}",
        "gates independent and averaged, an input a path, weights shared, on the sphere",
        "Sec. 3, Eq. 3",
        ("N1", "N1-K"),
        {
            **_DEPTH,
            r"\Lambda": "number of different weights, Psi^(1/H)",
            r"\ell": "q times the path sum",
        },
        samples={"H = 3, overlap 1/2, over Lambda": lambda: str(Fraction(1, 2) ** 3)},
    ),
    Formula(
        "relu-covariance",
        "Covariance of a real network of two layers, over its variance",
        r"c\,\kappa(c), \qquad \kappa(c) = \frac{\sqrt{1-c^2} + c\,(\pi - \arccos c)}{\pi}",
        "standard normal weights, no biases, every width",
        "Cho and Saul 2009",
        ("N1-K", "N1"),
        {"c": "correlation of the weights"},
        samples={"c = 1": lambda: "1", "c = 0": lambda: "0"},
    ),
    Formula(
        "size-against-mass",
        "A network's number of weights lies between sharp bounds in its number of paths",
        r"a\,\Psi^{1/a} + b\,(\Psi/d)^{1/b} \le M \le \Psi + \frac{\Psi}{d} + H - 2, \qquad "
        r"a = \lceil H/2 \rceil,\ b = \lfloor H/2 \rfloor",
        "H at least 2, one output",
        "Thm 3.1 (the printed bounds are true, not sharp)",
        ("N2",),
        {**_DEPTH, "M": "number of weights", "d": "number of inputs"},
        erratum="E4",
        printed=r"\Psi^{2/H} \frac{H}{d^{1/H}} \le M \le \Psi^2 H",
        samples={
            "H = 2, d = 4, Psi = 12, lower bound": lambda: str(12 + 12 // 4),
            "H = 2, d = 4, Psi = 12, upper bound": lambda: str(12 + 12 // 4 + 2 - 2),
        },
    ),
    Formula(
        "signs-correlation",
        "Least correlation of two signs that differ with probability eps",
        r"\mathrm{corr}(\mathrm{sign}\,Y_s, \mathrm{sign}\,Y_N) \ge "
        r"\sqrt{1 - \frac{\varepsilon(1-\varepsilon)}{\pi(1-\pi)}}",
        "eps at most pi, pi at most 1/2",
        "Thm 3.2, Lemma 8.1 (the printed bound is not sharp, and false where a class is rare)",
        ("N3", "N3-S"),
        {
            r"\varepsilon": "probability that the signs differ",
            r"\pi": "probability of the rarer class",
        },
        erratum="E4",
        printed=r"\mathrm{corr} \ge \frac{1-2\varepsilon}{1+2\varepsilon}",
        samples={"eps = 1/10, pi = 1/2": lambda: "4/5"},
    ),
    Formula(
        "uniform-correlation",
        "Least correlation of a network with its uniform version",
        r"\mathrm{corr}(\hat Y_s, Y_s) \ge \frac{2}{1+c}",
        "each product of weights on 1/c to c times its even share of paths",
        "Thm 3.3, Eq. 6 (the printed bound is true, not sharp)",
        ("N4", "N4-S"),
        {"c": "how far the shares may be off, at least 1"},
        erratum="E4",
        printed=r"\mathrm{corr}(\hat Y_s, Y_s) \ge \frac{1}{c^2}",
        samples={"c = 3": lambda: str(Fraction(2, 1 + 3))},
    ),
    Formula(
        "absolute-loss",
        "The mean absolute loss is linear in the mean output",
        r"\mathbb{E}_A |Y_t - Y| = S \mp \hat Y \quad (Y_t = \pm S) \iff |Y| \le S\ "
        r"\text{for every } A",
        "A Bernoulli; the condition is on every pattern of open gates",
        "Sec. 3.4, Eq. 10",
        ("E10",),
        {"S": "size of the target", r"\hat Y": "mean of Y over A"},
        erratum="E10",
        printed=r"\mathbb{E}_A |Y_t - Y| = S \mp \hat Y, \qquad S = \sup_w \hat Y",
    ),
)

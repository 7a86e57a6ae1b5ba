"""Formulas beyond the paper: mixtures, dynamics, layers with weights of their own, spikes."""

from __future__ import annotations

import theory
from theory import Ball, parse
from verify.report.formulas.formula import Formula

_DIGITS = 20


def _layers(*widths: str) -> theory.LayerLevels:
    return theory.layer_levels(widths, _DIGITS)


def _ground(model: str, digits: int = _DIGITS) -> Ball:
    return theory.lowest_energy(parse(model), digits).energy


BEYOND = (
    Formula(
        "parisi-of-mixtures",
        "The ground state of any mixture",
        r"E_0 = \min_{\phi} \frac12 \int_0^1 \Big(\xi''(q)\,\phi(q) + \frac{1}{\phi(q)}\Big) dq",
        "phi > 0, concave, not increasing; where xi''^(-1/2) is so, E_0 is the integral of sqrt xi''",
        "Chen and Sen 2017, in another variable",
        ("T2-M",),
        {r"\phi": "L less the integral of Parisi's order parameter"},
        samples={
            "q^2": lambda: _ground("q^2"),
            "9/10 q^2 + 1/10 q^4": lambda: _ground("9/10 q^2 + 1/10 q^4", 9),
        },
    ),
    Formula(
        "relaxation",
        "Descent of infinitely many spins",
        r"\begin{aligned} \partial_t C(t,t') &= -\mu C + \int_0^t \xi''(C(t,s))\,R(t,s)\,C(s,t')\,ds"
        r" + \int_0^{t'} \xi'(C(t,s))\,R(t',s)\,ds + \beta\,\xi'(C(t,0))\,C(t',0) \\ "
        r"\partial_t R(t,t') &= -\mu R + \int_{t'}^t \xi''(C(t,s))\,R(t,s)\,R(s,t')\,ds \\ "
        r"u(t) &= -\int_0^t \xi'(C(t,s))\,R(t,s)\,ds - \beta\,\xi(C(t,0)) \end{aligned}",
        "N to infinity at fixed times; mu keeps C(t, t) = 1, and R(t, t) = 1; uniform start, or one in "
        "equilibrium that is not frozen",
        "Cugliandolo and Kurchan 1993; Folena, Franz and Ricci-Tersenghi 2020 for beta",
        ("CK", "S1", "S1-END"),
        {
            "C, R": "correlation and response of the spins at two times",
            r"\beta": "inverse temperature of the start, 0 if it is uniform",
        },
    ),
    Formula(
        "complexity-of-layers",
        "Layers with weights of their own",
        r"\Sigma = \frac12 + \frac12 \sum_l a_l \log a_l - \sum_l a_l \log y_l + \sum_{j < l} y_j y_l"
        r" - \frac{u^2}{2}, \qquad y_l = \frac{2 a_l}{v + \sqrt{v^2 + 4 a_l}}, \qquad u = v + \sum_l y_l",
        "beyond the edge E_inf, where u'(v) = 0; per N = n_1 + .. + n_H, u the level over sqrt N; "
        "Sigma = 0 at E_0",
        "Kivimae 2021; McKenna 2021 (Dyson's equation)",
        ("X5", "X5-N"),
        {"a_l": "share of layer l in the spins", "v": "a parameter, positive"},
        samples={
            "equal widths, H = 3, E_inf": lambda: _layers("1", "1", "1").barrier,
            "widths 1, 2, 3, E_inf": lambda: _layers("1", "2", "3").barrier,
            "widths 1, 2, 3, E_0": lambda: _layers("1", "2", "3").ground,
        },
    ),
    Formula(
        "spike-threshold",
        "A spike in the data",
        r"a_c^2 = \frac{(p-1)^{p-1}}{p\,(p-2)^{p-2}}, \qquad p\,a^2\,m^{2p-4}(1 - m^2) = 1",
        "p at least 3; mean of H along the spike a sqrt(N) m^p; the second is the overlap of the points near "
        "the spike, which are there from a_c on",
        "Ben Arous, Mei, Montanari and Nica 2019",
        ("X6", "X6-N"),
        {"a": "strength of the spike", "m": "overlap with it"},
        samples={
            "p = 3, a_c": lambda: theory.spike_threshold(3, _DIGITS),
            "p = 4, a_c": lambda: theory.spike_threshold(4, _DIGITS),
        },
    ),
    Formula(
        "far-tail",
        "Far lower tails of GOE(N)",
        r"\begin{aligned} \log P &= -N^2 A(x) - N B_k(x) + C_k(x) + \mathrm{const} + O(1/N) \\ "
        r"C_k &= -\tfrac16 \log h - \tfrac18 \log(\omega - 1) - \tfrac{13}{24} \log(\omega + 1)"
        r" + \tfrac{7}{12} \log \omega - \tfrac{k(k+1)}{4} \log\frac{\omega + 1}{\omega - 1} \\ "
        r"&\quad + \tfrac{k^2}{2} \log\frac{\omega^2}{h(\omega^2 - 1)^2}"
        r" + \tfrac{k}{2} \log\frac{h(\omega - 1)(\omega + 1)^3}{\omega^3} \\ "
        r"h &= \frac{x + \sqrt{x^2 + 3}}{6}, \qquad \omega + \frac1\omega = -\frac{b}{h}, \qquad "
        r"b = \frac{x - 2\sqrt{x^2 + 3}}{3} \end{aligned}",
        "at most k eigenvalues beyond x sqrt(2N), x < 1 fixed; A and B_k as in the theory's source",
        "Dean and Majumdar 2006 (A); Chekhov 2006; derived here from a pushed Coulomb gas",
        ("GOE-T",),
        {
            "b": "lower end of the gas, in units of sqrt(2N)",
            r"\omega": "image of the zero of the density",
        },
    ),
)

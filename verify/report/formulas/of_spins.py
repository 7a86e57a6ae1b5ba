"""Formulas of the spherical spin glass."""

from __future__ import annotations

import theory
from theory import pure
from verify.report.formulas.formula import Formula

_DIGITS = 20
_THREE = pure(3)
_T = {"t": "u = -E_inf cosh t below the barrier"}
_C = {"c": "(p-2)/(2p)"}
_PAPER = "Sec. 4"
_SHARP = "supplement, Thm 11.1"
_A = "pure model, p at least 3"
_MEAN = f"{_A}; mean numbers, fixed u"


def _constant(u: str, k: int | None = None) -> theory.Ball:
    return theory.prefactor(_THREE, u, k, _DIGITS).corrected


def _count(model: str, n: int) -> theory.Count | theory.Ball:
    return theory.mean_count(theory.parse(model), n, digits=_DIGITS)


SPINS = (
    Formula(
        "covariance",
        "The random function",
        r"\mathrm{Cov}(H(s), H(t)) = N\,\xi\Big(\frac{s \cdot t}{N}\Big), \qquad \xi(q) = q^p "
        r"\ \text{(pure model)}",
        "Gaussian, mean 0",
        "Sec. 3.4, Eq. 3",
        ("HAM", "LAW"),
        {"H": "energy", "s, t": "points of the sphere"},
    ),
    Formula(
        "law-at-a-point",
        "Energy, gradient and Hessian at a point",
        r"\nabla H \sim \mathcal{N}(0, \xi'), \qquad \nabla^2 H = \sqrt{\xi''}\,G - r, \qquad "
        r"N\,\mathrm{Cov}(u, r) = \begin{pmatrix} \xi & \xi' \\ \xi' & \xi' + \xi'' \end{pmatrix}",
        "any mixture; the gradient is independent of the rest",
        "Auffinger, Ben Arous and Cerny 2013, Lemma 3.2",
        ("LAW", "HAM"),
        {
            "G": "symmetric Gaussian, N Var = 1 off the diagonal, 2 on it",
            "r": "radial derivative; p u in the pure model",
        },
    ),
    Formula(
        "kac-rice",
        "The mean number of critical points",
        r"\mathbb{E}\,\mathrm{Crt}_{N,k}(u) = \mathrm{Vol}(S^{N-1}(\sqrt N))\,(2\pi\xi')^{-(N-1)/2}\,"
        r"\mathbb{E}\big[\,|\det \nabla^2 H|\ ;\ \mathrm{index} = k,\ H/N \le u\,\big]",
        "every N at least 2",
        "Auffinger, Ben Arous and Cerny 2013, Lemma 3.1",
        ("KR", "KR-K", "MIX-MC"),
        samples={"p = 3, N = 3, all points": lambda: _count("q^3", 3)},
    ),
    Formula(
        "exact-count",
        "The mean number by the density of eigenvalues",
        r"\mathbb{E}\,\mathrm{Crt}_N(u) = 2\sqrt{\tfrac{2}{p}}\,(p-1)^{N/2} N \int_{-\infty}^{-v} \rho_N(x)\,"
        r"e^{-N\frac{p-2}{2p}x^2} dx, \qquad v = -u\sqrt{\tfrac{p}{2(p-1)}}",
        "pure model, every N",
        "Auffinger, Ben Arous and Cerny 2013, Thm 2.1",
        ("COUNTS", "T3-N", "KR"),
        {r"\rho_N": "density of eigenvalues of GOE(N), spectrum on [-sqrt 2, sqrt 2]"},
        samples={
            "p = 3, N = 20, up to -E_inf": lambda: theory.mean_count(
                _THREE, 20, below="-E_inf", digits=_DIGITS
            )
        },
    ),
    Formula(
        "small-counts",
        "All critical points of the smallest models",
        r"N = 2:\ 2\sqrt{3p-2}, \qquad N = 3:\ 2 + \frac{8(p-1)^{3/2}}{\sqrt{3p-2}}, \qquad p = 2:\ 2N",
        "pure model",
        "Rice's formula",
        ("T3-S",),
        samples={
            "p = 3, N = 2": lambda: _count("q^3", 2),
            "p = 3, N = 3": lambda: _count("q^3", 3),
            "p = 2, N = 7": lambda: _count("q^2", 7),
        },
    ),
    Formula(
        "barrier",
        "The barrier",
        r"E_\infty = 2\sqrt{\frac{p-1}{p}}",
        "pure model",
        _PAPER,
        ("T1",),
        samples={"p = 3": lambda: theory.threshold(_THREE, None, _DIGITS)},
    ),
    Formula(
        "rate",
        "The rate of one eigenvalue",
        r"I(-E_\infty \cosh t) = \tfrac12 (\sinh 2t - 2t) = \int_0^t 2\sinh^2",
        "t at least 0",
        "Auffinger, Ben Arous and Cerny 2013, eq. 2.10",
        ("T5", "THETA-V"),
        _T,
    ),
    Formula(
        "complexity",
        "Exponent of the number of all critical points",
        r"\Theta_p(u) = \tfrac12\log(p-1) - \frac{(p-2)u^2}{4(p-1)} - \begin{cases} I(u) & u \le -E_\infty "
        r"\\ 0 & -E_\infty \le u \le 0 \end{cases}",
        "pure model; above 0 it stays at its value there",
        "Thm 4.1",
        ("T3", "T3-N", "THETA-V"),
        samples={"p = 3, u = -17/10": lambda: theory.complexity(_THREE, "-17/10", None, _DIGITS)},
    ),
    Formula(
        "complexity-by-index",
        "Exponent of the number of index k",
        r"\Theta_{k,p}(u) = \tfrac12\log(p-1) - \frac{(p-2)u^2}{4(p-1)} - (k+1)\,I(u), \qquad "
        r"u \le -E_\infty",
        "pure model",
        "Thm 4.1",
        ("T4", "T5-N", "T4-N", "THETA-V"),
        samples={
            "p = 3, u = -17/10, k = 1": lambda: theory.complexity(_THREE, "-17/10", 1, _DIGITS)
        },
    ),
    Formula(
        "plateau",
        "Exponent of every index above the barrier",
        r"\Theta_{k,p}(u) = \tfrac12\log(p-1) - \frac{p-2}{p}, \qquad u \ge -E_\infty",
        _A,
        _PAPER,
        ("E1", "T4-N"),
        erratum="E1",
        printed=r"\Theta_{k,p}(u) = \tfrac12\log(p-1) - \frac{p-2}{4(p-1)}, \qquad u \ge -E_\infty",
        samples={"p = 3": lambda: theory.complexity(_THREE, "-1", 0, _DIGITS)},
    ),
    Formula(
        "ground-state",
        "The ground state, twice",
        r"\Theta_{0,p}(-E_0) = 0 \iff E_0 = \min_{z > 0} \sqrt{\frac{(p+z)\log(1+z)}{z}}",
        _A,
        _PAPER,
        ("T2", "T2-I"),
        samples={
            "p = 3, by the root": lambda: theory.threshold(_THREE, 0, _DIGITS),
            "p = 3, by Parisi's formula": lambda: theory.parisi_energy(_THREE, _DIGITS),
        },
    ),
    Formula(
        "layers",
        "The layers",
        r"\Theta_{k,p}(-E_k) = 0, \qquad E_0 > E_1 > \dots > E_\infty, \qquad E_k \to E_\infty",
        _A,
        _PAPER,
        ("T6", "T6-N"),
        samples={
            f"p = 3, k = {k}": lambda k=k: theory.threshold(_THREE, k, _DIGITS)  # type: ignore[misc]
            for k in (0, 1, 2)
        },
    ),
    Formula(
        "prefactor-below",
        "The number of critical points, and of minima, below the barrier",
        r"\frac{\mathbb{E}\,\mathrm{Crt}_N(u)}{e^{N\Theta_p(u)}} \sim \frac{1}{\sqrt "
        r"N}\,\sqrt{\frac{p}{4\pi}}\;"
        r"\frac{\big(\tanh^{1/2}\frac t2 + \coth^{1/2}\frac t2\big)\,e^{-t}}"
        r"{(p-2)\cosh t + p\sinh t}",
        f"{_MEAN} below -E_inf",
        f"{_SHARP} (a), 11.2",
        ("T8", "T9"),
        _T,
        samples={"p = 3, u = -9/5, constant": lambda: _constant("-9/5")},
    ),
    Formula(
        "prefactor-at-barrier",
        "The number of critical points at the barrier",
        r"\frac{\mathbb{E}\,\mathrm{Crt}_N(-E_\infty)}{e^{N\Theta_p(-E_\infty)}} \sim \frac{2\sqrt{2p}}{p-2}"
        r"\Big[\frac{\mathrm{Ai}(0)}{3} + \mathrm{Ai}'(0)^2\Big] N^{-1/3}",
        _A,
        f"{_SHARP} (b)",
        ("T8",),
        erratum="E2",
        printed=r"\frac{\mathbb{E}\,\mathrm{Crt}_N(-E_\infty)}{e^{N\Theta_p(-E_\infty)}} \sim "
        r"\frac{2\,\mathrm{Ai}(0)\sqrt{2p}}{3(p-2)}\,N^{-1/3}",
        samples={"p = 3, constant": lambda: _constant("-E_inf")},
    ),
    Formula(
        "prefactor-above",
        "The number of critical points above the barrier",
        r"\frac{\mathbb{E}\,\mathrm{Crt}_N(u)}{e^{N\Theta_p(u)}} \sim \begin{cases} "
        r"\dfrac{2\sqrt{2p}}{\pi(p-2)}"
        r"\,\dfrac{\sqrt{E_\infty^2-u^2}}{-u} & -E_\infty < u < 0 \\[2ex] "
        r"4\sqrt{\dfrac{2N}{\pi(p-2)}} & u > 0 \end{cases}",
        f"{_MEAN}; at u = 0 half of the second",
        f"{_SHARP} (c), (d)",
        ("T8",),
        samples={
            "p = 3, u = -1/2, constant": lambda: _constant("-1/2"),
            "p = 3, u = 1/2, constant": lambda: _constant("1/2"),
        },
    ),
    Formula(
        "minima-above-barrier",
        "All minima against those below the barrier",
        r"\log\frac{\mathbb{E}\,\mathrm{Crt}_{N,0}}{e^{N\Theta_0(-E_\infty)}} = "
        r"\tfrac{16}{3}c^{3/2}\sqrt N - "
        r"\tfrac{4\sqrt2}{3}c^{3/4}N^{1/4} + \tfrac{23}{96}\log N + O(1)",
        _A,
        _PAPER,
        ("E6",),
        _C,
        erratum="E6",
        printed=r"\text{all critical values of non-diverging index lie in } (-N E_0, -N E_\infty)",
        samples={
            "p = 3, N = 10, all minima": lambda: theory.mean_count(_THREE, 10, 0, digits=_DIGITS)
        },
    ),
    Formula(
        "saddles-above-barrier",
        "Saddles outnumber minima above the barrier",
        r"\log\frac{\mathbb{E}\,\mathrm{Crt}_{N,k}(u)}{\mathbb{E}\,\mathrm{Crt}_{N,0}(u)} = "
        r"\tfrac{8\sqrt2}{3}\,k\,c^{3/4}N^{1/4} + O(\log N), \qquad u > -E_\infty",
        _MEAN,
        "derived here",
        ("T4-N",),
        _C,
    ),
    Formula(
        "share-of-saddles",
        "The share of saddles below the barrier",
        r"1 - \frac{\mathbb{E}\,\mathrm{Crt}_{N,0}(-E_\infty)}{\mathbb{E}\,\mathrm{Crt}_N(-E_\infty)} \to "
        r"1 - \frac{F_1'(0)}{\mathrm{Ai}'(0)^2 + \mathrm{Ai}(0)/3} \approx 0.0211",
        _A,
        _PAPER,
        ("E7",),
        {"F_1": "Tracy and Widom's law, beta = 1"},
        erratum="E7",
        printed=r"\text{the probability of a saddle in the band} \to 0",
    ),
    Formula(
        "exact-over-drawn",
        "What the curves of Figure 1 lack",
        r"\frac{\mathbb{E}\,\mathrm{Crt}_{N,k}'(u)}{N\,\Theta_k'(u)\,e^{N\Theta_k(u)}} \asymp "
        r"N^{-(k+1)^2/2}, "
        r"\qquad u < -E_\infty",
        _MEAN,
        "Fig. 1",
        ("F1", "T4-N"),
        erratum="E8",
        printed=r"N\,\Theta_k'(u)\,e^{N\Theta_k(u)}",
    ),
    Formula(
        "squeeze",
        "The rate of low indices above the barrier",
        r"\frac{1}{N^2}\log\frac{d}{du}\mathbb{E}\,\mathrm{Crt}_{N,k}(u) \to -\frac{36w^2 - w^4 "
        r"- (15w + w^3)r + "
        r"27\log\frac{18}{(w+r)^2}}{108}",
        "pure model, -E_inf < u < 0",
        "Auffinger, Ben Arous and Cerny 2013, Thm 2.14; Dean and Majumdar 2006",
        ("T7-N", "A1"),
        {"w": "sqrt(2) |u|/E_inf", "r": "sqrt(w^2 + 6)"},
    ),
    Formula(
        "cost-of-leaving",
        "What leaving a minimum costs",
        r"\text{from a minimum at } u < -E_1:\quad N(-E_1 - u) - o(N)\ \text{at least}",
        f"{_A}; with probability tending to 1",
        _PAPER,
        ("E9", "E9-I"),
        erratum="E9",
        printed=r"\text{from layer } i \text{ to the ground state}:\quad N(E_0 - E_i)\ \text{at least}",
        samples={"p = 3, E_1": lambda: theory.threshold(_THREE, 1, _DIGITS)},
    ),
    Formula(
        "barrier-of-mixtures",
        "The barrier of a mixture",
        r"E_\infty = \frac{\xi'' - \xi' + \xi'^2}{\xi'\sqrt{\xi''}}",
        "xi(1) = 1",
        "Auffinger and Ben Arous 2013",
        ("MIX", "MIX-N"),
        samples={
            "1/2 q^3 + 1/2 q^4": lambda: theory.threshold(
                theory.parse("1/2 q^3 + 1/2 q^4"), None, _DIGITS
            )
        },
    ),
    Formula(
        "trivialisation",
        "Where a random field leaves 2N points",
        r"\mathbb{E}\,\mathrm{Crt}_N = 2N \quad\text{at}\quad h^2 = \xi'' - \xi'",
        "a Gaussian field h^2 q added to xi, every N; xi', xi'' of the model without it",
        "Fyodorov 2013; Belius, Cerny, Nakajima and Schmidt 2022",
        ("X1",),
        samples={"q^3 + 3 q, N = 10": lambda: _count("q^3 + 3 q", 10)},
    ),
    Formula(
        "temperatures",
        "The dynamic and the static transition",
        r"T_d^2 = \frac{p\,(p-2)^{p-2}}{(p-1)^{p-1}}, \qquad T_s^2 = p\,q^{p-2}(1-q) \ \text{where}\ "
        r"\frac{q^p}{T_s^2} + \log(1-q) + q = 0",
        f"{_A}; Gibbs weight exp(-H/T)",
        "Crisanti and Sommers 1992",
        ("X2",),
        {"q": "overlap of two configurations of one state"},
        samples={
            "p = 3, T_d": lambda: theory.temperatures(_THREE, _DIGITS).dynamic,
            "p = 3, T_s": lambda: theory.temperatures(_THREE, _DIGITS).static,
        },
    ),
    Formula(
        "second-moment",
        "How much the number of critical points varies",
        r"\mathbb{E}\,\mathrm{Crt}_N^2 = \mathbb{E}\,P_N + m\,\mathbb{E}\,\mathrm{Crt}_N",
        "ordered pairs at overlaps other than 1 and -1; m = 2 where H(-s) = +-H(s), else 1",
        "Subag 2017",
        ("X3", "X3-N"),
        {"P_N": "number of ordered pairs of critical points"},
        samples={
            "p = 3, N = 2": lambda: theory.second_moment(_THREE, 2, None, _DIGITS).second_moment
        },
    ),
    Formula(
        "end-of-relaxation",
        "Where gradient flow ends",
        r"\lim_{t \to \infty} \lim_{N \to \infty} \frac{1}{N}\,\mathbb{E} H(s(t)) = -E_\infty",
        "pure model, uniform start, zero temperature",
        "Sec. 4, 5.2; Cugliandolo and Kurchan 1993",
        ("S1-END", "S1"),
        samples={"p = 3, E_inf": lambda: theory.threshold(_THREE, None, _DIGITS)},
    ),
    Formula(
        "edge-law",
        "The largest eigenvalue of GOE(N)",
        r"P\big(\sqrt2\,N^{2/3}(\lambda - \sqrt2) \le s\big) \to \det(1 - B_s), \qquad "
        r"B_s(x, y) = \tfrac12\,\mathrm{Ai}\Big(\frac{x+y}{2} + s\Big)",
        "on the half line",
        "Ferrari and Spohn 2005",
        ("TW",),
    ),
)

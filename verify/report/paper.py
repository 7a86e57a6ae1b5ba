"""What the paper states, row by row, what of it is misprinted, and where the proofs stand.

Every claim of the verifier names the rows it covers; the report prints the whole table, so that
what is not shown yet is seen.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A statement of the paper in our letters: N spins, M weights, p the order, pi a probability.

    `standing` is how it stands: right, imprecise (true with a condition or a constant that is not
    printed), wrong, or open.
    """

    id: str
    source: str
    statement: str
    standing: str = "right"


@dataclass(frozen=True)
class Erratum:
    """What is printed, what is right, and how to see it.

    Attributes
    ----------
    id, source, printed, corrected
        Its name, its place, and both in words.
    formula
        Whether `verify.report.formulas` says it better: both sides are then shown as formulas.
    note
        What these leave unsaid of the print.
    """

    id: str
    source: str
    printed: str
    corrected: str
    formula: bool = False
    note: str = ""


ROWS = (
    Row(
        "N1",
        "Sec. 2-3, Eq. 1-3",
        "A ReLU network's output is a sum over paths; after the assumptions its loss is the "
        "spherical p-spin Hamiltonian.",
        standing="imprecise",
    ),
    Row(
        "N2",
        "Thm 3.1",
        "Bounds between the size and the mass of a network.",
        standing="right, not sharp",
    ),
    Row(
        "N3",
        "Thm 3.2, Lemma 8.1",
        "An (s, eps)-reduction image keeps corr(sign Y_s, sign Y_N) >= (1-2 eps)/(1+2 eps).",
        standing="wrong where a class is rare",
    ),
    Row(
        "N4",
        "Thm 3.3, Eq. 6",
        "Under uniformity with constant c, corr(Yhat_s, Y_s) >= 1/c^2.",
        standing="right, not sharp",
    ),
    Row("T1", "Sec. 4", "The energy barrier is E_inf(p) = 2 sqrt((p-1)/p)."),
    Row("T2", "Sec. 4", "The ground state is -E_0(p): no critical value lies below it."),
    Row("T3", "Thm 4.1", "(1/N) log E Crt_N(u) -> Theta_p(u)."),
    Row(
        "T4",
        "Thm 4.1",
        "(1/N) log E Crt_{N,k}(u) -> Theta_{k,p}(u).",
        standing="wrong above the barrier",
    ),
    Row("T5", "Cor. 4.1", "Theta_{k,p} < Theta_{0,p} below -E_inf: minima dominate."),
    Row(
        "T6",
        "ABC Thm 2.15",
        "Layers, p >= 3: below -E_k no critical value of index >= k; E_k decreases strictly to "
        "E_inf.",
    ),
    Row(
        "T7",
        "ABC Thm 2.14",
        "An index-k critical value above -N (E_inf - eps) has probability at most exp(-c N^2).",
    ),
    Row(
        "T8",
        "Thm 11.1",
        "Sharp prefactors of E Crt_N(u) in four regimes of u.",
        standing="wrong at the barrier",
    ),
    Row("T9", "Thm 11.2", "The same prefactor for minima below -E_inf."),
    Row(
        "T10",
        "Sec. 4, hardness",
        "Reaching the ground state takes exponentially long; leaving it costs at least "
        "N (E_0 - E_1).",
        standing="open; the cost of leaving is wrong",
    ),
    Row(
        "F1",
        "Fig. 1",
        "Mean number of critical points against energy, p = 3, N = 1000, by index.",
        standing="wrong",
    ),
    Row("F2", "Fig. 2", "Theta_p and Theta_{k,p}, k = 0..5, p = 3."),
    Row(
        "F3",
        "Fig. 3 left, Fig. 8 top",
        "Energies of descent end points concentrate at -E_inf as N grows.",
        standing="open",
    ),
    Row(
        "F4",
        "Fig. 3 right, 8 bottom, 9, 10",
        "Test losses of trained networks: mean and variance fall with the hidden width n1.",
    ),
    Row(
        "F5",
        "Fig. 4, 5",
        "The normalised index of trained networks is of order 0.01 or less.",
        standing="imprecise: set by the cut-off",
    ),
    Row("F6", "Fig. 6", "SGD does at least as well as simulated annealing."),
    Row("F7", "Fig. 7, Table 1", "The correlation of train and test loss falls with n1."),
    Row("F8", "Sec. 5.1", "Redundancy: weights of three values lose under 2.5 % accuracy."),
    Row(
        "S1",
        "Sec. 4, 5.2",
        "Gradient descent is trapped near -N E_inf (pure models).",
        standing="right for pure models",
    ),
    Row("S2", "abstract", "Critical points found by descent are minima: index 0."),
    Row(
        "A1",
        "abstract",
        "The number of minima outside the band falls exponentially with N.",
    ),
    Row("A2", "Sec. 1", "Minima are degenerate: many Hessian eigenvalues near zero."),
    Row(
        "A3",
        "Sec. 1",
        "Small networks have poor minima with a probability that falls with n1.",
    ),
    Row(
        "A4",
        "Sec. 5.2",
        "Left tails of end-point energies touch -E_inf; none is below -E_0.",
        standing="open",
    ),
)

BEYOND = (
    Row(
        "X1",
        "Fyodorov 2013; Belius et al. 2022",
        "A random field h q trivialises the landscape at h^2 = xi'' - xi'; there the mean number of "
        "critical points is exactly 2N.",
    ),
    Row(
        "X2",
        "Crisanti and Sommers 1992, 1995",
        "At the static and the dynamic transition states stem from critical points at -E_0 and -E_inf.",
    ),
    Row(
        "X3",
        "Subag 2017",
        "Second moments: pairs of critical points, and how far mean numbers speak of instances.",
    ),
    Row(
        "X4",
        "Ros, Biroli and Cammarota 2019",
        "The law of a critical point beside a given one: barriers around minima.",
    ),
    Row(
        "X5",
        "the authors' open problem, COLT 2015; Kivimae 2021; McKenna 2021",
        "Layers that share no weights: with equal widths the same complexity, E_inf and E_0; with others "
        "those of Dyson's equation.",
    ),
    Row(
        "X6",
        "Ben Arous, Mei, Montanari and Nica 2019",
        "A spike in the data: critical points lie near it from a_c on, "
        "a_c^2 = (p-1)^(p-1)/(p (p-2)^(p-2)) in units where the mean is a sqrt N m^p.",
    ),
    Row(
        "X7",
        "Subag 2021; Huang and Sellke 2021",
        "Which level efficient algorithms reach: E_alg, the integral of sqrt(xi'').",
    ),
)

TRAINED = (
    Row(
        "R1",
        "Sec. 4; Draxler 2018, Garipov 2018",
        "Minima below -E_inf lie behind barriers that grow with the number of weights.",
        standing="an analogy",
    ),
    Row(
        "R2",
        "Sec. 4; Sagun 2017",
        "The Hessian on the sphere is a semicircle around -H u, without outliers.",
        standing="an analogy",
    ),
    Row(
        "R3",
        "Sec. 4; Dauphin 2014",
        "The share of descending directions at a critical point is that semicircle's mass below 0.",
        standing="an analogy",
    ),
    Row(
        "R4",
        "Baity-Jesi 2018",
        "Two-time functions age, and the energy relaxes as t^(-2/3).",
        standing="an analogy",
    ),
    Row(
        "R5",
        "Sec. 3, Eq. 1-3",
        "The loss is homogeneous of degree H in the weights, but for a constant: w.grad L = H (L - c).",
        standing="an analogy",
    ),
    Row(
        "R6",
        "Sec. 3, Eq. 1-3",
        "Over draws of the data the covariance of the loss at two sets of weights is overlap^H.",
        standing="an analogy",
    ),
    Row(
        "R7",
        "Sec. 4, 5",
        "End levels concentrate at the barrier as the number of weights grows.",
        standing="an analogy",
    ),
)
"""What the spin glass would say of trained networks: each asked of both."""

ERRATA = (
    Erratum(
        "E1",
        "Sec. 4, Theta_{k,p} at u >= -E_inf",
        "(1/2) log(p-1) - (p-2)/(4(p-1))",
        "(1/2) log(p-1) - (p-2)/p",
        formula=True,
    ),
    Erratum(
        "E2",
        "supplement, Thm 11.1 (b), u = -E_inf",
        "prefactor 2 Ai(0) sqrt(2p)/(3(p-2)) N^(-1/3)",
        "2 sqrt(2p)/(p-2) [Ai(0)/3 + Ai'(0)^2] N^(-1/3)",
        formula=True,
    ),
    Erratum(
        "E3",
        "Sec. 3.1 against 3.4",
        "q = sqrt((n_0...n_p)^((p-1)/2p))",
        "q = Psi^(-(p-1)/(2p))",
        formula=True,
    ),
    Erratum(
        "E4",
        "Thm 3.1, 3.2, 3.3",
        "Psi^2 H >= M >= Psi^(2/H) H / d^(1/H); corr >= (1-2 eps)/(1+2 eps) for eps <= pi <= 1/2; "
        "corr >= 1/c^2: not sharp, and the second false where a class is rare",
        "a Psi^(1/a) + b (Psi/d)^(1/b) <= M <= Psi + Psi/d + H - 2, a = ceil(H/2), b = floor(H/2); "
        "corr >= sqrt(1 - eps(1-eps)/(pi(1-pi))), below which the printed bound lies just where "
        "pi(1-pi) >= (1-eps)(1+2 eps)^2/8; corr >= 2/(1+c): each attained",
        formula=True,
        note="M weights, Psi paths; the first and the third true, not sharp; the second false where "
        "a class is rare",
    ),
    Erratum(
        "E5",
        "the authors' public script for the 3-spin descent",
        "the gradient is never cleared, so steps use an accumulated one",
        "cleared at every step",
    ),
    Erratum(
        "E6",
        "Sec. 4",
        "all critical values of non-diverging index lie in (-N E_0, -N E_inf)",
        "only with an eps of room; typical mean minima sit O(N^(-1/2)) above -E_inf",
    ),
    Erratum(
        "E7",
        "Sec. 4",
        "in the band the probability of a saddle rather than a minimum goes to 0",
        "cumulated to -E_inf the mean share of saddles tends to a positive constant",
    ),
    Erratum(
        "E8", "Fig. 1, right panel", "index 5 above index 0 near -N E_inf", "index 0 dominates"
    ),
    Erratum(
        "E9",
        "Sec. 4, hardness",
        "barrier from layer i to the ground state at least N (E_0 - E_i)",
        "that is the drop, not the barrier",
    ),
    Erratum(
        "E10",
        "Sec. 3.4, Eq. 10",
        "E_A |Y_t - Y| = S -+ Yhat",
        "needs |Y| <= S for every A",
        formula=True,
    ),
    Erratum("E11", "Sec. 3.1", "the output passes a ReLU too", "no ReLU on the output"),
    Erratum("E12", "Fig. 9", "scaled losses", "raw losses"),
)

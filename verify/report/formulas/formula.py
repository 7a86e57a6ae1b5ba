"""What a formula is: permanent name, text, source, the claim that tests it, sample values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True)
class Formula:
    """One formula.

    Attributes
    ----------
    name
        Permanent: links and citations use it.
    title
        In words.
    tex
        The formula as it is right.
    assumptions
        When it holds.
    source
        Where it is printed, in the paper first.
    claims
        Ids of the claims that test it, the first of them foremost.
    symbols
        Those that are not in `SYMBOLS`, TeX to meaning.
    printed
        As the paper prints it, where that is something else; "" where the print is right.
    erratum
        Id of the erratum in `verify.report.paper` that the difference is.
    samples
        Where, and what gives the value there: a `theory.Ball`, whose digits are certified, or the
        text of an exact number.
    """

    name: str
    title: str
    tex: str
    assumptions: str
    source: str
    claims: tuple[str, ...]
    symbols: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    erratum: str = ""
    samples: Mapping[str, Callable[[], object]] = field(default_factory=dict)


SYMBOLS = {
    r"N": "number of spins; the sphere is |s|^2 = N",
    r"p": "order of the interaction",
    r"u": "energy density H/N, a level",
    r"k": "index: number of negative eigenvalues of the Hessian",
    r"\xi(q)": "covariance: Cov(H(s), H(t)) = N xi(s.t/N); xi', xi'' without argument are at q = 1",
    r"\mathrm{Crt}_N(u)": "number of critical points with H/N at most u; with a second subscript k those of "
    "index k",
    r"\Theta_p, \Theta_{k,p}": "exponents: limits of (1/N) log of the mean numbers",
    r"E_\infty, E_k, E_0": "barrier, layers, ground state, as positive numbers",
    r"I(u)": "rate at which one eigenvalue of the Hessian leaves the semicircle",
}


@cache
def all_formulas() -> tuple[Formula, ...]:
    """Every formula of the project, in the order of the page."""
    from verify.report.formulas.beyond import BEYOND
    from verify.report.formulas.of_networks import NETWORKS
    from verify.report.formulas.of_spins import SPINS

    return (*SPINS, *NETWORKS, *BEYOND)


def of_claim(claim_id: str) -> list[Formula]:
    """Formulas of which a claim is the first test, else those that it tests too; misprints first."""
    tested = [one for one in all_formulas() if claim_id in one.claims]
    first = [one for one in tested if one.claims[0] == claim_id]
    return sorted(first or tested, key=lambda one: not one.printed)

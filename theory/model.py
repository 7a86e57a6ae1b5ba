"""The model: a mixture xi(q) = sum_p a_p q^p, with the pure p-spin model as its simplest case."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from numbers import Rational
from typing import Any

from theory.checks import bad, check_integer

# guard (all): what is refused
# tests/theory/test_model.py::test_mixture_names_what_is_bad
MAX_DEGREE = 10_000
MAX_TERMS = 64
MAX_TEXT = 10_000
MAX_DIGITS = 400  # of a coefficient's numerator or denominator


@dataclass(frozen=True)
class Mixture:
    """xi(q) = sum of a_p q^p with Cov(H(s), H(t)) = N xi(s.t / N) on |s|^2 = N.

    Attributes
    ----------
    terms
        Pairs (p, a_p), degrees rising, a_p > 0 exact. A term of degree 1 is a random external field
        of variance a_1 a component.

    Examples
    --------
    >>> model = mixture({3: 0.5, 4: 0.5})
    >>> str(model), model.xi(1.0), model.xi(1.0, 1)
    ('0.5 q^3 + 0.5 q^4', 1.0, 3.5)
    """

    terms: tuple[tuple[int, Fraction], ...]

    @property
    def is_pure(self) -> bool:
        """Whether xi(q) = q^p."""
        return len(self.terms) == 1 and self.terms[0][1] == 1

    @property
    def p(self) -> int:
        """The order of a pure model; InputError for a mixture."""
        if not self.is_pure:
            raise bad("model", self, "a pure model, q^p")
        return self.terms[0][0]

    @property
    def coefficients(self) -> dict[int, float]:
        """The mixture as {p: a_p} in floats."""
        return {p: float(a) for p, a in self.terms}

    def xi(self, q: Any, order: int = 0) -> Any:
        """Value of the ``order``-th derivative of xi at q, in q's own arithmetic.

        Parameters
        ----------
        q
            A float, array, Fraction, SymPy expression or ball.
        order
            Which derivative, >= 0.
        """
        exact = isinstance(q, int | Fraction) or type(q).__module__.split(".")[0] in {
            "sympy",
            "flint",
        }
        total = 0 * q
        for p, a in self.terms:
            if p >= order:
                factor = math.perm(p, order) * a
                power = q ** (p - order)
                if isinstance(q, int | Fraction) or not exact:
                    total = total + (factor if exact else float(factor)) * power
                else:
                    total = total + factor.numerator * power / factor.denominator
        return total

    def __str__(self) -> str:
        """Text that `parse` reads back."""
        return " + ".join(_term(p, a) for p, a in self.terms)


def _term(p: int, a: Fraction) -> str:
    power = "q" if p == 1 else f"q^{p}"
    if a == 1:
        return power
    text = str(float(a))
    return f"{text if Fraction(text) == a and 'e' not in text else a} {power}"


def pure(p: int) -> Mixture:
    """Return the pure model xi(q) = q^p.

    Raises
    ------
    InputError
        Unless p is an integer from 2 to 10000.

    Examples
    --------
    >>> pure(3).xi(0.5)
    0.125
    """
    return Mixture(((check_integer("p", p, 2, MAX_DEGREE), Fraction(1)),))


def _shown(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # Python writes integers of 4300 digits at most
        return "a number too long"


_TEXT = re.compile(r"[0-9.]{1,800}(?:e[-+]?[0-9]{1,3}|/[0-9]{1,400})?", re.IGNORECASE)


def _fraction(a: Any) -> Fraction | None:
    """Read a number > 0 that is a finite float too, or None; exponents are short, so it is quick."""
    try:
        if isinstance(a, Rational) and not isinstance(a, bool):
            value = Fraction(a)
        else:
            text = str(a).strip() if isinstance(a, str | Decimal | bool) else repr(float(a))
            value = Fraction(text if _TEXT.fullmatch(text) else "refused")
        # guard (all): what is refused
        # tests/theory/test_model.py::test_mixture_names_what_is_bad
        fits = 0 < float(value) < math.inf and value.denominator < 10**MAX_DIGITS
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return value if fits else None


def mixture(coefficients: Mapping[int, Any]) -> Mixture:
    """Return the mixture with coefficients {p: a_p}; floats are read as their shortest decimal.

    Raises
    ------
    InputError
        For a degree that is not an integer from 1 to 10000, a coefficient that is negative, not
        finite or a fraction of more than 400 digits, more than 64 terms, or none of degree 2 or more.

    Examples
    --------
    >>> str(mixture({3: 1, 4: "1/3"}))
    'q^3 + 1/3 q^4'
    >>> str(mixture({1: 2.5, 3: 1}))  # in a field
    '2.5 q + q^3'
    """
    # guard (all): what is refused
    # tests/theory/test_model.py::test_mixture_names_what_is_bad
    if not isinstance(coefficients, Mapping) or not 0 < len(coefficients) <= MAX_TERMS:
        raise bad("model", coefficients, f"a mapping {{p: a_p}} of 1 to {MAX_TERMS} terms")
    terms: dict[int, Fraction] = {}
    for p, a in coefficients.items():
        # guard (all): what is refused
        # tests/theory/test_model.py::test_mixture_names_what_is_bad
        degree = check_integer("p", p, 1, MAX_DEGREE)
        value = _fraction(a)
        if value is None:
            raise bad(f"a_{degree}", _shown(a), "a finite number > 0 of at most 400 digits")
        terms[degree] = value
    if max(terms) < 2:
        raise bad(
            "model", coefficients, "a term of degree 2 or more: a field alone is no landscape"
        )
    return Mixture(tuple(sorted(terms.items())))


_NUMBER = r"[0-9]{1,400}(?:\.[0-9]{0,400})?(?:/[0-9]{1,400})?|\.[0-9]{1,400}"
_PATTERN = re.compile(rf"\s*(?:({_NUMBER})\s*\*?\s*)?q\s*(?:(?:\^|\*\*)\s*([0-9]{{1,5}})\s*)?")


def parse(text: str) -> Mixture:
    """Read a mixture such as ``"q^3 + 0.5 q^4"``, ``"1/2*q**4"`` or ``"q^3 + 2.5 q"``, nothing evaluated.

    Raises
    ------
    InputError
        For anything else.

    Examples
    --------
    >>> parse("q^3 + 0.5 q^4").coefficients
    {3: 1.0, 4: 0.5}
    """
    takes = 'a sum of terms a q^p, such as "q^3 + 0.5 q^4"'
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise bad("model", "a text too long" if isinstance(text, str) else text, takes)
    found: dict[int, Fraction] = {}
    for part in re.sub(r"\s+", " ", text).split("+"):
        match = _PATTERN.fullmatch(part)
        if match is None:
            raise bad("model", repr(text), takes)
        coefficient, degree = match[1] or "1", int(match[2] or 1)
        top, _, below = coefficient.partition("/")
        if below and not int(below):
            raise bad("model", repr(text), takes)
        value = Fraction(top if top[-1:] != "." else top + "0") / int(below or 1)
        found[degree] = found.get(degree, Fraction(0)) + value
    return mixture(found)


def check_mixture(model: object) -> Mixture:
    """Return ``model`` if it is a mixture, else raise InputError."""
    if not isinstance(model, Mixture):
        raise bad("model", model, "a Mixture, such as pure(3)")
    return model


def unit(model: Mixture) -> tuple[Mixture, Fraction]:
    """The model at unit variance, xi/xi(1), and xi(1).

    H is sqrt(xi(1)) times the Hamiltonian of unit variance, and so are its levels.

    Raises
    ------
    InputError
        For what is no mixture.

    Examples
    --------
    >>> model, variance = unit(mixture({1: 1, 3: 3}))
    >>> str(model), variance
    ('0.25 q + 0.75 q^3', Fraction(4, 1))
    """
    return _unit(check_mixture(model))


@cache
def _unit(model: Mixture) -> tuple[Mixture, Fraction]:
    variance = model.xi(Fraction(1))
    return Mixture(tuple((p, a / variance) for p, a in model.terms)), variance


@cache
def slopes_at_one(model: Mixture) -> tuple[Fraction, Fraction]:
    """xi'(1)/xi(1) and xi''(1)/xi(1), exact."""
    one, _ = unit(model)
    return one.xi(Fraction(1), 1), one.xi(Fraction(1), 2)


def has_field(model: Mixture) -> bool:
    """Whether there is a term of degree 1."""
    return model.terms[0][0] == 1

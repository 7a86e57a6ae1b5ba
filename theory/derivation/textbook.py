r"""Formulas as a textbook prints them: logarithms joined, sums that begin with no minus, terms in order.

What is printed equals what was derived, term by term; only its order and its brackets are another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import prod
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

_MATRICES = ("G", "I_{N-1}")  # behind the numbers that they are multiplied by


def joined(expression: sp.Expr) -> sp.Expr:
    """A sum whose logarithms of one factor are one logarithm, and whose fractions are in factors.

    Examples
    --------
    >>> p = sp.Symbol("p", positive=True)
    >>> joined(sp.log(p * (p - 1)) / 2 - sp.log(p) / 2 - (p - 2) / (4 * p - 4))
    -(p - 2)/(4*(p - 1)) + log(p - 1)/2
    """
    logs: dict[sp.Expr, list[tuple[sp.Expr, int]]] = defaultdict(list)
    others = []
    for term in sp.Add.make_args(expression):
        factor, rest = term.as_coeff_Mul()
        if isinstance(rest, sp.log):
            logs[abs(factor)].append((rest.args[0], 1 if factor > 0 else -1))
        else:
            others.append(_in_factors(term))
    for factor, parts in logs.items():
        sign = max(power for _, power in parts)
        inside = prod((of ** (sign * power) for of, power in parts), start=sp.Integer(1))
        others.append(sign * factor * sp.log(sp.cancel(inside) if len(parts) > 1 else inside))
    return sp.Add(*others)


def _in_factors(term: sp.Expr) -> sp.Expr:
    """A term with what it divides in factors, which cancels what it can."""
    if not term.as_numer_denom()[1].is_number:
        parts: dict[bool, list[sp.Expr]] = {True: [], False: []}
        for factor in sp.Mul.make_args(term):
            parts[bool(factor.is_rational_function())].append(factor)
        term = sp.factor_terms(sp.cancel(sp.Mul(*parts[True]))) * sp.Mul(*parts[False])
    return sp.Mul(*(_turned(factor) for factor in sp.Mul.make_args(term)))


def _turned(factor: sp.Expr) -> sp.Expr:
    """A bracket of a number and a symbol or a square as p - 2 or 1 - q^2, its sign in front."""
    if not (factor.is_Add and len(factor.args) == 2 and factor.args[0].is_number):
        return factor
    number, other = factor.args
    rises, squared = not other.could_extract_minus_sign(), other.as_coeff_Mul()[1].is_Pow
    turned = (rises and number < 0) if squared else not rises
    return sp.Mul(-1, -factor, evaluate=False) if turned else factor


def _place(term: sp.Expr) -> tuple[bool, bool, bool, bool, int, str]:
    """Where a term stands in a sum: what is left out last; of a sign logs first, numbers last."""
    return (
        isinstance(term, sp.Order),
        term.could_extract_minus_sign(),
        not term.has(sp.log),
        bool(term.is_Number),
        term.count_ops(),
        str(term),
    )


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy has no types
    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:
        text = ""
        for term in sorted(sp.Add.make_args(expr), key=_place):
            printed = self._print(term)
            if text:
                printed = f" - {printed[1:].lstrip()}" if printed[0] == "-" else f" + {printed}"
            text += printed
        return text

    def _print_Mul(self, expr: sp.Mul) -> str:
        if not sp.fraction(expr, exact=True)[1].is_Integer or expr.has(sp.Integral):
            return str(super()._print_Mul(expr))
        factor, rest = expr.as_coeff_Mul()
        factors = sorted(sp.Mul.make_args(rest), key=self._behind)
        sign, factor = ("- " if factor < 0 else ""), abs(factor)
        product = " ".join(self.parenthesize(one, PRECEDENCE["Mul"]) for one in factors)
        return sign + ("" if factor == 1 else f"{self._print(factor)} ") + product

    def _print_Pow(self, expr: sp.Pow) -> str:
        above, below = sp.fraction(sp.together(expr.exp))
        if below.is_Integer and below != 1 and not above.is_number:
            base = self.parenthesize(expr.base, PRECEDENCE["Pow"])
            power = self._print(above) if above.is_Symbol else f"({self._print(above)})"
            return f"{base}^{{{power}/{below}}}"
        return str(super()._print_Pow(expr))

    @staticmethod
    def _behind(factor: sp.Expr) -> tuple[bool, bool, int]:
        """Squares, symbols, powers that are symbols, brackets and functions, matrices: in this order."""
        name = factor.name if isinstance(factor, sp.Symbol) else ""
        base = factor.base if factor.is_Pow else factor
        root = factor.is_Pow and factor.exp == sp.Rational(1, 2)
        bracket = not root and isinstance(base, (sp.Function, sp.Add))
        power = 1 if not factor.is_Pow else 0 if factor.exp.is_number else 2
        return name in _MATRICES, "(" in name or bracket, power

    def _print_Order(self, expr: sp.Order) -> str:
        return f"O({self._print(expr.args[0])})"

    def _print_acosh(self, expr: sp.acosh, exp: Any = None) -> str:
        return rf"\operatorname{{arcosh}}\left({self._print(expr.args[0])}\right)"

    def _print_Function(self, expr: sp.Function, exp: Any = None) -> str:
        if isinstance(expr, AppliedUndef):
            inside = ", ".join(map(self._print, expr.args))
            return f"{self._print(sp.Symbol(expr.func.__name__))}({inside})"
        return str(super()._print_Function(expr, exp))

    def _print_log(self, expr: sp.log, exp: Any = None) -> str:
        inside = self._print(expr.args[0])
        return rf"\log {inside}" if expr.args[0].is_Symbol else rf"\log\left({inside}\right)"


def latex(equation: sp.Eq, names: Mapping[sp.Symbol, str]) -> str:
    r"""An equation as LaTeX; ``names`` are those of symbols that are printed as others.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> print(latex(sp.Eq(sp.Symbol("y"), sp.log(x) / 2 - x**2 + 1), {}))
    y = \frac{1}{2} \log x + 1 - x^{2}
    """
    printer = _Printer({"symbol_names": names, "fold_func_brackets": True})
    return f"{printer.doprint(equation.lhs)} = {printer.doprint(joined(equation.rhs))}"

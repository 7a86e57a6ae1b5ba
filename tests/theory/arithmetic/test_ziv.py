"""Ziv's loop: attempts rise by what each says is missing, at that working precision."""

from __future__ import annotations

import flint
import pytest

from theory.arithmetic.ziv import Missing, until_precise


def test_attempts_rise_until_one_finds() -> None:
    seen = []

    def attempt(bits: int) -> str | Missing:
        seen.append((bits, flint.ctx.prec))
        return "found" if bits >= 150 else Missing(40)

    before = flint.ctx.prec
    assert until_precise(attempt, 64) == "found"
    assert seen == [(64, 64), (104, 104), (144, 144), (184, 184)]
    assert flint.ctx.prec == before


def test_what_is_hopeless_raises_and_leaves_the_precision_as_it_was() -> None:
    def attempt(bits: int) -> str | Missing:
        if bits > 500:
            raise ArithmeticError("no")
        return Missing(bits)

    before = flint.ctx.prec
    with pytest.raises(ArithmeticError, match="no"):
        until_precise(attempt, 64)
    assert flint.ctx.prec == before

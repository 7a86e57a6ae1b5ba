import re
import sys
from itertools import pairwise

import matplotlib.mathtext
import pytest
import sympy as sp

from theory.annealed.pure_model import e_inf, theta
from theory.derivation import beyond, equations, kac_rice, textbook
from verify.report import derivation_page

STEPS = {step.name: step for step in equations.steps()}


def test_steps_have_names_sentences_checks_and_claims():
    assert len(STEPS) == len(equations.steps())
    for step in equations.steps():
        assert step.sentence.endswith(".")
        assert step.check
        assert step.claims
        assert step.equations


def test_cited_claims_exist():
    from verify.claims import all_claims

    cited = derivation_page.cited(derivation_page.blank())
    assert cited == {claim for step in equations.steps() for claim in step.claims}
    assert {"T1", "T3", "T4", "LAW"} <= cited <= set(all_claims())


def test_equations_are_the_expressions_of_the_claims():
    law = kac_rice.hessian_law()
    shown = [equation.rhs for equation in STEPS["law"].equations]
    assert shown[:6] == [
        law[name]
        for name in ("gradient", "off-diagonal", "diagonal", "Var u", "Cov(u, r)", "Var r")
    ]
    p, k = equations.PSYMBOL, equations.KSYMBOL
    assert STEPS["barrier"].equations[0].rhs == kac_rice.e_inf_derived(p)
    for branch, level, index in (
        ("bulk", kac_rice.U, None),
        ("positive", sp.Integer(0), None),
        ("outside", kac_rice.T, k),
        ("plateau", sp.Integer(0), k),
    ):
        derived, closed = (equation.rhs for equation in STEPS[branch].equations)
        assert derived == kac_rice.theta_derived(p, level, index, branch)
        assert closed == kac_rice.closed_form(p, level, index, branch)
        assert kac_rice.equal_to_derived(p, index, branch, closed) is True
        assert kac_rice.equal_to_derived(p, index, branch, closed * sp.Rational(101, 100)) is False


def test_equations_hold_in_numbers():
    derived, closed = (equation.rhs for equation in STEPS["outside"].equations)
    at = {equations.PSYMBOL: 3, equations.KSYMBOL: 2, kac_rice.T: sp.acosh(1.7 / e_inf(3))}
    for side in (derived, closed):
        assert float(side.subs(at)) == pytest.approx(float(theta(3, -1.7, 2)), abs=1e-13)
    barrier = STEPS["barrier"].equations[0].rhs
    assert float(barrier.subs(equations.PSYMBOL, 7)) == pytest.approx(e_inf(7))


def test_mixture_over_all_levels_is_the_plateau_of_the_pure_model():
    xi, dxi, ddxi = kac_rice.XI, kac_rice.DXI, kac_rice.DDXI
    best, value = equations.all_levels()
    assert sp.simplify(best + 2 * dxi * sp.sqrt(ddxi) / (dxi + ddxi)) == 0
    stated = sp.log(ddxi / dxi) / 2 - (ddxi - dxi) / (dxi + ddxi)
    assert sp.simplify(sp.expand_log(value - stated, force=True)) == 0
    assert not value.has(xi)
    pure = kac_rice.pure(value, 4) - kac_rice.closed_form(4, 0, 1, "plateau")
    assert sp.simplify(sp.expand_log(pure, force=True)) == 0


def test_page_has_every_step_and_its_equations_parse():
    text = derivation_page.page([{"id": "LAW", "verdict": "supported"}], derivation_page.blank())
    blocks = re.findall(r"```math\n(.+?)\n```", text, re.DOTALL)
    assert blocks == [
        formula.replace(r"\operatorname", r"\mathrm").replace(r"\limits", "")
        for step in equations.steps()
        for formula in dict.fromkeys(map(equations.latex, step.equations))
    ]
    places = [text.index(f". {step.title}\n") for step in STEPS.values()]
    assert all(a < b for a, b in pairwise(places))
    assert "[LAW](LAW.md) supported" in text
    assert "HAM (not in this run)" in text
    parser = matplotlib.mathtext.MathTextParser("agg")
    # What mathtext lacks of LaTeX, put in other words.
    plain = {r"\int\limits": r"\int", r"\;": " "}
    for block in blocks:
        for word, other in plain.items():
            block = block.replace(word, other)
        parser.parse(f"${block}$")
        assert block.count("{") == block.count("}")
    with pytest.raises(ValueError, match="Parse"):
        parser.parse(r"$\frac{1}{$")


def test_formulas_are_printed_as_textbooks_do_and_say_the_same():
    for step in equations.steps():
        for equation in step.equations:
            text = equations.latex(equation).partition(" = ")[2]
            terms = sp.Add.make_args(textbook.joined(equation.rhs))
            if any(not term.could_extract_minus_sign() for term in terms):
                assert not text.startswith("-")
            assert r"\frac{\log" not in text
            if not equation.rhs.has(sp.Order, sp.Integral):
                joined = textbook.joined(equation.rhs) - equation.rhs
                assert sp.simplify(sp.expand_log(joined, force=True)) == 0
    [derived, _] = STEPS["bulk"].equations
    assert r"\frac{1}{2} \log\left(p - 1\right)" in equations.latex(derived)


def test_importing_theory_does_not_load_the_derivation():
    import subprocess

    code = "import sys, theory, verify; print('theory.derivation.equations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_pairs_are_counted_at_all_overlaps():
    [step] = [one for one in beyond._pairs() if one.name == "pairs"]
    assert step == STEPS["pairs"]
    [integral] = step.equations[0].rhs.atoms(sp.Integral)
    [(q, *ends)] = integral.limits
    assert str(q) == "q"
    assert ends == [-1, 1]

"""Formulas by their permanent names: values against the text as it stands, the page, the data, the errata."""

import json
import re

import mpmath
import pytest
from mpmath import acosh, cosh, coth, exp, log, mp, mpf, pi, sinh, sqrt, tanh
from rendered import MACROS, refused, render

from theory import Ball
from verify.report.formulas import all_formulas, errata_tex
from verify.report.formulas import page as formulas
from verify.report.paper import ERRATA

NAMES = [
    *("covariance", "law-at-a-point", "kac-rice", "exact-count", "small-counts", "barrier", "rate"),
    *("complexity", "complexity-by-index", "plateau", "ground-state", "layers", "prefactor-below"),
    *("prefactor-at-barrier", "prefactor-above", "minima-above-barrier", "saddles-above-barrier"),
    *("share-of-saddles", "exact-over-drawn", "squeeze", "cost-of-leaving", "barrier-of-mixtures"),
    *(
        "trivialisation",
        "temperatures",
        "second-moment",
        "end-of-relaxation",
        "edge-law",
        "path-sum",
        "normaliser",
    ),
    *("spin-covariance", "relu-covariance", "size-against-mass", "signs-correlation"),
    *("uniform-correlation", "absolute-loss"),
    *("parisi-of-mixtures", "relaxation", "complexity-of-layers", "spike-threshold", "far-tail"),
]


@pytest.fixture(autouse=True)
def _digits():
    with mp.workdps(40):
        yield


def barrier(p):
    return 2 * sqrt(mpf(p - 1) / p)


def bulk(p, u):
    return log(mpf(p - 1)) / 2 - (p - 2) * u**2 / (4 * mpf(p - 1))


def rate(p, u):
    t = acosh(-u / barrier(p))
    return (sinh(2 * t) - 2 * t) / 2


def layer(p, k):
    at = -barrier(p) * mpf("1.01")
    return -mpmath.findroot(lambda u: bulk(p, u) - (k + 1) * rate(p, u), (at, at * mpf("1.005")))


def below(p, u):
    t = acosh(-u / barrier(p))
    edge = sqrt(tanh(t / 2)) + sqrt(coth(t / 2))
    return sqrt(p / (4 * pi)) * edge * exp(-t) / ((p - 2) * cosh(t) + p * sinh(t))


def at_barrier(p):
    slope = mpmath.airyai(0, derivative=1)
    return 2 * sqrt(mpf(2 * p)) / (p - 2) * (mpmath.airyai(0) / 3 + slope**2)


def inside(p, u):
    return 2 * sqrt(mpf(2 * p)) / (pi * (p - 2)) * sqrt(barrier(p) ** 2 - u**2) / -u


def mixed(first, second):
    return (second - first + first**2) / (first * sqrt(second))


def parisi(p):
    at = mpmath.findroot(lambda z: mpmath.diff(lambda y: (p + y) * log(1 + y) / y, z), 2)
    return sqrt((p + at) * log(1 + at) / at)


def static(p):
    def square(q):
        return p * q ** (p - 2) * (1 - q)

    q = mpmath.findroot(lambda q: q**p / square(q) + log(1 - q) + q, mpf("0.645"))
    return sqrt(square(q))


def of_layers(*widths):
    """E_inf and E_0 by the text: where u'(v) = 0, and where Sigma = 0 beyond it."""
    a = [mpf(width) / sum(widths) for width in widths]

    def y(v):
        return [2 * one / (v + sqrt(v * v + 4 * one)) for one in a]

    def u(v):
        return v + sum(y(v))

    def sigma(v):
        pairs = (sum(y(v)) ** 2 - sum(x * x for x in y(v))) / 2
        entropy = sum(one * (log(one) / 2 - log(x)) for one, x in zip(a, y(v), strict=True))
        return mpf(1) / 2 + entropy + pairs - u(v) ** 2 / 2

    edge = mpmath.findroot(lambda v: mpmath.diff(u, v), mpf("0.4"))
    return u(edge), u(mpmath.findroot(sigma, (edge * mpf("1.2"), edge * mpf("1.6"))))


# The text of each formula evaluated again, by formula and place.
AGAIN = {
    ("barrier", "p = 3"): lambda: barrier(3),
    ("complexity", "p = 3, u = -17/10"): lambda: bulk(3, mpf(-17) / 10) - rate(3, mpf(-17) / 10),
    ("complexity-by-index", "p = 3, u = -17/10, k = 1"): lambda: (
        bulk(3, mpf(-17) / 10) - 2 * rate(3, mpf(-17) / 10)
    ),
    ("plateau", "p = 3"): lambda: log(mpf(2)) / 2 - mpf(1) / 3,
    ("ground-state", "p = 3, by the root"): lambda: layer(3, 0),
    ("ground-state", "p = 3, by Parisi's formula"): lambda: parisi(3),
    ("layers", "p = 3, k = 0"): lambda: layer(3, 0),
    ("layers", "p = 3, k = 1"): lambda: layer(3, 1),
    ("layers", "p = 3, k = 2"): lambda: layer(3, 2),
    ("cost-of-leaving", "p = 3, E_1"): lambda: layer(3, 1),
    ("end-of-relaxation", "p = 3, E_inf"): lambda: barrier(3),
    ("prefactor-below", "p = 3, u = -9/5, constant"): lambda: below(3, mpf(-9) / 5),
    ("prefactor-at-barrier", "p = 3, constant"): lambda: at_barrier(3),
    ("prefactor-above", "p = 3, u = -1/2, constant"): lambda: inside(3, mpf(-1) / 2),
    ("prefactor-above", "p = 3, u = 1/2, constant"): lambda: 4 * sqrt(2 / pi),
    ("barrier-of-mixtures", "1/2 q^3 + 1/2 q^4"): lambda: mixed(mpf(7) / 2, mpf(9)),
    ("temperatures", "p = 3, T_d"): lambda: sqrt(mpf(3)) / 2,
    ("temperatures", "p = 3, T_s"): lambda: static(3),
    ("small-counts", "p = 3, N = 2"): lambda: 2 * sqrt(mpf(7)),
    ("small-counts", "p = 3, N = 3"): lambda: 2 + 8 * mpf(2) ** 1.5 / sqrt(mpf(7)),
    ("small-counts", "p = 2, N = 7"): lambda: mpf(14),
    ("kac-rice", "p = 3, N = 3, all points"): lambda: 2 + 8 * mpf(2) ** 1.5 / sqrt(mpf(7)),
    ("trivialisation", "q^3 + 3 q, N = 10"): lambda: mpf(20),
    ("normaliser", "H = 2, Psi = 16"): lambda: mpf(16) ** mpf("-0.25"),
    ("spin-covariance", "H = 3, overlap 1/2, over Lambda"): lambda: mpf(1) / 8,
    ("relu-covariance", "c = 1"): lambda: mpf(1),
    ("relu-covariance", "c = 0"): lambda: mpf(0),
    ("size-against-mass", "H = 2, d = 4, Psi = 12, lower bound"): lambda: mpf(15),
    ("size-against-mass", "H = 2, d = 4, Psi = 12, upper bound"): lambda: mpf(15),
    ("signs-correlation", "eps = 1/10, pi = 1/2"): lambda: sqrt(1 - mpf("0.09") / mpf("0.25")),
    ("uniform-correlation", "c = 3"): lambda: mpf(1) / 2,
    ("parisi-of-mixtures", "q^2"): lambda: sqrt(mpf(2)),
    ("parisi-of-mixtures", "9/10 q^2 + 1/10 q^4"): lambda: mpmath.quad(
        lambda q: sqrt(mpf("1.8") + mpf("1.2") * q * q), [0, 1]
    ),
    ("complexity-of-layers", "equal widths, H = 3, E_inf"): lambda: barrier(3),
    ("complexity-of-layers", "widths 1, 2, 3, E_inf"): lambda: of_layers(1, 2, 3)[0],
    ("complexity-of-layers", "widths 1, 2, 3, E_0"): lambda: of_layers(1, 2, 3)[1],
    ("spike-threshold", "p = 3, a_c"): lambda: 2 / sqrt(mpf(3)),
    ("spike-threshold", "p = 4, a_c"): lambda: sqrt(mpf(27) / 16),
}
COUNTED = {
    ("second-moment", "p = 3, N = 2"),
    ("exact-count", "p = 3, N = 20, up to -E_inf"),
    ("minima-above-barrier", "p = 3, N = 10, all minima"),
}
SAMPLES = [(one.name, at, make) for one in all_formulas() for at, make in one.samples.items()]


def test_names_are_permanent():
    """One that is gone or changed breaks links and citations: add, never rename."""
    assert formulas.names() == NAMES


@pytest.mark.parametrize(
    ("name", "at", "make"), SAMPLES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_sample_value_is_that_of_the_text(name, at, make):
    value = make()
    if (name, at) in COUNTED:  # by the claims on exact counts alone
        assert isinstance(value, Ball)
        return
    one, other = (
        (mpf(value.value) if isinstance(value, Ball) else mpmath.mpmathify(value)),
        AGAIN[name, at](),
    )
    assert abs(one - other) <= (mpf(value.radius) if isinstance(value, Ball) else 0) + mpf("1e-30")


def test_every_value_of_the_text_is_a_sample():
    assert {*AGAIN, *COUNTED} == {(name, at) for name, at, _ in SAMPLES}


def test_the_page_and_the_data_say_the_same():
    data = formulas.as_data()
    page = render(formulas.page([], data))
    assert page.anchors >= {one["name"] for one in data}
    shown = {formula.strip() for formula in page.formulas}
    for one in data:
        assert {one["tex"], one["printed"] or one["tex"]} <= shown
        assert bool(one["printed"]) == bool(one["erratum"])
        assert one["assumptions"]
        assert one["source"]
        assert one["claims"]
    assert json.loads(json.dumps(data)) == data


def test_the_errata_are_one_document_of_all():
    text = errata_tex.tex("0123456789abcdef0123")
    assert "\\texttt{0123456789abcdef}" in text
    assert [f"\\textbf{{{one.id[1:]}.}}" in text for one in ERRATA] == [True] * len(ERRATA)
    assert text.count("\\begin{document}") == text.count("\\end{document}") == 1
    body = text.split("\\begin{document}")[1]
    for formula in re.findall(r"\$([^$]+)\$", body):
        assert refused(formula) == [], formula
    plain = re.sub(r"\$[^$]+\$", "", body)
    assert not re.search(r"(?<!\\)[_^&#%]", plain)
    assert plain.count("{") == plain.count("}")
    assert body.count("$") % 2 == 0
    named = {one.erratum for one in formulas.misprinted()} | set(errata_tex._WORDS)
    assert named == {one.id for one in ERRATA}
    assert "operatorname" not in MACROS

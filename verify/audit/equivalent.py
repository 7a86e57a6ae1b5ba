"""Places in theory whose small changes move no number beyond its stated error, with the reasons.

The sweep leaves these out of its count and the report lists them. A rule says where (file and line,
as regular expressions), which changes, and why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from verify.audit.mutations import Change


@dataclass(frozen=True)
class Rule:
    """Changes that need not be refuted: regular expressions for file, line and change."""

    file: str
    text: str
    why: str
    what: str = ""

    def covers(self, change: Change) -> bool:
        """Whether the rule speaks of this change."""
        return (
            re.search(self.file, change.file) is not None
            and re.search(self.text, change.text) is not None
            and re.search(self.what, change.what) is not None
        )


GRID = "how fine a grid or an interpolation is: the change from half the step is what is stated"
SEARCH = "how a row's equations are solved: what is accepted satisfies them to the tolerance"
INPUT = "input checks and text: held by the tests, which every bad input must pass"
PRECISION = (
    "sets the working precision alone; too little of it widens a ball or fails the comparison of "
    "two precisions"
)
PANELS = (
    "sets where quadrature panels lie; two rules of different order on them must agree, and their "
    "difference is the error that is stated"
)
PATH = (
    "the search for a good phi, and for where to cut: what it finds is bounded from both sides by "
    "proofs, and claims say how close the bounds come"
)
FURTHER = (
    "a quadrature with more nodes, or further out where nothing is left: the rule has converged at those "
    "that there are"
)
MORE = (
    r"^(0\.0 -> 1\.0|1\.5 -> (2\.5|3\.0)|0\.75 -> 1\.[57]5?|2\.5 -> (3\.5|5\.0)|0\.2122 -> 1\.2122|"
    r"(84\.0|120|36|24|20|0\.2) -> (85\.0|168\.0|121|240|37|72|25|48|21|40|1\.2|0\.4)|"
    r"0\.2122 -> 0\.4244|0\.0 -> -1\.0)$"
)
STRICTER = "asks ball arithmetic for panels that float64 does well: the same numbers, later"
STEPS = (
    "where a certified quadrature looks: its error is bounded for the steps taken, whatever they are, "
    "and the bound is part of the ball"
)
CIRCLE = (
    "which circle the coefficient is summed on: all give the same sum, and what cancels is in the error "
    "that is stated"
)
BOUND = "the bound of an error, not the number: the tests take it at steps so coarse that it is all there is"
WORK = "an estimate of work, before anything is computed: what is returned is judged by its radius"
CONTINUOUS = "the two branches agree where they meet"

RULES = (
    Rule("", r"check_integer\(|bad\(|MAX_|_NUMBER|_PATTERN|isinstance\(", INPUT),
    Rule(
        r"^(checks|model)\.py$",
        r"number < least|fits = |len\(self\.terms\)|self\.terms\[0\]|if a == 1",
        INPUT,
    ),
    Rule(
        r"^(annealed/mixed_model|annealed/thresholds|derivation/mixtures|finite_n/asymptotics|model)\.py$",
        r"model\.p (< 3|== 2)",
        INPUT,
    ),
    Rule(
        r"^finite_n/counts\.py$",
        r"if digits > self\.digits",
        INPUT,
    ),
    Rule("", r"workprec\(|workdps\(|3\.33|digits: int = 30|bits \*= 2", PRECISION),
    Rule(
        r"^(arithmetic/ball|arithmetic/quadrature|finite_n/by_index_ball|finite_n/total_ball|goe/fredholm_ball|goe/hermite_ball|goe/soft_edge_ball)\.py$",
        r"distance|from_man_exp|to_str",
        "only widens the radius of what is printed",
    ),
    Rule(
        r"^arithmetic/interval_newton\.py$",
        "",
        "the search for a root: what is returned is proved by an interval Newton step, and a "
        "wrong step fails to prove anything",
    ),
    Rule(
        r"^annealed/thresholds\.py$",
        r"first = |low = |root\(partial|guard",
        "where the search for the root starts",
    ),
    Rule(
        r"^(arithmetic/quadrature|finite_n/by_quadrature|goe/spectrum)\.py$",
        r"_DROP|leggauss|panels|width|edge = |edges|stop = |start|if c > 0|0\.5, math\.pi",
        PANELS,
    ),
    Rule(
        r"^(arithmetic/quadrature|finite_n/by_quadrature)\.py$",
        r"4e-16|return top \+",
        "the stated error, not the number",
    ),
    Rule(
        r"^(goe/hermite|goe/spectrum)\.py$",
        r"_RESCALE_EVERY|^_BLOCK",
        "how often the recurrence is rescaled",
    ),
    Rule(
        r"^(annealed/pure_model|arithmetic/functions)\.py$",
        r"shift = |range\(9, 0, -1\)",
        "more terms or bits than float64 shows",
    ),
    Rule(
        r"^(annealed/pure_model|arithmetic/functions)\.py$",
        r"np\.where\(x < 1",
        "the series and the difference agree to all digits nearby",
    ),
    Rule(
        r"^(annealed/pure_model|arithmetic/functions)\.py$",
        r"- low\)",
        "the second half of a double-double: 1e-17 of a level",
    ),
    Rule(r"^finite_n/asymptotics\.py$", r"named = resolve_level", PRECISION),
    Rule(r"^annealed/named_levels\.py$", r"^k = None if name|return -threshold\(", INPUT),
    Rule(
        r"^goe/chebyshev_table\.py$", r"^_(RULE|MOMENTS|POINTS|FALLEN|SEEN|DUST|LEAST|PART)", GRID
    ),
    Rule(
        r"^goe/chebyshev_table\.py$",
        r"^_(LOSS|RELATIVE|BEYOND)",
        STRICTER,
        r"-> (-|1e-09|1e-12|1.4e-09)",
    ),
    Rule(
        r"^goe/chebyshev_table\.py$",
        r"seen = |errors = |height|edges = |math\.inf, -math",
        "the stated error",
    ),
    Rule(
        r"^goe/chebyshev_table\.py$",
        r"range\(60\)|1e-15|while |rest = |balls = |fall = 0\.0",
        SEARCH,
    ),
    Rule(r"^goe/kth_law\.py$", r"^MOST_K|^_SPINS", INPUT),
    Rule(
        r"^goe/kth_law\.py$",
        r"^start = -1$|^start -= 1$|^while beyond\(",
        "from any panel the walk ends at the same ones: shares of a log-concave law rise to the mode",
    ),
    Rule(
        r"^goe/kth_law\.py$",
        r"^origin, width = ",
        "panels of one width interpolate the smooth log density wherever they lie",
        "^2 -> (1|3|4)$",
    ),
    Rule(
        r"^(checks|levels|finite_n/critical_points|finite_n/level_density|goe/kth_density)\.py$",
        r"^MOST_|^_MOST_|^FARTHEST|n - 1 - k\) > farthest|-MOST_LEVEL|least: float = ",
        INPUT,
    ),
    Rule(
        r"^finite_n/level_density\.py$",
        r"^_ENOUGH",
        "balls everywhere: the same numbers, later",
        "-> -",
    ),
    Rule(
        r"^(goe/edge_scale|goe/soft_edge|goe/soft_edge_ball)\.py$",
        r"^_DROP|^_NODES|^m = int\(36|0\.75 \* _DROP|^reach = ",
        FURTHER,
        MORE,
    ),
    Rule(
        r"^finite_n/by_quadrature\.py$",
        r"^_FINE_ENOUGH",
        "balls a little later, or nowhere sooner",
        "-> 1e-10|-> -",
    ),
    Rule(
        r"^(goe/edge_scale|goe/soft_edge|goe/soft_edge_ball)\.py$",
        r"^_NODES",
        "one node of 120 less",
        "120 -> 119",
    ),
    Rule(
        r"^(goe/edge_scale|goe/soft_edge|goe/soft_edge_ball)\.py$",
        r"^m = int\(36",
        "two nodes of sixty less",
        "^(36 -> 35|1\\.5 -> 0\\.5)$",
    ),
    Rule(
        r"^(goe/edge_scale|goe/soft_edge|goe/soft_edge_ball)\.py$",
        r"^_AIRY = ",
        "the stated error, not the number",
        "^8.0 -> (7|9|16)",
    ),
    Rule(
        r"^(goe/edge_scale|goe/soft_edge|goe/soft_edge_ball)\.py$",
        r"forms\(s\), k, 4 \* k \+ 40",
        CIRCLE,
        r"^(k -> k \+ 1|4 -> |40 -> )",
    ),
    Rule(r"^goe/soft_edge_ball\.py$", r"^_GUARD_BITS|^lost = ", PRECISION),
    Rule(r"^goe/soft_edge_ball\.py$", r"^self\.m = |^stop = ", FURTHER, MORE),
    Rule(
        r"^ground_state/parisi\.py$",
        r"holds = holds or",
        "a stricter test: bounds are as true, and wider",
        "0 -> 1",
    ),
    Rule(r"^goe/law\.py$", r"small = flat", CONTINUOUS, "^0.5"),
    Rule(r"^goe/chebyshev_table\.py$", r"range\(first, last \+ 1\)", GRID),
    Rule(
        r"^goe/chebyshev_table\.py$",
        r"np\.where\(s > 0, 0\.0",
        "the smaller tail tells the larger",
        r"^0(\.0)? ",
    ),
    Rule(r"^(annealed/exponent|levels)\.py$", r"values\.ndim", INPUT),
    Rule(
        r"^goe/chebyshev_table\.py$",
        r"for step in \(-1, 1\)|total = self\.start|np\.full_like\(aim",
        SEARCH,
    ),
    Rule(r"^goe/chebyshev_table\.py$", r"np\.minimum\((above|below)", CONTINUOUS, "^0.5|sign"),
    Rule(r"^goe/chebyshev_table\.py$", r"_POINTS - 1", GRID),
    Rule(r"^goe/chebyshev_table\.py$", r"log\(one\.loss\)", STRICTER, r"\+ -> -"),
    Rule(r"^goe/law\.py$", r"levels >= 0", INPUT),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"flow\[-1\] = 0",
        "row 0 is set by C = R = 1, the last is 0 but for rounding",
    ),
    Rule(r"^(goe/chebyshev_table|goe/law)\.py$", r"2\.0\*\*-5", "one draw in 1e16"),
    Rule(r"^ground_state/parisi\.py$", r"not g\[-1\] >= 0", "asked for again on the last cell"),
    Rule(
        r"^ground_state/parisi\.py$",
        r"bend\.max\(flint",
        "bounds of a concave cell: its ends decide",
        "0 -> -1",
    ),
    Rule(
        r"^ground_state/parisi\.py$",
        r"^_DEPTH|range\(1, _DEPTH|depth == 0|depth - 1|ctx\.prec //",
        PATH,
    ),
    Rule(
        r"^ground_state/parisi\.py$",
        r"1 / cells\)$|x\[0\] = |mu|range\(40\)|shrink|scale|hessian|leggauss",
        PATH,
    ),
    Rule(r"^ground_state/energy\.py$", r"^CELLS|^_SLACKS", PATH),
    Rule(r"^ground_state/energy\.py$", r"^_BITS|prec \+ 8|places = 30", PRECISION),
    Rule(
        r"^ground_state/energy\.py$",
        r"simple = is_bent",
        "a shortcut: else the single step itself is proved",
    ),
    Rule(r"^derivation/mixtures\.py$", r"^_POINT", "generic points of a numerical check of 0"),
    Rule(
        r"^derivation/mixtures\.py$",
        r"sp\.Integer\(0\), k, SYMPY",
        "no index enters where t = 0",
        "^k ",
    ),
    Rule(r"^derivation/mixtures\.py$", r"1e-9 \*|least = |4 \+ 2 \* d1|u - 3, u\)", SEARCH),
    Rule(
        r"^(annealed/mixed_model|derivation/mixtures|model)\.py$",
        r"np\.maximum\(-levels|np\.clip\(|parts\[",
        CONTINUOUS,
    ),
    Rule(
        r"^(annealed/mixed_model|derivation/mixtures|model)\.py$",
        r"_FAR = ",
        "far beyond every level",
    ),
    Rule(r"^(annealed/mixed_model|derivation/mixtures|model)\.py$", r"max\(64, flint", PRECISION),
    Rule("", r"[<>]", CONTINUOUS, what=r"^[<>]=? -> [<>]=?$"),
    Rule(r"^(annealed/pure_model|arithmetic/functions)\.py$", r"levels < 0|parts\[", CONTINUOUS),
    Rule(
        r"^finite_n/by_index_ball\.py$",
        r"^_PANELS|^_RATIOS|aim = |h = Arb|best|half = length|m = 2 \+",
        STEPS,
    ),
    Rule(
        r"^finite_n/by_index_ball\.py$",
        r"start, low|middle = \(low|fallen|low, high|need = |slope = |step, m",
        STEPS,
    ),
    Rule(
        r"^finite_n/by_index_ball\.py$",
        r"range\(40\)|^across, along = half \* \(rho|left = \(right|float\(n / 2",
        STEPS,
    ),
    Rule(
        r"^finite_n/by_index_ball\.py$", r"right, here = cut|while here|if y > 0|if not rest", STEPS
    ),
    Rule(
        r"^finite_n/by_index_ball\.py$",
        r"most [*=]|error [+=]|rest = |slack = |fmpq\(math\.ceil|^curve",
        BOUND,
    ),
    Rule(
        r"^finite_n/by_index_ball\.py$",
        r"^across, along = half \* \(ratio|a = Arb\.pi|radius = max",
        BOUND,
    ),
    Rule(r"^finite_n/by_index_ball\.py$", r"total \+ _ball\((error|here)\)", BOUND),
    Rule(
        r"^finite_n/by_index_ball\.py$",
        r"y = \(middle \+ half",
        "Gauss's nodes are symmetric",
        what=r"^\+ -> -$",
    ),
    Rule(r"^finite_n/by_index_ball\.py$", r"return 6 \* n \+ 40|target = ", PRECISION),
    Rule(
        r"^finite_n/by_index_ball\.py$", r"max\(0, bits|n / 2 \+ float|variance\) / 2|share", WORK
    ),
    Rule(
        r"^finite_n/(by_index_ball|certified|total_ball)\.py$",
        r"^return accuracy|^return -bits|lost = |accuracy = |1\.6 \*|one = 0|^_GUARD|4 \* points\.n",
        WORK,
    ),
    Rule(
        r"^finite_n/(by_index_ball|certified|total_ball)\.py$",
        r"^_MOST_BITS|^_TIES|ties|math\.floor|if mean > 0|missing|_missing|prec //",
        WORK,
    ),
    Rule(r"^(finite_n/certified|levels)\.py$", r"64 \* \(bits|before\.rad|MOST_SECONDS", WORK),
    Rule(
        r"^(finite_n/certified|levels)\.py$",
        r"^MOST_|digits: int = 25",
        INPUT,
    ),
    Rule(
        r"^(finite_n/certified|levels)\.py$",
        r"unit = |half = Arb",
        "how near the middle of two decimals is too near: a wider or a narrower ball is printed alike, "
        "and the tests compare d digits with 2d",
    ),
    Rule(
        r"^goe/pfaffian_ball\.py$",
        r"chosen = |round\(2\*\*20",
        "any different points interpolate a polynomial",
    ),
    Rule(
        r"^(finite_n/total_ball|goe/pfaffian_ball)\.py$",
        r"= \[0\] \*|\[Arb\(0\)\] \* \(",
        "zeros beyond the last that is read",
    ),
    Rule(r"^finite_n/by_index_ball\.py$", r"right, here = left|value \+ slack", BOUND),
    Rule(r"^(finite_n/certified|levels)\.py$", r"is_finite", WORK),
    Rule(r"^finite_n/integrand\.py$", r"np\.linspace\(-8", PANELS),
    Rule(
        r"^goe/fredholm\.py$",
        r"^low, high|middle|odds = |few = |^_BISECT|shift|log_r|half = 16",
        CIRCLE,
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"^_CIRCLE|log_r|low, high|low \*=|high \*=|seen\(|step = |mean = min",
        CIRCLE,
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"^_LADDER|bits // 60|self\.work = |self\.m = |2 \* bits|0\.75 \*",
        PRECISION,
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"rate = |right = left|maxsize|small = |seen < 4|seen \+ 1",
        PRECISION,
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"middle = |share = ",
        CIRCLE,
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"digits: int = 15",
        PRECISION,
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"range\(size - 2\)",
        "one more reflection, of a vector of one number",
    ),
    Rule(r"^goe/fredholm\.py$", r"scale = np", "the stated error, not the number"),
    Rule(
        r"^finite_n/by_quadrature\.py$",
        r"^_FALLEN|^return whole, error|furthest\*\*2|weight\.c\) \* n \*\*",
        PANELS,
    ),
    Rule(
        r"^(goe/chebyshev_table|goe/kth_density)\.py$",
        r"s >= 0, k",
        "overwritten by the other side, which follows",
        "^0 -> -1$",
    ),
    Rule(
        r"^(goe/chebyshev_table|goe/kth_density)\.py$",
        r"\+ lost\)",
        "the stated error, not the number",
    ),
    Rule(
        r"^(goe/chebyshev_table|goe/kth_density)\.py$",
        r"^NODES|^WIDTH|start = |_DROP|int\(36",
        PANELS,
    ),
    Rule(r"^(goe/chebyshev_table|goe/kth_density)\.py$", r"^_PANELS_KEPT", "how much is kept"),
    Rule(
        r"^(goe/chebyshev_table|goe/kth_density)\.py$",
        r"lost = |2\.0\*\*-53",
        "the stated error, not the number",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"^_WELL|^_EPS|unit = 2|error = scale",
        "the stated error, not the number",
    ),
    Rule(r"^goe/spectrum\.py$", r"np\.clip\(values", "removes rounding beyond 0 and 1"),
    Rule(
        r"^(derivation/kac_rice|derivation/mixtures)\.py$",
        "gradient with the rest",
        "covariances that are 0, whatever their power",
    ),
    Rule(r"^(derivation/kac_rice|derivation/mixtures)\.py$", r"u = -edge", "u enters squared"),
    Rule(
        r"^(derivation/kac_rice|derivation/mixtures)\.py$",
        r"level = \{",
        "the level is not used on a branch that is flat",
    ),
    Rule(
        r"^(derivation/kac_rice|derivation/mixtures)\.py$",
        r"if gap else",
        "the integrand at its one singular point, of weight 0",
    ),
    Rule(
        r"^(annealed/pure_model|arithmetic/functions)\.py$",
        r"np\.minimum\(levels",
        "the bulk's formula is used below -E_inf alone",
    ),
    Rule(
        r"^(annealed/pure_model|arithmetic/functions)\.py$",
        r"if not u > 0",
        "the bulk's formula is taken at min(u, 0)",
    ),
    Rule(r"^networks/assumptions\.py$", r"np\.clip\(c", "removes rounding beyond 1"),
    Rule(r"^networks/assumptions\.py$", r"safe = ", "divides 0 by anything", what=r"^1\.0 "),
    Rule(
        r"^networks/assumptions\.py$",
        r"in range\(0, power",
        "binomial coefficients beyond are 0",
        what="^1 -> 2$",
    ),
    Rule(
        r"^networks/assumptions\.py$",
        r"_pairings\(k\)",
        "an even and the next odd number have one product",
        "^k ",
    ),
    Rule(
        r"^(derivation/kac_rice|derivation/mixtures)\.py$",
        r"Rational\(17|sp\.N\(|1e-30",
        "generic points of a numerical check of 0",
    ),
    Rule(r"^mean_field_dynamics/grid\.py$", r"^ROW_POINTS|^LAG_POINTS|POINTS // 2", GRID),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"^STEP|^FIRST|lags: int|nodes: int|scale = 0\.5|return scale, max",
        GRID,
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"ratio = self|scale = self|make_interp_spline",
        GRID,
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"Resolution\(2 \* rows",
        GRID,
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"^FORWARD|^TOLERANCE|^MAX_ITERATIONS|^DEPTH|rcond|-DEPTH|len\(points\)",
        SEARCH,
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"^MOST_TIME|heat <= 0|bath < 0|0 < last|linspace\(0\.001|heat\*\*2",
        INPUT,
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"0 \* grid\.z|0 \* from_low|np\.zeros",
        "only gives an array its shape",
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"np\.all\(at >= 0",
        INPUT,
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"return np\.asarray\(y \+ residual",
        SEARCH,
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"enumerate\(FORWARD\)",
        SEARCH,
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"reshape\(2, -1\)",
        "any negative number stands for the rest",
        "^1 -> 2",
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"np\.arange\(5\)",
        "times beyond those used",
        "5 -> (6|10)",
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"exponents\[0\]|limits\[0\]",
        "the three agree within the error stated",
        "^0 ",
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"^gain|noise|np\.ptp|steps = abs",
        "the stated error, not the number",
    ),
    Rule(
        r"^mean_field_dynamics/grid\.py$",
        r"np\.maximum|np\.clip\(-z|np\.where\(depth|np\.where\(hit",
        "guards of rounding",
    ),
    Rule(
        r"^mean_field_dynamics/grid\.py$",
        r"np\.eye",
        "the diagonal is put right by the sum of its row",
    ),
    Rule(r"^mean_field_dynamics/grid\.py$", r"comb\(points", GRID),
    Rule(
        r"^finite_n/curves\.py$",
        r"-MOST_LEVEL|u\.ndim|tolerance <= 1e-3",
        INPUT,
    ),
    Rule(r"^finite_n/curves\.py$", r"^_PIECES|np\.linspace\(piece", PANELS),
    Rule(
        r"^finite_n/curves\.py$",
        r"low, high = |range\(60\)|s = \(low|more = |near = |return low - ",
        "where the panels start: more are added until the integrand has fallen",
    ),
    Rule(
        r"^finite_n/curves\.py$",
        r"series\[-2:\]|rounding = |np\.array\(errors\)",
        "the stated error",
    ),
    Rule(r"^finite_n/curves\.py$", r"^drop = ", "where the panels end", what="^1 "),
    Rule(
        r"^mean_field_dynamics/taylor\.py$",
        r"kept = a \+ b",
        "what is cut here is cut where terms are gathered too",
    ),
    Rule(r"^mean_field_dynamics/taylor\.py$", r"^DEGREE|range\(DEGREE\)|max\(p for", GRID),
    Rule(
        r"^goe/fredholm\.py$",
        r"\.max\(-1\) / np\.abs\(found\)",
        "the last axis by its other name",
        "sign",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"one = 1 \+ 0 \* w",
        "only gives a number its type",
        r"^\+ -> -|^0 ",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"for value in left if value > 0",
        "what a kernel has on its diagonal is > 0",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"more - less|flint\.acb\(0, flint\.arb\.pi",
        CIRCLE,
        r"-> |sign",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"scale, turned = ",
        "where the angle is counted from: the sign of every summand, which must be + for a logarithm",
        r"^0\.0 ->",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"3\.4 \* digits \+ 40|next_bits\(bits \+ 1\)",
        PRECISION,
        r"-> |\+",
    ),
    Rule(
        r"^goe/soft_edge_ball\.py$",
        r"^self\.m = |range\(|log_density|_Edge\(k, bits, ends\)",
        PRECISION,
        "^15 -> 30|sign",
    ),
    Rule(r"^goe/edge_scale\.py$", r"return 1 / \(math\.sqrt\(2\)", PANELS),
    Rule(r"^goe/edge_scale\.py$", r"low \+ 20 \+ drop|range\(60\)", SEARCH),
    Rule(
        r"^finite_n/by_quadrature\.py$",
        r"^_STEP|^(steps|middle|reach) = |^return \(left \+ right\) / 2|right - left\) / 3|"
        r"range\((60|200)\)|^low = min\(low",
        PANELS,
    ),
    Rule(r"^finite_n/counts\.py$", r"if not error < 0\.5", INPUT),
    Rule(r"^goe/hermite\.py$", r"j % _BLOCK == |-3000", "how often the recurrence is rescaled"),
    Rule(
        r"^finite_n/level_density\.py$",
        r"log_density_balls\(n, k, -y",
        "the last of one number is the first",
        "^0 -> -1",
    ),
    Rule(
        r"^finite_n/level_density\.py$", r"float_levels\(\"u\", u, -e_inf\(p\), 0\.0", INPUT, "^0.0"
    ),
    Rule(r"^(checks|model)\.py$", r"Fraction\(top if", INPUT),
    Rule(r"^finite_n/total_ball\.py$", r"^gap = ", "enters squared"),
    Rule(r"^finite_n/integrand\.py$", r"return np\.empty\(0\)", PANELS),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"^last = float",
        "the last time but one: the same fit within the error stated",
        "^1 -> 2",
    ),
    Rule(r"^derivation/equations\.py$", r"sp\.Order\(", "an order has no sign", r"^\+ -> -"),
    Rule(
        r"^mean_field_dynamics/taylor\.py$",
        r"^_KEPT",
        "what is cut here is cut where terms are gathered too",
        r"^\+ -> -",
    ),
    Rule(
        r"^goe/chebyshev_table\.py$",
        r"^step = t - gap",
        "a bisection instead of Newton's step: the same root",
        "^- ",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"before, h = flint\.arb\(0\)",
        "its factor is sqrt(0)",
        "^0 -> ",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"power, seen = length, 0",
        PRECISION,
        "^0 -> ",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"inner = \[\[0",
        "rows that are not read",
        "^4 -> (5|8)",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"total, before = 1 - w|pivot -= \(z \* self\.beside",
        CIRCLE,
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"if v\[0\] > 0 else -norm",
        "either reflection is one",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"segments\[-1\]\)",
        "the last segment ends where the quadrature does",
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"^last = float",
        "the last time but one: a fit within the error stated",
        "^1 -> 2",
    ),
    Rule(r"^finite_n/curves\.py$", r"^key = ", "any point of a side says which it is", "^0 -> "),
    Rule(
        r"^goe/kth_law\.py$",
        r"^mode = |^start = -1 - ",
        "from any panel the walk ends at the same ones",
    ),
    Rule(
        r"^(finite_n/by_quadrature|finite_n/curves)\.py$",
        r"^_ROUGH",
        "from where on balls are asked for: they say the same",
    ),
    Rule(
        r"^finite_n/curves\.py$",
        r"s >= 0, k",
        "overwritten by the other side, which follows",
        "^0 -> -1$",
    ),
    Rule(r"^goe/fredholm\.py$", r"^below = ", "the stated error, not the number"),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"if not norm > 0",
        "a column that is exactly 0",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"^lines\[:4\],",
        "rows that are not read",
        "^4 -> (5|8)",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"if high - low < 0\.05",
        CIRCLE,
    ),
    Rule(r"^goe/soft_edge_ball\.py$", r"^self\.m = |rule\(self\.m, 2 \* self\.bits", PRECISION),
    Rule(r"^goe/soft_edge_ball\.py$", r"return logs, worst", "the stated error, not the number"),
    Rule(
        r"^finite_n/by_index_ball\.py$",
        r"if not exact > 0",
        "two ways to the same sum, each a certified ball",
    ),
    Rule(
        r"^ground_state/parisi\.py$",
        r"^rise = ",
        "two enclosures of the same integral, each a proof",
    ),
    Rule(
        r"^goe/pfaffian_ball\.py$",
        r"range\(2 \* n\)",
        "powers beyond the last that is read",
        "^2 -> (3|4)",
    ),
    Rule(
        r"^goe/pfaffian_ball\.py$",
        r"^if y < 0:",
        "the mirrored ensemble has the same numbers, in reverse",
    ),
    Rule(
        r"^goe/chebyshev_table\.py$", r"^found\[here\] = np\.minimum", "removes rounding beyond 1"
    ),
    Rule(
        r"^annealed/thresholds\.py$",
        r"if _at_mixed\(slopes_arb\(model\), k, low",
        "where the search for the root starts",
    ),
    Rule(r"^finite_n/total_ball\.py$", r"^return kappa, ", "zeros beyond the last that is read"),
    Rule(r"^finite_n/curves\.py$", r"^_RULE|^while not fallen|^while number >= lowest", PANELS),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"^matrix = \[\[flint\.arb\(0\)",
        "every entry is set",
        "^0 -> ",
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$", r"range\(60\)", CIRCLE
    ),
    Rule(
        r"^(arithmetic/quadrature|goe/fredholm_ball|goe/hermite_ball)\.py$",
        r"^need = ",
        PRECISION,
        r"^10\.0 -> ",
    ),
    Rule(
        r"^(mean_field_dynamics/cugliandolo_kurchan|mean_field_dynamics/power_law_tail)\.py$",
        r"for i in range\(3\)",
        "how many fits the stated error is the range of",
    ),
    Rule(r"^finite_n/asymptotics\.py$", r"if u == 0 or u > 0", INPUT),
    Rule(r"^annealed/thresholds\.py$", r"_check\(model, 0\)", INPUT),
)


def reason(change: Change) -> str:
    """Why the change goes unnoticed, or nothing if that is not known."""
    return next((rule.why for rule in RULES if rule.covers(change)), "")


def is_neutral(change: Change) -> bool:
    """Whether the change is left out of the sweep's count."""
    return bool(reason(change))

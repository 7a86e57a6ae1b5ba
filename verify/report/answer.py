"""The answer of the report in a table: what of the paper holds, what is corrected, what is open.

Formulas are in the code-delimited mathematics of markdown (dollar, backtick), which no renderer
takes apart. Every line names the claims that it rests on; it is shown where one of them was run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

QUESTION = "Does *The Loss Surfaces of Multilayer Networks* hold?"

ANSWER = (
    "**Mostly.** The spin glass of the paper (Choromanska, Henaff, Mathieu, Ben Arous, LeCun, 2015) has the "
    "landscape that it says: the barrier, the layers and the exponential rates are right. Twelve printed "
    "statements are not, among them two constants, one picture and the sentence on where the minima lie. "
    "What it says of trained networks was measured on small ones and on digits: the directions are "
    "right, and no theory predicts the numbers."
)


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes
    ----------
    standing
        Of the paper's statement.
    text
        Markdown.
    claims
        Ids of the claims that it rests on.
    """

    standing: Literal["holds", "corrected", "open"]
    text: str
    claims: tuple[str, ...]


FINDINGS = (
    Finding("holds", r"the barrier $`-E_\infty = -2\sqrt{(p-1)/p}`$", ("T1",)),
    Finding(
        "holds",
        r"the layers: $`E_0 > E_1 > \dots`$ fall strictly to $`E_\infty`$, and below $`-E_k`$ "
        r"no index is $`k`$ or more",
        ("T6", "T6-N"),
    ),
    Finding(
        "holds",
        r"the complexities $`\Theta_p(u)`$ and, below the barrier, $`\Theta_{k,p}(u)`$: derived anew, and "
        r"exact counts at $`N \le 5000`$ tend to them",
        ("T3", "T4", "T3-N", "T5-N"),
    ),
    Finding(
        "holds",
        "gradient flow from random points, in the limit of many spins, ends at the barrier (pure models; "
        "mixtures below theirs)",
        ("S1", "S1-END"),
    ),
    Finding(
        "corrected",
        r"above the barrier $`\Theta_{k,p} = \frac12\log(p-1) - \frac{p-2}{p}`$; printed with "
        r"$`\frac{p-2}{4(p-1)}`$",
        ("E1", "T4-N"),
    ),
    Finding(
        "corrected",
        "the prefactor of the mean number of critical points at the barrier, printed 1.566 times too "
        "small",
        ("T8",),
    ),
    Finding(
        "corrected",
        r"in the mean almost all minima lie *above* $`-E_\infty`$, by some $`1.33/\sqrt N`$; said to lie "
        "below it",
        ("E6",),
    ),
    Finding(
        "corrected",
        r"below $`-E_\infty`$ a share of 2.11 % of the critical points is saddles, for ever; said to vanish",
        ("E7",),
    ),
    Finding(
        "corrected",
        r"$`N(E_0 - E_k)`$ is a drop, no barrier; and Figure 1 draws index 5 above index 0 where index 0 "
        "rules",
        ("E9", "E9-I", "F1"),
    ),
    Finding(
        "open",
        r"whether end points of descents tend to $`-E_\infty`$ or to $`-E_0`$, 0.024 apart: sizes to "
        "200 cannot tell",
        ("F3", "A4", "S2"),
    ),
    Finding(
        "open",
        "whether it takes exponentially long to find the ground state: the share of descents that do falls "
        "with N, the law is not seen",
        ("T10",),
    ),
    Finding(
        "open",
        "trained networks beyond one hidden layer and small images: 8 x 8 digits, MNIST where it is given",
        ("F4", "F5", "F6", "F8"),
    ),
)

CONSEQUENCE = ("E6", "E7", "E9", "E1", "E2", "E8", "E4", "E10", "E3", "E11", "E5", "E12")
"""The errata, those first that change the picture most."""

FIGURES = (
    (
        "F2",
        "Figure 2 of the paper: the complexity in total and by index. Its curves hold; each index has a "
        "layer of its own, and all meet at the barrier.",
    ),
    (
        "T8",
        "Exact mean number over the printed prefactor tends to 1.566 at the barrier, over the corrected one "
        "to 1.",
    ),
    (
        "E6",
        "The share of the mean number of minima that lies below the barrier: it goes to 0, not to 1.",
    ),
)

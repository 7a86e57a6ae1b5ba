"""The report in plain words, for people from deep learning: each sentence leads to its claims."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from verify.report.claim_pages.trained import TITLE, verdict_table
from verify.report.markdown import link

NAME = "deep-learning.md"

MOST_WORDS = 800

_CITED = re.compile(r"\[([A-Z0-9-]+(?:,\s+[A-Z0-9-]+)*)\]")

TEXT = """\
# For deep learning: what of the 2015 paper stands

*The Loss Surfaces of Multilayer Networks* (Choromanska, Henaff, Mathieu, Ben Arous, LeCun, 2015)
is cited for one sentence: large networks have no bad local minima. It argues in two steps. Under
assumptions, the loss of a ReLU network is a random function on a sphere, the spherical spin
glass. And that function has its minima in a narrow band, where descents end. Here is what became
of both, in plain words; the marks say how the check came out.

## From a network to the spin glass

A ReLU network is exactly a sum over its paths, each with an input, gates and weights [N1-P]. The
way from there to the spin glass is by assumption, not by approximation: gates independent of
everything, an input of its own for every path, one set of weights for all layers, weights on a
sphere. Each changes the covariance of the loss by a factor that we give, and a real network of
two layers has another covariance [N1, N1-K]. So what follows is proved of the spin glass. It is
an analogy for networks, and nothing in the paper bounds how far it carries.

## The spin glass

There is a level of the loss, the barrier, and it is where the paper puts it [T1]. Below it minima
outnumber saddles of any index exponentially, and the levels at which each index begins form
layers that fall to the barrier [T5, T6]. The lowest minimum lies where the paper says, by two
theories that know nothing of each other and on instances [T2, T2-I].

Descent from a random point follows, for many spins, a known equation, whose solution sinks to the
barrier and not to the best minimum [S1, S1-END]. That holds for the pure model of the paper; a
mixture of orders can go below its barrier [S1-END]. Where descents end at sizes that we can run,
the barrier and the best minimum lie too close to be told apart [F3, A4]. The points reached are
minima, and nearly flat ones [S2].

## What is wrong

The paper says that the minima lie below the barrier. In the mean almost all lie just above it, by
a distance that shrinks with the square root of the size [E6]. It says that saddles vanish below
the barrier; two in a hundred stay, for ever [E7]. It takes the height between two levels for the
barrier between them; to leave a minimum one has to climb, however small the drop behind it [E9,
E9-I]. One of its two formulas for the number of critical points has a wrong constant above the
barrier, and one prefactor is too small by a third [E1, T8].

All these numbers are means over random instances. A mean can be ruled by rare instances. On small
ones, where every critical point can be found and proved, the means are the exact ones [CENSUS].

## Trained networks

We trained networks with one hidden layer on handwritten digits of 8 x 8 pixels. Wider ones end at
a lower test loss, with less spread, and with less correlation between training and test; narrow
ones sometimes end in bad minima, wide ones next to never [F4]. So far the paper is right. The
spread stops falling at some width [F4].

The share of negative curvatures at the end is not of the order 0.01 or less: it is three to four
in a hundred at the paper's cut-off, seven to nine at a tenth of it, so it is a property of the
cut-off [F5]. Most curvatures are near zero, and the ends of training are no critical points [F5].
Gradient descent beats simulated annealing at equal time [F6]. Weights of three values lose about
one in a hundred of accuracy [F8].

No theory predicts these numbers. Their directions were fixed beforehand, and they came out; that
they come from a spin glass is not shown by them, since other mechanisms would give the same
directions.

## What to cite it for

- *Large networks have no bad minima:* a theorem about a spin glass, and an observation about
  small networks [T5, F4].
- *Descents end in a narrow band:* right for the pure spin glass in the limit of many spins; not
  known for networks [S1, S1-END].
- *Finding the best minimum takes exponentially long:* not shown, in the paper or here; the share
  of descents that do falls with size [T10].
- *The best minimum would overfit:* an argument of the paper that no claim here touches.

Not tested here: other architectures, and MNIST but where its files are given.
"""

UNDER = """\
Small ReLU networks without biases, two hidden layers; index by level on tanh networks; barriers, ageing and
end levels on one hidden layer, 442 and 874 weights beside 37 and 118 spins. *Supported*: within what
counts as the spin glass's value, fixed beforehand; *refuted*: not; *open*: not measured, or too few
critical points could be certified. A network is unlike the spin glass as soon as it is kept to
its paths, before gates, data and training [R2]; its output has the spin glass's law of scale, its loss has
not [R5]; at its start fresh data see it nearly as they see the spin glass, after training they do not [R6].
On the critical points that can be certified fewer directions lead down than the level says [R3]. Between
trained wide networks no barrier is left [R1]; at a temperature they diffuse as if no loss held
them [R4]; more time lowers their loss on and on [R7].
"""


def cited() -> set[str]:
    """Ids of the claims that the text leads to."""
    return {
        name for found in _CITED.findall(TEXT + UNDER) for name in found.replace(",", " ").split()
    }


def page(claims: Sequence[Mapping[str, Any]]) -> str:
    """The page as markdown, with a link and a mark for every claim that was run."""
    known = {claim["id"]: link(claim) for claim in claims}

    def shown(found: re.Match[str]) -> str:
        return (
            "("
            + ", ".join(known.get(name, name) for name in found[1].replace(",", " ").split())
            + ")"
        )

    said = f"\n## {TITLE}\n\n{verdict_table(claims)}\n\n{_CITED.sub(shown, UNDER)}"
    return f"{_CITED.sub(shown, TEXT)}{said}\n[Report](index.md)\n"

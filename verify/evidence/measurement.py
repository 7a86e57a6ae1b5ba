"""Evidence by an experiment whose outcome no theory predicts in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from verify.evidence.limit import Limit


@dataclass(frozen=True)
class Measurement(Limit):
    """What was measured, against values and directions fixed beforehand from a pilot on other seeds.

    It shows that the effect is there again, in the direction that the paper says; the size is the
    pilot's own, no prediction of the theory.
    """

    kind = "measurement"

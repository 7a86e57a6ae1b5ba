"""Do the p-values of a claim follow the uniform law when it holds, and alarms the stated rate?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from verify.audit.judging.judges import Judge, sources_of
from verify.audit.nulls import nulls, resampled_null
from verify.audit.parts import Parts
from verify.audit.work import watch
from verify.claim import Claim
from verify.engine.jobs import Done, Task
from verify.engine.options import Options
from verify.engine.provenance import source_digest
from verify.statistics.multiplicity import LOOK_LEVEL, holm

UNIFORM_LEVEL = 1e-3  # at which p-values must pass for uniform
NOMINAL = 0.05
LEAST_RATE = 0.02  # of p < 0.05, unless the test is discrete
AUDIT_SEED = 1_000_000  # seeds of the audit start here, apart from those of runs
NULLS = 100  # of a sampled claim in a task
GRID = tuple(i / 50 for i in range(51))  # where the distribution of p-values is kept


@dataclass(frozen=True)
class Calibration:
    """P-values of one claim under its own null.

    Attributes
    ----------
    claim, kind
        Whose, and how the null was drawn: "sampled" or "resampled".
    seeds
        Number of independent nulls.
    cells
        Continuous comparisons pooled in ``p_uniform``; ``discrete`` ones are held to the upper bound
        alone.
    p_uniform
        Smallest Kolmogorov-Smirnov p-value over the continuous cells, times their number.
    false_alarms
        Seeds whose joint p-value is below 0.05; ``cell_rate`` is the share of single p-values.
    lowest, highest
        Smallest and largest share over the continuous cells of p-values up to each of `GRID`.
    """

    claim: str
    kind: str
    seeds: int
    cells: int
    discrete: int
    p_uniform: float
    cell_rate: float
    false_alarms: int
    lowest: tuple[float, ...] = ()
    highest: tuple[float, ...] = ()

    @property
    def envelope(self) -> float:
        """Most that any curve is off the diagonal, but once in a thousand calibrations that hold.

        The exact law of Kolmogorov's distance for so many seeds, divided among the comparisons.
        """
        return float(stats.kstwo.isf(UNIFORM_LEVEL / max(1, self.cells), self.seeds))

    @property
    def holds(self) -> bool:
        """Uniform, not powerless, and no more alarms than stated."""
        alarms = stats.binomtest(self.false_alarms, self.seeds, NOMINAL, "greater").pvalue
        return (
            self.p_uniform >= UNIFORM_LEVEL
            and (self.cell_rate >= LEAST_RATE or self.cells == 0)
            and bool(alarms >= UNIFORM_LEVEL)
        )


@dataclass(frozen=True)
class Rate:
    """Measured rate of alarms of a look at the complete null, beside the stated one."""

    look: str
    stated: float
    alarms: int
    seeds: int

    @property
    def interval(self) -> tuple[float, float]:
        """Exact 99 % interval of the rate."""
        ends = stats.binomtest(self.alarms, self.seeds).proportion_ci(0.99)
        return float(ends.low), float(ends.high)

    @property
    def holds(self) -> bool:
        """Whether the measured rate is no more than the stated one, beyond chance."""
        test = stats.binomtest(self.alarms, self.seeds, self.stated, "greater")
        return bool(test.pvalue >= UNIFORM_LEVEL)


def judge_p_values(
    claim: str, kind: str, p_values: NDArray[np.float64], joint: NDArray[np.float64]
) -> Calibration:
    """Calibration from p-values of shape (seeds, cells) and one joint p-value a seed.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.uniform(size=(400, 3))
    >>> judge_p_values("A", "sampled", p, np.minimum(1, 3 * p.min(axis=1))).holds
    True
    >>> judge_p_values("A", "sampled", p**2, p[:, 0]).holds
    False
    """
    seeds = len(p_values)
    continuous = [column for column in p_values.T if len(np.unique(column)) > min(seeds, 50) // 2]
    uniform = [float(stats.kstest(column, "uniform").pvalue) for column in continuous]
    return Calibration(
        claim,
        kind,
        seeds,
        len(continuous),
        p_values.shape[1] - len(continuous),
        min(1.0, len(uniform) * min(uniform)) if uniform else 1.0,
        float(np.mean([(column < NOMINAL).mean() for column in continuous])) if continuous else 0.0,
        int((joint < NOMINAL).sum()),
        *((_shares(continuous, min), _shares(continuous, max)) if continuous else ((), ())),
    )


def _shares(
    columns: Sequence[NDArray[np.float64]], pick: Callable[[Iterable[float]], float]
) -> tuple[float, ...]:
    """One of the shares of p-values up to each point of the grid, over the columns."""
    return tuple(pick(float((column <= x).mean()) for column in columns) for x in GRID)


def calibrate(
    claims: Sequence[Claim],
    seeds: int,
    options: Options,
    parts: Parts,
    judges: Sequence[Judge] = (),
) -> tuple[list[Calibration], list[Rate]]:
    """P-values of every simulated claim under its null, and the rates of the two looks.

    What is among the ``parts`` and whose sources are as they were is not drawn again.
    """
    chosen = [claim for claim in claims if claim.evidence.simulated]
    sources = sources_of(judges)
    todo, jobs = [], {}
    found: dict[tuple[str, int], Any] = {}
    for claim in chosen:
        # Several nulls in a task, so that the store holds few parts.
        starts = range(0, seeds, NULLS) if claim.evidence.looks == 2 else [0]
        for start in starts:
            drawn = {"claim_id": claim.id, "seed": AUDIT_SEED + start}
            drawn["repeats"] = min(NULLS, seeds - start) if claim.evidence.looks == 2 else seeds
            job = {"part": "nulls", **drawn, "sources": sources.get(claim.id, source_digest())}
            known = parts.get(job)
            if known is None:
                which = nulls if claim.evidence.looks == 2 else resampled_null
                todo.append(Task((claim.id, start), which, drawn))
                jobs[claim.id, start] = job
            else:
                found[claim.id, start] = known

    def keep(done: Done) -> None:
        parts.put(jobs[done.task.tag], done.result, done.seconds)
        found[done.task.tag] = done.result

    watch(options.run_tasks(todo), todo, options, "calibration", keep)
    calibrations, families = [], []
    for claim in chosen:
        drawn_p = [found[tag] for tag in sorted(found) if tag[0] == claim.id]
        p_values = np.array([row for part in drawn_p for row in part])
        joint = np.minimum(1.0, p_values.shape[1] * p_values.min(axis=1))
        kind = "sampled" if claim.evidence.looks == 2 else "resampled"
        calibrations.append(judge_p_values(claim.id, kind, p_values, joint))
        if claim.evidence.looks == 2:
            families.append(joint)
    return calibrations, _rates(np.array(families), seeds) if families else []


def _rates(families: NDArray[np.float64], seeds: int) -> list[Rate]:
    """Alarms of the first look (Holm over all sampled claims) and of the second (one flagged)."""
    level = LOOK_LEVEL
    first = sum(
        bool(holm({str(i): p for i, p in enumerate(column)}, level)) for column in families.T
    )
    second = int((families <= level).sum())
    return [
        Rate("first look: any of the sampled claims flagged", level, first, seeds),
        Rate("second look: a single flagged claim confirmed", level, second, families.size),
    ]

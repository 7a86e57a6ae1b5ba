"""Verify the verifier: are p-values calibrated, is every wrong theory and wrong sampler refuted?

Three questions, each answered by a measurement:

calibration
    Do the p-values of a sampled claim follow the uniform law when the claim holds? Each claim draws
    its own null at a declared small size (one chunk of a grid point) on many seeds. A simulated
    limit is too costly for that: its stored units are drawn again with replacement, and the
    distance of the estimate from that of all units is judged by the claimed standard error.
power
    Is every named alternative refuted? Theory-side ones reuse the samples of a run; wrong samplers
    are run, in both looks, at the size "audit".
sweep
    Is a small change anywhere in theory's source refuted by some claim? See `verify.sweep`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from verify import statistics
from verify.claim import Alternative, Claim, Limit, Sampled
from verify.claims import all_claims
from verify.jobs import Task
from verify.runner import Options, Result, run_claims
from verify.sweep import Sweep, sweep

UNIFORM_LEVEL = 1e-3  # at which p-values must pass for uniform
NOMINAL = 0.05
LEAST_RATE = 0.02  # of p < 0.05, unless the test is discrete
AUDIT_SEED = 1_000_000  # seeds of the audit start here, apart from those of runs


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
    """

    claim: str
    kind: str
    seeds: int
    cells: int
    discrete: int
    p_uniform: float
    cell_rate: float
    false_alarms: int

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
class Mutant:
    """One named alternative and whether it was refuted."""

    claim: str
    mutant: str
    side: str
    killed: bool
    p_value: float | None
    seconds: float | None = None
    note: str = ""


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
    )


def _calibrated(claim: Claim) -> bool:
    evidence = claim.evidence
    return isinstance(evidence, Sampled) or (
        isinstance(evidence, Limit) and evidence.simulate is not None
    )


def calibrate(
    claims: Sequence[Claim], seeds: int, options: Options
) -> tuple[list[Calibration], list[Rate]]:
    """P-values of every simulated claim under its null, and the rates of the two looks."""
    chosen = [claim for claim in claims if _calibrated(claim)]
    todo = []
    for claim in chosen:
        if isinstance(claim.evidence, Sampled):
            todo += [Task((claim.id, s), "null", (claim.id, AUDIT_SEED + s)) for s in range(seeds)]
        else:
            todo.append(Task((claim.id, 0), "resampled_null", (claim.id, AUDIT_SEED, seeds)))
    found: dict[tuple[str, int], Any] = {}
    for number, done in enumerate(options.run_tasks(todo), 1):
        if done.error is not None:
            raise RuntimeError(done.error)
        found[done.task.tag] = done.result
        options.progress(number, len(todo), f"calibration {done.task.tag[0]}")
    calibrations, families = [], []
    for claim in chosen:
        if isinstance(claim.evidence, Sampled):
            p_values = np.array([found[claim.id, s] for s in range(seeds)])
            joint = np.minimum(1.0, p_values.shape[1] * p_values.min(axis=1))
            families.append(joint)
            calibrations.append(judge_p_values(claim.id, "sampled", p_values, joint))
        else:
            p_values = np.array(found[claim.id, 0])
            joint = np.minimum(1.0, p_values.shape[1] * p_values.min(axis=1))
            calibrations.append(judge_p_values(claim.id, "resampled", p_values, joint))
    return calibrations, _rates(np.array(families), seeds)


def _rates(families: NDArray[np.float64], seeds: int) -> list[Rate]:
    """Alarms of the first look (Holm over all sampled claims) and of the second (one flagged)."""
    level = statistics.LOOK_LEVEL
    first = sum(
        bool(statistics.holm({str(i): p for i, p in enumerate(column)}, level))
        for column in families.T
    )
    second = int((families <= level).sum())
    return [
        Rate("first look: any of the sampled claims flagged", level, first, seeds),
        Rate("second look: a single flagged claim confirmed", level, second, families.size),
    ]


def power(claims: Sequence[Claim], results: Sequence[Result], options: Options) -> list[Mutant]:
    """Every alternative of every claim: refuted or not.

    Theory-side ones are taken from ``results`` of a run; wrong samplers are run here.
    """
    mutants = [
        Mutant(
            result.claim.id,
            alternative.name,
            "theory",
            alternative.verdict == "refuted",
            alternative.p_value,
        )
        for result in results
        for alternative in result.alternatives
    ]
    todo = [
        Task((claim.id, a.name), "mutant", (claim.id, a.name, AUDIT_SEED))
        for claim in claims
        for a in claim.alternatives
        if is_sampler(a)
    ]
    for number, done in enumerate(options.run_tasks(todo), 1):
        claim_id, name = done.task.tag
        p_value = None if done.error else max(done.result)
        killed = p_value is not None and p_value <= kill_level(claims, claim_id)
        note = "" if done.error is None else "error: " + done.error.strip().splitlines()[-1]
        name = name.removeprefix("sampler: ")
        mutants.append(Mutant(claim_id, name, "numerics", killed, p_value, done.seconds, note))
        options.progress(number, len(todo), f"wrong samplers {claim_id}")
    return sorted(mutants, key=lambda m: (m.claim, m.side, m.mutant))


def is_sampler(alternative: Alternative) -> bool:
    """Whether an alternative is a wrong sampler, run by the audit alone."""
    return set(alternative.change) == {"simulate"}


def kill_level(claims: Sequence[Claim], claim_id: str) -> float:
    """Level that a claim's p-value must undercut in every look, whatever the other claims do."""
    [claim] = [c for c in claims if c.id == claim_id]
    if isinstance(claim.evidence, Limit):
        return statistics.EQUIVALENCE_LEVEL
    return statistics.LOOK_LEVEL / sum(
        isinstance(c.evidence, Sampled) for c in all_claims().values()
    )


@dataclass(frozen=True)
class Audit:
    """All that an audit found; `holds` is what its exit code says."""

    seed: int
    calibrations: tuple[Calibration, ...]
    rates: tuple[Rate, ...]
    mutants: tuple[Mutant, ...]
    sweep: Sweep
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether no number misses."""
        return (
            all(one.holds for one in self.calibrations)
            and all(one.holds for one in self.rates)
            and all(one.killed for one in self.mutants)
            and self.sweep.holds
        )


def run(claims: Sequence[Claim], seeds: int, options: Options, most: int | None = None) -> Audit:
    """Calibrate, try every named alternative, and sweep.

    Parameters
    ----------
    claims
        Which; all of them for a verdict on the verifier.
    seeds
        Nulls a claim is calibrated on.
    options
        As for a run; ``profile`` is that of the samples for wrong theories.
    most
        Small changes of theory to try, drawn evenly from all; None for all.
    """
    start = time.monotonic()
    results = run_claims([claim.id for claim in claims], options)
    mutants = power(claims, results, options)
    calibrations, rates = calibrate(claims, seeds, options)
    swept = sweep(claims, AUDIT_SEED, options, most)
    return Audit(
        options.seed,
        tuple(calibrations),
        tuple(rates),
        tuple(mutants),
        swept,
        time.monotonic() - start,
    )

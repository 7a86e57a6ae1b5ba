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
    Is a small change anywhere in theory's source refuted by some claim? See `verify.audit.sweep`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from verify.audit.calibration import AUDIT_SEED, Calibration, Rate, calibrate
from verify.audit.power import Mutant, power
from verify.audit.sweep import Sweep, sweep
from verify.claim import Claim
from verify.engine.options import Options
from verify.engine.runner import run_claims


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

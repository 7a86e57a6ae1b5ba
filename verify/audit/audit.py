"""Verify the verifier: are p-values calibrated, is every wrong theory and wrong sampler refuted?

Questions that are answered by measurements:

calibration
    Do the p-values of a sampled claim follow the uniform law when the claim holds? Each claim draws
    its own null at a declared small size (two chunks of a grid point) on many seeds. A simulated
    limit is too costly for that: its stored units are drawn again with replacement, and the
    distance of the estimate from that of all units is judged by the claimed standard error.
power
    Is every named alternative refuted? Theory-side ones reuse the samples of a run; wrong samplers
    are run, in both looks, at the size "audit".
sweep
    Is a small change anywhere in the sources refuted by some claim or test? And what the sources
    excuse, is it excused rightly? See `verify.audit.sweep`.

What is found is kept in the store (`verify.audit.parts`): an audit goes on where it was stopped.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from verify.audit.calibration import AUDIT_SEED, Calibration, Rate, calibrate
from verify.audit.judging.reaching import find_judges
from verify.audit.judging.trials import Tried
from verify.audit.mutations import ROOMS, Room
from verify.audit.parts import Parts
from verify.audit.power import Mutant, power
from verify.audit.sweep import Guarded, Sweep, excused, guarded, sweep
from verify.claim import Claim
from verify.engine.options import Options
from verify.engine.provenance import check_unchanged
from verify.engine.runner import run_claims
from verify.engine.store import Store

USUAL: Mapping[Room, int | None] = {"theory": 700, "numerics": 400, "statistics": 60}


@dataclass(frozen=True)
class Sizes:
    """How much an audit tries.

    Attributes
    ----------
    seeds
        Nulls a claim is calibrated on.
    changes
        Small changes of each room, drawn evenly; None for all.
    excused
        Changes that are said to compute the same number.
    guards
        Guards whose tests are tried; None for all.
    """

    seeds: int = 200
    changes: Mapping[Room, int | None] = field(default_factory=lambda: USUAL)
    excused: int = 60
    guards: int | None = None


@dataclass(frozen=True)
class Audit:
    """All that an audit found; `holds` is what its exit code says."""

    seed: int
    calibrations: tuple[Calibration, ...]
    rates: tuple[Rate, ...]
    mutants: tuple[Mutant, ...]
    sweeps: tuple[Sweep, ...]
    excused: tuple[Tried, ...]
    guarded: tuple[Guarded, ...]
    seconds: float

    @property
    def wrongly_excused(self) -> tuple[Tried, ...]:
        """Excused changes that a claim refutes, or that move a public number."""
        return tuple(one for one in self.excused if one.outcome == "refuted")

    @property
    def holds(self) -> bool:
        """Whether no number misses."""
        return (
            all(one.holds for one in self.calibrations)
            and all(one.holds for one in self.rates)
            and all(one.killed for one in self.mutants)
            and all(one.holds for one in self.sweeps)
            and not self.wrongly_excused
            and all(one.fails for one in self.guarded)
        )


def run(claims: Sequence[Claim], sizes: Sizes, options: Options) -> Audit:
    """Calibrate, try every named alternative, and sweep.

    Parameters
    ----------
    claims
        Which; all of them for a verdict on the verifier.
    sizes
        How much is tried; a room of which 0 changes are asked for is left out.
    options
        As for a run; ``profile`` is that of the samples for wrong theories.
    """
    start = time.monotonic()
    results = run_claims([claim.id for claim in claims], options)
    rooms = [room for room in ROOMS if sizes.changes.get(room) != 0]
    opened: AbstractContextManager[Store | None] = (
        nullcontext() if options.store is None else Store(options.store)
    )
    with opened as store:
        parts = Parts(store)
        judges = find_judges(claims, rooms, AUDIT_SEED, options, parts)
        mutants = power(claims, results, options, parts, judges)
        calibrations, rates = calibrate(claims, sizes.seeds, options, parts, judges)
        swept = [
            sweep(room, judges, AUDIT_SEED, options, parts, sizes.changes.get(room))
            for room in rooms
        ]
        seeds = AUDIT_SEED, options.seed
        same = excused(rooms, judges, seeds, options, parts, sizes.excused)
        guards = guarded(rooms, options.seed, options, parts, sizes.guards)
    check_unchanged()
    return Audit(
        options.seed,
        tuple(calibrations),
        tuple(rates),
        tuple(mutants),
        tuple(swept),
        tuple(same),
        tuple(guards),
        time.monotonic() - start,
    )

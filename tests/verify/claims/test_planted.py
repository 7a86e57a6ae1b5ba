"""Faults planted in numerics: each is refuted by the claim named beside it, at a small size.

The first five went unnoticed once. The others were written down before any was run.
"""

import math
from dataclasses import replace
from functools import partial

import array_api_compat.numpy as xp
import numpy as np
import pytest

from numerics.compiled import training
from numerics.core import streams
from numerics.core.streams import Stream, stream
from numerics.descent import conjugate_gradient, ends, flow, loop, methods, sphere
from numerics.networks import lbfgs, sgd
from numerics.pspin import couplings, hamiltonian
from verify.audit.nulls import null
from verify.claim import Observation
from verify.claims import find
from verify.claims.descents import (
    a4_tails,
    f3_end_points,
    s2_marginal_minima,
    t10_hardness,
)
from verify.claims.training import f5_index
from verify.statistics import ALTERNATIVE_LEVEL, joint_p_value

STARTS = {"F3": f3_end_points, "A4": a4_tails, "S2": s2_marginal_minima, "T10": t10_hardness}
SIZES = {"F3": (25, 50), "A4": (25, 50), "S2": (25, 50), "T10": (8, 32), "S1": (50, 70)}


# Where a fault may keep descents from ending.
SHORT = partial(methods.descend_one, max_steps=200)


def cells_of(name, seed=3, **how):
    """A claim's comparisons on one chunk of each of two sizes."""
    claim = find(name)
    evidence = claim.evidence
    seen = []
    for n in SIZES[name]:
        params = {"N": n}
        data = evidence.simulate(params, stream(seed, name, n), 0, xp, **how)
        seen.append(Observation(params, evidence.predict(params), data))
    return evidence.compare(seen)


def refuted(name, **how):
    """The quantities that refute a claim; what is not a number is refused."""
    try:
        cells = cells_of(name, **how)
    except ArithmeticError as error:
        return {f"refused: {error}"}
    if joint_p_value(cells) >= ALTERNATIVE_LEVEL:
        return set()
    level = ALTERNATIVE_LEVEL / len(cells)
    return {c.quantity for c in cells if c.p_value is not None and c.p_value < level}


def some(first, *others):
    """The first at once, the others in the long run."""
    return [first, *(pytest.param(name, marks=pytest.mark.long) for name in others)]


@pytest.mark.parametrize("name", some("F3", "A4", "S2", "T10", "S1"))
def test_what_is_sound_is_not_refuted(name):
    assert refuted(name) == set()


# The five that survived.


@pytest.mark.parametrize("name", some("T10", "S2", "F3", "A4"))
def test_only_two_disorders(name):
    def descend(source, disorder, *arguments, **options):
        return methods.descend_one(source, disorder % 2, *arguments, **options)

    assert {"distinct disorders", "distinct starts"} <= refuted(name, descend=descend)


@pytest.mark.parametrize("name", some("T10", "S2"))
def test_couplings_of_two_disorders_with_starts_of_their_own(name, monkeypatch):
    real = methods._whole
    monkeypatch.setitem(
        methods.RECIPES,
        "cg",
        replace(
            methods.RECIPES["cg"],
            parts=lambda s, source, number, where: real(s, source, number % 2, where),
        ),
    )
    assert "distinct disorders" in refuted(name)


def best(of, source, disorder, n, model, count, *arguments, **options):
    """The lowest ends of so many times as many starts."""
    end = methods.descend_one(source, disorder, n, model, of * count, *arguments, **options)
    kept = np.argsort(end["energies"])[:count]
    return {name: values[kept] for name, values in end.items()}


@pytest.mark.parametrize("of", [2, pytest.param(16, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", some("A4", "F3"))
def test_the_best_16_of_256_starts(name, of):
    assert "starts, the first of their streams" in refuted(name, descend=partial(best, of))


def test_the_second_lowest_eigenvalue_for_the_lowest(monkeypatch):
    real = s2_marginal_minima.moments
    name = s2_marginal_minima.EDGE
    monkeypatch.setattr(
        s2_marginal_minima,
        "moments",
        lambda end: {**real(end), name: end["eigenvalues"][:, 1]},
    )
    assert any("at a start: lowest eigenvalue" in quantity for quantity in refuted("S2"))


@pytest.mark.parametrize("name", ["F3", "A4", "S2", "T10"])
def test_what_is_not_a_number(name):
    def descend(*arguments, **options):
        end = methods.descend_one(*arguments, **options)
        end["energies"][3:4] = np.nan
        if "eigenvalues" in end:
            end["eigenvalues"][0] = np.nan
        return end

    [found] = refuted(name, descend=descend)
    assert "refused" in found


def test_the_sign_of_a_correction_of_t4_n(monkeypatch):
    """Below the barrier that of the power of N, above it that of N^(1/4) by index."""
    claim = find("T4-N")
    for params in ({"p": 10, "u": -2.1}, {"p": 3, "u": -0.8}):
        data = claim.evidence.sequence(params, "quick")
        said = claim.evidence.predict(params)
        flipped = {
            **said,
            "power": [-x for x in said["power"]],
            "quarter": [2 * said["quarter"][0] - x for x in said["quarter"]],
        }
        for prediction, wrong in ((said, False), (flipped, True)):
            cells = claim.evidence.compare([Observation(params, prediction, data)])
            assert (joint_p_value(cells) < ALTERNATIVE_LEVEL) == wrong


# Ten and more of our own.


@pytest.mark.long
def test_a_stream_used_by_two_chunks(monkeypatch):
    real = streams.Stream.generator
    monkeypatch.setattr(
        streams.Stream, "generator", lambda self, c=0, *rest: real(self, int(c) % 7, *rest)
    )
    assert "distinct disorders" in refuted("F3")


def test_a_gradient_that_is_not_projected(monkeypatch):
    for module in (hamiltonian, conjugate_gradient):
        monkeypatch.setattr(module, "tangential", lambda s, v: v)
    assert "|grad|^2/xi'(1) at the starts, standardised" in refuted("S2", descend=SHORT)


@pytest.mark.long
def test_a_hessian_whose_curvature_has_the_other_sign(monkeypatch):
    real = ends.riemannian_hessian_eigenvalues

    def wrong(c, s):
        radial = (s * hamiltonian.gradient(c, s)).sum(axis=1) / c.n
        return real(c, s) + 2 * radial[:, None]

    monkeypatch.setattr(ends, "riemannian_hessian_eigenvalues", wrong)
    assert any("at a start: (mean eigenvalue" in quantity for quantity in refuted("S2"))


@pytest.mark.long
def test_an_energy_over_p_minus_one(monkeypatch):
    real = hamiltonian.energy_gradient

    def wrong(c, s):
        energy, slope = real(c, s)
        return 1.5 * energy, slope

    monkeypatch.setattr(hamiltonian, "energy_gradient", wrong)
    assert "H^2/N at the starts given their overlaps, mean" in refuted("A4", descend=SHORT)


def test_a_retraction_that_does_not_normalise(monkeypatch):
    monkeypatch.setattr(sphere, "on_sphere", lambda x: x)
    assert refuted("F3")


def test_starts_that_are_not_uniform(monkeypatch):
    """Drawn to one side of the sphere."""

    def wrong(rng, n, replicas):
        s = rng.standard_normal((replicas, n)) + 0.5
        return s * np.sqrt(n / (s**2).sum(axis=1, keepdims=True))

    monkeypatch.setattr(methods, "random_point", wrong)
    assert "N (overlap of two starts)^2" in refuted("T10")


def test_a_stop_ten_times_too_early(monkeypatch):
    real = loop._verdict
    monkeypatch.setattr(
        loop,
        "_verdict",
        lambda state, norm, rule: real(state, norm, replace(rule, tolerance=10 * rule.tolerance)),
    )
    assert "share of critical points" in refuted("F3")


def test_an_index_that_counts_small_curvatures_as_negative(monkeypatch):
    real = ends.with_hessians

    def wrong(c, found, spectra=False):
        end = real(c, found, True)
        return {**end, "index": (end["eigenvalues"] < 0.05).sum(axis=1)}

    monkeypatch.setattr(methods, "with_hessians", wrong)
    found = refuted("S2")
    assert "ends whose index is not the number of negative eigenvalues" in found


@pytest.mark.long
def test_a_flow_of_another_clock(monkeypatch):
    real = flow.method
    monkeypatch.setattr(
        flow, "method", lambda c, times, *how: real(c, [1.15 * t for t in times], *how)
    )
    assert any(quantity.startswith("u(") for quantity in refuted("S1"))


def test_couplings_of_a_multiplicity_forgotten(monkeypatch):
    """Those of two equal indices too small by sqrt 2: HAM's law of the Hamiltonian sees it."""
    assert min(null("HAM", 5)) > ALTERNATIVE_LEVEL / 30
    real = couplings.Streamed.__getitem__

    def wrong(self, where):
        block = real(self, where)
        if self.p == 3 and block.ndim == 2 and block.shape[1] == self.shape[1]:
            from numerics.pspin import multisets

            pairs = multisets.orderings(self.n, 2)
            block = block * np.where(pairs == 1, math.sqrt(0.5), 1.0)
        return block

    monkeypatch.setattr(couplings.Streamed, "__getitem__", wrong)
    p_values = null("HAM", 5)
    assert len(p_values) * min(p_values) < ALTERNATIVE_LEVEL


def test_the_next_eigenvalue_for_the_kth(monkeypatch):
    from numerics.goe import tridiagonals

    real = tridiagonals.lowest_drawn

    def wrong(key, n, samples, k, *how):
        return real(key, n, samples, min(n, k + 1), *how)[:, -k:]

    monkeypatch.setattr(tridiagonals, "lowest_drawn", wrong)
    p_values = null("GOE-K", 5)
    assert len(p_values) * min(p_values) < ALTERNATIVE_LEVEL


@pytest.mark.long
def test_weights_without_their_normalisation(monkeypatch):
    from numerics.kac_rice import monte_carlo, rare_index

    real = monte_carlo.log_sphere
    for module in (monte_carlo, rare_index):
        monkeypatch.setattr(module, "log_sphere", lambda n: real(n) + 0.1)
    p_values = null("KR-K", 5)
    assert len(p_values) * min(p_values) < ALTERNATIVE_LEVEL


def test_the_same_order_in_every_epoch(monkeypatch):
    """What `test_orders_are_independent_and_uniform` of the trainer looks at."""
    real = Stream.each
    monkeypatch.setattr(Stream, "each", lambda s, *c, units: real(s, *c, units=[0] * len(units)))
    seen = []
    monkeypatch.setattr(training, "train", lambda *a: seen.extend(a[4]))
    from numerics.networks.datasets import digits

    sgd.train_tiles(stream(1), 0, 20, digits(), sgd.Settings(2, epochs=4), xp)
    assert len(np.unique(np.array(seen), axis=0)) == 20 < len(seen)


@pytest.mark.long
def test_a_descent_of_networks_cut_short(monkeypatch):
    real = lbfgs.converge
    monkeypatch.setattr(f5_index, "converge", partial(real, max_steps=20))
    evidence = find("F5").evidence
    params = {"n1": 10}
    data = evidence.simulate(params, stream(2, "F5"), 0, xp)
    cells = evidence.compare([Observation(params, evidence.predict(params), data)])
    assert joint_p_value(cells) < ALTERNATIVE_LEVEL

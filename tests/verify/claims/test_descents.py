"""Claims on descents: statuses are counted and what finished is kept; margins follow their rule."""

from dataclasses import replace
from math import sqrt

import array_api_compat.numpy as xp
import numpy as np
import pytest

from numerics.core.streams import stream
from numerics.descent.methods import descend_one
from numerics.pspin.couplings import draw, random_point
from verify.claim import Observation
from verify.claims.descents import (
    a4_tails,
    f3_end_points,
    s1_flow,
    s2_marginal_minima,
    t10_hardness,
)
from verify.claims.descents._end_points import STATUSES, disorder_means, status_counts
from verify.statistics import ERRORS, margin, within


def troubled(end):
    """Descents of which the first start diverged and the second started on a saddle."""
    end = {name: np.array(value) for name, value in end.items()}
    if len(end["index"]) == 1:
        return end  # S2's look at a start
    for name in ("energies", "gradient_norm", "lowest_eigenvalue"):
        end[name][0] = np.nan
    if "eigenvalues" in end:
        end["eigenvalues"][0] = np.nan
    end["index"][:2] = -1, 1
    end["status"] = np.array(["diverged", "saddle", *end["status"][2:]])
    return end


def drawn(module, sizes, **how):
    """What a claim sees of a few chunks."""
    seen = []
    for n in sizes:
        params = {"N": n}
        data = module.simulate(params, stream(1, "test", n), 0, xp, **how)
        seen.append(Observation(params, module.CLAIM.evidence.predict(params), data))
    return seen


@pytest.mark.parametrize(
    ("module", "sizes", "quantity"),
    [
        (f3_end_points, (25, 50), "mean energy"),
        (s2_marginal_minima, (25, 50), "variance of the spectrum"),
        (a4_tails, (25, 50), "lowest of 16 descents, mean"),
        (t10_hardness, (8, 32), "rate: - d log share/dN"),
    ],
    ids=lambda x: getattr(x, "__name__", None),
)
def test_starts_that_fail_are_counted_and_the_others_kept(module, sizes, quantity):
    ends = []

    def kept(*arguments, **options):
        ends.append(descend_one(*arguments, **options))
        return ends[-1]

    sound = drawn(module, sizes, descend=kept)
    replayed = iter(ends)  # the same descents in the same order, and what became of some of them
    seen = drawn(module, sizes, descend=lambda *_, **__: troubled(next(replayed)))
    assert next(replayed, None) is None
    cells = module.compare(seen)
    counts = {c.quantity.split(": ")[1]: c.estimate for c in cells if "starts that" in c.quantity}
    units = sum(len(one.data["status"]) for one in seen)
    assert set(counts) == set(STATUSES)
    assert counts["diverged"] == units
    assert counts["saddle"] >= units  # a start may find one by itself
    assert sum(counts.values()) == sum(one.data["status"].sum() for one in seen)
    [cell] = [c for c in cells if c.quantity == quantity and c.margin is not None]
    assert np.isfinite(cell.estimate)
    assert np.isfinite(cell.stderr)
    # Without the failures nothing is counted as one.
    counts = sum(one.data["status"].sum(axis=0) for one in sound)
    assert counts[STATUSES.index("diverged")] == 0
    assert counts[STATUSES.index("saddle")] < units


def test_a_disorder_without_a_finite_end_is_left_out():
    energy = np.array([[1.0, np.nan, 3.0], [np.nan] * 3])
    assert disorder_means(energy).tolist() == [2.0]
    assert status_counts(["saddle", "diverged", "saddle"]).tolist() == [0, 2, 0, 0, 1]


def start(n, starts=400):
    c = draw(np.random.default_rng(n), n, {3: 1.0})
    return c, random_point(np.random.default_rng(n + 1), n, starts)


def test_what_is_regressed_out_has_mean_zero():
    """Over 60 disorders; |grad|^2 less xi'(1) N, for N - 1 directions, would be seen."""
    rows = []
    for i in range(60):
        c = draw(np.random.default_rng(i), 20, {3: 1.0})
        points = random_point(np.random.default_rng(1000 + i), 20, 100)
        rows.append(s1_flow.controls(c, points))
    rows = np.array(rows)
    stderr = rows.std(axis=0, ddof=1) / sqrt(len(rows))
    assert (abs(rows.mean(axis=0)) < 6 * stderr).all()
    assert 6 * stderr[1] < 3 / 20


def test_the_controls_are_the_derivatives_of_the_energy():
    """Along the flow u' = -|grad|^2/N and u'' = 2 grad.Hess grad/N on the sphere, at t = 0."""
    c, points = start(15, 3)
    h = 1e-2
    path = s1_flow.flow(c, points, [0.0, h, 2 * h])["path"].mean(axis=0)
    energy, square, bent = s1_flow.controls(c, points)
    assert path[0] == pytest.approx(energy)
    slope = (-3 * path[0] + 4 * path[1] - path[2]) / (2 * h)
    assert slope == pytest.approx(-(square + 3 * 14 / 15), rel=0.02)
    assert abs(bent) > 0


@pytest.fixture(scope="module")
def flows():
    """What S1 sees of a chunk of each of two sizes."""
    return drawn(s1_flow, (25, 50))


def test_regressing_on_the_start_changes_no_mean_and_sharpens_it(flows):
    one = flows[0]
    path = one.data["path"]
    for i, t in enumerate(s1_flow.TIMES):
        mean, stderr = s1_flow.adjusted(one, i)
        plain = path[:, i].std(ddof=1) / sqrt(len(path))
        assert abs(mean - path[:, i].mean()) < 6 * plain
        assert stderr < (0.1 if t <= 0.1 else 1.1) * plain
    # A control whose mean is not 0 shifts the estimate: it would be seen.
    off = replace(one, data={**one.data, "start": one.data["start"] + [0.0, 3 / 25, 0.0]})
    mean, stderr = s1_flow.adjusted(one, 0)
    assert abs(s1_flow.adjusted(off, 0)[0] - mean) > 6 * stderr


def test_margins_hold_the_bias_and_seven_standard_errors_whatever_the_data(flows):
    """Twice the disorders shrink the part of the errors by sqrt 2, and the data do not enter."""
    one = flows
    twice = [
        replace(o, data={name: np.concatenate([v, 1.5 * v]) for name, v in o.data.items()})
        for o in one
    ]
    for seen, factor in ((one, 1.0), (twice, sqrt(0.5))):
        cells = [c for c in s1_flow.compare(seen) if "extrapolated" in str(c.params)]
        for i, cell in enumerate(cells):
            bias = 4 * s1_flow.BIAS[i]
            sizes = [n * s1_flow.DISORDERS[n] for n in (25, 50)]
            error = s1_flow.SPREAD[i] * sqrt(1 / sizes[0] + 4 / sizes[1])
            assert cell.margin == pytest.approx(bias + ERRORS * factor * error)
    assert margin(0.1, 0.01) == pytest.approx(0.17)


def test_an_estimate_off_by_more_than_its_margin_is_outside(flows):
    cell = next(c for c in s1_flow.compare(flows) if c.margin)
    assert not within(replace(cell, estimate=float(cell.predicted) + cell.margin))

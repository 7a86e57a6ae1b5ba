"""Means at several N and their limit; the laws of disorders and starts, written out."""

import numpy as np
import pytest

from numerics import stream
from numerics.descent.methods import descend_one
from numerics.pspin.couplings import random_point
from verify.claim import Axes, Observation
from verify.statistics.by_size import MeansByN, margin
from verify.statistics.equivalence import extrapolate, power, within
from verify.statistics.starts import start_cells, start_row


def seen(data):
    return [Observation({"N": n}, None, {"x": np.asarray(x)}) for n, x in data.items()]


DATA = {10: [1.0, 1.4, 1.5], 20: [1.2, 1.1], 40: [0.9, 1.1, 1.0, 1.3]}


def test_a_margin_is_its_bias_and_seven_errors():
    assert margin(0.01, 0.002) == pytest.approx(0.024)
    assert margin(0.0, 1.0) == 7


def test_means_have_the_error_of_the_disorders():
    means = MeansByN.of(seen(DATA), lambda one: one.data["x"])
    np.testing.assert_allclose(means.means, [1.3, 1.15, 1.075])
    errors = [np.std(x, ddof=1) / np.sqrt(len(x)) for x in DATA.values()]
    np.testing.assert_allclose(means.stderrs, errors)
    assert (means.sizes, means.units, means.freedoms) == ([10, 20, 40], [3, 2, 4], [2, 1, 3])
    cells = means.cells("m")
    assert [c.params["N"] for c in cells] == [10, 20, 40]
    np.testing.assert_allclose([c.stderr for c in cells], errors)
    np.testing.assert_allclose([c.estimate for c in cells], means.means)
    assert [c.units for c in cells] == [3, 2, 4]
    declared = means.declared(lambda n: 6 / n)
    np.testing.assert_allclose(declared, [0.6 / 3**0.5, 0.3 / 2**0.5, 0.15 / 2])
    points = means.points(Axes("", "N", "m"), "means", [1, 2, 3])
    np.testing.assert_allclose(points.yerr, 2 * np.array(errors))


def test_the_limit_of_means_is_within_a_margin_that_is_declared():
    means = MeansByN.of(seen(DATA), lambda one: one.data["x"])
    declared, terms = [0.1, 0.05, 0.02], (power(1),)
    limit = means.limit(terms, declared)
    theirs = extrapolate([10, 20, 40], means.means, means.stderrs, terms, declared, [2, 1, 3])
    assert limit == theirs
    cell = means.limit_cell("m", 1.0, terms, 0.01, declared)
    weighted = extrapolate([10, 20, 40], means.means, declared, terms).stderr
    assert cell.margin == pytest.approx(0.01 + 7 * weighted)
    assert (cell.estimate, cell.stderr, cell.freedom) == (limit.value, limit.stderr, limit.freedom)
    assert (cell.units, cell.predicted, cell.params["N"]) == (3, 1.0, "to 40, extrapolated")


N, P, STARTS, SOURCE = 7, 3, 4, stream(5, "starts")


def ends(disorders, **options):
    return [descend_one(SOURCE, d, N, {P: 1.0}, STARTS, max_steps=0, **options) for d in disorders]


def test_a_row_of_starts_is_standardised_by_their_overlaps():
    """Mean, squares and freedom by the covariance (s.s'/N)^p; gradients and overlaps by their laws."""
    end = ends([2])[0]
    row = start_row(end, P, SOURCE, 2)
    s = random_point(SOURCE.generator(2, 1), N, STARTS)
    overlap = s @ s.T / N
    covariance = overlap**P
    energy = N**0.5 * end["start_energies"]  # H/sqrt(N)
    assert row["start mean"] == pytest.approx(energy.sum() / covariance.sum() ** 0.5)
    assert row["start square"] == pytest.approx(energy @ np.linalg.solve(covariance, energy))
    assert (row["start freedom"], row["start drawn"]) == (STARTS, STARTS)
    steep = N * end["start_gradient_norm"] ** 2 / P
    assert row["start gradient"] == pytest.approx((steep.mean() - (N - 1)) / (2 * (N - 1)) ** 0.5)
    pairs = [N * overlap[a, b] ** 2 for a in range(STARTS) for b in range(a)]
    assert row["start overlap"] == pytest.approx(np.mean(pairs))
    np.testing.assert_allclose(row["start point"], s[:, 0])
    assert row["start reference"] == end["reference"][0]
    unlike = {**end, "reference": np.arange(3.0, 7.0)}
    assert start_row(unlike, P, SOURCE, 2)["start reference"] == 3.0


def test_starts_that_repeat_or_that_are_not_of_their_stream_are_counted():
    end = ends([2])[0]
    twice = {**end, "start": end["start"][[0, 1, 1, 3]]}
    twice["start_energies"] = end["start_energies"][[0, 1, 1, 3]]
    row = start_row(twice, P, SOURCE, 2)
    assert (row["start freedom"], row["start drawn"]) == (STARTS - 1, STARTS - 1)
    for off, kept in ((0.9e-5, STARTS), (1.1e-5, STARTS - 1)):
        moved = end["start"].copy()
        moved[1, 2] += off
        assert start_row({**end, "start": moved}, P, SOURCE, 2)["start drawn"] == kept
    assert start_row(end, P, SOURCE, 1)["start drawn"] == 0


def test_cells_of_starts_are_the_exact_laws_over_all_disorders():
    rows = [start_row(end, P, SOURCE, d) for d, end in enumerate(ends(range(6)))]
    data = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    parts = [{k: v[:2] for k, v in data.items()}, {k: v[2:] for k, v in data.items()}]
    cells = start_cells([Observation({"N": N}, None, part) for part in parts])
    kept, disorders, starts, reference, mean, square, gradient, overlap = cells
    for cell, count in ((kept, 24), (disorders, 6), (starts, 24)):
        assert (cell.estimate, cell.predicted, cell.stderr, cell.margin) == (count, count, 0.0, 0.0)
        assert within(cell)
        assert cell.units == 6
    assert reference.estimate == pytest.approx((data["start reference"] ** 2).mean())
    assert reference.stderr == pytest.approx((2 / 6) ** 0.5)
    assert mean.estimate == pytest.approx(data["start mean"].mean())
    assert (mean.stderr, mean.predicted) == (pytest.approx(6**-0.5), 0.0)
    assert square.estimate == pytest.approx(data["start square"].sum() / 24)
    assert (square.stderr, square.predicted) == (pytest.approx((2 / 24) ** 0.5), 1.0)
    assert gradient.estimate == pytest.approx(data["start gradient"].mean())
    assert overlap.estimate == pytest.approx(data["start overlap"].mean())
    assert (gradient.predicted, overlap.predicted, reference.predicted) == (0.0, 1.0, 1.0)
    assert all(cell.units == 6 for cell in cells)
    # One that is drawn twice, or not of its stream, is refuted outright.
    parts[0]["start reference"] = parts[0]["start reference"][[0, 0]]
    parts[0]["start drawn"] = parts[0]["start drawn"] - 1
    again = start_cells([Observation({"N": N}, None, part) for part in parts])
    assert [cell.p_value for cell in again[:3]] == [0.0, 0.0, 1.0]
    assert again[0].estimate == 22

"""What X1-D keeps of a disorder, the laws at its starts, and the law that it compares with."""

from __future__ import annotations

import math

import numpy as np

from numerics.core.streams import stream
from verify.claims.descents import _in_field as of_field
from verify.claims.descents import x1_d_descents as claim

SOURCE = stream(5, "tests of X1-D")


def test_starts_of_a_mixture_have_its_laws() -> None:
    """In units of their standard deviations; with the covariance of q^3 alone they are far off."""
    rows = of_field.ends_in_field(SOURCE, range(60), 8, 12.0, 4, None, None)
    values = {
        name: np.array([row[f"start {name}"] for row in rows])
        for name in ("reference", "mean", "gradient", "square", "freedom")
    }
    root = math.sqrt(len(rows))
    for name in ("reference", "mean", "gradient"):
        assert abs(values[name].mean()) < 4 / root
        assert abs(values[name].var() - 1) < 0.8
    freedom = values["freedom"].sum()
    assert abs(values["square"].sum() - freedom) < 4 * math.sqrt(2 * freedom)


def test_a_control_keeps_the_mean_and_takes_most_of_the_spread() -> None:
    rows = of_field.ends_in_field(SOURCE, range(80), 20, 12.0, 2, None, None)
    lowest, own = (np.array([row[name] for row in rows]) for name in ("lowest", "own end"))
    assert (own > lowest).all()
    less = claim.controlled({"N": 20, "h^2": 12.0}, lowest, own)
    assert less.std() < lowest.std() / 3
    exact = claim.level_law(12.0, 20)[2]
    assert abs(less.mean() - exact) < 4 * less.std() / math.sqrt(len(rows)) + 0.01
    assert abs(less.mean() - of_field.limit(12.0)) > 3 * less.std() / math.sqrt(len(rows))


def test_the_law_of_the_level_is_a_distribution_whose_mean_is_near_the_limit() -> None:
    u, share, mean = claim.level_law(16.0, 50)
    assert share[0] < 1e-6
    assert share[-1] == 1
    assert (np.diff(share) >= 0).all()
    assert u[0] < mean < u[-1]
    # A field alone has h/(4 N) of that.
    assert 0 < mean - of_field.limit(16.0) < 4 / (2 * 50)


def test_levels_that_are_the_same_minimum_count_once() -> None:
    end = {"status": np.array(["converged"] * 4 + ["max_steps"]), "index": np.zeros(5, int)}
    levels = np.array([-1.0, -2.0, -2.0 + 1e-9, -1.5, -9.0])
    assert of_field.minima({**end, "energies": levels}).tolist() == [-2.0, -1.5, -1.0]

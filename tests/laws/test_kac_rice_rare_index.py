"""Laws of kac rice rare index, by samples; a wrong law beside each must fail."""

import math

import numpy as np
import pytest
from reference import VALUES

from numerics import layer_count, mean_count, sample_goe

SIGMAS = 5.0


P3 = {3: 1.0}


def agrees(count, log_exact, log_error=0.0):
    return abs(count.log_mean - log_exact) < SIGMAS * math.hypot(count.relative_stderr, log_error)


@pytest.mark.parametrize(
    ("n", "k", "exact"),
    [
        (n, k, float(value))
        for n, name in ((2, "circle, p = 3"), (3, "sphere, p = 3"))
        for k, value in enumerate(VALUES[name])
    ],
)
def test_on_the_circle_and_the_sphere(n, k, exact):
    c = layer_count(n, P3, k)
    assert c.relative_stderr < 0.02
    assert agrees(c, math.log(exact))
    assert not agrees(c, math.log(1.2 * exact))


@pytest.mark.parametrize(
    ("n", "below", "mixture"),
    [(8, None, {2: 0.5, 4: 0.5}), (10, -1.3, P3), (20, -1.6, {3: 0.5, 4: 0.5}), (15, -1.7, {4: 1})],
)
def test_against_the_plain_estimator(n, below, mixture):
    plain = mean_count(n, mixture, 400_000, below=below)
    for k in (0, 1):
        c = layer_count(n, mixture, k, 1 << 16, below=below)
        log, error = plain.log_by_index[k]
        assert max(error, c.relative_stderr) < 0.04
        assert agrees(c, log, error)
        assert not agrees(c, plain.log_by_index[1 - k][0], error)


def test_against_the_law_of_the_kth_eigenvalue():
    """E Crt_k(B) = 2 sqrt(2/p) (p-1)^{n/2} E_GOE(n)[exp(-n (p-2) lam_k^2/(2p)); lam_k in v B] (ABC
    Theorem 2.1), an expectation over other matrices, by a sampler without weights."""
    n, p, below, samples = 8, 4, -1.15, 400_000
    values = sample_goe(n, samples, k=3, seed=1)
    inside = values <= math.sqrt(p / (2 * (p - 1))) * below
    x = 2 * math.sqrt(2 / p) * (p - 1) ** (n / 2) * np.exp(-n * (p - 2) / (2 * p) * values**2)
    for k in range(3):
        weight = x[:, k] * inside[:, k]
        error = weight.std() / math.sqrt(samples) / weight.mean()
        c = layer_count(n, {p: 1.0}, k, 1 << 16, below=below)
        assert agrees(c, math.log(weight.mean()), error)
        # Without the factor sqrt(2/p) it would not.
        assert not agrees(c, math.log(weight.mean() * math.sqrt(p / 2)), error)


@pytest.mark.parametrize(("where", "text"), VALUES["log of the total of p = 3 at N, below"].items())
def test_counts_of_minus_forty_in_the_exponent(where, text):
    """Exact: the one-point density of GOE(n), all indices; here those above 0 are e^-28 of it."""
    n, below = where.split(",")
    log_exact = float(text)
    c = layer_count(int(n), P3, 0, 1 << 15, below=float(below))
    assert c.relative_stderr < 0.003
    assert agrees(c, log_exact)
    assert not agrees(c, log_exact + math.log(1.02))


@pytest.mark.parametrize(("n", "k", "below"), [(50, 3, -1.7), (100, 1, -1.85), (60, 2, -1.85)])
def test_rare_counts_come_with_five_percent(n, k, below):
    """Of order e^-30 to e^-60; two seeds agree, which underestimated errors would not."""
    a, b = (layer_count(n, P3, k, 1 << 16, below=below, seed=s) for s in (1, 2))
    assert -65 < a.log_mean < -25
    assert max(a.relative_stderr, b.relative_stderr) < 0.05
    assert agrees(a, b.log_mean, b.relative_stderr)
    assert not agrees(layer_count(n, P3, k, 1 << 16, below=below - 0.02), b.log_mean)

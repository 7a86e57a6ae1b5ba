import math

import numpy as np

from theory.derivation.layer_index import alike_in_all_layers


def test_what_must_vanish_does():
    assert set(alike_in_all_layers().values()) == {0}


def test_frames_alike_in_all_layers_cost_least():
    """The exponent of the head of the file, at random Psi_l, with the covariance as it is."""
    rng = np.random.default_rng(0)
    layers, k = 3, 2
    y = np.array([-2.3, -1.9])

    def exponent(v):
        size = len(v)
        between = np.repeat(np.arange(layers), k)[:, None] != np.repeat(np.arange(layers), k)
        # Rows of a layer beyond those of V_l add to the determinants alone: here there are none.
        covariance = np.einsum("aj,bi,ab->aibj", v, v, between)
        logs = 0.0
        for at in np.split(np.arange(size), layers):
            psi = v[at].T @ v[at]
            covariance[at, :, at] += np.eye(k) - psi
            logs += np.linalg.slogdet(psi)[1] - np.linalg.slogdet(np.eye(k) - psi)[1]
        w = (v * y).ravel()
        solved = np.linalg.lstsq(covariance.reshape(w.size, -1), w, rcond=1e-9)[0]
        return logs / (2 * layers) - w @ solved / 2

    alike = np.concatenate([np.eye(k)] * layers) / math.sqrt(layers)
    best = exponent(alike)
    assert abs(best + k * math.log(layers - 1) / 2 + (y @ y) / (4 * (1 - 1 / layers))) < 1e-9
    for spread in (0.05, 0.3, 1.0):
        for _ in range(50):
            v = np.linalg.qr(alike + spread * rng.standard_normal(alike.shape))[0]
            assert exponent(v) < best

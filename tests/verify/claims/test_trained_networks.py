"""Spectra in numbers, and what stands for trained networks: on made-up samples."""

import numpy as np

from verify.claims.trained_networks import _spectra
from verify.claims.trained_networks._networks import both, images, task_of
from verify.claims.trained_networks.r5_radial import DEGREES, LEFT, SLOPE, along
from verify.claims.trained_networks.r6_covariance import beside, correlation
from verify.report.claim_pages import trained


def test_a_semicircle_is_near_and_others_are_not():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((200, 200))
    near = _spectra.measured((a + a.T) / 2 + 5 * np.eye(200), -5.0)
    assert near[_spectra.DISTANCE] < 0.02
    assert near[_spectra.OUTLIERS] == 0
    assert abs(near[_spectra.CENTRE]) < 0.02
    half = rng.standard_normal((200, 100))
    wishart = _spectra.measured(half @ half.T, 0.0)
    assert wishart[_spectra.DISTANCE] > 0.1
    assert wishart[_spectra.ZERO] > 0.49
    assert wishart[_spectra.CENTRE] > 0.5


def test_rays_tell_degrees_apart():
    w = np.array([3.0, 4.0])

    def of(*terms):
        def loss(at):
            r = np.linalg.norm(at)
            slope = sum(c * d * r ** (d - 2) for c, d in terms) * at
            return 1.0 + sum(c * r**d for c, d in terms), slope

        return along(loss, w, 2)

    cubic = of((1.0, 3))
    assert abs(cubic[SLOPE] - 1.5) < 1e-12
    assert cubic[DEGREES] > 1e-4
    both_degrees = of((-5.0, 2), (0.1, 4))
    assert both_degrees[DEGREES] < 1e-20
    assert both_degrees[LEFT] > 1e-3
    assert of((2.0, 2))[LEFT] < 1e-20


def test_second_weights_have_the_overlap():
    rng = np.random.default_rng(1)
    w = [rng.standard_normal((3, 4)), rng.standard_normal((2, 3))]
    for first, wanted in ((False, (0.8, 0.8)), (True, (0.8, 1.0))):
        v = beside(w, 0.8, rng, first)
        cosines = [
            (a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(w, v, strict=True)
        ]
        assert np.abs(np.array(cosines) - wanted).max() < 1e-12
    assert correlation(np.ones(3), np.arange(3.0)) == 0


def test_networks_have_their_own_streams():
    from numerics.core.streams import stream

    task = task_of({"hidden": "3", "loss": "square"}, images())
    one, same, other = both(task, stream(0), [0, 0, 1], 1)
    [alone] = both(task, stream(0), [1], 1)
    for state in one:
        assert (one[state] == same[state]).all()
        assert (one[state] != other[state]).any()
        assert (alone[state] == other[state]).all()


def test_every_cell_of_the_table_is_judged_by_its_number():
    def cell(params, quantity, estimate):
        return {"params": params, "quantity": quantity, "estimate": estimate}

    [asked] = [one for one in trained.ASKED if one.claim == "R2"]
    cells = [
        cell(dict(asked.glass), asked.quantity, 0.01),
        cell({**asked.network, "loss": "square"}, f"trained: {asked.quantity}", 0.2),
    ]
    assert trained._judged(asked, cells) == ["supported: 0.01", "open", "refuted: 0.2", "open"]
    assert trained.verdict_table([]).count("open") == 4 * len(trained.ASKED)


def test_the_table_asks_for_what_the_claims_compare():
    from verify.claims import find

    for one in trained.ASKED:
        evidence = find(one.claim).evidence
        loss = {"loss": "square"} if one.losses else {}
        for params in (one.glass, {**one.network, **loss}):
            points = [p for p in evidence.grid if params.items() <= p.items()]
            assert len(points) == 1, (one.claim, params)

"""Samplers, right and wrong, brought to `verify.check`: each is told, and each mistake by its name."""

import json
import math

import numpy as np
import pytest
from cli import call
from scipy import stats

import theory
import verify
from theory.checks import InputError
from verify.samples.checking import LEVEL, _fit
from verify.samples.references import mistakes, of_law, shifted

N = 40


def matrices(units: int, seed: int, diagonal: float = 1.0) -> np.ndarray:
    """GOE(N) from independent entries, the variance on the diagonal times a factor."""
    draw = np.random.default_rng(seed).standard_normal((units, N, N))
    upper = np.triu(draw, 1) / math.sqrt(2 * N)
    matrix = upper + upper.swapaxes(1, 2)
    matrix[:, range(N), range(N)] = draw[:, range(N), range(N)] * math.sqrt(diagonal / N)
    return matrix


@pytest.fixture(scope="module")
def right():
    return np.linalg.eigvalsh(matrices(3000, 1))


@pytest.fixture(scope="module")
def half():
    return np.linalg.eigvalsh(matrices(3000, 2, diagonal=0.5))


def test_a_right_sampler_agrees(right):
    for k in (0, 3):
        found = verify.check(right, "goe", n=N, k=k)
        assert found.agrees, found.diagnosis
        assert "agree with GOE(40)" in found.diagnosis
    assert verify.check(right, "semicircle").agrees
    assert verify.check(right[:, -1], theory.goe_law(N, N - 1)).agrees
    assert 0.002 < verify.check(right, "goe", n=N).smallest["mean"] < 0.01


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda x: math.sqrt(2) * x, "a factor sqrt 2 too wide"),
        (lambda x: x / math.sqrt(2), "a factor sqrt 2 too narrow"),
        (lambda x: math.sqrt(N) * x, "not divided by sqrt N"),
        (lambda x: math.sqrt(2 * N) * x, "not divided by sqrt(2N)"),
        (lambda x: -x, "the sign turned"),
    ],
)
def test_mistakes_of_scale_are_named(right, change, name):
    found = verify.check(change(right[:, 0]), "goe", n=N)
    assert not found.agrees
    assert found.fits[0].name.startswith(name)
    assert f"but {name}" in found.diagnosis
    assert sum(fit.p_value > LEVEL for fit in found.fits) == 1


def test_half_the_diagonal_is_named(half):
    found = verify.check(half, "goe", n=N)
    assert not found.agrees
    assert "half the variance on the diagonal: E M_ij^2 = 1/(2N)" in found.diagnosis
    whole = verify.check(half, "semicircle")
    assert not whole.agrees
    assert "but half the variance on the diagonal" in whole.diagnosis
    both = verify.check(math.sqrt(2) * half, "semicircle")
    assert "E M_ij^2 = 1/N for all i, j" in both.diagnosis


def test_what_fits_no_mistake_is_said(right):
    found = verify.check(right[:, 0] + 0.05, "goe", n=N)
    assert not found.agrees
    assert "none of the usual mistakes" in found.diagnosis


def test_too_few_samples_say_what_they_cannot_tell(right):
    found = verify.check(right[:120, 0], "goe", n=N)
    assert found.agrees
    assert "too few to tell" in found.diagnosis
    powers = {fit.name: fit.power for fit in found.fits}
    assert min(powers.values()) < 0.5
    assert max(powers.values()) > 0.999


def test_the_power_stated_is_that_of_draws():
    """Of N + 1 for N from 400 values: how often mean or spread alone would refuse it."""
    own = of_law(theory.goe_law(N, 0))
    wrong = next(one for one in mistakes(own) if one.name.startswith("N + 1"))
    rng, refused, trials = np.random.default_rng(7), 0, 200
    for _ in range(trials):
        x = wrong.scale * own.law.rvs(400, rng)
        z = (x.mean() - own.mean) / (x.std(ddof=1) / 20)
        refused += abs(z) > -stats.norm.ppf(LEVEL / 8)
    said = _fit(x, wrong, own).power
    assert refused / trials == pytest.approx(said, abs=0.1)
    assert 0.1 < said < 0.9


def test_alarms_are_as_rare_as_stated():
    own, rng = theory.goe_law(5, 1), np.random.default_rng(11)
    alarms = sum(not verify.check(own.rvs(200, rng), own).agrees for _ in range(100))
    assert alarms <= 6  # of 100 at 0.01: more with probability 1e-4


def test_other_laws():
    rng = np.random.default_rng(5)
    edge = theory.edge_law(1)
    assert verify.check(edge.rvs(1000, rng), "edge", k=1).agrees
    assert not verify.check(edge.rvs(1000, rng), "edge", k=0).agrees
    assert verify.check(rng.standard_normal(500), stats.norm()).agrees
    assert not verify.check(1.4 * rng.standard_normal(500), stats.norm()).agrees


def test_the_hessian_of_the_p_spin_model_at_a_point():
    """sqrt(2 p (p - 1)(n - 1)/n) GOE(n - 1) - p u: of couplings drawn here, at the north pole."""
    n, p, u, units = 6, 3, -1.4, 4000
    rng = np.random.default_rng(3)
    # H = sqrt(N^(1-p)) sum J s s s with s = sqrt(N) e_1: second derivatives in the tangent space.
    j = rng.standard_normal((units, n, n, n)) / n
    root = math.sqrt(n)
    h = j[:, 0, 0, 0] * root**3
    j[:, 0, 0, 0] += (n * u - h) / root**3  # conditioned on H = N u
    sums = sum(
        np.transpose(j, (0, *(1 + np.array(o))))
        for o in [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    )
    hessian = root * sums[:, 0, 1:, 1:] - p * u * np.eye(n - 1)
    lowest = np.linalg.eigvalsh(hessian)
    assert verify.check(lowest, "shifted", n=n, p=p, k=1, u=u).agrees
    assert not verify.check(lowest, "shifted", n=n, p=p, k=1, u=-1.3).agrees
    assert shifted(p, n, 0, u).mean == pytest.approx(lowest[:, 0].mean(), abs=0.1)


def test_numbers_of_critical_points():
    import numerics

    counts = np.asarray(numerics.census(3, p=3, samples=300, seed=4).counts)
    assert verify.check(counts[:, 0], "kac-rice", n=3, k=0).agrees
    assert verify.check(counts.sum(axis=1), "kac-rice", n=3, k=-1).agrees
    twice = verify.check(2 * counts[:, 0], "kac-rice", n=3, k=0)
    assert "each counted twice" in twice.diagnosis


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        (np.array([]), "shape"),
        (np.zeros((200, 3, 3)), "shape"),
        (np.ones(20), "100 or more"),
        (np.r_[np.nan, np.ones(200)], "not finite"),
        (np.array(["a"] * 200), "real numbers"),
        (np.ones(200) * 1j, "real numbers"),
        ([[1.0], [1.0, 2.0]], "array of numbers"),
        (None, "real numbers"),
        (np.ones((200, 2)), "eigenvalues or more"),
    ],
)
def test_bad_samples_are_named(samples, says):
    with pytest.raises(InputError, match=rf"^samples: got .*{says}"):
        verify.check(samples, "goe", n=N, k=2)


def test_bad_laws_are_named():
    x = np.ones(200)
    for law, words, name in (
        ("gue", {}, "law"), ("goe", {}, "n"), (3, {}, "law"), ("shifted", {"n": 5}, "u"),
        ("shifted", {"n": 5, "u": math.nan}, "u"), ("goe", {"n": 5, "k": 9}, "k"),
        ("kac-rice", {"n": 100, "p": 5, "k": -1}, "n"), ("semicircle", {}, "samples"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=rf"^{name}: got"):
            verify.check(x, law, **words)


def test_the_command(capsys, tmp_path, right):
    for name, scale, code in (("right", 1.0, 0), ("wrong", math.sqrt(2), 1)):
        np.save(tmp_path / f"{name}.npy", scale * right)
        words = ["check", "--law", "goe", "--n", "40", "--out", str(tmp_path / name), "--json"]
        found, out, _ = call(capsys, "verify", *words, str(tmp_path / f"{name}.npy"))
        assert found == code
        data = json.loads(out)
        assert data["agrees"] == (code == 0)
        page = (tmp_path / name / "check.md").read_text()
        assert "## Usual mistakes" in page
        assert ("**do not agree**" in page) == (code == 1)
        assert (tmp_path / name / "check.png").read_bytes()[:4] == b"\x89PNG"
    np.savetxt(tmp_path / "x.csv", right[:, :3], delimiter=",")
    words = ["check", "--n", "40", "--k", "2", "--out", str(tmp_path / "csv")]
    assert call(capsys, "verify", *words, str(tmp_path / "x.csv"))[0] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--n", "40", "{}/nothing.npy"], "FILE: got"),
        (["--n", "40", "{}/text.npy"], "FILE: got"),
        (["--n", "40", "{}/objects.npy"], "FILE: got"),
        (["--n", "40", "{}/nan.npy"], "samples: got 200 values that are not finite"),
        (["{}/nan.npy"], "--n: got nothing"),
        (["--law", "gue", "{}/nan.npy"], "--law: got 'gue'"),
        (["--n", "40", "--k", "40", "{}/flat.npy"], "k: got 40"),
    ],
)
def test_bad_input_is_one_line(capsys, tmp_path, words, says):
    (tmp_path / "text.npy").write_text("hello")
    np.save(tmp_path / "objects.npy", np.array([None, {}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "nan.npy", np.full(200, np.nan))
    np.save(tmp_path / "flat.npy", np.linspace(-1, 1, 200))
    code, out, error = call(
        capsys,
        "verify",
        "check",
        "--out",
        str(tmp_path / "o"),
        *(w.format(tmp_path) for w in words),
    )
    assert (code, out) == (2, "")
    assert error.startswith(f"error: {says}")
    assert error.count("\n") == 1

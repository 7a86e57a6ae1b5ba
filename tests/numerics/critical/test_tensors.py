"""The census of tensors of one's own: published Z-eigenvalues, exact counts, singular tensors."""

from itertools import combinations, permutations
from math import comb

import numpy as np
import pytest

import numerics
from numerics.core.backend import InputError
from numerics.critical import degenerate, enumeration, homotopy
from numerics.critical.polynomials import Forms, layout
from numerics.critical.tracking import separate
from numerics.pspin import tensors

# Kolda and Mayo, Shifted power method for computing tensor eigenpairs, SIAM J. Matrix Anal. Appl. 32
# (2011): Examples 3.6 and 3.5 (the latter from Kofidis and Regalia 2002), Tables 3.2 and 3.1.
ENTRIES_3 = {
    "111": -0.1281, "112": 0.0516, "113": -0.0954, "122": -0.1958, "123": -0.1790, "133": -0.2676,
    "222": 0.3251, "223": 0.2513, "233": 0.1773, "333": 0.0338,
}  # fmt: skip
VALUES_3 = [0.8730, 0.4306, 0.2294, 0.0180, 0.0033, 0.0018, 0.0006]
ENTRIES_4 = {
    "1111": 0.2883, "1112": -0.0031, "1113": 0.1973, "1122": -0.2485, "1123": -0.2939,
    "1133": 0.3847, "1222": 0.2972, "1223": 0.1862, "1233": 0.0919, "1333": -0.3619, "2222": 0.1241,
    "2223": -0.3420, "2233": 0.2127, "2333": 0.2727, "3333": -0.3054,
}  # fmt: skip
VALUES_4 = [
    0.8893, 0.8169, 0.5105, 0.3633, 0.2682, 0.2628, 0.2433, 0.1735, -0.0451, -0.5629, -1.0954,
]  # fmt: skip


def published(entries):
    p = len(next(iter(entries)))
    out = np.zeros((3,) * p)
    for word, value in entries.items():
        for order in permutations(int(digit) - 1 for digit in word):
            out[order] = value
    return out


def power(v, p):
    out = v
    for _ in range(p - 1):
        out = np.multiply.outer(out, v)
    return out


def along(tensor, x, times):
    """T x^times."""
    for _ in range(times):
        tensor = tensor @ x
    return tensor


def test_the_published_eigenvalues_of_order_three():
    tensor = published(ENTRIES_3)
    found = numerics.census(tensor=tensor, scale="unit")
    assert found.status.tolist() == ["complete"]
    z = found.z_eigenvalue
    # x and -x have opposite eigenvalues, of complementary index.
    assert np.allclose(np.sort(z[z > 0])[::-1], VALUES_3, atol=5e-5)
    assert np.allclose(z, -z[::-1], atol=1e-14)
    assert found.counts.tolist() == [[4, 6, 4]]
    assert found.index[z > 0].tolist() == [0, 1, 1, 2, 1, 2, 2]
    top = found.position[-1]
    assert np.allclose(np.abs(top), [0.3922, 0.7249, 0.5664], atol=5e-5)
    for x, value in zip(found.position, z, strict=True):
        assert np.allclose(along(tensor, x, 2), value * x, atol=1e-14)


def test_the_published_eigenvalues_of_order_four():
    found = numerics.census(tensor=published(ENTRIES_4), scale="unit")
    assert found.status.tolist() == ["complete"]
    assert found.found.tolist() == [13]  # two of them are not real
    assert np.allclose(found.z_eigenvalue[::-2], VALUES_4, atol=5e-5)
    assert np.allclose(found.z_eigenvalue[::2], found.z_eigenvalue[1::2], atol=1e-14)
    assert not np.allclose(found.energy[::-2], VALUES_4, atol=5e-5)  # u = z/sqrt(3)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_diagonal_tensor_has_a_point_for_every_set_of_axes(n):
    """On a set of k axes x_i ~ 1/d_i: at z > 0 bent down along all others, at -x along the set."""
    d = np.linspace(0.7, 2.3, n)
    tensor = np.zeros((n,) * 3)
    tensor[(np.arange(n),) * 3] = d
    found = numerics.census(tensor=tensor, scale="unit")
    assert found.status.tolist() == ["complete"]
    assert found.counts[0].tolist() == [comb(n + 1, k + 1) for k in range(n)]
    sets = [s for k in range(1, n + 1) for s in combinations(range(n), k)]
    exact = sorted(float((d[list(s)] ** -2.0).sum() ** -0.5) for s in sets)
    z = found.z_eigenvalue
    assert np.allclose(np.sort(z[z > 0]), exact, rtol=1e-12)


def test_an_orthogonally_decomposable_tensor_in_any_basis():
    """T = sum_i d_i v_i^4, v_i orthonormal: 2^k points on each set of k, all others bent down there."""
    n, d = 4, np.array([0.6, 1.0, 1.5, 2.2])
    q = np.linalg.qr(np.random.default_rng(2).standard_normal((n, n)))[0]
    tensor = sum(di * power(v, 4) for di, v in zip(d, q, strict=True))
    found = numerics.census(tensor=tensor, scale="unit")
    assert found.status.tolist() == ["complete"]
    assert found.counts[0].tolist() == [comb(n, n - k) * 2 ** (n - k) for k in range(n)]
    sets = [s for k in range(1, n + 1) for s in combinations(range(n), k)]
    exact = sorted(1 / float((1 / d[list(s)]).sum()) for s in sets for _ in range(2 ** len(s)))
    assert np.allclose(np.sort(found.z_eigenvalue), exact, rtol=1e-12)


def test_scales_are_one_function_in_three_languages():
    n = 4
    t = np.random.default_rng(3).standard_normal((n,) * 3)
    spins, unit, energy = (numerics.census(tensor=t, scale=scale) for scale in tensors.SCALES)
    for other in (unit, energy):
        assert np.allclose(other.z_eigenvalue, spins.z_eigenvalue, rtol=1e-13)
        assert (other.index == spins.index).all()
    assert np.allclose(spins.energy * n**0.5, spins.z_eigenvalue)
    assert np.allclose((unit.position**2).sum(axis=1), 1)
    s = energy.position
    assert np.allclose((s**2).sum(axis=1), n)
    h = np.einsum("ijk,ri,rj,rk->r", t, s, s, s)
    assert np.allclose(energy.energy, h / n)
    assert np.allclose(spins.energy, h / n / n)  # n^{-(p-1)/2} of it
    assert not np.allclose(energy.energy, spins.energy)


def test_couplings_of_a_simulator_are_a_tensor_of_one_corner():
    n = 5
    j = np.random.default_rng(4).standard_normal(comb(n, 3))
    corner = np.zeros((n,) * 3)
    corner[tuple(np.array(list(combinations(range(n), 3))).T)] = j
    packed = numerics.census(p=3, tensor=j, scale="energy")
    dense = numerics.census(tensor=corner, scale="energy")
    assert packed.status.tolist() == dense.status.tolist() == ["complete"]
    assert np.allclose(packed.energy, dense.energy, rtol=1e-12)
    s = packed.position[0]
    pairs = zip(j, combinations(range(n), 3), strict=True)
    assert packed.energy[0] == pytest.approx(sum(x * s[list(i)].prod() for x, i in pairs) / n)


@pytest.mark.parametrize("factor", [1e-200, 1e-3, 1e5, 1e200])
def test_no_size_is_too_large_or_too_small(factor):
    t = published(ENTRIES_3)
    found = numerics.census(tensor=factor * t)
    assert found.status.tolist() == ["complete"]
    assert np.allclose(found.z_eigenvalue / factor, numerics.census(tensor=t).z_eigenvalue)


def test_symmetrising_is_said():
    t = np.random.default_rng(5).standard_normal((3, 3))
    one = tensors.given(t)
    assert (
        one.said
        == f"symmetrised: entries that should be equal differ by up to {np.abs(t - t.T).max():.3g}"
    )
    assert np.allclose(
        numerics.census(tensor=one).z_eigenvalue[::2], np.linalg.eigvalsh((t + t.T) / 2)
    )
    assert tensors.given(t + t.T).said == ""


RNG = np.random.default_rng(6)
SPHERE = np.einsum("ij,kl->ijkl", np.eye(3), np.eye(3))  # |x|^4
FLAT = {
    "rank one": power(RNG.standard_normal(4), 3),
    "rank one, order four": power(RNG.standard_normal(3), 4),
    "rank one, order six": power(RNG.standard_normal(3), 6),
    "rank two": power(RNG.standard_normal(4), 3) + power(RNG.standard_normal(4), 3),
    "|x|^4": SPHERE,
    "equal eigenvalues": np.diag([1.0, 1.0, 2.0]),
    "nothing": np.zeros((3, 3, 3)),
}


@pytest.mark.parametrize("name", FLAT)
def test_sets_of_critical_points_are_called_so(name):
    found = numerics.census(tensor=FLAT[name])
    assert found.status.tolist() == ["positive-dimensional"]
    assert found.hidden[0] > 0


def test_what_is_isolated_in_a_rank_one_tensor_is_proved_beside():
    v = np.array([1.0, 2.0, 2.0, 0.0])
    found = numerics.census(tensor=power(v, 3), scale="unit")
    assert np.allclose(found.z_eigenvalue, [-27, 27])
    assert np.allclose(found.position[1], v / 3)
    assert found.index.tolist() == [0, 3]


@pytest.mark.parametrize(
    "tensor",
    [
        power(np.array([1.0, 0.5]), 3),  # its one other point is double
        power(np.array([1.0, 0.5]), 4),
        power(np.array([1.0, 0.0, 0.5]), 3) + power(np.array([1.0, 2.0, -0.5]), 3),
    ],
)
def test_isolated_points_of_higher_multiplicity_are_no_sets(tensor):
    assert numerics.census(tensor=tensor).status.tolist() == ["nearly-singular"]


def test_points_that_all_but_meet_are_no_set():
    for gap in (0.0, 1e-3, 1e-6, 1e-9, 1e-12):
        for sign in (-1, 1):
            t = np.array([[1.0, 0.0, (1.5 + sign * gap) / 3, 0.0]])
            kind = degenerate.kinds(Forms(layout(2, (3,)), t), [np.random.default_rng(0)])
            assert kind[0] != degenerate.CURVE
            assert kind[0] == degenerate.SINGULAR or gap > 1e-7


def test_random_instances_are_regular():
    sources = [np.random.default_rng(i) for i in range(20)]
    forms = enumeration.draw_forms(sources, 4, {3: 1.0})
    assert set(degenerate.kinds(forms, sources).tolist()) == {degenerate.REGULAR}


def test_a_set_is_not_sought_again(monkeypatch):
    calls, attempt = [], homotopy._attempt
    monkeypatch.setattr(homotopy, "_attempt", lambda *given: calls.append(given) or attempt(*given))
    numerics.census(tensor=FLAT["rank one"])
    assert len(calls) == 1


@pytest.mark.parametrize("coefficients", [{3: 1.0}, {4: 0.5}])
def test_one_name_is_one_disorder_everywhere(coefficients):
    n, seed, disorder = 4, 7, 3
    name = {"seed": seed, "disorder": disorder}
    found = numerics.census(n, coefficients=coefficients, **name)
    t = numerics.tensor(n, coefficients=coefficients, **name)
    assert np.allclose(numerics.census(tensor=t).energy, found.energy, atol=1e-13)
    many = numerics.census(n, coefficients=coefficients, samples=4, seed=seed)
    assert (many.energy[many.instance == disorder] == found.energy).all()
    minima = found.energy[found.index == 0]
    ends = numerics.descend(n, coefficients=coefficients, starts=20, tolerance=1e-10, **name)
    own = numerics.descend(couplings=t, starts=20, tolerance=1e-10)
    for energies in (ends.energies, own.energies):
        nearest = np.abs(energies.ravel()[:, None] - minima).min(axis=1)
        assert nearest.max() < 1e-12
    other = numerics.tensor(n, coefficients=coefficients, seed=seed, disorder=disorder + 1)
    assert not np.allclose(other, t)


def test_descents_on_a_tensor_end_at_its_eigenvectors():
    tensor = published(ENTRIES_3)
    for factor in (1.0, 1e-6, 1e6):
        end = numerics.descend(
            couplings=factor * tensor, scale="unit", starts=30, method="gd+newton"
        )
        assert end.counts == {"converged": 30}
        assert (end.index == 0).all()
        z, x = end.z_eigenvalues[0] / factor, end.position[0]
        # The minima are those of -x at eigenvalues of index 2, and the one of index 0.
        lows = np.array([-VALUES_3[0], -VALUES_3[1], -VALUES_3[3], VALUES_3[6]])
        assert np.abs(z[:, None] - lows).min(axis=1).max() < 5e-5
        assert np.allclose(np.einsum("ijk,rj,rk->ri", tensor, x, x), z[:, None] * x, atol=1e-6)
        assert np.allclose(end.energies[0] / factor, z / 3**0.5)


def test_flows_and_noise_take_couplings_and_stochastic_parts_do_not():
    tensor = numerics.tensor(6, p=3)
    flow = numerics.descend(couplings=tensor, starts=2, method="flow", times=[0.0, 1.0])
    drawn = numerics.descend(6, p=3, starts=2, method="flow", times=[0.0, 1.0])
    assert flow.path.shape == drawn.path.shape
    assert (flow.path[..., 1] < flow.path[..., 0]).all()
    with pytest.raises(InputError, match=r"^method: got 'sgd'; takes another"):
        numerics.descend(couplings=tensor, method="sgd")


@pytest.mark.parametrize(
    ("tensor", "p", "message"),
    [
        (np.zeros((2, 3)), None, r"tensor: got 'shape \(2, 3\)'; takes shape \(n, n, ...\)"),
        (np.zeros((3, 3)), 3, r"takes shape \(n, n, n\) with n >= 2"),
        (np.zeros((1, 1)), None, "n >= 2"),
        (np.zeros(7), None, "p: got None; takes the order of the 7 couplings"),
        (np.zeros(7), 3, r"tensor: got '7 couplings'; takes C\(n, 3\) of them"),
        (np.zeros(1), 10**9, "p: got"),
        (np.eye(2) * 1j, None, "takes real numbers"),
        ([["a"]], None, "takes real numbers"),
        ([[1.0], [1.0, 2.0]], None, "takes an array of one shape"),
        ([[np.nan, 0.0], [0.0, 0.0]], None, "takes finite numbers"),
        (None, 3, "n: got None"),
    ],
)
def test_bad_tensors_are_named(tensor, p, message):
    with pytest.raises(InputError, match=message):
        numerics.census(p=p, tensor=tensor)


def test_a_model_beside_a_tensor_is_refused():
    with pytest.raises(InputError, match="tensor: got it beside a model"):
        numerics.census(3, tensor=np.eye(3))
    with pytest.raises(InputError, match="couplings: got them beside a model"):
        numerics.descend(3, couplings=np.eye(3))
    with pytest.raises(InputError, match=r"coefficients: got .* one p"):
        numerics.tensor(3, coefficients={2: 1.0, 3: 1.0})
    with pytest.raises(InputError, match="n: got 3; takes fewer spins"):
        numerics.tensor(3, p=10**6)


def test_sixteen_spins_are_allowed_and_seventeen_are_not():
    enumeration.check_census(16, 3, None, 1)
    with pytest.raises(InputError, match="n: got 17; takes fewer spins at degree 3"):
        enumeration.check_census(17, 3, None, 1)
    with pytest.raises(InputError, match="n: got 14"):
        enumeration.check_census(14, None, {2: 0.5, 3: 0.5}, 1)
    assert enumeration.chunk_size(16, {3: 1.0}) == 1


def test_blocks_of_paths_change_nothing(monkeypatch):
    whole = numerics.census(5, p=3, samples=2)
    monkeypatch.setattr(homotopy, "AT_ONCE", 7)
    parts = numerics.census(5, p=3, samples=2)
    assert (parts.counts == whole.counts).all()
    assert np.allclose(parts.energy, whole.energy, atol=1e-14)


@pytest.mark.long
def test_fourteen_spins_are_complete_at_the_price_that_is_said():
    found = numerics.census(14, p=3)
    assert found.status.tolist() == ["complete"]
    assert found.found.tolist() == [2**14 - 1]
    assert found.morse().all()


@pytest.mark.parametrize("both", [False, True])
def test_balls_are_kept_as_by_comparing_all_components(both):
    rng = np.random.default_rng(8)
    for _ in range(50):
        z = rng.integers(-2, 3, (30, 3)) + 1j * rng.integers(-1, 2, (30, 3))
        z = z.astype(complex) + 1e-3 * rng.standard_normal((30, 3))
        r = rng.choice([1e-12, 1e-3, 2e-3, 0.6, np.inf], 30)
        kept = np.empty(30, dtype=bool)
        separate(z, r, both, kept)
        mine = []
        for a in np.flatnonzero(np.isfinite(r)):
            reach = [(r[a] + r[b]) * (1 + 1e-9) for b in mine]
            signs = (1, -1) if both else (1,)
            if all(
                np.abs(z[a, :2] - s * z[b, :2]).max() > far
                for b, far in zip(mine, reach, strict=True)
                for s in signs
            ):
                mine.append(a)
        assert np.flatnonzero(kept).tolist() == mine

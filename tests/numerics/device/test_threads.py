"""Every kernel as a device runs it: the branch for devices, thread by thread, in both orders.

Bits do not depend on the order of the threads. They are those of the loops where sums have one order, and
near them elsewhere.
"""

import numpy as np
import pytest

from numerics.core import backend
from numerics.core.backend import to_numpy
from numerics.core.streams import key_of, stream
from numerics.device import cuda, descents, library
from numerics.networks.datasets import digits
from numerics.networks.sgd import Settings, train_tiles
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import draw, random_point

DTYPES = ["float64", "float32"]
CLOSE = {"float64": 1e-10, "float32": 1e-4}  # of descents, whose steps make more of a last bit


def key(*path):
    return key_of(stream(0, "threads", *path).generator())


def matrices(n, dtype, count=3):
    full = np.random.default_rng(n).standard_normal((count, n, n))
    return (full @ np.swapaxes(full, 1, 2) + np.eye(n)).astype(dtype)


def descended(cp, dtype, n=40):
    """A few steps of gradient descent, Newton's finish, flow and conjugate gradients."""
    from numerics.descent.methods import descend_one

    found = []
    for method in ("gd", "gd+newton", "cg", "flow", "langevin"):
        end = descend_one(
            stream(1), 0, n // 4, {2: 0.5, 3: 0.5}, 3, 1e-9, xp=cp, dtype=dtype, method=method,
            max_steps=55, times=(0.0, 0.03),
        )  # fmt: skip
        found += [end["energies"], end["eigenvalues"] if "eigenvalues" in end else end["index"]]
    return found


def contracted(cp, dtype, n=40):
    c = draw(
        np.random.default_rng(0), n, {2: 0.2, 3: 0.5, 4: 0.3} if n < 20 else {3: 1.0}, dtype, cp
    )
    s = cp.asarray(random_point(np.random.default_rng(1), n, 5).astype(dtype))
    return [*hamiltonian.energy_slope(c, s), hamiltonian.hessian(c, s)]


def curved(cp, dtype, n=70):
    s = cp.asarray(random_point(np.random.default_rng(1), n, 3).astype(dtype))
    radial = cp.ones(3, dtype=getattr(cp, dtype))
    return [descents.curvature(s, radial, cp.asarray(matrices(n, dtype)))]


def trained(cp, dtype):
    settings = Settings(5, epochs=1, dtype="float32")
    end = train_tiles(stream(0), 0, 2, digits(), settings, cp)
    return [end.networks.first.astype(np.float32), end.networks.second.astype(np.float32)]


CALLS = {
    "lowest eigenvalues": lambda cp, dtype: [cuda.lowest_drawn(cp, key("low"), 30, 200, 2, 30)],
    "sweeps": lambda cp, dtype: list(
        cuda.sweep_drawn(cp, key("sweep"), 40, cp.zeros((200, 2)), 0, True)
    ),
    "couplings": lambda cp, dtype: [
        draw(np.random.default_rng(0), 40, {3: 1.0}, dtype, cp).terms[0][1]
    ],
    "normals": lambda cp, dtype: [cuda.normals(cp, key("normals"), 3, (31, 17))],
    "contractions": contracted,
    "contractions of several terms": lambda cp, dtype: contracted(cp, dtype, 9),
    "definite": lambda cp, dtype: [descents.definite(cp.asarray(matrices(70, dtype)))],
    "eigenvalues": lambda cp, dtype: [descents.eigenvalues(cp.asarray(matrices(70, dtype)))],
    "few eigenvalues": lambda cp, dtype: [
        descents.eigenvalues(cp.asarray(matrices(5, dtype)), 1, 2)
    ],
    "solutions": lambda cp, dtype: list(
        descents.solve(
            cp.asarray(matrices(70, dtype)), cp.ones((3, 70), dtype=getattr(cp, dtype)), 3
        )
    ),
    "curvatures": curved,
    "descents": descended,
    "training": trained,
}


def of_threads(standin, call, *arguments, order):
    backend.block_memory.cache_clear()
    with standin.threads(order):
        found = [to_numpy(x) for x in call(*arguments)]
    backend.block_memory.cache_clear()
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CALLS)
def test_threads_do_what_the_loops_do(standin, device, name, dtype):
    loops = [to_numpy(x) for x in CALLS[name](device, dtype)]
    one, other = (
        of_threads(standin, CALLS[name], device, dtype, order=order)
        for order in ("forward", "reverse")
    )
    for a, b, c in zip(loops, one, other, strict=True):
        np.testing.assert_array_equal(b, c)
        scale = CLOSE["float32" if a.dtype == np.float32 else dtype] * (1 + abs(a).max())
        np.testing.assert_allclose(b, a, atol=scale, rtol=0)


def planted(monkeypatch, old, new):
    text = library.source()
    assert old in text
    monkeypatch.setattr(library, "source", lambda: text.replace(old, new))


WAIT = "DEVICE void wait() { __syncthreads(); }"
BARRIERS = {
    "between the steps of a kernel": (WAIT, "DEVICE void wait() {}"),
    "of a sum": ("__syncthreads();\n    x = 0.0;", "x = 0.0;"),
    "before the next sum": (
        "__syncthreads();  // `part` may still be read from the sum before",
        "",
    ),
}


@pytest.mark.parametrize("name", BARRIERS)
def test_a_missing_barrier_is_seen(standin, device, monkeypatch, name):
    """Some bit then depends on the order of the threads, or differs from that of the sound kernel."""
    given, kind = device.asarray(matrices(100, "float64", 2)), "float64"
    calls = [
        lambda: [descents.definite(given.copy())],
        lambda: [descents.eigenvalues(given.copy())],
        lambda: list(descents.solve(given.copy(), device.ones((2, 100)), 3)),
        lambda: curved(device, kind, 100),
        lambda: list(descents.slope(given[0], device.ones(2), given)),
    ]

    def found(order):
        return [x for call in calls for x in of_threads(standin, call, order=order)]

    sound = found("forward")
    planted(monkeypatch, *BARRIERS[name])
    try:
        changed = [found(order) for order in ("forward", "reverse")]
    except AssertionError:
        return  # the threads part
    pairs = ((a, b) for one in changed for a, b in zip(one, sound, strict=True))
    same = [np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs]
    assert not all(same)


def test_threads_that_part_are_refused(standin, device, monkeypatch):
    planted(
        monkeypatch,
        "DEVICE void wait() { __syncthreads(); }",
        "DEVICE void wait() { if (threadIdx.x) __syncthreads(); }",
    )
    with pytest.raises(AssertionError, match=r"left before a barrier|part ways"):
        of_threads(
            standin,
            lambda: [descents.definite(device.asarray(matrices(9, "float64")))],
            order="forward",
        )

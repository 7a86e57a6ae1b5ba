"""Print what a step of each method asks of a device: launches, bytes, products, copies; and a run's copies.

python tests/standin/table.py [N [STARTS [DISORDERS]]]
"""

import sys

import numpy as np
from cupy import standin

from numerics.core.backend import namespace
from numerics.core.streams import key_of, stream
from numerics.descent import conjugate_gradient, flow, gradient, langevin, newton, sgd
from numerics.descent.methods import METHODS, descend_one
from numerics.descent.protocol import Rule
from numerics.pspin.couplings import draw, random_point

STEPS = 10
LINE = "{:<14} {:>6} {:>6} {:>6} {:>9} {:>9} {:>9} {:>9} {:>7}"
HEADS = ("", "ours", "cuBLAS", "CuPy's", "MB ours", "MB BLAS", "MB CuPy", "Mflop", "copies")


def makers(c, xp):
    """Return the methods, each ready to go on one disorder."""
    rule, key = Rule(0.1), key_of(np.random.default_rng(2))

    def noise(k, shape):
        return langevin.normals(xp, key, k, shape)

    return {
        "gd": gradient.method(c, rule),
        "gd+newton": newton.method(c, rule),
        "cg": conjugate_gradient.method(c, rule),
        "flow": flow.method(c, [100.0], 1e-5, 10**6),
        "sgd": sgd.method([c, c], 10**4, 0.1, 0.1),
        "langevin": langevin.method(c, [0.3] * 10**4, 0.01, [0.0, 100.0], noise),
    }


def row(name, seen, steps=1):
    """Return a line of the table."""
    numbers = [x.total() / steps for x in (seen.launches, seen.products, seen.own)]
    sizes = [x / steps / 1e6 for x in (seen.handed, seen.multiplied, seen.moved, seen.flops)]
    shown = [f"{x:.1f}" for x in numbers] + [f"{x:.3f}" for x in sizes]
    return LINE.format(name, *shown, f"{seen.crossings / steps:.2f}")


def main(n=50, starts=64, dtype="float64"):
    xp = namespace("cupy")
    c = draw(np.random.default_rng(0), n, {3: 1.0}, dtype, xp)
    points = xp.asarray(random_point(np.random.default_rng(1), n, starts).astype(dtype))
    print(f"A step of each of {starts} starts, N = {n}, p = 3, {dtype}")
    print(LINE.format(*HEADS))
    kernels = {}
    for name, method in makers(c, xp).items():
        state = method.init(points)
        for k in range(STEPS):
            state, _ = method.step(state, k)
        with standin.counted() as seen:
            if getattr(method, "advance", None) is not None:  # as the loops do on a device
                state, _ = method.advance(state, STEPS, STEPS)
            else:
                for k in range(STEPS, 2 * STEPS):
                    state, _ = method.step(state, k)
        print(row(name, seen, STEPS))
        kernels[name] = (seen.launches + seen.products, seen.own)
    print("\nof which, a step")
    for name, parts in kernels.items():
        for what in parts:
            counts = ", ".join(f"{k} {v / STEPS:g}" for k, v in sorted(what.items()))
            print(f"  {name:<10} {counts}")
    print("\nA whole run of 6 starts at N = 12: copies, of so many steps")
    for name in METHODS:
        options = {"times": (0.0, 1.0)} if name in ("flow", "langevin", "annealing") else {}
        with standin.counted() as seen:
            end = descend_one(stream(0, "table"), 0, 12, {3: 1.0}, 6, xp=xp, method=name, **options)
        print(f"  {name:<14} {seen.crossings:>6} of {int(end['steps'].max())}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""Tools for Hessians at the oracle: linear networks, all of whose eigenvalues are known.

`python benchmarks/hessians.py` prints, for each tool, how many negative eigenvalues it finds and the lowest,
beside the exact ones, and how far Lanczos's density is from the exact one smoothed alike. curvlinops, which
needs PyTorch, was not at hand: its spectral density is not measured.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

import numerics
from numerics.hessians import LinearNetwork, linear_network

WIDTH = 0.15  # of the normal law that smooths densities
LEVELS = np.linspace(-3.5, 6.5, 41)


def oracle() -> LinearNetwork:
    """A saddle of 96 weights with zeros, and with eigenvalues of both signs that are equally large."""
    return linear_network(strengths=np.linspace(1.0, 3.0, 8), captured=[0, 3, 4], hidden=6)


def smoothed(eigenvalues: np.ndarray) -> np.ndarray:
    """Their density at the levels."""
    z = (LEVELS[:, None] - eigenvalues) / WIDTH
    return np.exp(-z * z / 2).mean(axis=1) / (WIDTH * np.sqrt(2 * np.pi))


def by_power_iteration(saddle: LinearNetwork, steps: int = 200, most: int = 60) -> int:
    """Deflate the eigenvalue that is largest in modulus; count what is negative."""
    rng, basis, index = np.random.default_rng(0), np.zeros((0, saddle.n)), 0
    for _ in range(most):
        v = rng.standard_normal(saddle.n)
        for _ in range(steps):
            v = saddle.product(v)
            v -= basis.T @ (basis @ v)
            v /= np.linalg.norm(v)
        index += int(v @ saddle.product(v) < 0)
        basis = np.vstack([basis, v])
    return index


def by_scipy(saddle: LinearNetwork) -> tuple[int, float]:
    """ARPACK's 60 lowest eigenvalues from one start: how many are below -1e-6, and the lowest."""
    operator = LinearOperator((saddle.n, saddle.n), matvec=saddle.product, dtype=float)
    start = np.random.default_rng(0).standard_normal(saddle.n)
    values = eigsh(operator, k=60, which="SA", v0=start, return_eigenvectors=False)
    return int((values < -1e-6).sum()), float(values.min())


def by_lanczos(saddle: LinearNetwork, probes: int = 400) -> tuple[float, float, float, float]:
    """This project's count with its error, the lowest node, and the largest miss of the density."""
    found = numerics.spectrum(saddle.product, saddle.n, probes=probes)
    below = found.below(-1e-6)
    density = np.array([found.density(float(level), WIDTH)[0] for level in LEVELS])
    miss = float(np.abs(density - smoothed(saddle.eigenvalues)).max())
    return below.count, below.stderr, found.lowest[0], miss


def lines(saddle: LinearNetwork) -> list[str]:
    """What is printed."""
    count, stderr, lowest, miss = by_lanczos(saddle)
    found, least = by_scipy(saddle)
    return [
        f"exact: index {saddle.index}, lowest {saddle.eigenvalues[0]:.6f}",
        f"Lanczos: index {count:.1f} (error {stderr:.1f}), lowest {lowest:.6f}, density off by {miss:.1g}",
        f"SciPy's eigsh: index {found}, lowest {least:.6f}",
        f"power iteration and deflation: index {by_power_iteration(saddle)}",
        "curvlinops' spectral density: not installed: not measured",
    ]


if __name__ == "__main__":
    print("\n".join(lines(oracle())))

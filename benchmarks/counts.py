"""Exact mean counts and laws of single eigenvalues: seconds beside their targets and peers."""

from __future__ import annotations

import importlib.util
import math
import sys
import time
from pathlib import Path

import mpmath
import numpy as np
from timing import Work, compare, figure

import numerics
import theory
from theory.finite_n.curves import mean_curves
from theory.goe.kth_law import goe_law

P3 = theory.pure(3)
LEVELS = np.linspace(-1.75, -1.6, 200)
EVEN = 30  # spins of the total by mpmath
DIGITS = 30


def forget() -> None:
    """Empty what the functions of theory keep between calls (panels, rules, tables)."""
    for name, module in list(sys.modules.items()):
        if name.startswith("theory."):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def spent(work: Work, fresh: bool = True) -> float:
    """Processor seconds of one call, nothing kept from earlier ones if fresh."""
    if fresh:
        forget()
    start = time.process_time()
    work()
    return time.process_time() - start


def row(name: str, seconds: float, target: float | None = None) -> str:
    """A line of the table: seconds, target and whether it is met."""
    goal = verdict = ""
    if target is not None:
        goal = f"< {target:g} s"
        verdict = "met" if seconds < target else f"missed, {seconds / target:.3g} times as long"
    line = f"| {name} | {seconds:.2g} | {goal} | {verdict} |"
    print(line, flush=True)
    return line


def total_by_mpmath() -> mpmath.mpf:
    """All critical points of the cubic model, N even, by quadrature of GOE(N)'s one-point density.

    sum_{j<N} phi_j^2 + sqrt(N/2) phi_{N-1}(y) int_0^y phi_N (Mehta, Random Matrices, ch. 7), weighed
    with exp(-y^2/6); the number is 2 sqrt(2/3) 2^(N/2) of that.
    """

    def functions(y: mpmath.mpf) -> list[mpmath.mpf]:
        phi = [mpmath.pi ** mpmath.mpf(-0.25) * mpmath.exp(-y * y / 2)]
        phi.append(mpmath.sqrt(2) * y * phi[0])
        for j in range(1, EVEN):
            root = mpmath.sqrt(mpmath.mpf(j) / (j + 1))
            phi.append(mpmath.sqrt(mpmath.mpf(2) / (j + 1)) * y * phi[j] - root * phi[j - 1])
        return phi

    with mpmath.workdps(DIGITS + 10):
        scale = mpmath.pi ** mpmath.mpf(-0.25) * mpmath.sqrt(mpmath.pi / 2)

        def integrand(y: mpmath.mpf) -> mpmath.mpf:
            phi = functions(y)
            inner = scale * mpmath.erf(y / mpmath.sqrt(2))
            for j in range(1, EVEN, 2):  # phi_j with j odd is 0 at 0
                root = mpmath.sqrt(mpmath.mpf(j) / (j + 1))
                inner = root * inner - mpmath.sqrt(mpmath.mpf(2) / (j + 1)) * phi[j]
            near = mpmath.sqrt(mpmath.mpf(EVEN) / 2) * phi[EVEN - 1] * inner
            density = mpmath.fsum(value**2 for value in phi[:EVEN]) + near
            return density * mpmath.exp(-y * y / 6)

        half = mpmath.quad(integrand, mpmath.linspace(0, 20, 6))
        return 4 * mpmath.sqrt(mpmath.mpf(2) / 3) * mpmath.mpf(2) ** (EVEN // 2) * half


def single(repeats: int) -> list[str]:
    """One number at N = 1000: the slowest of the repeats counts."""
    lines = []
    for k in (0, 1, 5):
        for u in (-1.64, -1.66):

            def work(k: int = k, u: float = u) -> object:
                return theory.mean_count(P3, 1000, k, below=u)

            worst = max(spent(work) for _ in range(repeats))
            lines.append(row(f"mean_count, N = 1000, k = {k}, H/N <= {u}", worst, 1.0))
    return lines


def digits() -> list[str]:
    """Certified balls."""
    lines = [
        row(
            "mean_count, N = 300, total to 50 digits",
            spent(lambda: theory.mean_count(P3, 300, digits=50)),
        )
    ]
    for n in (12, 20):
        work = [lambda n=n: theory.mean_count(P3, n, 2, digits=DIGITS)]
        lines.append(row(f"mean_count, N = {n}, k = 2 to {DIGITS} digits", spent(work[0])))
    return lines


def laws() -> list[str]:
    """goe_law: what the first call pays, and what later ones do."""
    lines = []
    for n, k in ((100, 0), (1000, 5)):
        name = f"goe_law({n}, {k})"

        def table(n: int = n, k: int = k) -> object:
            return goe_law(n, k).ppf(0.5)

        lines.append(row(f"{name}: table and median", spent(table)))
        law = goe_law(n, k)
        x = float(law.ppf(0.3))

        def points(law: object = law, x: float = x) -> None:
            for _ in range(1000):
                law.cdf(x)

        lines.append(row(f"{name}: cdf at one point, 1000 times", spent(points, fresh=False)))

        def draws(law: object = law) -> object:
            return law.rvs(100_000, 0)

        draws()
        lines.append(row(f"{name}: 1e5 draws from the table", spent(draws, fresh=False)))
    return lines


def sampled() -> list[str]:
    """Monte Carlo of the same number, its seconds extrapolated to our error by 1/sqrt(draws)."""
    k, u, draws = 1, -1.64, 1 << 16
    ours = theory.mean_count(P3, 1000, k, below=u)
    numerics.layer_count(1000, {3: 1.0}, k, samples=1000, below=u)
    start = time.process_time()
    found = numerics.layer_count(1000, {3: 1.0}, k, samples=draws, below=u, seed=1)
    seconds = time.process_time() - start
    off = abs(math.expm1(found.log_mean - ours.log)) / found.relative_stderr
    assert off < 6, f"Monte Carlo is {off:.3g} standard errors away"
    more = (found.relative_stderr / ours.relative_error) ** 2
    name = (
        f"numerics.layer_count: {figure(draws)} draws took {seconds:.2g} s, relative standard error "
        f"{found.relative_stderr:.2g}; extrapolated to {draws * more:.1e} draws for the "
        f"{ours.relative_error:.1e} that ours states"
    )

    def work() -> object:
        forget()
        return theory.mean_count(P3, 1000, k, below=u)

    return compare(
        f"Mean number of index {k}, N = 1000, H/N <= {u}, at the same error",
        ("theory.mean_count", 1, work),
        [(name, 1, seconds * more, "")],
        3,
    )


def quadrature() -> list[str]:
    """The total, ours with its proof."""
    ours = theory.mean_count(P3, EVEN, digits=DIGITS)
    with mpmath.workdps(DIGITS + 10):
        gap = abs(total_by_mpmath() / mpmath.mpf(ours.value) - 1)
        assert gap < mpmath.mpf(10) ** (1 - DIGITS), f"mpmath is off by {gap}"

    def work() -> object:
        forget()
        return theory.mean_count(P3, EVEN, digits=DIGITS)

    name = "mpmath.quad of the one-point density, no proof"
    return compare(
        f"All critical points, N = {EVEN}, to {DIGITS} digits",
        ("theory.mean_count, certified", 1, work),
        [(name, 1, total_by_mpmath, "")],
        1,
    )


def sections(repeats: int, out: Path) -> list[str]:
    """All of them."""
    theory.mean_count(P3, 10, 0, below=-1.5)  # imports and compilation are not in the times
    lines = [
        "## Mean counts and laws of single eigenvalues",
        "",
        "Processor seconds of one call for p = 3; before each call everything kept from earlier ones is "
        "dropped, except where the table of a law is said to be there. Single counts at N = 1000: the "
        "slowest of the repeats.",
        "",
        "| | seconds | target | |",
        "| --- | ---: | --- | --- |",
        *single(min(repeats, 3)),
    ]
    curves = spent(lambda: mean_curves(3, 1000, range(6), LEVELS))
    lines.append(
        row("mean_curves, N = 1000, k = 0..5, 200 levels from -1.75 to -1.6", curves, 60.0)
    )
    every = spent(lambda: [theory.mean_count(P3, 30, k, digits=10) for k in range(30)])
    lines.append(row("mean_count, N = 30, all k to 10 digits", every))
    lines += [*digits(), *laws(), ""]
    lines += [*sampled(), *quadrature()]
    there = importlib.util.find_spec("TracyWidom")
    lines += [f"TracyWidom: {'installed, not timed' if there else 'not measured'}.", ""]
    return lines

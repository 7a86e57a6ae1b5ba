"""Make values.json: what tests compare with, by code that shares nothing with the project.

python tests/reference/make.py

Everything here is a few lines of mpmath or NumPy from the formula named beside it.
"""

import json
from pathlib import Path

import mpmath as mp
import numpy as np

FILE = Path(__file__).with_name("values.json")


def layer(p, k, digits=24):
    """E_k: the root of Theta_{k,p}(-E), the rate function I by quadrature (ABC, eq. 2.13)."""
    with mp.workdps(digits + 10):
        edge = 2 * mp.sqrt(mp.mpf(p - 1) / p)

        def theta(e):
            # z = -edge cosh t takes the square root out of the integral
            top = mp.acosh(e / edge)
            rate = 2 * mp.quad(lambda t: mp.sinh(t) ** 2, [0, top])
            return mp.log(p - 1) / 2 - mp.mpf(p - 2) / (4 * (p - 1)) * e**2 - (k + 1) * rate

        return mp.nstr(mp.findroot(theta, (edge * 1.005, edge * 1.02)), digits)


def on_the_sphere():
    """p = 3, N = 3 by index: Rice's formula on the sphere in three dimensions.

    The tangential Hessian is [[m + x, y], [y, m - x]]: m^2 ~ 5 chi2(1), x^2 + y^2 ~ Exp(mean 4), so
    that E |det| = 5 - 4 + 2 E (e - m^2)^+; Euler's characteristic of the sphere is 2.
    """
    total = 2 * (1 + 8 / mp.sqrt(1 + mp.mpf(10) / 4))
    ends, saddles = (total + 2) / 4, (total - 2) / 2
    return [mp.nstr(x, 15) for x in (ends, saddles, ends)]


def density(n, y):
    """One-point density of GOE(n), weight exp(-y^2) of a matrix entry, by Hermite functions (Mehta)."""
    phi = [mp.exp(-y * y / 2) / mp.pi ** (mp.mpf(1) / 4)]
    phi.append(mp.sqrt(2) * y * phi[0])
    for j in range(1, n):
        phi.append(
            mp.sqrt(mp.mpf(2) / (j + 1)) * y * phi[j] - mp.sqrt(mp.mpf(j) / (j + 1)) * phi[j - 1]
        )
    kernel = sum(f * f for f in phi[:n])
    # int_0^y phi_n for even n: by the recurrence of derivatives, phi_{j+1} from phi_{j-1}
    half = mp.mpf(1) / 4
    integral = [mp.sqrt(mp.pi / 2) / mp.pi**half * mp.erf(y / mp.sqrt(2))]
    integral.append(mp.sqrt(2) / mp.pi**half * (1 - mp.exp(-y * y / 2)))
    for j in range(1, n):
        at_zero = phi_at_zero(j)
        integral.append(
            mp.sqrt(mp.mpf(j) / (j + 1)) * integral[j - 1]
            - mp.sqrt(mp.mpf(2) / (j + 1)) * (phi[j] - at_zero)
        )
    more = mp.sqrt(mp.mpf(n) / 2) * phi[n - 1] * integral[n]
    if n % 2:
        raise ValueError("even n alone")
    return kernel + more


def phi_at_zero(j):
    """phi_j(0)."""
    if j % 2:
        return mp.mpf(0)
    return (
        (-1) ** (j // 2)
        * mp.sqrt(mp.factorial(j))
        / (mp.mpf(2) ** (j // 2) * mp.factorial(j // 2) * mp.pi ** (mp.mpf(1) / 4))
    )


def total(d1, d2, n, below=None, p=None):
    """Mean number of critical points by the one-point density; a level where the model is pure."""
    spread = mp.mpf(d2 - d1) / (2 * (d1 + d2))
    ends = mp.linspace(-mp.sqrt(2 * n) - 12, mp.sqrt(2 * n) + 12, 40)
    if below is not None:
        top = mp.sqrt(mp.mpf(p) / (2 * (p - 1))) * mp.mpf(below) * mp.sqrt(n)
        ends = [*(top - 8 * mp.mpf(2) ** -j for j in range(12)), top]  # it falls steeply
    inside = mp.quad(lambda y: density(n, y) * mp.exp(-spread * y * y), ends)
    return 2 * mp.sqrt(2 * mp.mpf(d1) / (d1 + d2)) * mp.sqrt(mp.mpf(d2) / d1) ** n * inside


def relaxation(until, steps):
    """u at the multiples of until/steps for p = 3, zero temperature: Cugliandolo and Kurchan, Heun."""
    h = until / steps
    c, r = np.zeros((steps + 1, steps + 1)), np.zeros((steps + 1, steps + 1))
    c[0, 0] = 1.0
    u = np.zeros(steps + 1)

    def rates(i):
        """Right-hand sides at t_i for all t' <= t_i by the trapezoidal rule."""
        w = np.full(i + 1, h)
        w[0] = w[-1] = h / 2
        if i == 0:
            w[:] = 0.0
        memory = w * 6 * c[i, : i + 1] * r[i, : i + 1]  # xi'' R
        force = 3 * c[i, : i + 1] ** 2  # xi'
        mu = float(memory @ c[i, : i + 1] + (w * force) @ r[i, : i + 1])
        lower = np.tril(c[: i + 1, : i + 1])
        full = lower + np.tril(lower, -1).T
        # int_0^t' xi'(t, s) R(t', s) ds, trapezoidal up to t'
        part = r[: i + 1, : i + 1] * force[None, :]
        inner = h * (part.sum(axis=1) - part[:, 0] / 2 - np.diagonal(part) / 2)
        dc = -mu * c[i, : i + 1] + memory @ full + inner
        # int_t'^t xi'' R(t, s) R(s, t') ds
        base = 6 * c[i, : i + 1] * r[i, : i + 1]
        sums = base @ r[: i + 1, : i + 1]
        ends = (base * np.diagonal(r)[: i + 1] + base[i] * r[i, : i + 1]) / 2
        dr = -mu * r[i, : i + 1] + h * (sums - ends)
        return dc, dr, mu

    r[0, 0] = 1.0
    for i in range(steps):
        dc, dr, mu = rates(i)
        u[i] = -mu / 3
        c[i + 1, : i + 1] = c[i, : i + 1] + h * dc
        r[i + 1, : i + 1] = r[i, : i + 1] + h * dr
        c[i + 1, i + 1] = r[i + 1, i + 1] = 1.0
        for _ in range(2):
            dc2, dr2, _ = rates(i + 1)
            c[i + 1, : i + 1] = c[i, : i + 1] + h / 2 * (dc + dc2[: i + 1])
            r[i + 1, : i + 1] = r[i, : i + 1] + h / 2 * (dr + dr2[: i + 1])
    u[steps] = -rates(steps)[2] / 3
    return u


def energies(times, steps):
    """u at times (multiples of 0.5), extrapolated from three steps of error h^2 + h^3."""
    runs = [relaxation(times[-1], steps * f) for f in (1, 2, 4)]
    at = [[run[round(t / times[-1] * (len(run) - 1))] for t in times] for run in runs]
    one, two, four = map(np.array, at)
    a, b = (4 * two - one) / 3, (4 * four - two) / 3
    return [round(float(x), 9) for x in b + (b - a) / 7]


def bessel(t):
    """u(t) of p = 2 from a random start: -sqrt 2 I_2(4 sqrt 2 t)/I_1(4 sqrt 2 t)."""
    x = 4 * mp.sqrt(2) * t
    return mp.nstr(-mp.sqrt(2) * mp.besseli(2, x) / mp.besseli(1, x), 15)


def values():
    """All of them, as they stand in values.json."""
    with mp.workdps(40):
        mixed = mp.nstr(total(3, 7, 8), 15)
        rare = {
            f"{n},{below}": mp.nstr(mp.log(total(3, 6, n, below, 3)), 11)
            for n, below in ((100, "-2.0"), (300, "-1.8"))
        }
    return {
        "layers": {f"{p},{k}": layer(p, k) for p in (3, 4) for k in (0, 1, 2)},
        "circle, p = 3": [mp.nstr(mp.sqrt(7), 15)] * 2,
        "sphere, p = 3": on_the_sphere(),
        "total of (q^2 + q^4)/2 at N = 8": mixed,
        "log of the total of p = 3 at N, below": rare,
        "u(1) of p = 2": bessel(1),
        "u(0.5), u(1), u(2), u(5) of p = 3": energies([0.5, 1.0, 2.0, 5.0], 400),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(values(), indent=1) + "\n")

r"""How many eigenvalues of GOE(N) lie beyond a point: the generating function, exactly.

In y = sqrt(N) x the weight is exp(-y^2/2) an eigenvalue. Let J = (s, inf), E(w) = E[w^#J] and
lambda = 1 - w, so that E(w) = E prod f(y_i) with f = 1 - lambda chi_J. De Bruijn's integral gives
E(w)^2 = det(P f e f P) / det(P e P), where P projects on span(phi_0 ... phi_{N-1}) and e has the
kernel sgn(x - y)/2 (for odd N the space has one function more, a mass at -inf). Since D e = 1 and
D phi_j has only the neighbours of phi_j,

    (P e P)^-1 P e = P + a phi_{N-1} (x) e phi_N [+ phi_{N-1}/(2 J_{N-1}) for odd N],  a = sqrt(N/2),
    f e f - e = -(1 - w^2) e chi - (lambda/2) (chi (x) (1-chi) + w (1-chi) (x) chi),

and chi = e delta_s + 1/2. So the quotient is 1 - (1 - w^2) K chi plus rank two (three for odd N, and
one row removes the third), with the same result for either parity:

    E(w)^2 = det(1 - z K) det U,   z = 1 - w^2,   K = sum_{j<N} phi_j phi_j on J,
    U = [[1 - (lambda/2)(q T_{N-1}(s) + <h, r alpha>), -(lambda/2) <h, r a phi_{N-1}>],
         [<g, r alpha>,                                1 + <g, r a phi_{N-1}>]],
    r = (1 - z K)^-1,  alpha = K(., s) - T_N(s) a phi_{N-1},
    h = z q T_{N-1} - (1 + w),  g = z T_N - lambda b,
    b = J_N for even N, 1/(2 a J_{N-1}) for odd N,  q = 2 a b,  T_j(x) = int_x^inf phi_j.

The derivative of log f at s (a point mass) gives in the same way the density of an eigenvalue at s,
weighted with w for each of the others in J,

    p(w) = E(w) [x_1 (r alpha)(s) + x_2 (r a phi_{N-1})(s)],   U x = ((1 + w)/2, b),

in which nothing cancels: its coefficient of w^k is the density at s of the (k+1)-th largest
eigenvalue. The soft edge is the same formula with K the Airy kernel, a phi_{N-1} -> Ai/2,
T_N, q T_{N-1} -> int_s^inf Ai and b = 1. Compare Tracy and Widom 1998, Dieng 2005.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

# guard (all): the error stated
# tests/theory/goe/test_fredholm.py::test_balls_and_floats_agree_within_the_error_stated
_EPS = 2.0**-52

# same (all): any circle gives the same coefficient
_BISECTIONS = 60
_WELL = 1e-9  # an error that needs no second circle


@dataclass(frozen=True)
class Forms:
    """What the generating function needs, in the eigenbasis of K on J; a leading axis of points s.

    Attributes
    ----------
    kappa
        Eigenvalues of K, (S, m).
    left
        Components of T_{N-1}, 1, T_N, K(., s), (S, 4, m).
    right
        Components of K(., s) and a phi_{N-1}, (S, 2, m).
    at
        K(s, s), a phi_{N-1}(s), T_{N-1}(s), T_N(s), (4, S).
    b, q
        Constants of the ensemble.
    """

    kappa: Real
    left: Real
    right: Real
    at: Real
    b: float
    q: float

    def take(self, which: NDArray[np.bool_]) -> Forms:
        """The forms at some of the points."""
        return Forms(
            self.kappa[which],
            self.left[which],
            self.right[which],
            self.at[:, which],
            self.b,
            self.q,
        )


def project(
    kernel: Real, roots: Real, phi: Real, first: Real, second: Real, b: float, q: float
) -> Forms:
    """Forms from the values at quadrature nodes and, last, at s.

    Parameters
    ----------
    kernel
        K at the m nodes and s, (S, m + 1, m + 1).
    roots
        Square roots of the weights, (S, m).
    phi, first, second
        a phi_{N-1}, T_{N-1}, T_N, (S, m + 1).
    b, q
        Constants of the ensemble.
    """
    m = roots.shape[1]
    kappa, basis = np.linalg.eigh(kernel[:, :m, :m] * roots[:, :, None] * roots[:, None, :])

    def components(*values: Real) -> Real:
        stacked = np.stack(values, axis=1) * roots[:, None, :]
        return np.asarray(stacked @ basis)

    row = kernel[:, :m, m]
    return Forms(
        np.maximum(kappa, 0.0),
        components(first[:, :m], np.ones_like(roots), second[:, :m], row),
        components(row, phi[:, :m]),
        np.stack([kernel[:, m, m], phi[:, m], first[:, m], second[:, m]]),
        b,
        q,
    )


def solved(w: Any, forms: Any, at: Any, b: Any, q: Any) -> tuple[Any, Any]:
    """det U and p/E from the forms <left, r right>, in any arithmetic.

    Parameters
    ----------
    w
        The variable.
    forms
        forms[i][j] = <left_i, r right_j>, in the order of `Forms`.
    at
        K(s, s), a phi_{N-1}(s), T_{N-1}(s), T_N(s).
    b, q
        Constants of the ensemble.
    """
    lam, z = 1 - w, 1 - w * w
    diagonal, phi, first, second = at
    # <left, r alpha> and <left, r a phi>.
    alpha = [row[0] - second * row[1] for row in forms]
    other = [row[1] for row in forms]
    u11 = 1 - lam / 2 * (q * first + z * q * alpha[0] - (1 + w) * alpha[1])
    u12 = -lam / 2 * (z * q * other[0] - (1 + w) * other[1])
    u21 = z * alpha[2] - lam * b * alpha[1]
    u22 = 1 + z * other[2] - lam * b * other[1]
    determinant = u11 * u22 - u12 * u21
    alpha_s = diagonal - second * phi + z * alpha[3]
    phi_s = phi + z * other[3]
    half = (1 + w) / 2
    x1, x2 = half * u22 - b * u12, b * u11 - half * u21
    return determinant, (x1 * alpha_s + x2 * phi_s) / determinant


def _generating(forms: Forms, w: Complex) -> tuple[Complex, Complex, Real]:
    """log E^2, p/E and the worst amplification of an error of K; w and results are (S, q)."""
    z = 1 - w * w
    denominators = 1 - z[:, :, None] * forms.kappa[:, None, :]
    inverse = 1 / denominators
    products = forms.left[:, :, None, :] * forms.right[:, None, :, :]
    table = np.moveaxis(products.reshape(len(w), 8, -1) @ np.swapaxes(inverse, 1, 2), 1, 0)
    rows = table.reshape(4, 2, *w.shape)
    determinant, ratio = solved(w, rows, forms.at[:, :, None], forms.b, forms.q)
    log = np.log(denominators).sum(-1) + np.log(determinant)
    return log, ratio, np.abs(z) * np.abs(inverse).max(-1)


# same (all): any circle gives the same coefficient
def _radius(kappa: Real, mean: float) -> Real:
    """log r such that about ``mean`` eigenvalues lie in J under the weight r^#J, (S,)."""
    low, high = np.full(len(kappa), -340.0), np.full(len(kappa), 340.0)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        odds = np.exp(2 * middle)[:, None] * kappa
        few = (odds / (np.abs(1 - kappa) + odds + 1e-300)).sum(-1) < mean
        low, high = np.where(few, middle, low), np.where(few, high, middle)
    return low


def coefficients(forms: Forms, k: int, largest: int) -> tuple[Real, Real]:
    """log of the coefficient of w^k of p(w), the density of the (k+1)-th largest eigenvalue at s.

    A trapezoidal sum over the circle through the saddle point, where all that is summed is of the
    order of the result; the branch of sqrt(E^2) is followed around it.

    Parameters
    ----------
    forms
        The ensemble at points s.
    k
        Index of the eigenvalue from above, from 0.
    largest
        Number of eigenvalues N, or a bound on it.

    Returns
    -------
    log, error : ndarray, (S,)
        Relative error of the coefficient: rounding amplified by the resolvent, and what the sum
        leaves where coefficients vanish. Infinite where float64 has nothing to say.
    """
    result, error = np.zeros(len(forms.kappa)), np.full(len(forms.kappa), np.inf)
    # same (all): any circle gives the same coefficient
    for shift in (0.0, -0.6, 0.6):
        again = ~(error < _WELL)
        if again.any():
            found, found_error = _on_circle(forms.take(again), k, largest, shift)
            better = found_error < error[again]
            where = np.flatnonzero(again)[better]
            result[where], error[where] = found[better], found_error[better]
    return result, error


def _on_circle(forms: Forms, k: int, largest: int, shift: float) -> tuple[Real, Real]:
    """`coefficients` on one circle, its radius moved by exp(shift) off the saddle point."""
    with np.errstate(all="ignore"):
        # same (all): any circle gives the same coefficient
        log_r = _radius(forms.kappa, min(k + 1.0, largest - 0.1)) + shift
        # same (all): any circle gives the same coefficient
        half = 16 + 8 * k
        # Between the real points: E has real zeros, and its branch cannot be followed through one.
        angle = np.pi * (np.arange(half) + 0.5) / half
        log, ratio, amplified = _generating(forms, np.exp(log_r[:, None] + 1j * angle))
        root = np.exp((log.real - log.real[:, :1] + 1j * np.unwrap(log.imag)) / 2)
        values = root * ratio
        found = (values * np.exp(-1j * k * angle)).real.mean(-1)
        scale = np.abs(values).max(-1) / np.abs(found)
        # The coefficients of w^-1 ... vanish; what is seen there is noise.
        # same (numbers, signs): any of the coefficients that vanish show the noise
        below = np.exp(1j * angle[:, None] * np.arange(1, half // 2 + 1))
        noise = np.abs((values @ below).real / half).max(-1) / np.abs(found)
        # Recurrences over N steps leave about sqrt(N) units of the last place in K.
        unit = 2 * _EPS * (1 + 0.6 * np.sqrt(largest))  # same (all): how an error is estimated
        # guard (all): the error stated
        # tests/theory/goe/test_fredholm.py::test_balls_and_floats_agree_within_the_error_stated
        error = scale * unit * (4 + amplified.max(-1) * forms.kappa[:, -1]) + noise
        result = np.log(found) + log.real[:, 0] / 2 - k * log_r
    good = np.isfinite(result) & np.isfinite(error)
    return np.where(good, result, 0.0), np.where(good, error, np.inf)

"""Numba: paths of critical points from a start system with known solutions to an instance.

On each path F(x, mu; t) = [grad h_t(x) - mu x, (1 - x.x)/2] = 0 with
h_t = (1 - t) sum_i c_i x_i^d / d + t h, c complex and random: no two paths meet for t < 1, with
probability one. `track_between` takes a complex form whose points are known in place of that sum. Steps
are predicted by Hermite's cubic through the last two points and tangents and corrected by Newton's
method; a step is taken only if the first correction is small and the next one much smaller. Nothing
here is trusted: what arrives is certified by `numerics.critical.kantorovich`.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from numerics.compiled.kept import cached

_kernel = partial(cached, error_model="numpy")

# same (2000 -> 2001, 2000 -> 1999, 2000 -> 4000): a hundred are many
_MAX_STEPS = 2000  # on one path; a hundred are many
# same (1e-09 -> 2e-09): short enough to give up
_SHORTEST = 1e-9

LOST = -1
BUDGET = -2


@_kernel
def _monomials(x, parent, variable, re, im):
    """Fill the monomials of x."""
    re[0], im[0] = 1.0, 0.0
    for q in range(1, len(parent)):
        a, b = re[parent[q]], im[parent[q]]
        y = x[variable[q]]
        re[q] = a * y.real - b * y.imag
        im[q] = a * y.imag + b * y.real


@_kernel
def _between(z, t, forms, d, parent, variable, work, value, change, matrix):
    """Fill the same of (1 - t) forms[0] + t forms[1], Hessians of forms of degree d."""
    n = len(z) - 1
    mr, mi, hr, hi, gr, gi = work
    _monomials(z, parent, variable, mr, mi)
    pairs = forms.shape[2]
    for k in range(pairs):
        hr[k] = hi[k] = gr[k] = gi[k] = 0.0
    for q in range(forms.shape[1]):
        m = complex(mr[q], mi[q])
        for k in range(pairs):
            step = forms[1, q, k] - forms[0, q, k]
            now, slope = m * (forms[0, q, k] + t * step), m * step
            hr[k] += now.real
            hi[k] += now.imag
            gr[k] += slope.real
            gi[k] += slope.imag
    square = 0j
    for i in range(n):
        value[i] = change[i] = 0j
        square += z[i] * z[i]
    k = 0
    for i in range(n):
        for j in range(i, n):
            entry, slope = complex(hr[k], hi[k]), complex(gr[k], gi[k])
            matrix[i, j] = entry
            matrix[j, i] = entry
            value[i] += entry * z[j]
            change[i] += slope * z[j]
            if j > i:
                value[j] += entry * z[i]
                change[j] += slope * z[i]
            k += 1
    for i in range(n):
        value[i] = value[i] / (d - 1) - z[n] * z[i]
        change[i] = change[i] / (d - 1)
        matrix[i, i] -= z[n]
        matrix[i, n] = -z[i]
        matrix[n, i] = -z[i]
    change[n] = 0j
    value[n] = (1 - square) / 2
    matrix[n, n] = 0j


@_kernel
def _system(z, t, given, value, change, matrix):
    """Fill F, dF/dt and the Jacobian dF/dz at z = (x, mu)."""
    hessian, gradient, c, d, pure, parent, variable, between, work = given
    if between.shape[0] > 0:
        _between(z, t, between, d, parent, variable, work, value, change, matrix)
        return
    n = len(z) - 1
    mr, mi, hr, hi, gr, gi = work
    _monomials(z, parent, variable, mr, mi)
    pairs = hessian.shape[1]
    for k in range(pairs):
        hr[k] = hi[k] = gr[k] = gi[k] = 0.0
    for q in range(hessian.shape[0]):
        a, b = mr[q], mi[q]
        for k in range(pairs):
            hr[k] += hessian[q, k] * a
            hi[k] += hessian[q, k] * b
        if not pure:
            for k in range(pairs):
                gr[k] += gradient[q, k] * a
                gi[k] += gradient[q, k] * b
    if pure:
        for k in range(pairs):
            gr[k] = hr[k] / (d - 1)
            gi[k] = hi[k] / (d - 1)
    square = 0j
    for i in range(n):
        value[i] = 0j
        square += z[i] * z[i]
    k = 0
    for i in range(n):
        for j in range(i, n):
            entry = t * complex(hr[k], hi[k])
            matrix[i, j] = entry
            matrix[j, i] = entry
            along = complex(gr[k], gi[k])
            value[i] += along * z[j]
            if j > i:
                value[j] += along * z[i]
            k += 1
    for i in range(n):
        power = c[i]
        for _ in range(d - 2):
            power = power * z[i]
        start = power * z[i]
        change[i] = value[i] - start
        value[i] = t * value[i] + (1 - t) * start - z[n] * z[i]
        matrix[i, i] += (1 - t) * (d - 1) * power - z[n]
        matrix[i, n] = -z[i]
        matrix[n, i] = -z[i]
    change[n] = 0j
    value[n] = (1 - square) / 2
    matrix[n, n] = 0j


@_kernel
def _solve(matrix, right):
    """Solve in place by elimination with partial pivoting; False if singular."""
    m = len(right)
    for k in range(m):
        best, row = -1.0, k
        for i in range(k, m):
            size = abs(matrix[i, k].real) + abs(matrix[i, k].imag)
            if size > best:
                best, row = size, i
        if not best > 0.0:
            return False
        if row != k:
            for j in range(k, m):
                matrix[k, j], matrix[row, j] = matrix[row, j], matrix[k, j]
            right[k], right[row] = right[row], right[k]
        inverse = 1 / matrix[k, k]
        for i in range(k + 1, m):
            factor = matrix[i, k] * inverse
            for j in range(k + 1, m):
                matrix[i, j] -= factor * matrix[k, j]
            right[i] -= factor * right[k]
    for k in range(m - 1, -1, -1):
        total = right[k]
        for j in range(k + 1, m):
            total -= matrix[k, j] * right[j]
        right[k] = total / matrix[k, k]
    return True


@_kernel
def _size(v):
    """Return the largest modulus."""
    top = 0.0
    for x in v:
        size = x.real * x.real + x.imag * x.imag
        if not size <= top:  # NaN gets through
            top = size
    return math.sqrt(top)


@_kernel
def _track(z, first_error, given):
    """Move z from t = 0 to t = 1 in place; return the number of steps, or LOST or BUDGET."""
    m = len(z)
    value, change = np.empty(m, np.complex128), np.empty(m, np.complex128)
    matrix = np.empty((m, m), np.complex128)
    old, old_tangent, tangent = z.copy(), np.zeros(m, np.complex128), np.zeros(m, np.complex128)
    trial = z.copy()
    # same (0.02 -> 0.04): of the first step; later ones are by the errors
    t, old_step, step = 0.0, 0.0, 0.02
    _system(z, t, given, value, change, matrix)
    if not _solve(matrix, change):
        return LOST
    for i in range(m):
        tangent[i] = -change[i]
    for count in range(_MAX_STEPS):
        # same (1e-12 -> 2e-12, comparisons): a step that comes so near goes to the end
        if t + step > 1.0 - 1e-12:
            step = 1.0 - t
        if old_step == 0.0:
            for i in range(m):
                trial[i] = z[i] + step * tangent[i]
        else:
            # Hermite's cubic through (old, z), extrapolated to w = 1 + step / old_step.
            w = 1 + step / old_step
            v = w - 1
            for i in range(m):
                trial[i] = (
                    (1 + 2 * w) * v * v * old[i]
                    + w * v * v * old_step * old_tangent[i]
                    + w * w * (3 - 2 * w) * z[i]
                    + w * w * v * old_step * tangent[i]
                )
        there = t + step
        good = False
        error, last = 0.0, 0.0
        # same (4 -> 5, 4 -> 8): the third correction is rounding
        for newton in range(4):
            _system(trial, there, given, value, change, matrix)
            if not _solve(matrix, value):
                break
            for i in range(m):
                trial[i] -= value[i]
            now = _size(value) / _size(trial)
            if newton == 0:
                error = now
                # same (comparisons): an error drawn is not the bound itself
                if not now < first_error:
                    break
            # same (0.1 -> 0.2, 1e-12 -> 2e-12, comparisons): a correction that is much smaller, or rounding
            elif not (now < 0.1 * last or now < 1e-12):
                break
            last = now
            # same (1e-07 -> 2e-07, comparisons): the next correction would be rounding
            if now < 1e-7:
                good = True
                break
        if good:
            for i in range(m):
                old[i], z[i], old_tangent[i] = z[i], trial[i], tangent[i]
            old_step, t = step, there
            if t == 1.0:
                return count + 1
            _system(z, t, given, value, change, matrix)
            if not _solve(matrix, change):
                return LOST
            for i in range(m):
                tangent[i] = -change[i]
            # same (2.5 -> 3.5, 2.5 -> 5.0, 1e-300 -> 2e-300, + -> -): how fast steps may grow
            step *= min(2.5, max(0.5, 0.8 * (first_error / (4 * error + 1e-300)) ** 0.25))
        else:
            # same (0.35 -> 0.7): any shorter one
            step *= 0.35
            # same (comparisons): a step is not the shortest one itself
            if step < _SHORTEST:
                return LOST
    return BUDGET


@_kernel
def track(z, first_error, hessian, gradient, c, d, pure, parent, variable, steps):
    """Track every path of every instance.

    z is (instances, paths, n + 1) and moves in place from the solutions of the start system to
    those of the instances; hessian and gradient are `Forms.curvature`; c is (instances, n); steps,
    (instances, paths), is filled with the number of steps, LOST where they became too short, BUDGET where
    they were too many.
    """
    monomials, pairs = hessian.shape[1], hessian.shape[2]
    work = (
        np.empty(monomials),
        np.empty(monomials),
        np.empty(pairs),
        np.empty(pairs),
        np.empty(pairs),
        np.empty(pairs),
    )
    none = np.empty((0, 0, 0), np.complex128)
    for i in range(z.shape[0]):
        given = (hessian[i], gradient[i], c[i], d, pure, parent, variable, none, work)
        for k in range(z.shape[1]):
            steps[i, k] = _track(z[i, k], first_error, given)


@_kernel
def track_between(z, first_error, forms, d, parent, variable, steps):
    """Track paths from the critical points z of forms of degree d to those of other forms, as `track`.

    forms, (instances, 2, monomials, pairs), are the Hessians of `Forms.curvature`, complex.
    """
    monomials, pairs = forms.shape[2], forms.shape[3]
    work = (
        np.empty(monomials),
        np.empty(monomials),
        np.empty(pairs),
        np.empty(pairs),
        np.empty(pairs),
        np.empty(pairs),
    )
    none, c = np.empty((0, 0)), np.empty(0, np.complex128)
    for i in range(z.shape[0]):
        given = (none, none, c, d, True, parent, variable, forms[i], work)
        for k in range(z.shape[1]):
            steps[i, k] = _track(z[i, k], first_error, given)


@_kernel
def separate(z, r, both, kept):
    """Keep, of points in order, each whose ball is apart from those of all kept before.

    Apart: some component differs by more than the radii together. If `both`, the ball of -x counts
    with that of x. kept, (points,), is filled; points of infinite radius are not kept.
    """
    n = z.shape[1] - 1
    # Of x and -x alike, and no further apart than the points: it tells most pairs in one comparison.
    key = np.abs(z[:, 0])
    for a in range(len(r)):
        kept[a] = np.isfinite(r[a])
        b = 0
        while kept[a] and b < a:
            reach = (r[a] + r[b]) * (1 + 1e-9)
            # same (comparisons, 1e-14 -> 2e-14): more than rounding of the keys, no two of which are equal
            if kept[b] and not abs(key[a] - key[b]) > reach + 1e-14 * (key[a] + key[b]):
                apart, mirrored = False, not both
                for i in range(n):
                    apart = apart or abs(z[a, i] - z[b, i]) > reach
                    mirrored = mirrored or abs(z[a, i] + z[b, i]) > reach
                kept[a] = apart and mirrored
            b += 1

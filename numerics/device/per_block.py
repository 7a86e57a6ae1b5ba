"""Kernels with one start, or one matrix, a block of threads: what descents do beside the products.

Each is written once, as loops over the entries of a row (`each`), sums over them (`total`) and loops
over the rows of a matrix (`for_rows`, `along`): on a device the threads of a block, or of a warp,
share them; a C++ compiler for the host makes plain loops of them. Sums are taken in float64, in an
order that the number of entries fixes alone, so the same call on the same card gives the same bits.
"""

from __future__ import annotations

TEXT = """
typedef float f32;

#ifdef __CUDACC__
// One row, or one matrix, a block.
#define BLOCKS(r, count) if (const i64 r = blockIdx.x; r < (count))
#define WARP 32
DEVICE void wait() { __syncthreads(); }
DEVICE bool first_thread() { return threadIdx.x == 0; }
DEVICE f64 over_warp(f64 x) {
    for (int s = WARP / 2; s; s >>= 1) x += __shfl_xor_sync(~0u, x, s);
    return x;
}
template <class F> DEVICE void each(i64 n, F f) {
    for (i64 i = threadIdx.x; i < n; i += blockDim.x) f(i);
}
template <class F> DEVICE f64 total(i64 n, F f) {
    __shared__ f64 part[WARP];
    f64 x = 0.0;
    for (i64 i = threadIdx.x; i < n; i += blockDim.x) x += f(i);
    x = over_warp(x);
    __syncthreads();  // `part` may still be read from the sum before
    if (threadIdx.x % WARP == 0) part[threadIdx.x / WARP] = x;
    __syncthreads();
    x = 0.0;
    for (int w = 0; w < blockDim.x / WARP; ++w) x += part[w];
    return x;
}
// Rows of a matrix, one a warp, and sums along one.
template <class F> DEVICE void for_rows(i64 first, i64 last, F f) {
    for (i64 i = first + threadIdx.x / WARP; i < last; i += blockDim.x / WARP) f(i);
}
template <class F> DEVICE f64 along(i64 n, F f) {
    f64 x = 0.0;
    for (i64 i = threadIdx.x % WARP; i < n; i += WARP) x += f(i);
    return over_warp(x);
}
template <class F> DEVICE void each_along(i64 n, F f) {
    for (i64 i = threadIdx.x % WARP; i < n; i += WARP) f(i);
}
DEVICE bool first_lane() { return threadIdx.x % WARP == 0; }
#define FUSED(a, b, c) __fmaf_rn(a, b, c)
#else
#define FUSED(a, b, c) ((a) * (b) + (c))
#define BLOCKS(r, count) for (i64 r = 0; r < (count); ++r)
DEVICE void wait() {}
DEVICE bool first_thread() { return true; }
DEVICE bool first_lane() { return true; }
template <class F> DEVICE void each(i64 n, F f) { for (i64 i = 0; i < n; ++i) f(i); }
template <class F> DEVICE f64 total(i64 n, F f) {
    f64 x = 0.0;
    for (i64 i = 0; i < n; ++i) x += f(i);
    return x;
}
template <class F> DEVICE void for_rows(i64 first, i64 last, F f) {
    for (i64 i = first; i < last; ++i) f(i);
}
template <class F> DEVICE f64 along(i64 n, F f) { return total(n, f); }
template <class F> DEVICE void each_along(i64 n, F f) { each(n, f); }
#endif

// normalise(s + length direction) to |.|^2 = n; `sign` of the length.
template <class T> DEVICE void retract(
    i64 r, i64 n, f64 sign, const T *s, const T *direction, const T *length, T *out
) {
    const T *x = s + r * n, *d = direction + r * n;
    const f64 step = sign * f64(length[r]);
    T *y = out + r * n;
    const f64 square = total(n, [&](i64 i) { f64 v = x[i] + step * d[i]; return v * v; });
    const f64 scale = sqrt(f64(n) / square);
    each(n, [&](i64 i) { y[i] = T((x[i] + step * d[i]) * scale); });
}

template <class T> DEVICE void norms(i64 r, i64 n, const T *x, T *out) {
    const T *row = x + r * n;
    const f64 square = total(n, [&](i64 i) { return f64(row[i]) * row[i]; });
    if (first_thread()) out[r] = T(sqrt(square));
}

template <class T> DEVICE void dots(i64 r, i64 n, const T *x, const T *y, T *out) {
    const T *a = x + r * n, *b = y + r * n;
    const f64 sum = total(n, [&](i64 i) { return f64(a[i]) * b[i]; });
    if (first_thread()) out[r] = T(sum);
}

// Of the gradients (terms, rows, n) of homogeneous terms at x: sets the energy, returns x.grad / x.x.
template <class T> DEVICE f64 along_spins(
    i64 r, i64 rows, i64 n, i64 terms, const f64 *degrees, const T *gradients, const T *x, f64 &energy
) {
    f64 radial = 0.0;
    for (i64 t = 0; t < terms; ++t) {
        const T *g = gradients + (t * rows + r) * n;
        const f64 part = total(n, [&](i64 i) { return f64(x[i]) * g[i]; });
        energy += part / degrees[t];
        radial += part;
    }
    return radial / total(n, [&](i64 i) { return f64(x[i]) * x[i]; });
}

// Entry i of their sum.
template <class T> DEVICE f64 summed(i64 r, i64 rows, i64 n, i64 terms, const T *gradients, i64 i) {
    f64 g = 0.0;
    for (i64 t = 0; t < terms; ++t) g += gradients[(t * rows + r) * n + i];
    return g;
}

// Energy and tangential gradient at s.
template <class T> DEVICE void slope(
    i64 r, i64 rows, i64 n, i64 terms, const f64 *degrees, const T *s, const T *gradients,
    T *energy, T *out
) {
    const T *x = s + r * n;
    T *y = out + r * n;
    f64 h = 0.0;
    const f64 radial = along_spins(r, rows, n, terms, degrees, gradients, x, h);
    each(n, [&](i64 i) { y[i] = T(summed(r, rows, n, terms, gradients, i) - radial * x[i]); });
    if (first_thread()) energy[r] = T(h);
}

// The end of a step of gradient descent, and the trial of the next, in place: the start goes to the
// trial where the energy does not rise. One whose |grad| / sqrt(n) is within the tolerance stays.
template <class T> DEVICE void descend(
    i64 r, i64 rows, i64 n, i64 terms, const f64 *degrees, f64 slack, f64 shrink, f64 tolerance,
    const T *gradients, T *trial, T *s, T *energy, T *gradient, T *length, T *norm
) {
    T *x = trial + r * n, *y = s + r * n, *t = gradient + r * n;
    f64 h = 0.0;
    const f64 radial = along_spins(r, rows, n, terms, degrees, gradients, x, h);
    const T high = energy[r], now = T(h);
    const bool done = f64(norm[r]) <= tolerance;
    const bool yes = !done && now <= high + T(slack) * (high < 0 ? -high : high);
    const T step = yes || done ? length[r] : T(shrink) * length[r];
    if (yes) {
        each(n, [&](i64 i) {
            t[i] = T(summed(r, rows, n, terms, gradients, i) - radial * x[i]);
            y[i] = x[i];
        });
        wait();
        const f64 square = total(n, [&](i64 i) { return f64(t[i]) * t[i]; });
        if (first_thread()) norm[r] = T(sqrt(square / n));
    }
    wait();
    if (first_thread()) {
        if (yes) energy[r] = now;
        length[r] = step;
    }
    const f64 square = total(n, [&](i64 i) { f64 v = y[i] - f64(step) * t[i]; return v * v; });
    const f64 scale = sqrt(f64(n) / square);
    each(n, [&](i64 i) { x[i] = T((y[i] - f64(step) * t[i]) * scale); });
}

// The Hessian on the sphere in ambient coordinates, of that of the polynomial, in place; along s it
// is given a curvature above all others. `radial` is s.grad H / n.
template <class T> DEVICE void curvature(i64 r, i64 n, const T *s, const T *radial, T *h, T *image) {
    const T *u = s + r * n;
    const f64 inverse = 1.0 / sqrt(f64(n)), push = radial[r];
    T *a = h + r * n * n, *w = image + r * n;
    for_rows(0, n, [&](i64 i) {
        const f64 x = along(n, [&](i64 j) { return f64(a[i * n + j]) * u[j]; });
        if (first_lane()) w[i] = T(x * inverse);
    });
    wait();
    const f64 normal = total(n, [&](i64 i) { return f64(w[i]) * u[i]; }) * inverse;
    const f64 square = total(n * n, [&](i64 at) {
        const i64 i = at / n, j = at % n;
        const f64 x = u[i] * inverse, y = u[j] * inverse;
        const f64 v = a[at] - w[i] * y - x * w[j] + normal * x * y - push * (f64(i == j) - x * y);
        a[at] = T(v);
        return v * v;
    });
    const f64 large = sqrt(square) + 1.0;
    each(n * n, [&](i64 at) {
        a[at] = T(a[at] + large * (u[at / n] * inverse) * (u[at % n] * inverse));
    });
}

// Cholesky's factor of a symmetric matrix, in its lower half; whether it is positive definite.
template <class T> DEVICE bool cholesky(i64 n, T *a) {
    bool yes = true;
    for (i64 j = 0; j < n && yes; ++j) {
        const T *row = a + j * n;
        for_rows(j, n, [&](i64 i) {
            T *b = a + i * n;
            const f64 x = along(j, [&](i64 k) { return f64(b[k]) * row[k]; });
            if (first_lane()) b[j] = T(b[j] - x);
        });
        wait();
        const f64 pivot = row[j];
        yes = pivot > 0.0;  // no where it is NaN
        const f64 root = sqrt(yes ? pivot : 1.0);
        wait();
        each(n - j, [&](i64 i) { a[(j + i) * n + j] = T(a[(j + i) * n + j] / root); });
        wait();
    }
    return yes;
}

template <class T> DEVICE void definite(i64 r, i64 n, T *matrices, bool *out) {
    const bool yes = cholesky(n, matrices + r * n * n);
    if (first_thread()) out[r] = yes;
}

// Puts the solution of a system in place of its right side, by Cholesky's factor of the matrix.
template <class T> DEVICE void substitute(i64 n, const T *a, T *x) {
    for (i64 i = 0; i < n; ++i) {
        const f64 sum = total(i, [&](i64 k) { return f64(a[i * n + k]) * x[k]; });
        if (first_thread()) x[i] = T((x[i] - sum) / a[i * n + i]);
        wait();
    }
    for (i64 i = n - 1; i >= 0; --i) {
        const f64 end = x[i] / f64(a[i * n + i]);
        wait();
        if (first_thread()) x[i] = T(end);
        each(i, [&](i64 k) { x[k] = T(x[k] - a[i * n + k] * end); });
        wait();
    }
}

// The solution of a positive definite system in place of the right side, and by inverse iteration from
// there an upper bound of the lowest eigenvalue; zeros where the matrix is not definite.
template <class T> DEVICE void solve(
    i64 r, i64 n, i64 iterations, T *matrices, T *sides, T *work, T *lowest
) {
    T *a = matrices + r * n * n, *x = sides + r * n, *v = work + 2 * r * n, *w = v + n;
    const bool yes = cholesky(n, a);
    if (yes) substitute(n, a, x);
    else each(n, [&](i64 i) { x[i] = 0; });
    wait();
    each(n, [&](i64 i) { w[i] = x[i]; });
    wait();
    f64 low = 0.0;
    for (i64 k = 0; k < iterations && yes; ++k) {
        const f64 size = sqrt(total(n, [&](i64 i) { return f64(w[i]) * w[i]; }));
        each(n, [&](i64 i) { v[i] = T(w[i] / size); w[i] = v[i]; });
        wait();
        substitute(n, a, w);
        low = 1.0 / total(n, [&](i64 i) { return f64(v[i]) * w[i]; });
    }
    if (first_thread()) lowest[r] = T(low);
}

// Householder's reduction of symmetric matrices (both halves given) to tridiagonal form.
template <class T> DEVICE void tridiagonal(
    i64 r, i64 n, T *matrices, f64 *work, f64 *diagonal, f64 *squares
) {
    T *a = matrices + r * n * n;
    f64 *v = work + 2 * r * n, *w = v + n, *d = diagonal + r * n, *b = squares + r * n;
    for (i64 k = 0; k < n; ++k) {
        const i64 m = n - k - 1;
        T *c = a + (k + 1) * n + k + 1;  // what is left, m x m
        const T *row = a + k * n + k + 1;  // the row before it
        const f64 square = total(m, [&](i64 i) { return f64(row[i]) * row[i]; });
        if (first_thread()) {
            d[k] = a[k * n + k];
            if (m) b[k] = square;
        }
        if (m < 2) continue;
        const f64 head = row[0], norm = head < 0 ? -sqrt(square) : sqrt(square);
        const f64 length = square + norm * head;  // half of |v|^2
        if (!(length > 0.0)) continue;  // nothing to reflect, or NaN
        each(m, [&](i64 i) { v[i] = i ? f64(row[i]) : head + norm; });
        wait();
        for_rows(0, m, [&](i64 i) {
            const f64 x = along(m, [&](i64 j) { return c[i * n + j] * v[j]; });
            if (first_lane()) w[i] = x / length;
        });
        wait();
        const f64 half = total(m, [&](i64 i) { return v[i] * w[i]; }) / (2.0 * length);
        each(m, [&](i64 i) { w[i] -= half * v[i]; });
        wait();
        for_rows(0, m, [&](i64 i) {
            const f64 x = v[i], y = w[i];
            each_along(m, [&](i64 j) { c[i * n + j] = T(c[i * n + j] - (x * w[j] + y * v[j])); });
        });
        wait();
    }
}

// Rows of a matrix, four at a time, and at the end fewer: f(first row, how many).
template <class F> DEVICE void for_fours(i64 rows, F f) {
    for_rows(0, (rows + 3) / 4, [&](i64 q) { f(4 * q, math_min(i64(4), rows - 4 * q)); });
}

// Sums over a shared index of up to four rows against one: rows[0 .. 3][i] x[i], `step` apart.
DEVICE void four_sums(
    i64 n, i64 many, const f32 *rows, i64 row, i64 step, const f32 *x, i64 stride, f32 (&sum)[4]
) {
    const f32 *r1 = rows + (many > 1 ? row : 0), *r2 = rows + (many > 2 ? 2 * row : 0);
    const f32 *r3 = rows + (many > 3 ? 3 * row : 0);
    f32 s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (i64 i = 0; i < n; ++i) {
        const f32 v = x[i * stride];
        s0 = FUSED(rows[i * step], v, s0), s1 = FUSED(r1[i * step], v, s1);
        s2 = FUSED(r2[i * step], v, s2), s3 = FUSED(r3[i * step], v, s3);
    }
    sum[0] = s0, sum[1] = s1, sum[2] = s2, sum[3] = s3;
}

#define BATCH 32      // samples of a minibatch: one a thread of a warp
#define PADDED 33     // so that neither rows nor columns meet in one bank of the memory

// Epochs of stochastic gradient descent of one ReLU network with cross-entropy. `room` holds the
// weights, and of a minibatch the inputs, the active units, what comes back to them, the outputs.
DEVICE void train(
    i64 n1, i64 d, i64 classes, i64 m, i64 epochs, const f32 *x, const i64 *labels,
    const int *orders, const f32 *rates, f32 *first, f32 *second, f32 *room
) {
    const i64 wide = n1 + 1;
    f32 *w = room, *v = w + n1 * d, *in = v + classes * wide, *active = in + d * PADDED;
    f32 *back = active + wide * PADDED, *z = back + n1 * PADDED;
    each(n1 * d, [&](i64 i) { w[i] = first[i]; });
    each(classes * wide, [&](i64 i) { v[i] = second[i]; });
    each(BATCH, [&](i64 b) { active[n1 * PADDED + b] = 1; });
    for (i64 epoch = 0; epoch < epochs; ++epoch) {
        const f32 rate = rates[epoch];
        for (i64 batch = 0; batch < m / BATCH; ++batch) {
            const int *chosen = orders + epoch * m + batch * BATCH;
            wait();
            for_rows(0, BATCH, [&](i64 b) {
                const f32 *sample = x + i64(chosen[b]) * d;
                each_along(d, [&](i64 i) { in[i * PADDED + b] = sample[i]; });
            });
            wait();
            for_fours(n1, [&](i64 j, i64 many) {
                each_along(BATCH, [&](i64 b) {
                    f32 sum[4];
                    four_sums(d, many, w + j * d, d, 1, in + b, PADDED, sum);
                    for (i64 q = 0; q < many; ++q)
                        active[(j + q) * PADDED + b] = sum[q] > 0 ? sum[q] : f32(0);
                });
            });
            wait();
            for_rows(0, classes, [&](i64 k) {
                each_along(BATCH, [&](i64 b) {
                    f32 sum = 0;
                    for (i64 j = 0; j < wide; ++j) sum = FUSED(v[k * wide + j], active[j * PADDED + b], sum);
                    z[k * PADDED + b] = sum;
                });
            });
            wait();
            for_rows(0, 1, [&](i64) {
                each_along(BATCH, [&](i64 b) {
                    f32 high = z[b], sum = 0;
                    for (i64 k = 1; k < classes; ++k) high = math_max(high, z[k * PADDED + b]);
                    for (i64 k = 0; k < classes; ++k) {
                        const f32 e = expf(z[k * PADDED + b] - high);
                        z[k * PADDED + b] = e;
                        sum += e;
                    }
                    for (i64 k = 0; k < classes; ++k) z[k * PADDED + b] /= sum;
                    z[labels[chosen[b]] * PADDED + b] -= 1;
                });
            });
            wait();
            for_rows(0, n1, [&](i64 j) {
                each_along(BATCH, [&](i64 b) {
                    f32 sum = 0;
                    for (i64 k = 0; k < classes; ++k) sum = FUSED(v[k * wide + j], z[k * PADDED + b], sum);
                    back[j * PADDED + b] = active[j * PADDED + b] > 0 ? rate * sum : f32(0);
                });
            });
            wait();
            each(classes * wide, [&](i64 at) {
                const f32 *r = z + at / wide * PADDED, *a = active + at % wide * PADDED;
                f32 sum = 0;
                for (i64 b = 0; b < BATCH; ++b) sum = FUSED(r[b], a[b], sum);
                v[at] -= rate * sum;
            });
            for_fours(n1, [&](i64 j, i64 many) {
                each_along(d, [&](i64 i) {
                    f32 sum[4];
                    four_sums(BATCH, many, back + j * PADDED, PADDED, 1, in + i * PADDED, 1, sum);
                    for (i64 q = 0; q < many; ++q) w[(j + q) * d + i] -= sum[q];
                });
            });
        }
    }
    wait();
    each(n1 * d, [&](i64 i) { first[i] = w[i]; });
    each(classes * wide, [&](i64 i) { second[i] = v[i]; });
}

KERNEL void train_networks(
    i64 networks, i64 n1, i64 d, i64 classes, i64 m, i64 epochs, i64 words, i64 inside,
    const f32 *x, const i64 *labels, const int *orders, const f32 *rates, f32 *first, f32 *second,
    f32 *work
) {
#ifdef __CUDACC__
    extern __shared__ f32 near[];
#endif
    BLOCKS(r, networks) {
        f32 *room = work + (inside ? 0 : r * words);
#ifdef __CUDACC__
        if (inside) room = near;
#endif
        train(
            n1, d, classes, m, epochs, x, labels, orders + r * epochs * m, rates, first + r * n1 * d,
            second + r * classes * (n1 + 1), room
        );
    }
}

#define EACH_TYPE(name, T)                                                                          \\
    KERNEL void retract_##name(                                                                     \\
        i64 rows, i64 n, f64 sign, const T *s, const T *direction, const T *length, T *out          \\
    ) { BLOCKS(r, rows) retract(r, n, sign, s, direction, length, out); }                           \\
    KERNEL void norms_##name(i64 rows, i64 n, const T *x, T *out) {                                 \\
        BLOCKS(r, rows) norms(r, n, x, out);                                                        \\
    }                                                                                               \\
    KERNEL void dots_##name(i64 rows, i64 n, const T *x, const T *y, T *out) {                      \\
        BLOCKS(r, rows) dots(r, n, x, y, out);                                                      \\
    }                                                                                               \\
    KERNEL void slope_##name(                                                                       \\
        i64 rows, i64 n, i64 terms, const f64 *degrees, const T *s, const T *gradients,           \\
        T *energy, T *out                                                                           \\
    ) { BLOCKS(r, rows) slope(r, rows, n, terms, degrees, s, gradients, energy, out); }             \\
    KERNEL void descend_##name(                                                                     \\
        i64 rows, i64 n, i64 terms, const f64 *degrees, f64 slack, f64 shrink, f64 tolerance,       \\
        const T *gradients, T *trial, T *s, T *energy, T *gradient, T *length, T *norm            \\
    ) {                                                                                             \\
        BLOCKS(r, rows) descend(                                                                    \\
            r, rows, n, terms, degrees, slack, shrink, tolerance, gradients, trial, s, energy, gradient,\\
            length, norm                                                                            \\
        );                                                                                          \\
    }                                                                                               \\
    KERNEL void curvature_##name(                                                                   \\
        i64 rows, i64 n, const T *s, const T *radial, T *h, T *image                                \\
    ) { BLOCKS(r, rows) curvature(r, n, s, radial, h, image); }                                     \\
    KERNEL void definite_##name(i64 rows, i64 n, T *matrices, bool *out) {                          \\
        BLOCKS(r, rows) definite(r, n, matrices, out);                                              \\
    }                                                                                               \\
    KERNEL void solve_##name(                                                                       \\
        i64 rows, i64 n, i64 iterations, T *matrices, T *sides, T *work, T *lowest                  \\
    ) { BLOCKS(r, rows) solve(r, n, iterations, matrices, sides, work, lowest); }                   \\
    KERNEL void tridiagonal_##name(                                                                 \\
        i64 rows, i64 n, T *matrices, f64 *work, f64 *diagonal, f64 *squares                        \\
    ) { BLOCKS(r, rows) tridiagonal(r, n, matrices, work, diagonal, squares); }
EACH_TYPE(float32, f32)
EACH_TYPE(float64, f64)
"""

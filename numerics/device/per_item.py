"""CUDA C++ of kernels with one item a thread: matrices of the GOE, couplings, products, bisection."""

from __future__ import annotations

ORDERS = 16
"""Largest p of couplings on a device."""

STRIP = 32
"""Rows of couplings that a thread draws in one column."""

SHARED = 8
"""Starts whose product of one rank a thread takes."""

TEXT = """
using namespace landscapes;

// A work space of `rows` numbers a thread: rows by one lane.
template <class T> DEVICE Array<T, 2> lane(T *work, i64 rows, i64 threads, i64 i) {
    return matrix(work + i, rows, 1, threads, 1);
}
template <class T> DEVICE Array<T, 3> lanes(T *work, i64 k, i64 threads, i64 i) {
    return {work + i, {2, k, 1}, {k * threads, threads, 1}};
}

KERNEL void philox_blocks(i64 count, const u64 *counters, const u64 *keys, u64 *out) {
    ITEMS(i, count) {
        const u64 *c = counters + 4 * i, *k = keys + 2 * i;
        auto [a, b, x, y] = philox(c[0], c[1], c[2], c[3], k[0], k[1]);
        out[4 * i] = a, out[4 * i + 1] = b, out[4 * i + 2] = x, out[4 * i + 3] = y;
    }
}

KERNEL void lowest_drawn(
    i64 count, u64 k0, u64 k1, u64 k2, i64 first, i64 n, i64 rows, i64 k, f64 *drawn, f64 *found,
    i64 *marks, f64 *out
) {
    ITEMS(i, count) {
        u64 words[3] = {k0, k1, k2};
        i64 doubt[1];
        auto d = lane(drawn, rows, count, i), squares = lane(drawn + rows * count, rows, count, i);
        auto ends = lanes(found, k, count, i), values = lanes(found + 2 * k * count, k, count, i);
        auto counts = lanes(marks, k, count, i), exponents = lanes(marks + 2 * k * count, k, count, i);
        fill(vector(words, 3), first + i, n, i64(0), rows, d, squares, vector(doubt, 1));
        _lowest_tile(d, squares, rows, matrix(out + i * k, k, 1, 1, 1), ends, values, counts, exponents);
    }
}

KERNEL void sweep_drawn(
    i64 count, u64 k0, u64 k1, u64 k2, i64 first, i64 n, i64 rows, i64 levels, i64 traced,
    const f64 *shifts, f64 *drawn, f64 *minors, i64 *marks, f64 *sums, f64 *log_abs, i64 *index
) {
    ITEMS(i, count) {
        u64 words[3] = {k0, k1, k2};
        i64 doubt[1], size = levels * count;
        auto d = lane(drawn, rows, count, i), squares = lane(drawn + rows * count, rows, count, i);
        auto p0 = lane(minors, levels, count, i), p1 = lane(minors + size, levels, count, i);
        auto exponent = lane(marks, levels, count, i), found = lane(marks + size, levels, count, i);
        auto x = matrix(shifts + i * levels, levels, 1, 1, 1);
        auto trace = matrix(sums + 2 * i, traced ? 2 : 0, 1, 1, 1);
        _sweep_tile(
            vector(words, 3), first + i, n, x, d, squares, vector(doubt, 1), p0, p1, exponent, found, trace
        );
        for (i64 m = 0; m < levels; ++m) {
            log_abs[i * levels + m] = _log_minor(p1(m, 0), exponent(m, 0));
            index[i * levels + m] = found(m, 0);
        }
    }
}

template <class T> DEVICE void draw_couplings(
    i64 i, u64 k0, u64 k1, u64 k2, i64 p, i64 n, f64 amplitude, i64 first_row, i64 first, i64 rows,
    i64 columns, const i64 *places, T *out
) {
    // Neighbours draw neighbouring columns of the same rows.
    const i64 column = i % columns, row = i / columns * STRIP;
    const i64 length = math_min(i64(STRIP), rows - row);
    u64 words[3] = {k0, k1, k2};
    i64 entries_[ORDERS], low_[ORDERS + 1];
    f64 part[STRIP];
    auto ranks = matrix(places, p, n, n, 1);
    auto entries = vector(entries_, p - 1), low = vector(low_, p);
    _unrank(ranks, first + column, p - 1, entries);
    _strip(vector(words, 3), p - 1, ranks, amplitude, first_row + row, entries, low, vector(part, length));
    for (i64 j = 0; j < length; ++j) out[(row + j) * columns + column] = part[j];
}

#define COUPLINGS(name, T)                                                                        \\
    KERNEL void name(                                                                             \\
        i64 count, u64 k0, u64 k1, u64 k2, i64 p, i64 n, f64 amplitude, i64 first_row, i64 first, \\
        i64 rows, i64 columns, const i64 *places, T *out                               \\
    ) {                                                                                           \\
        ITEMS(i, count)                                                                           \\
        draw_couplings(                                                                           \\
            i, k0, k1, k2, p, n, amplitude, first_row, first, rows, columns, places, out   \\
        );                                                                                        \\
    }
COUPLINGS(couplings_float32, float)
COUPLINGS(couplings_float64, double)

// Standard normals, a pair a block of Philox.
KERNEL void normals(i64 count, u64 k0, u64 k1, u64 k2, i64 step, i64 size, f64 *out) {
    ITEMS(i, count) {
        auto [x, y, rest] = row(u64(i) & LOW, u64(i) >> HALF, u64(step), k2, k0, k1);
        out[2 * i] = x;
        if (2 * i + 1 < size) out[2 * i + 1] = y;
    }
}

// Packed products of spins from those of one degree less, columns `first` ... : of a rank with largest
// entry `top`, lower[rest] * s[top]. A thread has one column of some starts.
template <class T> DEVICE void multiply(
    i64 column, i64 group, i64 rows, i64 n, i64 below, i64 first, i64 columns, const int *tops,
    const int *rests, const T *lower, const T *s, T *out
) {
    const i64 begin = group * SHARED, end = math_min(begin + i64(SHARED), rows);
    const T *a = lower + begin * below + rests[first + column];
    const T *b = s + begin * n + tops[first + column];
    T *c = out + begin * columns + column;
    if (end - begin == SHARED) {
        T x[SHARED];
        UNROLL for (int r = 0; r < SHARED; ++r) x[r] = a[r * below] * b[r * n];
        UNROLL for (int r = 0; r < SHARED; ++r) STREAM(c[r * columns], x[r]);
    } else {
        for (i64 r = 0; r < end - begin; ++r) STREAM(c[r * columns], a[r * below] * b[r * n]);
    }
}

// The couplings as second derivatives: row (i, j) of a form is times[j, m] a[i, where[j, m]].
template <class T> DEVICE void unpack(
    i64 item, i64 n, i64 columns, i64 packed, const int *where, const signed char *times, const T *a,
    T *out
) {
    const i64 i = item / (n * columns), place = item % (n * columns);
    out[item] = T(times[place]) * a[i * packed + where[place]];
}

#define PRODUCTS(name, T)                                                                         \\
    KERNEL void products_##name(                                                                  \\
        i64 columns, i64 groups, i64 rows, i64 n, i64 below, i64 first, const int *tops,          \\
        const int *rests, const T *lower, const T *s, T *out                                      \\
    ) {                                                                                           \\
        GRID(column, columns, group, groups)                                                      \\
        multiply(column, group, rows, n, below, first, columns, tops, rests, lower, s, out);      \\
    }                                                                                             \\
    KERNEL void unpack_##name(                                                                    \\
        i64 count, i64 n, i64 columns, i64 packed, const int *where, const signed char *times,    \\
        const T *a, T *out                                                                        \\
    ) { ITEMS(i, count) unpack(i, n, columns, packed, where, times, a, out); }
PRODUCTS(float32, float)
PRODUCTS(float64, double)

// Number of eigenvalues of a tridiagonal matrix below x: of its pivots, the negative ones.
DEVICE i64 below(i64 n, const f64 *diagonal, const f64 *squares, f64 x, f64 tiny) {
    i64 found = 0;
    f64 pivot = 1.0;
    for (i64 k = 0; k < n; ++k) {
        pivot = diagonal[k] - x - (k ? squares[k - 1] / pivot : 0.0);
        if (fabs(pivot) < tiny) pivot = -tiny;
        found += pivot < 0.0;
    }
    return found;
}

// Eigenvalue number first + i % wanted of matrix i / wanted, by bisection; NaN if it is not finite.
KERNEL void bisected(
    i64 count, i64 n, i64 first, i64 wanted, const f64 *diagonal, const f64 *squares, f64 *out
) {
    ITEMS(i, count) {
        const i64 k = first + i % wanted;
        const f64 *d = diagonal + i / wanted * n, *b = squares + i / wanted * n;
        f64 size = 0.0, before = 0.0;
        bool finite = true;
        for (i64 j = 0; j < n; ++j) {
            const f64 after = j < n - 1 ? sqrt(b[j]) : 0.0, reach = fabs(d[j]) + before + after;
            finite = finite && reach < 1e300;
            size = math_max(size, reach);
            before = after;
        }
        const f64 tiny = 1e-32 * size + 1e-300, close = 2.2e-16 * size;
        f64 low = -size, high = size, middle = 0.0;
        while (finite && high - low > close) {
            middle = low + (high - low) / 2;
            if (!(low < middle && middle < high)) break;
            (below(n, d, b, middle, tiny) > k ? high : low) = middle;
        }
        out[i] = finite ? low + (high - low) / 2 : from_bits(i64(0x7ff8000000000000));
    }
}
"""

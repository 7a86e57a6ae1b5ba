"""Numba: epochs of stochastic gradient descent of one ReLU network with cross-entropy, in float32.

Sums run over vectors of the samples of a minibatch, of the inputs, or of the classes, in a fixed order.
Constant lengths and sums of several rows at once are what becomes fast vector code.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.compiled.jit import kernel, piece

MINIBATCH = 32
"""Samples a step."""

# same (16 -> 17, 16 -> 32): zeros that fill up a row
CLASSES = 16
"""Classes at most: a row of outputs is filled up to so many."""


@piece
def _add_rows(out, weight, rows, count, by):
    """Add to out[:by] the sum of weight[i] rows[i, :by] over i < count."""
    i = 0
    # same (comparisons, 8 -> 9, 8 -> 16): what is left goes one by one; last bits
    while i + 8 <= count:
        w0, w1, w2, w3 = weight[i], weight[i + 1], weight[i + 2], weight[i + 3]
        w4, w5, w6, w7 = weight[i + 4], weight[i + 5], weight[i + 6], weight[i + 7]
        for b in range(by):
            out[b] += (
                (w0 * rows[i, b] + w1 * rows[i + 1, b])
                + (w2 * rows[i + 2, b] + w3 * rows[i + 3, b])
            ) + (
                (w4 * rows[i + 4, b] + w5 * rows[i + 5, b])
                + (w6 * rows[i + 6, b] + w7 * rows[i + 7, b])
            )
        i += 8
    while i < count:
        w0 = weight[i]
        for b in range(by):
            out[b] += w0 * rows[i, b]
        i += 1


@piece
def _softmax(z, classes, total):
    """Set the columns of z[:classes] to their softmax."""
    for b in range(MINIBATCH):
        high = z[0, b]
        for k in range(1, classes):
            high = max(high, z[k, b])
        total[b] = np.float32(0)
        for k in range(classes):
            z[k, b] = math.exp(z[k, b] - high)
            total[b] += z[k, b]
        for k in range(classes):
            z[k, b] /= total[b]


@kernel
def train(first, second, x, labels, orders, rates):
    """Move one network through its epochs, in place.

    Parameters
    ----------
    first : float32 array, shape (n1, d)
    second : float32 array, shape (classes, n1 + 1)
    x : float32 array, shape (m, d)
        The last column is 1.
    labels : int64 array, shape (m,)
    orders : int64 array, shape (epochs, m)
    rates : float32 array, shape (epochs,)
        Learning rate over the size of a minibatch.
    """
    n1, d = first.shape
    classes = second.shape[0]
    x_t = np.empty((d, MINIBATCH), dtype=np.float32)
    active = np.empty((n1 + 1, MINIBATCH), dtype=np.float32)
    active[n1, :] = 1
    r = np.empty((classes, MINIBATCH), dtype=np.float32)
    r_t = np.zeros((MINIBATCH, CLASSES), dtype=np.float32)
    column = np.empty(classes, dtype=np.float32)
    slope = np.empty(CLASSES, dtype=np.float32)
    back = np.empty(MINIBATCH, dtype=np.float32)
    total = np.empty(MINIBATCH, dtype=np.float32)
    # same (1 -> 2): room that is not used
    on = np.empty(MINIBATCH + 1, dtype=np.int64)
    for epoch in range(orders.shape[0]):
        rate = rates[epoch]
        for batch in range(orders.shape[1] // MINIBATCH):
            chosen = orders[epoch, batch * MINIBATCH : (batch + 1) * MINIBATCH]
            for b in range(MINIBATCH):
                for i in range(d):
                    x_t[i, b] = x[chosen[b], i]
            for j in range(n1):
                for b in range(MINIBATCH):
                    active[j, b] = 0
                _add_rows(active[j], first[j], x_t, d, MINIBATCH)
                for b in range(MINIBATCH):
                    active[j, b] = max(active[j, b], np.float32(0))
            for k in range(classes):
                for b in range(MINIBATCH):
                    r[k, b] = 0
                _add_rows(r[k], second[k], active, n1 + 1, MINIBATCH)
            _softmax(r, classes, total)
            for b in range(MINIBATCH):
                r[labels[chosen[b]], b] -= np.float32(1)
                for k in range(classes):
                    r_t[b, k] = r[k, b]
            for j in range(n1 + 1):
                for k in range(classes):
                    column[k] = second[k, j]
                for k in range(CLASSES):
                    slope[k] = 0
                _add_rows(slope, active[j], r_t, MINIBATCH, CLASSES)
                for k in range(classes):
                    second[k, j] -= rate * slope[k]
                if j == n1:
                    break
                for b in range(MINIBATCH):
                    back[b] = 0
                _add_rows(back, column, r, classes, MINIBATCH)
                count = 0
                for b in range(MINIBATCH):
                    on[count] = b
                    count += active[j, b] > 0
                    back[b] *= rate
                q = 0
                # same (comparisons, 4 -> 5, 4 -> 8): what is left goes one by one; last bits
                while q + 4 <= count:
                    s0, s1, s2, s3 = back[on[q]], back[on[q + 1]], back[on[q + 2]], back[on[q + 3]]
                    c0, c1 = chosen[on[q]], chosen[on[q + 1]]
                    c2, c3 = chosen[on[q + 2]], chosen[on[q + 3]]
                    for i in range(d):
                        first[j, i] -= (s0 * x[c0, i] + s1 * x[c1, i]) + (
                            s2 * x[c2, i] + s3 * x[c3, i]
                        )
                    q += 4
                while q < count:
                    s0, c0 = back[on[q]], chosen[on[q]]
                    for i in range(d):
                        first[j, i] -= s0 * x[c0, i]
                    q += 1

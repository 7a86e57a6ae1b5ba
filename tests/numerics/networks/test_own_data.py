"""Training on arrays, an .npz file or a `Dataset` of one's own."""

from pathlib import Path

import numpy as np
import pytest

import numerics
from numerics.networks.datasets import Dataset, digits
from numerics.networks.own_data import MOST_CLASSES, PARTS, dataset

FEW = {"hidden": 3, "networks": 2, "epochs": 2}


def blobs(classes, samples=120, seed=0, pixels=(2, 3)):
    """Samples around one point a class."""
    rng = np.random.default_rng(seed)
    centre = rng.standard_normal((classes, *pixels))
    y = np.arange(samples) % classes
    return centre[y] + 0.1 * rng.standard_normal((samples, *pixels)), y


def four(classes, **options):
    (x, y) = blobs(classes, **options)
    return x[:80], y[:80], x[80:], y[80:]


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.weights, b.weights, strict=True))


def test_digits_given_as_arrays_train_the_same_networks():
    known = numerics.train(**FEW)
    assert same(numerics.train(**FEW, data=digits()), known)


def test_arrays_mappings_and_files_are_one_data_set(tmp_path):
    arrays = four(3)
    np.savez(tmp_path / "own.npz", **dict(zip(PARTS, arrays, strict=True)))
    keras = dict(zip(("x_train", "y_train", "x_test", "y_test"), arrays, strict=True))
    np.savez(tmp_path / "keras.npz", **keras)
    known = dataset(arrays)
    assert known.classes == 3
    assert known.train_x.shape == (80, 6)
    assert np.array_equal(known.train_x, arrays[0].reshape(80, 6))
    for other in (list(arrays), keras, str(tmp_path / "own.npz"), tmp_path / "keras.npz"):
        assert dataset(other).digest == known.digest
    built = dataset(Dataset("mine", *(getattr(known, part) for part in PARTS)))  # says 10 classes
    assert (built.name, built.digest, built.classes) == ("mine", known.digest, 3)


@pytest.mark.parametrize("hidden", [4, (4, 3)])
@pytest.mark.parametrize(("classes", "activation"), [(2, "relu"), (3, "tanh"), (20, "relu")])
def test_any_number_of_classes_is_learned(classes, hidden, activation):
    data = four(classes, samples=400)
    end = numerics.train(
        16 if hidden == 4 else (16, 16),
        2,
        data,
        epochs=60,
        start="scaled",
        activation=activation,
        rate=0.3,
    )
    assert [w.shape[1] for w in end.weights][-1] == classes
    assert end.test_accuracy.max() > 0.9
    # A network that knows nothing has the loss log(classes).
    assert end.test_loss.min() < 0.5 * np.log(classes)


def test_the_index_is_that_of_the_hessian_by_differences():
    """Of a network with two inputs and two classes, by central differences of its loss."""
    x, y = blobs(2, samples=64, pixels=(2,))
    end = numerics.train(2, 1, (x, y, x, y), epochs=3, activation="tanh")
    shapes = [w.shape[1:] for w in end.weights]
    start = np.concatenate([w[0].ravel() for w in end.weights])

    def loss(w):
        first, second = np.split(w, [shapes[0][0] * shapes[0][1]])
        a = np.tanh(x @ first.reshape(shapes[0])[:, :-1].T + first.reshape(shapes[0])[:, -1])
        z = a @ second.reshape(shapes[1])[:, :-1].T + second.reshape(shapes[1])[:, -1]
        return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).mean()

    assert abs(loss(start) - end.train_loss[0]) < 1e-12
    e = 1e-4 * np.eye(len(start))
    hessian = np.array(
        [[loss(start + a + b) - loss(start + a - b) - loss(start - a + b) + loss(start - a - b)
          for a in e] for b in e]
    ) / 4e-8  # fmt: skip
    eigenvalues = np.linalg.eigvalsh((hessian + hessian.T) / 2)
    assert np.abs(eigenvalues + 1e-3).min() > 1e-5  # none so near that differences could not tell
    assert end.index[0] == (eigenvalues < -1e-3).sum()


def test_unsigned_bytes_are_pixels():
    x = np.array([[0, 255], [51, 0]], dtype=np.uint8)
    assert dataset((x, [0, 1], x, [1, 0])).train_x.tolist() == [[0.0, 1.0], [0.2, 0.0]]
    plain = x.astype(np.int64)
    assert dataset((plain, [0, 1], plain, [1, 0])).train_x.tolist() == [[0.0, 255.0], [51.0, 0.0]]


X, Y = np.ones((40, 2)), np.zeros(40, dtype=int)
BAD = [
    ("bogus", "data: got 'bogus'; takes digits, mnist, an .npz file, a Dataset, or arrays"),
    ((X, Y), "data: got .*; takes digits, mnist, an .npz file"),
    (3, "data: got 3; takes digits, mnist"),
    ({"x": X}, r"data: got \['x'\]; takes arrays named train_x, train_y, test_x, test_y"),
    ((X, Y[1:], X, Y), "train_y: got '39 labels'; takes one for each of 40 images"),
    ((X, Y, X, Y[1:]), "test_y: got '39 labels'; takes one for each of 40 images"),
    ((X, Y, X[:, 1:], Y), "test_x: got '1 numbers a sample'; takes 2 numbers a sample"),
    ((X * np.nan, Y, X, Y), "train_x: got 'NaN or infinity"),
    ((X * 1j, Y, X, Y), "train_x: got 'complex128 of shape"),
    ((X[0], Y, X, Y), r"train_x: got 'float64 of shape \(2,\)"),
    ((X[:0], Y[:0], X, Y), r"train_x: got 'float64 of shape \(0, 2\)"),
    ((X, Y[:0], X, Y), r"train_y: got 'int64 of shape \(0,\)"),
    ((X, Y * 1.0, X, Y), "train_y: got 'float64 of shape"),
    ((X, Y[:, None], X, Y), r"train_y: got 'int64 of shape \(40, 1\)"),
    ((X, Y - 1, X, Y), r"train_y: got 'labels from -1 to -1'; takes integers 0\.\.999"),
    ((X, Y, X, Y + MOST_CLASSES), "test_y: got 'labels from 1000 to 1000"),
    (([[1], [2, 3]], Y, X, Y), "train_x: got .*; takes an array"),
    (
        (X[:31], Y[:31], X, Y),
        "data: got '31 samples to train on'; takes at least 32, one minibatch",
    ),
]


@pytest.mark.parametrize(("data", "says"), BAD)
def test_what_cannot_be_trained_on_is_named(data, says):
    with pytest.raises(numerics.InputError, match=f"^{says}"):
        numerics.train(**FEW, data=data)


def test_bounds_are_taken():
    assert dataset((X, Y + MOST_CLASSES - 1, X, Y)).classes == MOST_CLASSES
    end = numerics.train(1, 1, (X[:32], Y[:32], X[:1], Y[:1]), epochs=1)
    assert end.weights[-1].shape == (1, 2, 2)  # two classes at least
    one = dataset((X[:, :1], Y, X[:1, :1], Y[:1]))
    assert one.test_x.shape == (1, 1)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY\x01\x00v\x00"])
def test_damaged_files_are_named(tmp_path, content):
    file = tmp_path / "x.npz"
    file.write_bytes(content)
    with pytest.raises(numerics.InputError, match=r"^data: got .*x\.npz'"):
        dataset(file)
    with pytest.raises(numerics.InputError, match=r"^data: got 'nowhere\.npz' that cannot be read"):
        dataset("nowhere.npz")
    np.save(tmp_path / "y.npy", X)
    with pytest.raises(numerics.InputError, match=r"takes an \.npz file:"):
        dataset(Path(tmp_path / "y.npy"))


def test_nothing_is_unpickled(tmp_path):
    np.savez(tmp_path / "p.npz", train_x=np.array([object()]))
    with pytest.raises(numerics.InputError, match=r"p\.npz' that cannot be read \(Object arrays"):
        dataset(tmp_path / "p.npz")


def test_a_folder_of_mnist_stands_beside_mnist_alone():
    with pytest.raises(numerics.InputError, match=r"^mnist: got 'x'; takes a folder beside"):
        dataset((X, Y, X, Y), "x")

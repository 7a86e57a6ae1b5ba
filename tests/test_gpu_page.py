"""The page on GPUs prints what benchmarks/large.json holds: its table, and the limits of its fits."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "gpu.md").read_text(encoding="utf-8")
ROWS = json.loads((ROOT / "benchmarks" / "large.json").read_text(encoding="utf-8"))
SIZES = sorted({row["N"] for row in ROWS})


def of(n, name):
    """Mean over disorders, its standard error, and their number."""
    values = np.array([row[name] for row in ROWS if row["N"] == n])
    return values.mean(), values.std(ddof=1) / len(values) ** 0.5, len(values)


def printed(value, error, digits):
    """As the page writes a number with its error in brackets."""
    return f"{value:.{digits}f}({round(error * 10**digits)})"


@pytest.mark.parametrize("n", SIZES)
def test_the_table_is_of_the_file(n):
    mean, low = of(n, "mean"), of(n, "lowest_eigenvalue")
    row = f"| {n} | {mean[2]} | {printed(*mean[:2], 5)} | {printed(*low[:2], 4)} |"
    assert row in PAGE
    assert f"\n| {n} | " in PAGE


@pytest.mark.parametrize(
    ("powers", "after"),
    [
        ((2 / 3, 4 / 3), "N^(-2/3) and N^(-4/3): "),
        ((1 / 2, 1), "N^(-1/2) and 1/N: "),
        ((1 / 3, 2 / 3), "slowest tried: "),
    ],
)
def test_the_limits_are_those_of_its_fits(powers, after):
    means, errors, _ = zip(*(of(n, "mean") for n in SIZES), strict=True)
    n, weight = np.array(SIZES, dtype=float), 1 / np.array(errors)
    design = np.column_stack([np.ones_like(n), *(n**-power for power in powers)]) * weight[:, None]
    found = np.linalg.lstsq(design, np.array(means) * weight)[0]
    error = np.linalg.inv(design.T @ design)[0, 0] ** 0.5
    said = re.search(re.escape(after) + r"(-1\.\d{4}\(\d+\))", PAGE)
    assert said is not None
    assert said[1] == printed(found[0], error, 4)
    assert (found[0] + 1.656955) / error > 6  # the ground state lies beyond six errors

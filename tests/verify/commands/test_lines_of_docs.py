"""Commands that README and docs/spikes.md show run."""

import re
import shlex
from pathlib import Path

import pytest
from cli import call

ROOT = Path(__file__).resolve().parents[3]
QUICK = ("algorithmic", "law", "moments", "pairs", "spiked", "temperatures")


def lines():
    for page in ("README.md", "docs/spikes.md"):
        for line in re.findall(r"^python -m theory (.*)$", (ROOT / page).read_text(), re.MULTILINE):
            words = shlex.split(line, comments=True)
            if words[0] in QUICK and "--plot" not in words:
                yield words


@pytest.mark.parametrize("words", list(lines()), ids=" ".join)
def test_a_line_runs(capsys, words):
    code, shown, error = call(capsys, "theory", *words)
    assert code == 0, error
    assert shown

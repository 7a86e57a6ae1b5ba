"""The tutorials run as they stand, and print and draw what stands on their pages."""

import re

import pages
import pytest
from matplotlib import pyplot as plt


def test_there_are_three():
    assert [page.stem for page in pages.PAGES] == ["network", "paper", "sampler"]


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_its_blocks_do(page, tmp_path):
    text = page.read_text(encoding="utf-8")
    assert text.count("\n") < 150
    (tmp_path / "figures").mkdir()
    try:
        assert pages.differences(text, pages.renewed(text, tmp_path)) == []
    finally:
        plt.close("all")
    shown = set(re.findall(r"^!\[.+\]\((figures/\w+\.png)\)$", text, re.MULTILINE))
    made = {f.relative_to(tmp_path).as_posix() for f in tmp_path.glob("figures/*.png")}
    assert shown == made
    for name in shown:
        drawn, kept = (plt.imread(folder / name) for folder in (tmp_path, pages.FOLDER))
        assert drawn.shape == kept.shape, name
        assert abs(drawn - kept).mean() < 1e-3, name  # of white = 1: what rounding moves


PAGE = """Words.

```python
x = 1 / 3
print(x)
x
```

```text
0.25
```

```python file=one.py
print("from a file")
```

```console
$ python one.py
```
"""


def test_what_is_printed_takes_the_place_of_what_stands_there(tmp_path):
    found = pages.renewed(PAGE, tmp_path)
    assert "```text\n0.3333333333333333\n0.3333333333333333\n```\n" in found
    assert "0.25" not in found
    assert "$ python one.py\nfrom a file\n```" in found
    assert pages.renewed(found, tmp_path) == found
    assert pages.differences(PAGE, found)


def test_a_block_that_fails_fails_its_page(tmp_path):
    with pytest.raises(ZeroDivisionError):
        pages.renewed("```python\n1 / 0\n```\n", tmp_path)
    (tmp_path / "bad.py").write_text("raise SystemExit('no')")
    with pytest.raises(AssertionError, match="no"):
        pages.renewed("```console\n$ python bad.py\n```\n", tmp_path)

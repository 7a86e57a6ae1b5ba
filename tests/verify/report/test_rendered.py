"""Every markdown page as GitHub renders it: formulas, links, tables, no data in Python's own letters."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import faults
import hostile
import pytest
from rendered import ASCII, INNER, REPR, refused, render

from verify.claims import find
from verify.report import pages, plots, results
from verify.report.first_page import BESIDE, MNIST
from verify.report.markdown import MOST_OPEN

ROOT = Path(__file__).resolve().parents[3]
TEXTS = ("title", "statement", "source", "assumptions", "notes", "undecided")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The pages of the committed results, with the claims' own texts, figures as empty files."""
    out = tmp_path_factory.mktemp("report")
    data = results.load(ROOT / "reports" / "results.json")
    for claim in data["claims"]:
        own = find(claim["id"])
        claim |= {name: getattr(own, name) for name in TEXTS} | {"lacks": dict(own.lacks)}
        claim |= {"compares": dict(own.compares), "bias": own.evidence.bias}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("draw", "draw_small", "draw_distances"):
            patch.setattr(plots, name, lambda _, path: path.write_bytes(b""))
        pages.write(data, out)
    results.dump(data, out / "results.json")
    return {path.name: render(path.read_text()) for path in out.glob("*.md")}, out


def committed():
    """Pages that people write, and those of other commands."""
    folders = (ROOT, ROOT / "docs", ROOT / "docs" / "tutorials", ROOT / "benchmarks")
    written = [path for folder in folders for path in sorted(folder.glob("*.md"))]
    return [*written, *(ROOT / "reports" / f"{name}.md" for name in (*BESIDE, MNIST))]


@cache
def anchors(path):
    return render(path.read_text()).anchors


def dead(page, path):
    """Links of a page that lead nowhere, in files or on pages."""
    found = []
    for link in page.links:
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, name = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (name and name not in anchors(target)):
            found.append(link)
    return found


def test_no_formula_is_refused(report):
    shown = 0
    for name, page in report[0].items():
        assert {f: bad for f in page.formulas if (bad := refused(f))} == {}, name
        assert "$`" not in page.text, name
        shown += len(page.formulas)
    assert shown > 1000


def test_nothing_is_shown_in_python_s_own_letters(report):
    for name, page in report[0].items():
        assert REPR.findall(page.text) == [], name


def test_no_word_is_the_program_s_own(report):
    for name, page in report[0].items():
        if name != "index.md":
            assert INNER.findall(page.text) == [], name
    first = page_before(report[0]["index.md"], "Where the numbers are from")
    assert INNER.findall(first) == []


def test_mathematics_is_set_and_not_typed(report):
    for name, page in report[0].items():
        assert ASCII.findall(page_before(page, "Where the numbers are from")) == [], name


def page_before(page, heading):
    """The text of a page up to a heading, all of it where there is none."""
    return page.text.partition(heading)[0]


def test_a_letter_is_one_thing_in_the_whole_report(report):
    """N is the number of spins, M that of weights; p is the order of the model, pi a probability."""
    texts = {name: (page.text, page.formulas) for name, page in report[0].items()}
    for name, letter, instead in (("N2", "N", "M"), ("N3", "p", "pi"), ("N3-S", "p", "pi")):
        text, formulas = texts[f"{name}.md"]
        assert re.findall(rf"\b{letter}\b(?!-value)", text) == [], name
        assert not any(re.search(rf"(?<![\\\w]){letter}(?!\w)", f) for f in formulas), name
        assert any(re.search(rf"\b{instead}\b", f) for f in [text, *formulas]), name
    assert not any("smallest p " in text for text, _ in texts.values())


def test_rows_of_monte_carlo_say_how_in_the_words_of_the_field(report):
    text = report[0]["KR-K.md"].text
    assert "plain Monte Carlo" in text
    assert "importance sampling" in text
    assert "all levels" in text


def test_no_link_is_dead(report):
    pages_of, out = report
    for name, page in pages_of.items():
        assert dead(page, out / name) == [], name


@pytest.mark.parametrize("path", committed(), ids=lambda path: path.name)
def test_pages_that_people_write(path):
    page = render(path.read_text())
    assert [f for f in page.formulas if refused(f)] == []
    assert dead(page, path) == []
    assert max(page.open_rows, default=0) <= MOST_OPEN
    if path.name not in CHANGES:
        assert REPR.findall(page.text) == []


CHANGES = {"audit.md"}  # which lists changes of sources


def test_pages_that_count_faults_and_input_fold_what_is_long():
    outcome = faults.Outcome(2, 1, 0, 0, 0, [])
    text = faults.page({f"fault {i}": [outcome] for i in range(13)}, 1.0)
    assert render(text).open_rows == [1]
    assert "| **all** | 26 | 13 | 0 |" in text
    tally = hostile.Tally()
    tally.cases = Counter(
        {(f"kind {i}", end): 2 for i in range(13) for end in ("accepted", "other")}
    )
    text = tally.page(0, 1.0)
    assert render(text).open_rows == [1]
    assert "| **all** | 52 | 26 | 0 |" in text
    assert "| kind 12 | 4 | 2 | 0 |" in text


def test_no_table_stands_open_beyond_twelve_rows(report):
    for name, page in report[0].items():
        assert max(page.open_rows, default=0) <= MOST_OPEN, name


def test_the_page_of_a_claim_has_its_parts(report):
    text = (report[1] / "T8.md").read_text()
    order = [
        *(
            "[Report](index.md)",
            "# T8: ",
            "**Verdict: ",
            "Printed:",
            "Corrected:",
            "](figures/T8.svg)",
        ),
        *("## The numbers", "## What would have changed our mind", "](figures/T8-wrong.svg)"),
        *("<details><summary>", "## Limits of this check", "## In full"),
        *("python -m verify run T8 ", "digest"),
    ]
    assert [text.find(part) for part in order] == sorted(text.find(part) for part in order)
    assert text.find(order[0]) == 0
    assert all(part in text for part in order)
    assert report[0]["T8.md"].open_rows[0] <= 8


def test_what_a_renderer_refuses_is_seen():
    assert INNER.search("how = plain")
    assert INNER.search("in the paper profile")
    assert all(
        ASCII.search(typed) for typed in ("E_inf", "x^2", "(a)^b", "a >= b", "sqrt(2)", "-inf")
    )
    page = render("$`\\operatorname{a}`$ {'a': 1} [x](gone.md#a)\n\n|a|\n|-|\n" + "|b|\n" * 13)
    assert [refused(f) for f in page.formulas] == [["operatorname"]]
    assert REPR.findall(page.text)
    assert page.open_rows == [13]
    assert dead(page, ROOT / "README.md") == ["gone.md#a"]

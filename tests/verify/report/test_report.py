import copy
import json
import os
import re
from pathlib import Path

import pytest

import verify
from verify.claims import all_claims
from verify.engine import provenance
from verify.report import derivation_page, pages, plain_words, results
from verify.report.answer import CONSEQUENCE, FIGURES, FINDINGS, QUESTION
from verify.report.folder import FolderError
from verify.report.paper import ERRATA, ROWS

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "reports"


@pytest.fixture(scope="module")
def data():
    return verify.run(["T1", "F2"], profile="quick").data


def broken_links(folder):
    """Links and images of the pages in a folder that lead nowhere."""
    missing = []
    for page in folder.glob("*.md"):
        for target in re.findall(r"(?<!\\)\]\(([^)]+)\)", page.read_text()):
            file = target.partition("#")[0]
            if file and not file.startswith("http") and not (page.parent / file).exists():
                missing.append(f"{page.name}: {target}")
    return missing


def test_the_coverage_tells_digits_from_mnist(data):
    from verify.report import first_page

    one = copy.deepcopy(data)
    one["claims"][0] |= {"rows": ["F4"], "data": ["digits"], "lacks": {"F4": "MNIST"}}
    other = copy.deepcopy(one)
    other["claims"][0] |= {"data": ["digits", "MNIST 10 x 10"], "lacks": {}}
    other["provenance"]["mnist"] = 64 * "a"
    for run, status in ((one, "in part, on digits"), (other, "done, on digits and MNIST 10 x 10")):
        results.check(run)
        [row] = [x for x in first_page.page(run, {}).splitlines() if x.startswith("| F4 |")]
        assert f"| {status} |" in row
    assert "MNIST `aaaaaaaaaaaaaaaa`" in first_page.page(other, {})


def test_results_follow_the_schema_and_come_back(data, tmp_path):
    results.dump(data, tmp_path / "results.json")
    assert results.load(tmp_path / "results.json") == json.loads(json.dumps(data))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("seed"),
        lambda d: d.update(schema=3),
        lambda d: d["claims"][0].update(verdict="true"),
        lambda d: d["claims"][0].update(p_value=1.5),
        lambda d: d["claims"][0].update(id="../../x"),
        lambda d: d["claims"][0]["cells"][0].pop("params"),
    ],
)
def test_the_schema_refuses(data, spoil):
    bad = copy.deepcopy(data)
    spoil(bad)
    with pytest.raises(results.ResultsError, match="at \\$"):
        results.check(bad)


def test_every_link_resolves_and_every_row_is_shown(data, tmp_path):
    pages.write(data, tmp_path)
    results.dump(data, tmp_path / "results.json")
    assert broken_links(tmp_path) == []
    (tmp_path / "figures" / "F2.svg").unlink()
    assert broken_links(tmp_path) != []
    index = (tmp_path / "index.md").read_text()
    assert all(f"| {row.id} |" in index for row in ROWS)


def test_errata_show_formulas_and_thumbnails(data, tmp_path):
    pages.write(data, tmp_path)
    page = (tmp_path / "index.md").read_text()
    rows = page[page.index("## What is corrected") :].splitlines()[2:16]
    assert (
        len({row.count(" | ") for row in rows if row.startswith("| ")}) == 1
    )  # no bar ends a cell
    assert "\\frac{p-2}{4(p-1)}" in page
    assert "\\vert Y\\vert" in page
    drawn = [claim for claim in data["claims"] if claim["series"] and "E12" in claim["rows"]]
    for claim in drawn[:1]:
        assert f"[![figure of {claim['id']}](figures/{claim['id']}-small.svg)]" in page
    assert all(path.stat().st_size for path in (tmp_path / "figures").glob("*-small.svg"))


def test_the_first_page_answers_first(data, tmp_path):
    pages.write(data, tmp_path)
    lines = (tmp_path / "index.md").read_text().splitlines()
    assert lines[0] == f"# {QUESTION}"
    assert lines[2].startswith("**Mostly.**")
    assert lines[4] == "| holds | is corrected | is open |"
    assert "[T1](T1.md)" in lines[6]
    page = "\n".join(lines)
    assert page.index("## What is corrected") < page.index("## Statement by statement")
    assert page.index("## Statement by statement") < page.index("## Our checks")
    assert "python -m verify run T1 --profile" in (tmp_path / "T1.md").read_text()


def test_the_answer_rests_on_claims_that_there_are():
    known = set(all_claims())
    assert {name for one in FINDINGS for name in one.claims} <= known
    assert {name for name, _ in FIGURES} <= known
    assert sorted(CONSEQUENCE) == sorted(one.id for one in ERRATA)
    words = {"right", "imprecise", "wrong", "open"}
    assert all(row.standing.split()[0].strip(",;:") in words for row in ROWS)


def test_plain_words_are_few_and_lead_to_claims(data, tmp_path):
    pages.write(data, tmp_path)
    page = (tmp_path / plain_words.NAME).read_text()
    assert plain_words.cited() <= set(all_claims())
    assert len(plain_words.TEXT.split()) <= plain_words.MOST_WORDS
    assert (
        re.findall(r"\[[A-Z][^\]]*\](?!\()", page) == []
    )  # every name is a link, across lines too
    assert "[T1](T1.md) ✔" in page
    assert plain_words.NAME in (tmp_path / "index.md").read_text()


def test_formulas_are_fenced_and_of_macros_that_renderers_take(data, tmp_path):
    pages.write(data, tmp_path)
    text = (tmp_path / "derivation.md").read_text()
    assert text.count("```math") == text.count("```") / 2 >= 40
    for page in tmp_path.glob("*.md"):
        found = page.read_text()
        assert "$$" not in found
        assert "operatorname" not in found


def test_the_derivation_is_linked_from_the_index_and_the_claims_that_check_it(data, tmp_path):
    pages.write(data, tmp_path)
    link = "](derivation.md)"
    assert link in (tmp_path / "index.md").read_text()
    assert link in (tmp_path / "T1.md").read_text()
    assert link not in (tmp_path / "F2.md").read_text()
    assert "[T1](T1.md) supported" in (tmp_path / "derivation.md").read_text()


def test_the_derivation_is_made_anew_only_if_its_sources_or_its_page_changed(
    data, tmp_path, monkeypatch
):
    pages.write(data, tmp_path)
    place, derived = tmp_path / "derivation.md", []
    first = place.read_text()

    def blank():
        derived.append(True)
        return text

    text = derivation_page.blank()
    monkeypatch.setattr(derivation_page, "blank", blank)
    pages.write({**data, "claims": data["claims"][1:]}, tmp_path)  # T1 not in this run
    assert not derived
    assert "T1 (not in this run)" in place.read_text()
    assert "](derivation.md)" not in (tmp_path / "F2.md").read_text()
    pages.write(data, tmp_path)
    assert (place.read_text(), derived) == (first, [])
    for changed in (first.replace("sphere", "cube", 1), first.replace("<!-- ", "<!-- 0"), "", None):
        place.unlink()
        if changed is not None:
            place.write_text(changed)
        pages.write(data, tmp_path)
        assert place.read_text() == first
    assert len(derived) == 4
    monkeypatch.setattr(derivation_page, "package_digest", lambda package: "edited")
    pages.write(data, tmp_path)
    assert len(derived) == 5


def test_foreign_text_is_shown_not_obeyed(data, tmp_path):
    foreign = copy.deepcopy(data)
    foreign["claims"][0]["statement"] = "<script>x</script> [a](http://b) | $x$\n# top"
    pages.write(foreign, tmp_path)
    page = (tmp_path / "T1.md").read_text()
    assert "<script>" not in page
    assert "[a](" not in page
    assert "\n# top" not in page


def spoilt(data, **changes):
    return {**data, "claims": [{**data["claims"][0], **changes}]}


FOREIGN = {
    "half a character": {"title": "\ud800"},
    "10^400": {"seconds": 10**400},
    "a long id": {"id": "A" * 60},
    "an id with a line's end": {"id": "GOE\n"},
    "the id of a page": {"id": "readme"},
    "the id of another": {"id": "Audit"},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_results_are_refused_and_nothing_is_written(data, tmp_path, name):
    (tmp_path / "results.json").write_text(json.dumps(spoilt(data, **FOREIGN[name])))
    with pytest.raises(results.ResultsError):
        results.load(tmp_path / "results.json")
    assert os.listdir(tmp_path) == ["results.json"]


def test_two_claims_of_one_id_and_many_panels_are_refused(data):
    one = data["claims"][0]
    with pytest.raises(results.ResultsError, match="id"):
        results.check({**data, "claims": [one, {**one, "id": one["id"].lower()}]})
    curve = {"label": "", "kind": "line", "x": [0.0, 1.0], "y": [0.0, 1.0]}
    many = [{**curve, "panel": str(i)} for i in range(400)]
    with pytest.raises(results.ResultsError, match="panels"):
        results.check(spoilt(data, series=many))


def test_results_that_are_no_file_are_refused(tmp_path):
    os.mkfifo(tmp_path / "results.json")
    with pytest.raises(results.ResultsError, match="no file of results"):
        results.load(tmp_path / "results.json")


@pytest.mark.parametrize(
    "made",
    [
        lambda out: (out / "figures").write_text("mine"),
        lambda out: (out / "figures").symlink_to(out.parent),
        lambda out: (out / "index.md").mkdir(),
        lambda out: (out / "derivation.md").symlink_to(out.parent / "mine"),
        lambda out: os.mkfifo(out / "T1.md"),
    ],
)
def test_nothing_is_written_through_what_is_there(data, tmp_path, made):
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "mine").write_text("mine")
    made(out)
    before = sorted(os.listdir(out)), sorted(os.listdir(tmp_path))
    with pytest.raises(FolderError, match=r"^--out: [^\n]*; takes another folder$"):
        pages.write(data, out)
    assert (sorted(os.listdir(out)), sorted(os.listdir(tmp_path))) == before
    assert (tmp_path / "mine").read_text() == "mine"


def test_the_committed_report_is_of_these_sources_and_whole():
    written = results.load(COMMITTED / "results.json")
    assert written["profile"] == "standard"
    assert written["provenance"]["source_digest"] == provenance.source_digest()
    assert broken_links(COMMITTED) == []
    assert all(claim["verdict"] == claim["expected"] for claim in written["claims"])


def test_links_of_the_readme_resolve():
    text = (ROOT / "README.md").read_text()
    targets = [t for t in re.findall(r"\]\(([^)]+)\)", text) if not t.startswith("http")]
    assert targets
    assert all((ROOT / target).exists() for target in targets)

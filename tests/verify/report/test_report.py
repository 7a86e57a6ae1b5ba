import copy
import json
import re
from pathlib import Path

import pytest

import verify
from verify.engine import provenance
from verify.report import pages, results
from verify.report.paper import ROWS

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
            if not target.startswith(("http", "#")) and not (page.parent / target).exists():
                missing.append(f"{page.name}: {target}")
    return missing


def test_results_follow_the_schema_and_come_back(data, tmp_path):
    results.dump(data, tmp_path / "results.json")
    assert results.load(tmp_path / "results.json") == json.loads(json.dumps(data))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("seed"),
        lambda d: d.update(schema=2),
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
    assert broken_links(tmp_path) == []
    (tmp_path / "figures" / "F2.png").unlink()
    assert broken_links(tmp_path) != []
    index = (tmp_path / "index.md").read_text()
    assert all(f"| {row.id} |" in index for row in ROWS)


def test_the_derivation_is_linked_from_the_index_and_the_claims_that_check_it(data, tmp_path):
    pages.write(data, tmp_path)
    link = "](derivation.md)"
    assert link in (tmp_path / "index.md").read_text()
    assert link in (tmp_path / "T1.md").read_text()
    assert link not in (tmp_path / "F2.md").read_text()
    assert "[T1](T1.md) supported" in (tmp_path / "derivation.md").read_text()


def test_foreign_text_is_shown_not_obeyed(data, tmp_path):
    foreign = copy.deepcopy(data)
    foreign["claims"][0]["statement"] = "<script>x</script> [a](http://b) | $x$\n# top"
    pages.write(foreign, tmp_path)
    page = (tmp_path / "T1.md").read_text()
    assert "<script>" not in page
    assert "[a](" not in page
    assert "\n# top" not in page


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

"""The contract that every claim keeps, whatever it says."""

import importlib.util
import json
from pathlib import Path

import pytest

from verify import claims
from verify.claim import PROFILES
from verify.evidence import Limit, Sampled
from verify.report import results
from verify.report.claim_pages import said
from verify.report.paper import BEYOND, ERRATA, ROWS, TRAINED

ROOT = Path(__file__).resolve().parents[3]
ALL = list(claims.all_claims().values())


@pytest.mark.parametrize("claim", ALL, ids=lambda c: c.id)
def test_contract(claim):
    evidence = claim.evidence
    known = {row.id for row in (*ROWS, *BEYOND, *TRAINED)} | {erratum.id for erratum in ERRATA}
    assert set(claim.rows) <= known
    assert set(claim.lacks) <= set(claim.rows)
    assert claim.statement
    assert claim.source
    assert claim.assumptions
    assert claim.alternatives
    assert len({a.name for a in claim.alternatives}) == len(claim.alternatives)
    assert evidence.grid
    assert len({json.dumps(dict(p), sort_keys=True) for p in evidence.grid}) == len(evidence.grid)
    for alternative in claim.alternatives:
        assert alternative.why
        assert alternative.change
        assert set(alternative.change) <= evidence.changes
    if isinstance(evidence, Sampled):
        assert evidence.constants
        for params in evidence.grid:
            sizes = [evidence.chunks(profile, params) for profile in PROFILES]
            assert sizes == sorted(sizes)
    if isinstance(evidence, Limit):
        assert evidence.bias


def test_ids_are_unique_in_any_case_of_letters():
    assert len({claim.id.lower() for claim in ALL}) == len(ALL)
    assert claims.find(ALL[0].id.lower()) is ALL[0]
    with pytest.raises(claims.UnknownClaim):
        claims.find("nothing")


def test_the_claim_in_the_readme_works(tmp_path):
    """The how-to's example is taken out of the README and judged."""
    from verify.claim import merge
    from verify.engine.tasks import stream_of

    text = (ROOT / "README.md").read_text()
    code = text.split('```python\n"""GOE-TRACE')[1].split("```")[0]
    file = tmp_path / "goe_trace.py"
    file.write_text('"""GOE-TRACE' + code)
    assert len(file.read_text().splitlines()) <= 42
    spec = importlib.util.spec_from_file_location("goe_trace", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    claim = module.CLAIM
    [params] = claim.evidence.grid
    stream = stream_of(claim, params, 0, 1)
    data = merge([claim.evidence.simulate(params, stream, chunk, None) for chunk in range(4)])
    from verify.claim import Observation

    p_value = {
        name: claim.evidence.compare([Observation(params, predict(params), data)])[0].p_value
        for name, predict in (
            ("own", claim.evidence.predict),
            ("half", claim.alternatives[0].change["predict"]),
        )
    }
    assert p_value["half"] < 1e-6 < p_value["own"]


@pytest.fixture(scope="module")
def report():
    """What the committed report says of each claim."""
    data = results.load(ROOT / "reports" / "results.json")
    return {claim["id"]: claim for claim in data["claims"]}


@pytest.mark.parametrize("claim", ALL, ids=lambda c: c.id)
def test_what_a_statement_prints_is_compared(claim, report):
    assert claim.compares
    assert [one for one in claim.compares if one not in claim.statement] == []
    assert said.uncompared(claim.statement, claim.compares) == []
    cells = report[claim.id]["cells"]
    missing = [name for name in claim.compares.values() if not said.comparing(cells, name)]
    assert missing == []


@pytest.mark.parametrize("claim", ALL, ids=lambda c: c.id)
def test_a_proof_is_symbolic_rational_or_in_balls_and_every_tolerance_is_printed(claim, report):
    kind, cells = claim.kind, report[claim.id]["cells"]
    numeric = [c for c in cells if isinstance(c["predicted"], float)]
    assert report[claim.id]["kind"] == kind
    if kind == "proof":
        assert numeric == []
        assert all(cell["margin"] is None for cell in cells)
    if kind == "exact":
        assert all(cell["margin"] is not None for cell in numeric)
        assert any(cell["margin"] is not None for cell in cells)
    if kind == "limit":
        assert any(cell["margin"] is not None for cell in cells)

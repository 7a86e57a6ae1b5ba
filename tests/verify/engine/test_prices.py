"""The prices of claims: complete, and their sum what a run may take."""

from verify.claims import all_claims
from verify.engine.prices import price, table

# Core-seconds; the aims are 330 for quick and 1400 for standard.
MOST = {"quick": 620, "standard": 1700}


def test_prices_are_of_claims_and_sum_to_what_a_run_may_take():
    claims = all_claims()
    for profile, rows in table().items():
        assert set(rows) <= set(claims)
        assert all(seconds >= 0 for seconds in rows.values())
        assert price(list(claims.values()), profile) <= MOST[profile]
    assert set(table()["standard"]) == set(claims)

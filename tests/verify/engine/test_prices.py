"""The prices of claims: complete, and their sum what a run may take."""

from verify.claims import all_claims
from verify.engine.prices import price, table

# Core-seconds; the aims are 440 for quick and 2000 for standard, 110 and 600 of them beyond the paper; of
# trained networks beside the spin glass 45 and 250 more.
# With MNIST: of F4, F5, F6 and F8 alone, 4 minutes and 2 hours of two cores.
MOST = {"quick": 600, "standard": 1900, "quick with MNIST": 480, "standard with MNIST": 14_400}


def test_prices_are_of_claims_and_sum_to_what_a_run_may_take():
    claims = all_claims()
    for profile, rows in table().items():
        assert set(rows) <= set(claims)
        assert all(seconds >= 0 for seconds in rows.values())
        assert price(list(claims.values()), profile) <= MOST[profile]
    assert set(table()["standard"]) == set(claims)


def test_with_mnist_the_claims_that_run_on_it_have_prices_of_their_own():
    claims = [all_claims()[name] for name in ("F4", "T1")]
    rows = table()
    for profile in ("quick", "standard"):
        own = rows[f"{profile} with MNIST"]
        assert own["F4"] > rows[profile]["F4"]
        assert set(own) == {"F4", "F5", "F6", "F8"}
        assert price(claims, profile, mnist=True) == own["F4"] + rows[profile].get("T1", 0.0)

"""Who reads only the first screen of the report answers these questions rightly: where each answer stands."""

from pathlib import Path

import pytest
from rendered import render

from verify.report import first_page, results
from verify.report.claim_pages.figure import files
from verify.report.markdown import MOST_OPEN

ROOT = Path(__file__).resolve().parents[3]
MOST_LINES = 60
HOLDS, CORRECTED, OPEN = range(3)  # columns of the table

# Question; where its answer stands: a column of the table or None for the sentences about it; the answer.
QUESTIONS = {
    "does the paper hold?": (None, "Mostly."),
    "how many of its statements are wrong?": (None, "twelve printed statements"),
    "does it hold of trained networks?": (
        None,
        "right in direction, on the small networks and images",
    ),
    "is it proved of trained networks?": (None, "no theorem leads from networks to the spin glass"),
    # The four formulas that hold.
    "where is the barrier?": (HOLDS, r"-E_\infty = -2\sqrt{(p-1)/p}"),
    "do the layers hold?": (HOLDS, r"E_0 > E_1 > \dots"),
    "does the complexity of all critical points hold?": (HOLDS, r"\Theta_p(u)"),
    "does the complexity by index hold, and where?": (
        HOLDS,
        r"below $`-E_\infty`$ $`\Theta_{k,p}(u)`$",
    ),
    # The five that are corrected, and the figure.
    "what is the plateau above the barrier?": (CORRECTED, r"\frac12\log(p-1) - \frac{p-2}{p}"),
    "by how much is the prefactor at the barrier wrong?": (CORRECTED, "1.566 times"),
    "on which side of the barrier are the minima?": (CORRECTED, "almost all lie *above*"),
    "do saddles vanish below the barrier?": (CORRECTED, "2.11 %"),
    "what is N(E_0 - E_k)?": (CORRECTED, "says nothing of the hill"),
    "what is wrong with Figure 1?": (CORRECTED, "minima are the most"),
    # What is open.
    "where do descents of finite size end?": (OPEN, "N to 200 cannot tell"),
    "is the ground state exponentially hard to find?": (OPEN, "cannot tell by which law"),
    "is the end of training a minimum?": (OPEN, "the cut-off decides"),
    "do trained networks behave like the spin glass?": (OPEN, "keep none of seven laws"),
    "does it hold of deep networks and large images?": (OPEN, "not measured here"),
    # On what data.
    "on which images, on which networks?": (
        HOLDS,
        "one hidden layer of 2 to 250 units, 8 x 8 digits",
    ),
    "of which model are the numbers?": (None, "Numbers are of p = 3"),
    "what is u, what is k, what is a mark?": (None, "✔ came out as said here"),
}


@pytest.fixture(scope="module")
def screen():
    """The lines of the first page up to its first heading, of the committed results."""
    data = results.load(ROOT / "reports" / "results.json")
    claims = data["claims"]
    figures = {claim["id"]: name for claim in claims for name in list(files(claim))[:1]}
    return first_page.page(data, figures).partition("\n## ")[0].splitlines()


def test_it_is_one_screen_with_the_answer_a_table_and_three_figures(screen):
    assert len(screen) <= MOST_LINES
    page = render("\n".join(screen))
    assert 1 <= page.open_rows[0] <= MOST_OPEN
    assert sum(link.startswith("figures/") for link in page.links) == 3


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_stands_on_the_first_screen(screen, question):
    column, answer = QUESTIONS[question]
    rows = [line[2:-2].split(" | ") for line in screen if line.startswith("| ")]
    said = screen if column is None else [row[column] for row in rows]
    assert any(answer in one for one in said), question


def test_no_claim_of_the_answer_says_otherwise(screen):
    """A line under "is open" or "holds" rests on claims that came out as said."""
    assert "✘" not in "\n".join(line for line in screen if line.startswith("| "))

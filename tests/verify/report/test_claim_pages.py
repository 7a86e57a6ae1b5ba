"""What stands on a claim's page: words for every claim, the rows chosen, the distances, the caption."""

from pathlib import Path

import pytest

from verify.claim import Cell, farthest
from verify.claims import all_claims
from verify.report import results
from verify.report.claim_pages import figure, gallery, page, rows
from verify.report.claim_pages.distances import distances, forest
from verify.report.claim_pages.words import all_words
from verify.report.formulas import all_formulas
from verify.report.letters import parts
from verify.report.markdown import MOST_OPEN, typeset

CLAIMS = all_claims()


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_is_said_in_plain_words(name):
    said = all_words()[name]
    assert len(said.title) <= 95
    assert not set(said.title) & set("`_^{}\\")
    assert len(said.sentence.split()) <= 45
    assert said.sentence.endswith(".")
    assert said.limits.endswith(".")
    if said.panels:
        assert said.message


def test_words_are_of_claims_that_there_are():
    assert set(all_words()) == set(CLAIMS)
    assert {name for one in all_formulas() for name in one.claims} <= set(CLAIMS)
    assert {one.claim for one in gallery.SHOWN} <= set(CLAIMS)


def test_a_misprint_stands_on_the_page_of_its_claim():
    for one in all_formulas():
        if one.printed:
            text = "\n".join(page._formulas(one.claims[0]))
            assert f"Printed:\n```math\n{one.printed}\n```" in text.replace("\n\n", "\n")
            right = "Sharp" if "true, not sharp" in one.source else "Corrected"
            assert f"{right}:\n```math\n{one.tex}\n```" in text.replace("\n\n", "\n")


def row(quantity, estimate, **more):
    return {"params": {}, "quantity": quantity, "predicted": 1.0, "estimate": estimate, "stderr": 1.0,
            "margin": None, "p_value": 0.5, "holds": None, "units": 9, **more}  # fmt: skip


def test_of_every_quantity_the_farthest_row_stands_open():
    cells = [row("near", 1.1), row("near", 1.2), *(row("far", 2.0 + i) for i in range(20))]
    few = rows.chosen({"cells": cells})
    assert few[0]["estimate"] == 1.2
    assert [one["estimate"] for one in few][1:] == [15.0 + i for i in range(7)]
    claim = {"cells": cells, "compares": {"x": "near"}}
    assert {one["quantity"] for one in rows.chosen(claim)} == {"near"}


def test_what_is_exact_has_no_error_and_no_p_value():
    text = rows.every(
        {"kind": "limit", "cells": [row("q", 1.5, stderr=0.0, p_value=1.0, margin=2.0)]}
    )
    assert "p-value" not in text
    assert text.endswith("| 1.5 | 2 | 0.25 |")
    some = {"kind": "limit", "cells": [row("q", 1.5, stderr=0.0), row("r", 2.0)]}
    assert rows.every(some).splitlines()[2].endswith("| – | 9 | – | – |")


def wrong(name, off_by, unit="margins"):
    return {
        "name": name,
        "why": "",
        "verdict": "refuted",
        "p_value": 0.0,
        "off_by": off_by,
        "unit": unit,
    }


def test_wrong_theories_stand_from_near_to_far_in_a_plot_and_in_words():
    others = [wrong(f"w{i}", 10.0 * i) for i in range(20, 0, -1)]
    claim = {
        "id": "NEW",
        "kind": "limit",
        "cells": [row("q", 1.5)],
        "alternatives": others,
        "verdict": "supported",
    }
    text = "\n".join(distances(claim))
    assert text.index("w1 ") < text.index("w2 ") < text.index("w20 ")
    first, rest = text.split("<details>", maxsplit=1)
    assert "](figures/NEW-wrong.svg)" in first
    assert "| 10 margins |" in rest
    drawn = forest(claim)
    assert [one.kind for one in drawn[:2]] == ["own", "refuted"]
    assert [one.size for one in drawn[1:]] == [10.0 * i for i in range(1, 21)]
    near = {**claim, "alternatives": [wrong("a count", drawn[0].size, drawn[0].unit)]}
    assert [one.name for one in forest(near)] == ["as stated here"]  # another row refutes it
    assert "(a row without an error)" in "\n".join(distances(near))
    proof = {**claim, "kind": "proof", "alternatives": [wrong("w", 3, "of 16")] * 20}
    assert forest(proof) == []
    text = "\n".join(distances(proof))
    assert "3 of 16 statements false" in text
    assert len(text.split("<details>", maxsplit=1)[0].splitlines()) == MOST_OPEN + 2


def test_the_farthest_comparison_counts_in_margins_where_it_has_one():
    exact = Cell({}, "q", "1", "2", p_value=0.5)
    assert farthest([exact]) == (None, "")
    near = Cell({}, "q", 0.0, 1.0, stderr=0.5, p_value=0.5)
    assert farthest([exact, near]) == (2.0, "standard errors")
    shown = Cell({}, "q", 0.0, 9.0, stderr=0.5)  # not judged
    assert (
        farthest([near, shown, Cell({}, "q", 0.0, 1.0, margin=0.25, p_value=0.5)])[1] == "margins"
    )


def test_a_caption_says_sizes_samples_and_bars():
    curve = {
        "panel": "P",
        "label": "",
        "xlabel": "N",
        "x": [24.9, 200],
        "y": [1, 2],
        "yerr": [1, 1],
    }
    claim = {"id": "F3", "kind": "limit", "series": [curve], "cells": [row("q", 1.0, units=40)]}
    text = figure.caption(claim)
    assert text.endswith("N = 25 to 200; 40 independent units a row; bars: two standard errors.")
    assert "certified bounds" in figure.caption({**claim, "kind": "exact"})


def test_panels_that_decide_are_drawn_first_and_all_of_them_too():
    series = [{"panel": "u = -E_inf"}, {"panel": "p = 3"}]
    found = figure.files({"id": "T8", "series": series})
    assert found == {"figures/T8.svg": series[:1], "figures/T8-all.svg": series}
    assert list(figure.files({"id": "T8", "series": series[1:]})) == ["figures/T8.svg"]
    assert figure.files({"id": "T8", "series": []}) == {}


def test_abbreviations_are_written_out_once_and_errata_are_no_claims():
    text = page._expanded("CHMBL Sec. 4; ABC; CHMBL again (erratum E1, claim E1)")
    assert text.startswith("the paper (Choromanska")
    assert text.endswith("; the paper again (erratum 1, claim E1)")


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("E Crt_{N,k}(u) at -E_inf", [r"\mathbb{E}\,\mathrm{Crt}_{N,k}(u)", r"-E_\infty"]),
        ("sqrt(xi'') and xi'(1)", [r"\sqrt{\xi''}", r"\xi'(1)"]),
        ("N^(-(k+1)^2/2) n_(i+1)", ["N^{-(k+1)^2/2}", "n_{i+1}"]),
        ("(p-1)^(N/2) sqrt(1 - s_1^2)", ["(p-1)^{N/2}", r"\sqrt{1 - s_1^2}"]),
        ("sinh^2, overlap^H", [r"\sinh^{2}", r"\mathrm{overlap}^{H}"]),
        ("int_0^inf, [0, inf)", [r"\int_0^{\infty}", r"\infty"]),
        ("corr(Yhat_s, Y_s)", [r"\hat{Y}_{s}", "Y_{s}"]),
        ("max_steps, E_inferior, x_one, info, E_(, x_1_2", []),
        ("10^8, N^2 and n^k", ["10^{8}", "N^{2}", "n^{k}"]),
    ],
)
def test_what_is_whole_is_set_and_nothing_else(text, formulas):
    assert [part for formula, part in parts(text) if formula] == formulas


def test_foreign_text_is_not_obeyed_about_a_formula():
    assert typeset("`E_inf`$ <b> |") == "\\`$`E_\\infty`$\\`\\$ \\<b\\> \\|"


def test_the_gallery_has_a_value_of_ours_beside_each_printed_one():
    """In the committed results, which are of the standard profile."""
    written = results.load(Path(__file__).resolve().parents[3] / "reports" / "results.json")
    text = gallery.page(written["claims"])
    shown = [value for one in gallery.SHOWN for value in one.values]
    assert text.count("\n| ") == len(shown) + 2 * len(gallery.SHOWN)
    assert "| – |" not in text
    assert text.count("## Figure ") == len(gallery.SHOWN) == 8
    assert "not in this run" in gallery.page([])

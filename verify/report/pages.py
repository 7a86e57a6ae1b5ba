"""results.json to markdown and figures: pure, so a report is made again without simulating."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verify.report import derivation_page, first_page, plain_words, plots
from verify.report.audit_line import audit_line
from verify.report.claim_pages import gallery
from verify.report.claim_pages.distances import file_of_forest, forest
from verify.report.claim_pages.figure import Series, files, small
from verify.report.claim_pages.page import Around, claim_page, neighbours
from verify.report.folder import check_places, write_texts
from verify.report.formulas import errata_tex
from verify.report.formulas import page as formulas
from verify.report.markdown import page_name


def write(data: Mapping[str, Any], out: Path) -> None:
    """Write the pages (the first, derivation, plain words, formulas, gallery, one a claim) and figures.

    Beside them formulas.json and errata.tex.

    Raises
    ------
    FolderError
        Before anything is written, where a place holds something else than a plain file.
    """
    claims = data["claims"]
    drawn = {name: series for claim in claims for name, series in files(claim).items()}
    drawn |= gallery.figures(claims)
    thumbnails: dict[str, Series] = {}
    for claim in first_page.seen_at_errata(claims):
        thumbnails |= small(claim)
    figures = {claim["id"]: name for claim in claims for name in list(files(claim))[:1]}
    derivation = derivation_page.in_folder(out)
    derived = derivation_page.cited(derivation)
    beside_it = neighbours([claim["id"] for claim in claims])
    given = " --mnist DIR" if "mnist" in data["provenance"] else ""

    def around(claim: Mapping[str, Any]) -> Around:
        return Around(
            *beside_it[claim["id"]],
            topic=first_page.subject(claim),
            derived=claim["id"] in derived,
            run=f" --profile {data['profile']} --seed {data['seed']}{given}",
            digest=data["provenance"]["source_digest"],
        )

    others = (*first_page.BESIDE, first_page.MNIST)
    beside = [name for name in others if (out / f"{name}.md").exists()]
    every_formula = formulas.as_data()
    texts = {
        derivation_page.NAME: derivation_page.page(claims, derivation),
        **{page_name(claim): claim_page(claim, around(claim)) for claim in claims},
        plain_words.NAME: plain_words.page(claims),
        gallery.NAME: gallery.page(claims),
        formulas.NAME: formulas.page(claims, every_formula),
        formulas.DATA: json.dumps(every_formula, indent=1) + "\n",
        errata_tex.NAME: errata_tex.tex(data["provenance"]["source_digest"]),
        "index.md": first_page.page(
            data, figures, beside, audit_line(out, data["provenance"]["source_digest"])
        ),
    }
    forests = {file_of_forest(claim): forest(claim) for claim in claims if forest(claim)}
    check_places(out, [*texts, *drawn, *thumbnails, *forests])
    if drawn or forests:
        (out / "figures").mkdir(parents=True, exist_ok=True)
    for name, series in drawn.items():
        plots.draw(series, out / name)
    for name, series in thumbnails.items():
        plots.draw_small(series, out / name)
    for name, found in forests.items():
        plots.draw_distances(found, out / name)
    write_texts(out, texts)

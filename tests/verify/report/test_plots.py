"""Figures: what stands in them, and that they read without colour."""

import struct
from pathlib import Path

import pytest
from matplotlib.mathtext import MathTextParser

from verify.report import plots, results
from verify.report.claim_pages import figure
from verify.report.claim_pages.distances import Distance
from verify.report.plots import draw

COMMITTED = results.load(Path(__file__).resolve().parents[3] / "reports" / "results.json")["claims"]


def series(kind="line", label="a", **more):
    x = [1.0, 2.0, 3.0]
    return {"panel": "P", "xlabel": "x", "ylabel": "y", "label": label, "kind": kind,
            "x": x, "y": x, **more}  # fmt: skip


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """The axes that are seen once a figure is written, before it is closed."""

    def run(*some, name="f.png"):
        kept = []
        monkeypatch.setattr(plots.plt, "close", kept.append)
        draw(some, tmp_path / name)
        monkeypatch.undo()
        [figure] = kept
        plots.plt.close(figure)
        return [axes for axes in figure.axes if axes.get_visible()]

    return run


def test_one_set_of_axes_a_panel_named_by_its_first_series(drawn):
    some = [
        series(label="first"),
        series(label="second", xlabel="other", yscale="log"),
        series(label="third", panel="Q", xlabel="t", yscale="log"),
        series(label="fourth", panel="R"),
    ]
    one, two, three = drawn(*some)
    assert [axes.get_title() for axes in (one, two, three)] == ["P", "Q", "R"]
    assert (one.get_xlabel(), two.get_xlabel()) == ("x", "t")
    assert (one.get_yscale(), two.get_yscale()) == ("linear", "log")
    texts = [t.get_text() for t in one.get_legend().get_texts()]
    assert texts == ["first", "second"]
    assert one.lines[1].get_xydata().tolist() == [[1, 1], [2, 2], [3, 3]]


def test_curves_differ_by_dash_and_marker_and_not_by_colour_alone(drawn):
    [axes] = drawn(*(series(label=str(i)) for i in range(6)))
    assert len({line.get_linestyle() + str(line._dash_pattern) for line in axes.lines}) == 6
    [axes] = drawn(*(series("points", label=str(i)) for i in range(8)))
    assert len({c.lines[0].get_marker() for c in axes.containers}) == 8
    # Points beside lines begin with the first marker, steps go on where lines stopped.
    [axes] = drawn(series(), series("steps", "b", x=[0, 1, 2, 3]), series("points", "c"))
    assert axes.containers[0].lines[0].get_marker() == "o"
    assert axes.patches[0].get_linestyle() not in ("-", "solid")


def test_bars_edges_and_reference_lines_stand_where_they_should(drawn):
    [axes] = drawn(
        series("points", "p", yerr=[0.5, 0.25, 1.0]),
        series("steps", "h", x=[0, 1, 2, 3], y=[4, 5, 6]),
        series("vline", "v", x=[1.5, 2.5], y=[]),
    )
    [bars] = axes.containers[0].lines[2]
    heights = [path[1][1] - path[0][1] for path in bars.get_segments()]
    assert heights == [1.0, 0.5, 2.0]
    values, edges, _ = axes.patches[0].get_data()
    assert (list(values), list(edges)) == ([4, 5, 6], [0, 1, 2, 3])
    places = [line.get_xdata()[0] for line in axes.lines if line.get_color() == "#555555"]
    assert places == [1.5, 2.5]
    texts = [t.get_text() for t in axes.get_legend().get_texts()]
    assert sorted(texts) == ["h", "p", "v"]  # one for both of v


def test_a_band_lies_between_its_ends_and_has_the_colour_of_its_curve(drawn):
    [axes] = drawn(series(label="mean"), series("band", "middle half", yerr=[0.5, 0.25, 1.0]))
    [band] = axes.collections
    corners = {tuple(point) for path in band.get_paths() for point in path.vertices}
    assert {(1, 0.5), (1, 1.5), (2, 1.75), (2, 2.25), (3, 2), (3, 4)} == corners
    assert tuple(band.get_facecolor()[0][:3]) == (0, 0, 0)  # as the first line


def test_whole_sizes_on_a_log_axis_are_its_ticks(drawn):
    [axes] = drawn(series("points", xscale="log", x=[25.0, 50.0, 100.0]))
    assert [t.get_text() for t in axes.get_xticklabels()] == ["25", "50", "100"]
    assert len(axes.xaxis.get_minorticklocs()) == 0
    [axes] = drawn(series("points", xscale="log", x=[0.5, 5.0, 50.0]))
    assert "25" not in [t.get_text() for t in axes.get_xticklabels()]


def test_no_label_of_a_legend_is_cut_off(drawn):
    long = "annealing, 16000 proposals, 2 std. err."
    [axes] = drawn(series("points", long), series("points", f"{long} too"))
    figure, legend = axes.figure, axes.get_legend()
    box = legend.get_window_extent()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.x1
    assert box.y0 >= 0


def test_a_level_is_marked_beside_its_panel_where_its_label_names_its_value(drawn):
    [axes] = drawn(
        series(label="1.566: printed", y=[1.566, 1.566], x=[0, 1]), series(label="2: no level")
    )
    assert [(text.get_text(), text.xy) for text in axes.texts] == [("1.566", (1.0, 1.566))]


PAGE = 8.7  # inches of a page's text on GitHub, 838 pixels of 1/96 inch


@pytest.mark.parametrize("claim", COMMITTED, ids=lambda claim: claim["id"])
def test_letters_have_eight_points_where_a_figure_is_as_wide_as_a_page(claim):
    """At the width at which GitHub shows it, every figure of the committed report."""
    smallest = min(plots._STYLE["font.size"], plots._STYLE["legend.fontsize"])
    for some in figure.files(claim).values():
        _, _, (width, _) = plots._layout(plots._panels(some), 2)
        assert smallest * min(1, PAGE / width) >= 8


def test_many_named_places_have_room_in_one_panel_and_two_panels_stay_as_wide_as_a_page():
    named = [series("points", xnames=[str(i) for i in range(12)])]
    one, two = (
        plots._layout(plots._panels(some), 2)[2][0] for some in (named, [*named, series(panel="Q")])
    )
    assert 12 * 0.6 < one < two == 2 * 4.6 + 0.6


@pytest.mark.parametrize("claim", COMMITTED, ids=lambda claim: claim["id"])
def test_every_label_of_the_report_can_be_set(claim):
    parser = MathTextParser("path")
    names = [one["name"] for one in claim["alternatives"]]
    for one in claim["series"]:
        names += [one[key] for key in ("panel", "label", "xlabel", "ylabel")]
        names += one.get("xnames") or []
    for name in set(names):
        parser.parse(plots._set(name))


@pytest.mark.parametrize(
    "text", ["N^2^3", "N^2_k(1)", "\\xi'", "(a)^{_}", "h^(3)^(1/2)", "xi''^2", "T_s'^2"]
)
def test_what_is_half_a_formula_is_drawn_as_text(text):
    MathTextParser("path").parse(plots._set(text))


def test_what_is_empty_has_a_label_all_the_same(drawn):
    [axes] = drawn(series(label="a (not finite)", x=[], y=[]))
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["a (not finite)"]


def test_text_is_no_mathematics(drawn):
    [axes] = drawn(series(label="$\\frac{$\x00", xlabel="a\nb$"))
    assert axes.get_legend().get_texts()[0].get_text() == "\\$\\frac{\\$ "
    assert axes.get_xlabel() == "a b\\$"


@pytest.mark.parametrize(("top", "labels"), [(100.0, {"2", "5", "20", "50"}), (1e6, set())])
def test_a_short_log_axis_has_numbers_between_powers_and_a_long_one_has_none(drawn, top, labels):
    [axes] = drawn(series(xscale="log", x=[1.0, 10.0, top]))
    shown = {t.get_text() for t in axes.get_xticklabels(minor=True)} - {""}
    assert labels <= shown
    assert bool(shown) == bool(labels)
    assert {text.strip("0.") for text in shown} <= {"2", "5"}  # of nine between two powers


def test_the_ground_is_opaque_and_bytes_are_the_same_again(tmp_path):
    for name in ("a.png", "b.png"):
        draw([series(), series("points", "b")], tmp_path / name)
    first, second = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second
    draw([series(), series("points", "c")], tmp_path / "b.png")
    assert first != (tmp_path / "b.png").read_bytes()
    width, height = struct.unpack(">II", first[16:24])
    assert width > 600
    assert height > 400
    import matplotlib.image

    pixels = matplotlib.image.imread(tmp_path / "a.png")
    assert (pixels[0, 0] == 1).all()  # white, and no transparency
    for suffix in ("svg", "pdf"):
        draw([series()], tmp_path / f"a.{suffix}")
        assert (tmp_path / f"a.{suffix}").stat().st_size > 1000
    drawn = (tmp_path / "a.svg").read_text()
    assert "fill: #ffffff" in drawn
    assert "<text" not in drawn  # letters are outlines: no font is asked for
    assert "<dc:date>" not in drawn


def test_a_thumbnail_has_the_curves_of_the_first_panel_and_no_text(drawn, tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(plots.plt, "close", kept.append)
    plots.draw_small([series(), series("points", "b"), series(panel="Q")], tmp_path / "s.svg")
    monkeypatch.undo()
    [axes] = kept[0].axes
    plots.plt.close(kept[0])
    assert axes.get_legend() is None
    assert axes.get_xlabel() == ""
    assert len(axes.lines) == 2  # a line, and markers
    assert "<use" in (tmp_path / "s.svg").read_text()
    assert (tmp_path / "s.svg").stat().st_size < 20_000


def test_a_forest_plot_has_a_line_a_theory_from_the_top_down(tmp_path, monkeypatch):
    found = [
        Distance("as stated here", 0.1, "margins", "own"),
        Distance("p for p-1, E_inf", 50.0, "margins", "refuted"),
        Distance("near", 1e-5, "standard errors", "inconclusive"),
    ]
    kept = []
    monkeypatch.setattr(plots.plt, "close", kept.append)
    plots.draw_distances(found, tmp_path / "f.svg")
    monkeypatch.undo()
    [axes] = kept[0].axes
    plots.plt.close(kept[0])
    names = [t.get_text() for t in axes.get_yticklabels()]
    assert names == [
        *("as stated here, margins", "p for p-1, $E_\\infty$, margins", "near, standard errors"),
    ]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    seen = {float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() in "os^"}
    assert seen == {0.1, 50.0, 0.01}  # what is nearer stands at the edge
    texts = [t.get_text() for t in axes.get_legend().get_texts()]
    assert texts == ["1 margin: what is allowed", "as stated here", "refuted", "not told apart"]


def test_the_legend_of_a_forest_plot_is_whole_beside_long_names(tmp_path, monkeypatch):
    found = [
        Distance("a wrong theory whose name leaves little room for axes", 5.0, "margins", "own")
    ]
    kept = []
    monkeypatch.setattr(plots.plt, "close", kept.append)
    plots.draw_distances([*found, Distance("x", 9.0, "margins", "refuted")], tmp_path / "f.svg")
    monkeypatch.undo()
    box = kept[0].axes[0].get_legend().get_window_extent()
    assert 0 <= box.x0 < box.x1 <= kept[0].bbox.x1
    plots.plt.close(kept[0])


def test_figures_are_closed(tmp_path):
    before = plots.plt.get_fignums()
    draw([series()], tmp_path / "a.png")
    assert plots.plt.get_fignums() == before


def test_places_at_an_axis_have_names_and_the_legend_stands_above(drawn):
    [axes] = drawn(series("points", xnames=["p = 3", "E_inf", "x_one"], x=[0, 1, 2]))
    assert [t.get_text() for t in axes.get_xticklabels()] == ["p = 3", "$E_\\infty$", "x_one"]
    assert axes.get_legend()._loc == 8  # lower center, of a place above the axes


def test_a_quantity_has_its_style_in_every_figure(drawn):
    some = [series(label="other"), series(label="-E_inf"), series(label="k = 2, fitted")]
    [one] = drawn(*some, series("vline", "-E_0", y=[]))
    [two] = drawn(series("points", label="index 2"), series("vline", "-E_inf", y=[]))
    colours = {line.get_label(): line.get_color() for line in one.lines}
    assert two.containers[0].lines[0].get_color() == colours["k = 2, fitted"]
    assert two.lines[-1].get_color() == colours["$-E_\\infty$"] != colours["other"]


@pytest.mark.parametrize("suffix", ["pdf", "svg", "png"])
def test_a_figure_is_the_same_bytes_and_a_pdf_has_outlines(tmp_path, suffix):
    curve = {"panel": "E_inf", "label": "k = 0", "kind": "line", "x": [0.0, 1.0], "y": [0.0, 1.0]}
    for name in ("a", "b"):
        plots.draw([curve], tmp_path / f"{name}.{suffix}")
    drawn = (tmp_path / f"a.{suffix}").read_bytes()
    assert drawn == (tmp_path / f"b.{suffix}").read_bytes()
    if suffix == "pdf":
        assert b"/CIDFontType2" in drawn  # type 42
        assert b"/Type3" not in drawn


@pytest.mark.filterwarnings("error")
def test_a_word_wider_than_its_figure_is_drawn_without_a_warning(tmp_path):
    name = "W" * 400
    draw([{**series(label=name), "panel": name, "xlabel": name}], tmp_path / "wide.svg")
    assert (tmp_path / "wide.svg").stat().st_size > 1000

"""The site of the documentation: it shows what GitHub shows, no link is dead, nothing is fetched."""

import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from rendered import render

import numerics
import theory
import verify

ROOT = Path(__file__).resolve().parents[1]
MKDOCS = ROOT / ".venv-docs/bin/mkdocs"

LOADED = {("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src"), ("link", "href")}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Tags of a page, and the tokens of markdown that they stand for.
TOKENS = {
    **{f"h{i}": "heading_open" for i in range(1, 7)},
    **{"li": "list_item_open", "tr": "tr_open", "img": "image", "a": "link_open"},
    **{"em": "em_open", "strong": "strong_open", "pre": "fence", "code": "code_inline"},
}


class Page(HTMLParser):
    """What a page of the site loads and links to, and what stands in its article."""

    def __init__(self, html):
        super().__init__()
        self.loads, self.links, self.names, self.classes = [], [], {""}, set()
        self.tags, self.formulas, self.text = Counter(), [], ""
        self.open = [("", frozenset())]  # tags, and what of interest each is in
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        said = {name: value or "" for name, value in attributes}
        classes = set(said.get("class", "").split())
        inside = self.open[-1][1]
        self.names.add(said.get("id", ""))
        self.classes |= classes
        self.loads += [value for name, value in said.items() if (tag, name) in LOADED]
        self.links += [said["href"]] if tag == "a" and "href" in said else []
        if "article" in inside and not inside & {"formula", "svg"}:
            self.tags[tag] += not (tag == "code" and "pre" in inside)
        if tag == "annotation":
            self.formulas.append("")
        if tag not in VOID:
            of_interest = {tag, *classes} & {
                "article",
                "formula",
                "svg",
                "pre",
                "code",
                "annotation",
            }
            self.open.append((tag, inside | of_interest))

    def handle_endtag(self, tag):
        while tag not in VOID and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = self.open[-1][1]
        if "annotation" in inside:
            self.formulas[-1] += data
        elif "article" in inside and not inside & {"formula", "svg", "code"}:
            self.text += data


def read(folder):
    """The pages of a site by name; not 404.html, whose addresses begin at the root of a server."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.html")}
    return {name: Page(path.read_text()) for name, path in files.items() if name != "404.html"}


def dead(folder, pages):
    """Links within the site that lead nowhere."""
    for name, page in pages.items():
        for link in page.links:
            file, _, anchor = unquote(link).partition("#")
            if re.match(r"https?:|mailto:", file):
                continue
            target = ((folder / name).parent / file).resolve() if file else folder / name
            target = target / "index.html" if target.is_dir() else target
            reached = pages.get(target.relative_to(folder).as_posix())
            if not target.is_file() or (reached and anchor not in reached.names):
                yield name, link


def fetched(folder, pages):
    """What pages, style sheets and scripts load that is no file of the site."""
    loads = [(folder / name, load) for name, page in pages.items() for load in page.loads]
    for path in folder.rglob("*.css"):
        found = re.findall(r"(?:url\(|@import\s+)[\"']?([^\"')\s]+)", path.read_text())
        loads += [(path, load) for load in found]
    for path, load in loads:
        if not load.startswith("data:") and not (path.parent / load.split("?")[0]).is_file():
            yield path.name, load
    for path in folder.rglob("*.js"):  # names of XML's grammars look like addresses
        for load in re.findall(r"[\"'`]((?:https?:)?//[\w-]+\.[\w.-]+)", path.read_text()):
            if not load.endswith("//www.w3.org"):
                yield path.name, load


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the site, made as make docs makes it, and its pages."""
    if not MKDOCS.exists():
        pytest.skip("no .venv-docs: make docs sets it up")
    out = tmp_path_factory.mktemp("site")
    words = [MKDOCS, "build", "--strict", "-f", ROOT / "docs/site/mkdocs.yml", "-d", out]
    run = subprocess.run(words, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return out, read(out)


def sources():
    """Each page that is committed, and its name in the site."""
    yield ROOT / "README.md", "index.html"
    for pattern in ("CHANGELOG.md", "docs/*.md", "docs/tutorials/*.md", "reports/*.md"):
        for path in ROOT.glob(pattern):
            yield path, path.relative_to(ROOT).with_suffix(".html").as_posix()


def squeezed(text):
    return re.sub(r"[\s$]", "", text)


@pytest.mark.long
def test_a_page_shows_what_github_shows(site):
    """The same formulas, the same text beside them, as many of each tag."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for path, name in sources():
        shown, text = site[1][name], path.read_text()
        said = render(text)
        assert [f.strip() for f in shown.formulas] == [f.strip() for f in said.formulas], name
        assert squeezed(shown.text) == squeezed(said.text), name
        flat = [t for token in parser.parse(text) for t in (token, *(token.children or ()))]
        tokens = Counter(token.type for token in flat)
        drawn = Counter(token.info for token in flat if token.type == "fence")
        tokens["fence"] += tokens["code_block"] - drawn["math"] - drawn["mermaid"]
        tokens["code_inline"] -= len(said.formulas) - drawn["math"]
        for token in {*TOKENS.values()}:
            tags = sum(shown.tags[tag] for tag, of in TOKENS.items() if of == token)
            assert tags == tokens[token], (name, token)


@pytest.mark.long
def test_no_link_is_dead_and_nothing_is_fetched(site):
    assert list(dead(*site)) == []
    assert list(fetched(*site)) == []


@pytest.mark.long
def test_every_formula_is_set(site):
    assert sum(len(page.formulas) for page in site[1].values()) > 4000
    assert not any("katex-error" in page.classes for page in site[1].values())


# What follows is run by the Python of the site's tools, on one line of markdown.
CONVERT = """
import sys; sys.path.insert(0, "docs/site")
import hooks, markdown
print(markdown.markdown(
    sys.argv[1], extensions=[hooks.Formulas(), "pymdownx.superfences"],
    extension_configs={"pymdownx.superfences": {"custom_fences": hooks.FENCES}},
))
"""


def converted(text):
    words = [MKDOCS.with_name("python"), "-c", CONVERT, text]
    return subprocess.run(words, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("a $`x_1`$ b $y$ c $$z$$", ["x_1", "y", "z"]),
        ("```math\nx < 1\n```", ["x < 1"]),
        ("$5 or $6, `$x$`, \\$a\\$", []),
    ],
)
def test_formulas_are_those_of_github(site, text, formulas):
    run = converted(text)
    assert Page(run.stdout).formulas == formulas, run.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    "text", ["$`\\frac{1`$", "$\\gone$", "```math\n{x\n```", "```mermaid\nno diagram\n```"]
)
def test_what_cannot_be_set_or_drawn_ends_the_build(site, text):
    assert "SuperFencesException" in converted(text).stderr


@pytest.mark.long
def test_every_public_name_is_documented(site):
    for package in (theory, numerics, verify):
        names = {getattr(package, name).__name__ for name in package.__all__}
        page = site[1][f"api/{package.__name__}.html"]
        assert {f"{package.__name__}.{name}" for name in names} <= page.names


def test_what_is_wrong_with_a_site_is_seen(tmp_path):
    (tmp_path / "index.html").write_text(
        "<link href='https://a.b/c.css'><script src=//a.b/c.js></script><img src=here.css>"
        "<article><a href=gone.html>x</a><a href='#gone'>y</a><a href='#here' id=here>z</a></article>"
    )
    (tmp_path / "here.css").write_text("@import 'https://a.b/c.css'; p { src: url(gone.woff2) }")
    (tmp_path / "here.js").write_text("load('https://a.b/c.js', 'http://www.w3.org/2000/svg')")
    pages = read(tmp_path)
    assert [link for _, link in dead(tmp_path, pages)] == ["gone.html", "#gone"]
    assert [load for _, load in fetched(tmp_path, pages)] == [
        *("https://a.b/c.css", "//a.b/c.js", "https://a.b/c.css", "gone.woff2", "https://a.b"),
    ]
    assert pages["index.html"].text == "xyz"

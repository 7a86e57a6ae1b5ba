"""The committed pages as a site, from where they stand, so that links lead where they do on GitHub.

What GitHub's markdown has beyond Python-Markdown's is given to it here: formulas in dollars and backticks
or fenced, set by KaTeX when the site is made; diagrams; folds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mmdr
import quickjs
from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pymdownx.superfences import SuperFencesException

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCES = ("README.md", "CHANGELOG.md", "docs/*.md", "docs/tutorials/*.md", "reports/*.md")


def reached() -> Iterator[str]:
    """The pages and every file that one of them links to, from the root."""
    todo = [path for pattern in SOURCES for path in sorted(ROOT.glob(pattern))]
    seen = set(todo)
    while todo:
        path = todo.pop()
        yield path.relative_to(ROOT).as_posix()
        if path.suffix == ".md":
            links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
            linked = {(path.parent / link).resolve() for link in links} - seen
            found = [one for one in sorted(linked) if one.is_file() and ROOT in one.parents]
            seen.update(found)
            todo += found


def claims() -> list[dict[str, list[dict[str, str]]]]:
    """Pages of claims by subject, as the first page of the report folds them."""
    text = (ROOT / "reports/index.md").read_text(encoding="utf-8")
    folds = re.findall(r"<summary>([^<]+): \d+</summary>(.*?)</details>", text, re.DOTALL)
    row = re.compile(r"^\| \[([\w-]+)\]\(\1\.md\) \| (.+?) \|", re.MULTILINE)
    return [
        {subject: [{f"{name}: {title}": f"reports/{name}.md"} for name, title in row.findall(body)]}
        for subject, body in folds
    ]


@cache
def _katex() -> quickjs.Context:
    context = quickjs.Context()
    script = HERE / "pages/assets/katex/katex.min.js"
    context.eval(script.read_text(encoding="utf-8") + ";0")
    return context


@cache
def typeset(tex: str, display: bool) -> str:
    """A formula as HTML; what KaTeX refuses ends the build."""
    options = json.dumps({"displayMode": display, "throwOnError": True})
    try:
        made = _katex().eval(f"[katex.renderToString({json.dumps(tex)}, {options})].join()")
    except quickjs.JSException as error:
        raise SuperFencesException(f"{tex!r}: {error}") from None  # the one that a fence lets pass
    mark = "div" if display else "span"
    return f'<{mark} class="formula" data-search-exclude>{made}</{mark}>'


class _Formula(InlineProcessor):
    def handleMatch(self, match: re.Match[str], _: str) -> tuple[str, int, int]:
        made = typeset(match["tex"], match[0].startswith("$$"))
        return self.md.htmlStash.store(made), match.start(0), match.end(0)


class Formulas(Extension):
    """Formulas in dollars and backticks, before code is taken; in two dollars or one, after it."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the three patterns."""
        for priority, pattern in (
            (195, r"\$`(?P<tex>[^`]+)`\$"),
            (186, r"\$\$(?P<tex>[^$]+)\$\$"),
            (185, r"(?<![\w$\\])\$(?P<tex>[^\s$](?:[^$]*[^\s$\\])?)\$(?![\w$])"),
        ):
            md.inlinePatterns.register(_Formula(pattern, md), f"formula {priority}", priority)


def _displayed(source: str, *_: object, **__: object) -> str:
    return typeset(source, True)


def _drawn(source: str, *_: object, **__: object) -> str:
    try:
        return f'<div class="diagram">{mmdr.render(source).svg()}</div>'
    except Exception as error:
        raise SuperFencesException(str(error)) from None


FENCES = [
    {"name": name, "class": name, "format": made}
    for name, made in (("math", _displayed), ("mermaid", _drawn))
]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Formulas, diagrams and the list of claims."""
    config.markdown_extensions.append(Formulas())
    config.mdx_configs["pymdownx.superfences"] = {"custom_fences": FENCES}
    [section] = [section for section in config.nav if "Claims" in section]
    section["Claims"] = claims()
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Everything from where it stands; nothing is copied."""
    for name in reached():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Folds hold markdown, and of what stands behind a fence the language alone is read, as on GitHub."""
    unfolded = markdown.replace("<details>", "<details markdown>")
    return re.sub(r"^(```\w+) .*", r"\1", unfolded, flags=re.MULTILINE)


def on_post_build(config: MkDocsConfig) -> None:
    """Take from the theme's script the hosts that it would ask where a browser or a page lacks something."""
    for path in Path(config.site_dir).glob("assets/javascripts/bundle.*.js"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"https://[\w.-]+/", "/", text), encoding="utf-8")

"""The report of a study: one page that needs nothing beside itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from involution.exhibits.chapter import PARTS, cited, part_of_figure, part_of_table, rows_of
from involution.exhibits.citations import Cited, as_section
from involution.exhibits.citations import cited as cited_by
from involution.exhibits.content import TableContent
from involution.exhibits.figures import pictures_of, title_of
from involution.exhibits.labels import Labels, labels_for
from involution.exhibits.pictures import Picture
from involution.exhibits.regression import Results
from involution.exhibits.render.html import STYLE, fragment
from involution.exhibits.report_sections import done, environment, measures, models, rows_in_and_out
from involution.exhibits.report_style import PAGE_STYLE
from involution.exhibits.tables import table_contents
from involution.study.figures import Figure
from involution.study.study import Study
from involution.study.tables import Table

_FIRST = ("scoreboard", "threats")
"""What was asked and what could be wrong with the answer stand before what else answers it."""


def build_report(
    study: Study,
    results: Results,
    panel: Mapping[str, Any],
    analysis: pd.DataFrame,
    dictionary: pd.DataFrame,
    pictures: Mapping[str, bytes],
    *,
    language: str,
    seed: int,
    draws: str = "",
) -> bytes:
    """The report as one HTML page: no script, no outside resource.

    Parameters
    ----------
    study : Study
    results : Results
    panel : mapping
        ``panel/report.json``.
    analysis : DataFrame
    dictionary : DataFrame
    pictures : mapping of str to bytes
        PNG of each figure by name.
    language : {"en", "zh"}
    seed : int
    draws : str
        Of the run, as its configuration has them.
    """
    from involution.panel.columns import canonical_columns

    labels = labels_for(language, study.labels, dictionary, canonical_columns())
    title = study.title.get(language) if study.title else study.name
    shown = pictures_of(study.figures, results, analysis, dictionary, labels)
    contents = table_contents(study.all_tables, study.formulas, results, analysis, labels)
    exhibits = _chapter(study, results, contents, shown, pictures, labels)
    answers = exhibits.pop("answers", "")
    sections = [
        ("done", labels.text("report_done"), done(study, panel, results, labels)),
        *([("answers", labels.text("report_answers"), answers)] if answers else []),
        ("rows", labels.text("report_rows"), rows_in_and_out(panel, results, labels)),
        *((part, labels.text(f"part_{part}"), text) for part, text in exhibits.items()),
        ("measures", labels.text("report_measures"), measures(dictionary, labels)),
        ("models", labels.text("report_models"), models(study, results, labels)),
        ("citations", labels.text("citations_title"), as_section(_to_cite(study, results), labels)),
        ("made", labels.text("report_environment"), environment(seed, draws, labels)),
    ]
    entries = "".join(f'<li><a href="#{name}">{escape(head)}</a></li>' for name, head, _ in sections)
    body = "".join(f'<section id="{name}"><h2>{escape(head)}</h2>\n{text}</section>\n' for name, head, text in sections)
    page = (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>{PAGE_STYLE}{STYLE}</style>\n</head>\n<body>\n<header><h1>{escape(title)}</h1></header>\n"
        f'<nav aria-label="{escape(labels.text("report_contents"))}"><ul>{entries}</ul></nav>\n<main>\n{body}</main>\n'
        "</body>\n</html>\n"
    )
    return page.encode()


def _to_cite(study: Study, results: Results) -> Cited:
    from involution.study.sources import sources_of

    return cited_by(results, study.all_tables, sources_of(study.data), study.citation or "")


def _chapter(
    study: Study,
    results: Results,
    contents: Sequence[TableContent],
    shown: Sequence[tuple[Figure, Picture]],
    drawn: Mapping[str, bytes],
    labels: Labels,
) -> dict[str, str]:
    """The tables and figures of each part that has any, tables first, with links to them at its head."""
    tables = {table.name: table for table in study.all_tables}
    parts = {content.name: part_of_table(tables[content.name], results.estimates) for content in contents}
    out: dict[str, str] = {}
    for part in PARTS:
        inside = [content for content in contents if parts[content.name] == part]
        inside.sort(key=lambda content: _place(tables[content.name]))
        figures = [(figure, picture) for figure, picture in shown if part_of_figure(figure.kind) == part]
        links = [(f"table-{content.name}", content.title) for content in inside]
        links += [(f"figure-{figure.name}", _heading(figure, picture, labels)) for figure, picture in figures]
        body = [_table(content, rows_of(tables[content.name], results.estimates), labels) for content in inside]
        body.append(_figures(figures, drawn, labels))
        if links:
            out[part] = (_index(links) if len(links) > 1 else "") + "".join(body)
    return out


def _place(table: Table) -> int:
    """The kinds that come first in their order, then the others in theirs."""
    return _FIRST.index(table.kind) if table.kind in _FIRST else len(_FIRST)


def _made(rule: str, link: str, labels: Labels) -> str:
    text = escape(labels.text("report_made_by", rule=rule))
    return f'<p class="made"><a href="{escape(link)}">{escape(labels.text("report_data_link"))}</a>, {text}</p>\n'


def _index(entries: Sequence[tuple[str, str]]) -> str:
    """Links to the exhibits of a section."""
    items = "".join(f'<li><a href="#{name}">{escape(title)}</a></li>' for name, title in entries)
    return f'<ul class="index">{items}</ul>\n' if items else ""


def _heading(figure: Figure, picture: Picture, labels: Labels) -> str:
    return title_of(figure, picture, labels) or figure.name.replace("_", " ").capitalize()


def _table(content: TableContent, rows: pd.DataFrame, labels: Labels) -> str:
    """A table, and below it the rows of the estimates that it shows."""
    name = f"title-{content.name}"
    return (
        f'<section class="exhibit" id="table-{content.name}"><h3 id="{name}">{escape(content.title)}</h3>\n'
        + fragment(content, heading=name)
        + _made("tables", f"../tables/{content.name}.csv", labels)
        + _cited(rows, labels)
        + "</section>\n"
    )


def _cited(rows: pd.DataFrame, labels: Labels) -> str:
    """Blocks and models of rows of estimates.csv."""
    if rows.empty:
        return ""
    said = labels.text("report_cited", rows=f"{len(rows):,}")
    link = '<a href="../estimates/estimates.csv">estimates.csv</a>'
    items = "".join(
        f"<li>{escape(block)}: {' '.join(f'<code>{escape(model)}</code>' for model in models)}</li>"
        for block, models in cited(rows).items()
    )
    return f'<details class="made"><summary>{escape(said)}</summary><p>{link}</p><ul>{items}</ul></details>\n'


def _figures(shown: Sequence[tuple[Figure, Picture]], drawn: Mapping[str, bytes], labels: Labels) -> str:
    parts = []
    for figure, picture in shown:
        title = _heading(figure, picture, labels)
        data = base64.b64encode(drawn[figure.name]).decode()
        alternative = escape(labels.said(f"{title}: {picture.words}"))
        notes = escape(labels.said(labels.sentences(picture.notes)))
        parts.append(
            f'<section class="exhibit" id="figure-{figure.name}"><h3>{escape(title)}</h3>\n<figure>'
            f'<img alt="{alternative}" src="data:image/png;base64,{data}">'
            + (f"<figcaption>{notes}</figcaption>" if notes else "")
            + "</figure>\n"
            + _made("figures", f"../figures/{figure.name}.csv", labels)
            + "</section>\n"
        )
    return "".join(parts)

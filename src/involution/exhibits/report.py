"""The report of a study: one page a language, each of which needs nothing beside itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from involution.exhibits.chapter import PARTS, cited, part_of_figure, rows_of, tables_by_part
from involution.exhibits.citations import Cited, as_section
from involution.exhibits.citations import cited as cited_by
from involution.exhibits.content import TableContent
from involution.exhibits.figures import pictures_of, title_of
from involution.exhibits.glossary import Glossary, glossary_of
from involution.exhibits.labels import Labels, labels_for
from involution.exhibits.pictures import Picture
from involution.exhibits.regression import Results
from involution.exhibits.render import delimited
from involution.exhibits.render.html import fragment
from involution.exhibits.report_html import link_to, tools
from involution.exhibits.report_models import linked_model, models
from involution.exhibits.report_page import Place, Section, page
from involution.exhibits.report_sections import done, environment, measures, rows_in_and_out
from involution.exhibits.tables import table_contents
from involution.study.figures import Figure
from involution.study.study import Study
from involution.study.tables import Table

_UNSORTED = ("correlation",)
"""Kinds whose rows are all alike and which another order would still make unreadable: a triangle."""


@dataclass(frozen=True)
class _Shown:
    """What an exhibit is set with: names, definitions, the page it stands on, the pictures drawn."""

    labels: Labels
    glossary: Glossary
    place: Place
    pictures: Mapping[str, bytes]


def build_reports(
    study: Study,
    results: Results,
    panel: Mapping[str, Any],
    analysis: pd.DataFrame,
    dictionary: pd.DataFrame,
    pictures: Mapping[str, bytes],
    *,
    languages: Sequence[str],
    seed: int,
    draws: str = "",
) -> dict[str, bytes]:
    """The report in every language as files.

    Parameters are those of `build_report`, except that `pictures` are by file name as `build_figures` gives them.

    Returns
    -------
    dict of str to bytes
        By file name: ``index.html`` in the first language, ``zh/index.html`` and the like in others.
    """
    pages = {}
    for language in languages:
        folder = Place(language, tuple(languages)).folder
        drawn = {
            name.removeprefix(folder).removesuffix(".png"): content
            for name, content in pictures.items()
            if name.startswith(folder) and name.endswith(".png") and "/" not in name.removeprefix(folder)
        }
        pages[f"{folder}index.html"] = build_report(
            study,
            results,
            panel,
            analysis,
            dictionary,
            drawn,
            language=language,
            seed=seed,
            draws=draws,
            languages=languages,
        )
    return pages


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
    languages: Sequence[str] = (),
) -> bytes:
    """The report in one language as an HTML page without outside resources, readable without its script.

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
    languages : sequence of {"en", "zh"}
        Of the run, for links between its pages; the first one's page stands at the top. This one alone unless given.
    """
    from involution.panel.columns import canonical_columns

    labels = labels_for(language, study.labels, dictionary, canonical_columns())
    place = Place(language, tuple(languages) or (language,))
    glossary = glossary_of(study, dictionary, analysis, results.estimates, labels)
    drawn = pictures_of(study.figures, results, analysis, dictionary, labels)
    contents = table_contents(study.all_tables, study.formulas, results, analysis, labels)
    chapter = list(_chapter(study, results, contents, drawn, _Shown(labels, glossary, place, pictures)))
    sections = [
        Section("done", labels.text("report_done"), done(study, panel, results, labels)),
        *(part for part in chapter if part.name == "answers"),
        Section("rows", labels.text("report_rows"), rows_in_and_out(panel, results, labels)),
        *(part for part in chapter if part.name != "answers"),
        Section("measures", labels.text("report_measures"), measures(glossary, labels)),
        Section("models", labels.text("report_models"), models(study, results, labels)),
        Section("citations", labels.text("citations_title"), as_section(_to_cite(study, results), labels, place.up)),
        Section("made", labels.text("report_environment"), environment(seed, draws, place.up, labels)),
    ]
    return page(study.title.get(language) if study.title else study.name, sections, place, labels)


def _to_cite(study: Study, results: Results) -> Cited:
    from involution.study.sources import sources_of

    return cited_by(results, study.all_tables, sources_of(study.data), study.citation or "")


def _chapter(
    study: Study,
    results: Results,
    contents: Sequence[TableContent],
    drawn: Sequence[tuple[Figure, Picture]],
    shown: _Shown,
) -> Iterator[Section]:
    """The tables and figures of each part that has any, tables first, with links to them at its head."""
    labels = shown.labels
    by_name = {content.name: content for content in contents}
    by_part = tables_by_part(study.all_tables, results.estimates)
    for part in PARTS:
        inside = [(table, by_name[table.name]) for table in by_part.get(part, ())]
        figures = [(figure, picture) for figure, picture in drawn if part_of_figure(figure.kind) == part]
        links = [(f"table-{content.name}", content.title) for _, content in inside]
        links += [(f"figure-{figure.name}", _heading(figure, picture, labels)) for figure, picture in figures]
        body = [_table(table, content, rows_of(table, results.estimates), shown) for table, content in inside]
        body += [_figure(figure, picture, shown) for figure, picture in figures]
        if links:
            title = labels.text("report_answers" if part == "answers" else f"part_{part}")
            yield Section(part, title, (_index(links) if len(links) > 1 else "") + "".join(body), links)


def _made(rule: str, link: str, labels: Labels) -> str:
    text = escape(labels.text("report_made_by", rule=rule))
    return f'<p class="made"><a href="{escape(link)}">{escape(labels.text("report_data_link"))}</a>, {text}</p>\n'


def _index(entries: Sequence[tuple[str, str]]) -> str:
    """Links to the exhibits of a section."""
    items = "".join(f'<li><a href="{link_to(name)}">{escape(title)}</a></li>' for name, title in entries)
    return f'<ul class="index">{items}</ul>\n'


def _heading(figure: Figure, picture: Picture, labels: Labels) -> str:
    return title_of(figure, picture, labels) or figure.name.replace("_", " ").capitalize()


def _exhibit(name: str, kind: str, title: str, heading: str, copied: str, body: str, labels: Labels) -> str:
    """A table or a figure with its title, the link to it, and what copies its numbers."""
    named = f' id="{heading}"' if heading else ""
    return (
        f'<section class="exhibit" id="{name}" data-find="{escape(labels.text(kind))}">'
        f"<h3{named}>{escape(title)}</h3>\n{tools(name, title, copied, labels)}{body}</section>\n"
    )


def _table(table: Table, content: TableContent, rows: pd.DataFrame, shown: _Shown) -> str:
    """A table, and below it the rows of the estimates that it shows.

    One whose rows mean the same in any order sorts by its columns. Of every other, what is copied is its file.
    """
    labels, place = shown.labels, shown.place
    name, heading = f"table-{content.name}", f"title-{content.name}"
    flat = table.kind not in _UNSORTED and content.flat
    written = delimited.render(content).decode("utf-8-sig")
    body = (
        fragment(
            content,
            heading=heading,
            label=shown.glossary.renamed(table.rename, labels.language).linked,
            sortable=flat,
        )
        + ("" if flat else f'<template class="csv">{escape(written, quote=False)}</template>\n')
        + _made("tables", f"{place.up}tables/{place.folder}{content.name}.csv", labels)
        + _cited(rows, shown)
    )
    return _exhibit(name, "report_table", content.title, heading, name, body, labels)


def _cited(rows: pd.DataFrame, shown: _Shown) -> str:
    """Blocks and models of rows of estimates.csv."""
    if rows.empty:
        return ""
    said = shown.labels.text("report_cited", rows=f"{len(rows):,}")
    link = f'<a href="{shown.place.up}estimates/estimates.csv">estimates.csv</a>'
    items = "".join(
        f"<li>{escape(block)}: {' '.join(map(linked_model, names))}</li>" for block, names in cited(rows).items()
    )
    return f'<details class="made"><summary>{escape(said)}</summary><p>{link}</p><ul>{items}</ul></details>\n'


def _figure(figure: Figure, picture: Picture, shown: _Shown) -> str:
    labels, place = shown.labels, shown.place
    title = _heading(figure, picture, labels)
    data = base64.b64encode(shown.pictures[figure.name]).decode()
    alternative = escape(labels.said(f"{title}: {picture.words}"))
    notes = escape(labels.said(labels.sentences(picture.notes)))
    body = (
        f'<figure><img alt="{alternative}" src="data:image/png;base64,{data}">'
        + (f"<figcaption>{notes}</figcaption>" if notes else "")
        + "</figure>\n"
        + _made("figures", f"{place.up}figures/{place.folder}{figure.name}.csv", labels)
    )
    return _exhibit(f"figure-{figure.name}", "report_figure", title, "", "", body, labels)

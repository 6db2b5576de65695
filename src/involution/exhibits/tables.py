"""All tables of a study, in every format and language asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from involution.exhibits.attrition_table import attrition_table
from involution.exhibits.balance import balance_table
from involution.exhibits.bounds_table import bounds_table
from involution.exhibits.breakthrough_table import breakthrough_table
from involution.exhibits.citations import citation_files, cited
from involution.exhibits.content import TableContent
from involution.exhibits.descriptives import correlation_table, descriptives_table, used_columns
from involution.exhibits.event_study_table import event_study_table
from involution.exhibits.exposure_sensitivity import sensitivity_table
from involution.exhibits.heterogeneity_table import heterogeneity_table
from involution.exhibits.hiding import without_hidden
from involution.exhibits.labels import Labels, labels_for
from involution.exhibits.mediation_table import mediation_table
from involution.exhibits.moderation_table import moderation_table
from involution.exhibits.numbers import Numbers, numbered
from involution.exhibits.numbers_files import number_files
from involution.exhibits.omitted_table import omitted_table
from involution.exhibits.quantile_exhibits import quantile_table
from involution.exhibits.regression import Results, regression_table
from involution.exhibits.rehearsal_table import rehearsal_table
from involution.exhibits.render import RENDERED, render
from involution.exhibits.robustness_table import robustness_table
from involution.exhibits.rotemberg import rotemberg_table
from involution.exhibits.scoreboard import scoreboard_content
from involution.exhibits.shown_models import models_shown
from involution.exhibits.specification_table import specification_table
from involution.exhibits.staggered_tables import bacon_table, honest_table
from involution.exhibits.threats import threats_table
from involution.exhibits.threshold_table import threshold_table
from involution.exhibits.truth import truth_content
from involution.study.base import Bilingual
from involution.study.styles import STYLES, StyleName
from involution.study.tables import Table


def title_of(table: Table, labels: Labels) -> str:
    """The table's title; what it shows where it has none."""
    if table.title is not None and table.title.get(labels.language):
        return _with_label(table.title.get(labels.language), labels)
    return labels.text(f"default_title_{table.kind if table.kind != 'regression' else 'regressions'}")


def _with_label(title: str, labels: Labels) -> str:
    """A title that ends with a column's name in words, with the column's label in its place."""
    head, colon, rest = title.rpartition("：" if labels.language == "zh" else ": ")
    name = rest.replace(" ", "_")
    return f"{head}{colon}{labels.column(name)}" if colon and labels.column(name) != name else title


def table_contents(
    tables: Sequence[Table], formulas: Sequence[str], results: Results, analysis: pd.DataFrame, labels: Labels
) -> list[TableContent]:
    """What each table says, in one language.

    Parameters
    ----------
    tables : sequence of study.tables.Table
    formulas : sequence of str
        Of the study's models, for tables that name no columns.
    results : Results
    analysis : DataFrame
        With ``in_sample``.
    labels : Labels
    """
    sample = analysis[analysis["in_sample"].astype(bool)]
    out = []
    for table in tables:
        title, own = title_of(table, labels), replace(labels, style=table.style)
        if table.kind in _OF_RESULTS:
            content = _OF_RESULTS[table.kind](table, results, own, title)
        else:
            content = _OF_COLUMNS[table.kind](table, sample, used_columns(table, formulas, sample), own, title)
        out.append(in_style(without_hidden(content, table, own), table.style, own))
    return out


def in_style(content: TableContent, style: StyleName, labels: Labels) -> TableContent:
    """A table as its style prints it: its notes as one paragraph where the style has them so."""
    notes = content.notes
    if STYLES[style].one_note and notes:
        notes = (labels.text("notes_in_one", notes=labels.sentences(notes)),)
    return replace(content, style=style, notes=notes)


_OF_RESULTS: dict[str, Callable[[Table, Results, Labels, str], TableContent]] = {
    "regression": regression_table,
    "mediation": mediation_table,
    "event_study": event_study_table,
    "threshold": threshold_table,
    "moderation": moderation_table,
    "bacon": bacon_table,
    "honest": honest_table,
    "truth": truth_content,
    "threats": threats_table,
    "robustness": robustness_table,
    "scoreboard": scoreboard_content,
    "breakthrough": breakthrough_table,
    "attrition": attrition_table,
    "exposure_sensitivity": sensitivity_table,
    "heterogeneity": heterogeneity_table,
    "quantile_regression": quantile_table,
    "rehearsal": rehearsal_table,
    "bounds": bounds_table,
    "rotemberg": rotemberg_table,
    "omitted": omitted_table,
    "balance": balance_table,
    "specification_curve": specification_table,
}
"""What makes each kind of table from the results."""

_OF_COLUMNS: dict[str, Callable[[Table, pd.DataFrame, Sequence[str], Labels, str], TableContent]] = {
    "descriptives": descriptives_table,
    "correlation": correlation_table,
}
"""What makes each kind of table from columns of the sample."""


def build_tables(
    tables: Sequence[Table],
    formulas: Sequence[str],
    study_labels: Mapping[str, Bilingual],
    results: Results,
    analysis: pd.DataFrame,
    dictionary: pd.DataFrame,
    *,
    formats: Sequence[str],
    languages: Sequence[str],
    sources: Sequence[str] = (),
    citation: str = "",
) -> dict[str, bytes]:
    """All tables as files.

    Parameters
    ----------
    sources : sequence of str
        Of the data, as the study file names them.
    citation : str
        What the study file says is to be cited.

    Returns
    -------
    dict of str to bytes
        By file name; languages after the first stand in a folder of their own. ``numbers.*`` hold every number by name,
        ``citations.*`` what the study has to cite.

    Raises
    ------
    InputError
        When a table names what does not exist.
    """
    from involution.panel.columns import canonical_columns

    files: dict[str, bytes] = {}
    said = {language: labels_for(language, study_labels, dictionary, canonical_columns()) for language in languages}
    for position, (language, labels) in enumerate(said.items()):
        folder = "" if position == 0 else f"{language}/"
        for content in table_contents(tables, formulas, results, analysis, labels):
            for kind in (kind for kind in formats if kind in RENDERED):
                files[f"{folder}{content.name}.{kind}"] = render(content, kind)
    files |= number_files(_numbers(tables, results), said[languages[0]], tuple(formats))
    return files | citation_files(cited(results, tables, sources, citation), said)


def _numbers(tables: Sequence[Table], results: Results) -> Numbers:
    """Every number with the decimals and stars of the first table that shows its model."""
    shown = _shown_by(tables, results.estimates)
    digits, stars = ({model: getattr(table, key) for model, table in shown.items()} for key in ("digits", "stars"))
    return numbered(results.estimates, digits, results.statistics, stars)


def _shown_by(tables: Sequence[Table], estimates: pd.DataFrame) -> dict[str, Table]:
    """The first table that shows each model; a section's name stands for all its models."""
    out: dict[str, Table] = {}
    for table in tables:
        for name in models_shown(table, estimates):
            out.setdefault(name, table)
    return out

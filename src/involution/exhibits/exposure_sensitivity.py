"""The slope of the treatment in exposure, one judgement changed at a time: a table and a forest."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Results
from involution.exhibits.content import Cell, Header, Part, Row, TableContent, decimal, integer, stars_for
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.exposure_terms import variant_group, variant_label, variant_of
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.render.wrap import wrapped
from involution.exhibits.table_notes import by_columns, sample_notes, stars_note
from involution.models.exposure.variants import ESTIMATOR
from involution.study.figures import Figure
from involution.study.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

COLUMNS = ("estimate", "std_error", "p_value", "ci_low", "ci_high", "n_obs")
_ENDING = "_sensitivity"


def sensitivity_table(table: Table, results: Results, labels: Labels, title: str) -> TableContent:
    """Lay out the sensitivities of exposure blocks: a row a variant, grouped by what it changes.

    Parameters
    ----------
    table : study.tables.Table
        Whose models are names of exposure blocks, or of their sensitivities.
    results : Results
    labels : Labels
    title : str

    Raises
    ------
    InputError
        When the study has no such sensitivity.
    """
    where = f"table '{table.name}'"
    names = table.models_named() or _every(results) or [""]
    parts, said = [], []
    for number, name in enumerate(names, 1):
        rows = _rows(name, results, where)
        model = str(rows["model"].iloc[0])
        parts.append(_part(table, rows, labels, several=len(names) > 1))
        said += [(number, text) for text in said_by(model, results, labels)]
    notes = (*stars_note(table, labels), *sample_notes(results, labels), *by_columns(said, len(names), labels))
    return TableContent(table.name, title, labels.language, len(COLUMNS), tuple(parts), notes)


def _every(results: Results) -> list[str]:
    rows = results.estimates[results.estimates["estimator"] == ESTIMATOR]
    return list(dict.fromkeys(rows["model"].astype(str)))


def _rows(name: str, results: Results, where: str) -> pd.DataFrame:
    """The rows of a sensitivity, named itself or by its block."""
    rows = results.estimates[results.estimates["estimator"] == ESTIMATOR]
    found = rows[rows["model"].isin([name, f"{name}{_ENDING}"])]
    if found.empty:
        known = ", ".join(_every(results)) or "none"
        what = f"'{name}' has no sensitivity of exposure; the study has {known}"
        raise InputError(Problem(where, what, mend="name a section of exposure whose sensitivity is not null"))
    return found


def _part(table: Table, rows: pd.DataFrame, labels: Labels, *, several: bool) -> Part:
    outcome = labels.column(str(rows["outcome"].iloc[0]), table.rename)
    heading = f"{rows['model'].iloc[0]}: {outcome}" if several else ""
    header = Header(labels.text("exposure_variant"), tuple((labels.text(name), 1) for name in COLUMNS))
    if rows["estimate"].isna().all():
        blank = (Cell(labels.text("not_estimated")), *[Cell()] * (len(COLUMNS) - 1))
        return Part(heading, (Header(labels.text("outcome"), ((outcome, len(COLUMNS)),)), header),
                    (Row("plain", "", blank),))  # fmt: skip
    body = []
    for group, members in groupby(rows.to_dict("records"), key=lambda row: variant_group(_variant(str(row["term"])))):
        if group != "headline":
            empty = tuple(Cell() for _ in COLUMNS)
            body.append(Row("heading", labels.text(f"exposure_group_{group}"), empty, rule_above=True))
        body += [_row(table, dict(row), labels) for row in members]
    top = Header(labels.text("outcome"), ((outcome, len(COLUMNS)),))
    return Part(heading, (top, header), tuple(body))


def _variant(term: str) -> str:
    found = variant_of(term)
    return "headline" if found is None else found[1]


def _row(table: Table, row: Mapping[Hashable, object], labels: Labels) -> Row:
    numbers = {name: float(str(row[name])) for name in COLUMNS}
    cells = [
        Cell(decimal(numbers["estimate"], table.digits), stars_for(numbers["p_value"], table.stars)),
        *(Cell(decimal(numbers[name], table.digits)) for name in COLUMNS[1:-1]),
        Cell(integer(numbers["n_obs"])),
    ]
    return Row("plain", variant_label(_variant(str(row["term"])), labels), tuple(cells))


def sensitivity_forest(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `exposure_sensitivity`: columns variant, estimate, ci_low, ci_high, n_obs, from the top down.

    Raises
    ------
    InputError
        When the study has no such sensitivity.
    """
    where = f"figure '{figure.name}'"
    name = figure.model or next(iter(_every(material.results)), "").removesuffix(_ENDING)
    rows = _rows(f"{name}{_ENDING}", material.results, where)
    outcome = labels.column(str(rows["outcome"].iloc[0]))
    title = labels.text("default_title_exposure_sensitivity_of", outcome=outcome)
    if rows["estimate"].isna().all():
        said = said_by(str(rows["model"].iloc[0]), material.results, labels)
        return not_estimated(name, title, tuple(said), labels)
    data = pd.DataFrame({"variant": [_variant(str(term)) for term in rows["term"]]})
    for column in ("estimate", "ci_low", "ci_high", "n_obs"):
        data[column] = rows[column].to_numpy(dtype=float)
    low, high = float(data["estimate"].min()), float(data["estimate"].max())
    words = labels.text(
        "figure_exposure_sensitivity_words", count=len(data), low=decimal(low, 3), high=decimal(high, 3),
        above=int((data["ci_low"] > 0).sum()), below=int((data["ci_high"] < 0).sum()),
    )  # fmt: skip
    product = variant_of(str(rows["term"].iloc[0]))
    axis = labels.term(product[0]) if product else labels.text("estimate")
    return Picture(data, lambda: _draw(data, axis, labels), words, title, (labels.text("figure_exposure_sensitivity"),))


def _draw(data: pd.DataFrame, axis: str, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    names = ["\n".join(wrapped(variant_label(str(v), labels), 40)) for v in data["variant"]]
    inches = sum(0.12 + 0.17 * (1 + name.count("\n")) for name in names)
    drawing, axes = pyplot.subplots(figsize=(6.5, 1.0 + inches), layout="constrained")
    groups = list(dict.fromkeys(variant_group(variant) for variant in data["variant"]))
    y = np.array([k + 0.6 * groups.index(variant_group(v)) for k, v in enumerate(data["variant"])])
    numbers = data[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    for k, (variant, (estimate, low, high)) in enumerate(zip(data["variant"], numbers, strict=True)):
        shape = look(groups.index(variant_group(variant)))
        reach = np.nan_to_num(np.array([[estimate - low], [high - estimate]]))
        axes.errorbar([estimate], [y[k]], xerr=reach, ls="none", ms=4.5, lw=1, capsize=2, **shape)
    axes.axvline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    axes.axvline(float(data["estimate"].iloc[0]), color=GREY, lw=0.8, ls=":")
    axes.set_yticks(y, names, fontsize=8)
    axes.set_ylim(y[-1] + 0.6, -0.6)
    axes.set_xlabel("\n".join(wrapped(labels.said(f"{axis}, {labels.text('confidence')}"), 70)))
    return drawing

"""Effects by years since adoption, estimators side by side, with pointwise and simultaneous bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import decimal
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.event_study_table import event_models, p_value
from involution.exhibits.event_terms import OVERALL
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_AFTER, _BEFORE = "#eef2f6", "#f8f4ea"
_WIDE = 0.7
_NUMBERS = ("estimate", "ci_low", "ci_high", "uniform_low", "uniform_high")


def event_study_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `event_study`: columns model, estimator, x, estimate, ci_low, ci_high, uniform_low, uniform_high.

    Raises
    ------
    InputError
        When the study has no event study, or none of a name that the figure gives.
    """
    results = material.results
    known = event_models(results)
    names = figure.models or known
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        what = f"'{wrong[0]}' is no model of an event study" if wrong else "the study has no event study"
        raise InputError(Problem(f"figure '{figure.name}'", what))
    columns = [results.column(name) for name in names]
    outcomes = labels.joined(list(dict.fromkeys(labels.column(str(c.first["outcome"])) for c in columns)))
    title = labels.text("default_title_event_study", outcome=outcomes)
    drawn = [column for column in columns if not column.failed]
    if not drawn:
        return not_estimated(labels.joined(names), title, [], labels)
    data = pd.concat([_of_model(column, results) for column in drawn], ignore_index=True)
    words = labels.text("separator").join(_in_words(column, labels) for column in drawn)
    return Picture(data, lambda: _draw(data, drawn, labels), words, title, tuple(_notes(columns, labels)))


def _of_model(column: Column, results: Results) -> pd.DataFrame:
    """The points of a model: its curves, pointwise and simultaneous, on one row per event time."""
    curves = results.curves[results.curves["model"] == column.model]
    points = curves[curves["curve"] == "event_time"].set_index("x")[["estimate", "ci_low", "ci_high"]]
    bands = curves[curves["curve"] == "event_time_uniform"].set_index("x")[["ci_low", "ci_high"]]
    bands.columns = pd.Index(["uniform_low", "uniform_high"])
    whole = points.join(bands).astype(float).sort_index().rename_axis("x").reset_index()
    whole.insert(0, "estimator", str(column.first["estimator"]))
    whole.insert(0, "model", column.model)
    return whole[["model", "estimator", "x", *_NUMBERS]]


def _in_words(column: Column, labels: Labels) -> str:
    """The overall effect with its interval, and the joint test of the leads."""
    row = column.rows[column.rows["term"] == OVERALL].iloc[0]
    said = labels.text(
        "event_words",
        estimator=labels.estimator(str(column.first["estimator"])),
        **{name: by_magnitude(float(row[name]), 3) for name in ("estimate", "ci_low", "ci_high")},
    )
    p = p_value(column)
    return said if np.isnan(p) else said + labels.text("event_words_leads", p=decimal(p, 3))


def _notes(columns: Sequence[Column], labels: Labels) -> list[str]:
    notes = [labels.text("event_figure_note")]
    if _anticipation(columns):
        notes.append(labels.text("event_figure_anticipation", years=f"{_anticipation(columns):g}"))
    failed = [labels.estimator(str(column.first["estimator"])) for column in columns if column.failed]
    if failed:
        notes.append(labels.text("event_figure_failed", names=labels.joined(failed)))
    return notes


def _anticipation(columns: Sequence[Column]) -> float:
    values = [column.statistic("anticipation") for column in columns if not column.failed]
    return max((value for value in values if not np.isnan(value)), default=0.0)


def _draw(data: pd.DataFrame, columns: Sequence[Column], labels: Labels) -> Drawing:
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    drawing, axes = pyplot.subplots(figsize=(7.0, 3.9), layout="constrained")
    low, high, ahead = float(data["x"].min()), float(data["x"].max()), _anticipation(columns)
    low = min([low, *(c.statistic("reference") for c in columns if not np.isnan(c.statistic("reference")))])
    axes.axvspan(-0.5, high + 0.5, color=_AFTER, lw=0, zorder=0)
    if ahead:
        axes.axvspan(-0.5 - ahead, -0.5, color=_BEFORE, lw=0, zorder=0)
    for k, column in enumerate(columns):
        _series(axes, data[data["model"] == column.model], column, k, len(columns), -ahead, labels)
    axes.axhline(0, color=GREY, lw=0.8, zorder=1)
    axes.axvline(-0.5, color=INK, lw=0.8, ls=(0, (4, 2.5)), zorder=1)
    axes.set_xlim(low - 0.5, high + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(labels.text("event_axis"))
    axes.set_ylabel(labels.text("event_effect"))
    drawing.legend(fontsize=7, loc="outside lower center", ncols=3)
    return drawing


def _series(axes: Any, points: pd.DataFrame, column: Column, k: int, total: int, first: float, labels: Labels) -> None:
    """A model's points beside those of the others: hollow before effects may show, and where it is zero by choice."""
    shift = (k - (total - 1) / 2) * _WIDE / total
    shape = look(k)
    colour = shape["color"]
    x, y = points["x"].to_numpy(dtype=float) + shift, points["estimate"].to_numpy(dtype=float)
    axes.vlines(x, points["uniform_low"], points["uniform_high"], color=colour, lw=0.8, zorder=2)
    axes.vlines(x, points["ci_low"], points["ci_high"], color=colour, lw=2.2, zorder=2)
    after = points["x"].to_numpy(dtype=float) >= first
    name = labels.estimator(str(column.first["estimator"]))
    axes.plot(x[after], y[after], ls="none", ms=4.5, label=name, zorder=3, **shape)
    hollow = {**shape, "markerfacecolor": "white"}
    axes.plot(x[~after], y[~after], ls="none", ms=4.5, zorder=3, **hollow)
    reference = column.statistic("reference")
    if not np.isnan(reference):
        axes.plot([reference + shift], [0.0], ls="none", ms=4.5, zorder=3, **hollow)

"""The likelihood ratio over the values of a threshold, with the interval that it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column
from involution.exhibits.curves import BAND, named_curve, panel_title, panels
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, model_of, said_by, value_of
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.threshold_table import BLOCK
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_NOTES = ("threshold_search", "threshold_interval", "threshold_open", "not_estimable")


def threshold_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `threshold`: columns curve, x, estimate; a panel for each threshold of the model.

    Raises
    ------
    InputError
        When the study has no such threshold model, or its results no curve of it.
    """
    where = f"figure '{figure.name}'"
    column = model_of(BLOCK, figure.model or "", material.results, where)
    title = labels.text("default_title_threshold", outcome=labels.column(str(column.first["outcome"])))
    notes = tuple(said_by(column.model, material.results, labels, _NOTES))
    if column.failed:
        return not_estimated(column.model, title, notes, labels)
    curves = curves_of_model(column, material.results).drop(columns=["ci_low", "ci_high"])
    names = [term for term in column.terms if f"likelihood_ratio[{term}]" in set(curves["curve"])]
    if not names:
        raise InputError(Problem(where, f"the model '{column.model}' has no curve of a likelihood ratio"))
    words = labels.text("separator").join(_in_words(column, name, labels) for name in names)
    critical = column.statistic("likelihood_ratio_critical")
    return Picture(curves, lambda: _draw(curves, column, names, critical, labels), words, title, notes)


def _in_words(column: Column, name: str, labels: Labels) -> str:
    """The threshold and its interval."""
    values = {what: by_magnitude(value_of(column, name, what), 3) for what in ("estimate", "ci_low", "ci_high")}
    return labels.text("figure_threshold_words", name=labels.term(name), **values)


def threshold_column(column: Column) -> str:
    """The column in which the threshold lies, from the names of the slopes."""
    slope = next((term for term in column.terms if term.endswith(("<=tau]", "<=tau1]"))), "")
    return slope.rpartition("[")[2].partition("<=")[0]


def _draw(curves: pd.DataFrame, column: Column, names: list[str], critical: float, labels: Labels) -> Drawing:
    def one(part: Any, number: int) -> None:
        name = names[number]
        curve = named_curve(curves, f"likelihood_ratio[{name}]")
        axes = part.subplots()
        axes.axvspan(value_of(column, name, "ci_low"), value_of(column, name, "ci_high"), color=BAND, lw=0)
        axes.step(curve["x"], curve["estimate"], where="post", color=INK, lw=1.2)
        axes.axhline(critical, color=GREY, lw=0.9, ls=(0, (4, 2.5)))
        axes.axvline(value_of(column, name), color=INK, lw=0.8, ls=":")
        axes.set_ylim(bottom=0)
        axes.set_title(panel_title(f"{labels.term(name)} = {by_magnitude(value_of(column, name), 3)}"), fontsize=9)
        axes.set_xlabel(panel_title(labels.column(threshold_column(column))))
        axes.set_ylabel(labels.text("figure_likelihood_ratio"))

    return panels(len(names), 3.2, one)

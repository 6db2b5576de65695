"""Power of a planned test over planted effects, the planned variance beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column
from involution.exhibits.content import decimal
from involution.exhibits.curves import BAND, named_curve
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, model_of, said_by, value_of
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.rehearsal_table import BLOCK
from involution.exhibits.rehearsal_terms import variance_label, variances
from involution.exhibits.render.wrap import wrapped
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_STROKES = ("--", ":", "-.", (0, (6, 1.5, 1, 1.5, 1, 1.5)))


def power_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `power`: columns curve, x, estimate, ci_low, ci_high; a curve for each variance, planned first.

    Raises
    ------
    InputError
        When the study has no such rehearsal, or that of a mediation, which has no curve.
    """
    where = f"figure '{figure.name}'"
    column = model_of(BLOCK, figure.model or "", material.results, where)
    title = labels.text("default_title_power", outcome=labels.column(str(column.first["outcome"])))
    notes = tuple(said_by(column.model, material.results, labels))
    if column.failed:
        return not_estimated(column.model, title, notes, labels)
    curves = curves_of_model(column, material.results)
    if curves.empty:
        raise InputError(Problem(where, f"the rehearsal '{column.model}' has no curve of power"))
    return Picture(curves, lambda: _draw(curves, column, labels), _in_words(column, labels), title, notes)


def _in_words(column: Column, labels: Labels) -> str:
    values = {
        "vcov": variance_label(str(column.first["vcov"]), labels),
        "size": decimal(100 * value_of(column, "size"), 1),
    }
    detectable = column.statistic("mde_effect")
    if not abs(detectable) < float("inf"):
        return labels.text("figure_power_never", **values)
    return labels.text("figure_power_words", mde=by_magnitude(detectable, 2), **values)


def _draw(curves: pd.DataFrame, column: Column, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.2, 3.8), layout="constrained")
    for level in (0.05, 0.8):
        axes.axhline(level, color=GREY, lw=0.8, ls=(0, (1, 3)))
    first, *others = variances(column.terms)
    planned = named_curve(curves, f"power[{first}]")
    axes.fill_between(planned["x"], planned["ci_low"], planned["ci_high"], color=BAND, lw=0)
    axes.plot(planned["x"], planned["estimate"], color=INK, lw=1.7, label=variance_label(first, labels))
    for stroke, name in zip(_STROKES, others, strict=False):
        curve = named_curve(curves, f"power[{name}]")
        axes.plot(curve["x"], curve["estimate"], color=INK, lw=1.0, ls=stroke, label=variance_label(name, labels))
    detectable = column.statistic("mde_effect")
    if abs(detectable) < float("inf"):
        axes.axvline(detectable, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    axes.set(xlim=(0, float(planned["x"].max())), ylim=(0, 1.02))
    axes.set_yticks([0, 0.05, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.set_xlabel("\n".join(wrapped(labels.text("figure_power_effect"), 70)))
    axes.set_ylabel(labels.text("figure_power_rate"))
    axes.legend(fontsize=8, loc="center right")
    return drawing

"""How much of an effect of its own an instrument may have before the interval of the treatment reaches zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.bounds_table import KINDS, bounds_models
from involution.exhibits.columns import Column
from involution.exhibits.curves import BAND, named_curve
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.endogeneity_terms import BLOCK
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, model_of, said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_NOTES = ("plausibly_exogenous", "direct_effect_none", "direct_effect_inside", "direct_effect_outside", "not_estimable")


def bounds_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `plausibly_exogenous`: columns curve, x, estimate, ci_low, ci_high.

    The horizontal axis is the largest direct effect that is allowed, in absolute value, as a share of the range from
    none to all of it.

    Raises
    ------
    InputError
        When the study has no such model, or its results no curve of it.
    """
    where, results = f"figure '{figure.name}'", material.results
    name = figure.model or next(iter(bounds_models(results)), "")
    if not name:
        mend = "give an item of endogeneity with instruments `plausibly_exogenous`, or remove the figure"
        raise InputError(Problem(where, "no model has bounds on the direct effect of an instrument", mend=mend))
    column = model_of(BLOCK, name, results, where)
    title = labels.text("default_title_plausibly_exogenous", outcome=labels.column(str(column.first["outcome"])))
    notes = tuple(said_by(column.model, results, labels, _NOTES))
    if column.failed:
        return not_estimated(column.model, title, notes, labels)
    curves = curves_of_model(column, results)
    if named_curve(curves, KINDS[0]).empty:
        raise InputError(Problem(where, f"the model '{name}' has no curve over the direct effect of an instrument"))
    words = labels.text("separator").join(_in_words(column, kind, labels) for kind in KINDS)
    return Picture(curves, lambda: _draw(curves, column, labels), words, title, notes)


def _in_words(column: Column, kind: str, labels: Labels) -> str:
    row = column.rows[column.rows["term"].astype(str).str.startswith(f"{kind}[")].iloc[0]
    ends = {end: by_magnitude(float(row[end]), 3) for end in ("ci_low", "ci_high")}
    return labels.text("figure_bounds_words", name=labels.term(str(row["term"])), **ends)


def _treatment(column: Column) -> str:
    """The treatment, from the name of the union's term."""
    return next(term for term in column.terms if term.startswith(f"{KINDS[0]}[")).partition("[")[2][:-1]


def _draw(curves: pd.DataFrame, column: Column, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.0, 3.6), layout="constrained")
    union, normal = (named_curve(curves, kind) for kind in KINDS)
    axes.fill_between(
        union["x"], union["ci_low"], union["ci_high"], color=BAND, lw=0, label=labels.text("figure_union")
    )
    for end in ("ci_low", "ci_high"):
        axes.plot(union["x"], union[end], color=GREY, lw=0.9)
        label = labels.text("figure_local_to_zero") if end == "ci_low" else None
        axes.plot(normal["x"], normal[end], color=look(1)["color"], lw=1.2, ls=(0, (4, 2)), label=label)
    axes.plot(union["x"], union["estimate"], color=INK, lw=1.4, label=labels.text("estimate"))
    axes.axhline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    zero = abs(column.statistic("direct_effect_zero"))
    if np.isfinite(zero) and 0 < zero <= float(union["x"].max()):
        axes.axvline(zero, color=INK, lw=0.8, ls=":")
    axes.set_xlim(0, float(union["x"].max()))
    axes.set_xlabel(labels.text("figure_direct_effect"))
    axes.set_ylabel(labels.text("figure_effect_of", of=labels.column(_treatment(column))))
    drawing.legend(fontsize=8, loc="outside lower center", ncols=3)
    return drawing

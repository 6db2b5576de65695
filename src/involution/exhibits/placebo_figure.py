"""The estimate among those with the treatment permuted: their density, and each with its own p-value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column
from involution.exhibits.content import decimal
from involution.exhibits.curves import named_curve
from involution.exhibits.drawing import GREY, look
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, model_of, said_by, value_of
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.randomisation import draw_among, mark_actual
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

BLOCK = "placebo"
HISTOGRAM, DENSITY, DRAWS = f"{BLOCK}_histogram", f"{BLOCK}_density", f"{BLOCK}_draws"
_NOTES = ("placebo_paths", "placebo_units", "placebo_mostly_fixed", "not_estimable")
_LEVEL = 0.1


def placebo_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `placebo`: columns curve, x, estimate; the estimate as it was is the curve ``actual``.

    Raises
    ------
    InputError
        When the study has no such placebo test, or its results no permutations of it.
    """
    where = f"figure '{figure.name}'"
    column = model_of(BLOCK, figure.model or "", material.results, where)
    title = labels.text("default_title_placebo", outcome=labels.column(str(column.first["outcome"])))
    said = tuple(said_by(column.model, material.results, labels, _NOTES))
    if column.failed:
        return not_estimated(column.model, title, said, labels)
    curves = curves_of_model(column, material.results)[["curve", "x", "estimate"]]
    if curves.empty:
        raise InputError(Problem(where, f"the model '{column.model}' has no permutations"))
    # The treatment is the first term of its regression.
    term = column.terms[0]
    actual = pd.DataFrame({"curve": ["actual"], "x": [value_of(column, term)], "estimate": [float("nan")]})
    data = pd.concat([curves, actual], ignore_index=True)
    told = _told(column, term)
    notes = (labels.text("figure_placebo", **told), *said)
    axis = labels.text("figure_placebo_axis", term=labels.term(term))
    return Picture(
        data, lambda: _draw(data, axis, told, labels), labels.text("figure_placebo_words", **told), title, notes
    )


def _told(column: Column, term: str) -> dict[str, str]:
    return {
        "estimate": decimal(value_of(column, term), 3).replace("-", "−"),
        "count": f"{int(column.statistic('placebo_draws')):,}",
        "p": decimal(column.statistic("placebo_p"), 3),
        "p_t": decimal(column.statistic("placebo_p_t"), 3),
        "level": f"{_LEVEL:g}",
    }


def _draw(data: pd.DataFrame, axis: str, told: dict[str, str], labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.5, 3.8), layout="constrained")
    draw_among(axes, named_curve(data, HISTOGRAM), named_curve(data, DENSITY))
    actual = float(named_curve(data, "actual")["x"].iloc[0])
    draws = named_curve(data, DRAWS)
    beside = axes.twinx()
    beside.spines["right"].set_visible(True)
    colour = look(0)["color"]
    beside.scatter(draws["x"], draws["estimate"], s=9, facecolors="none", edgecolors=colour, lw=0.5, alpha=0.55)
    beside.axhline(_LEVEL, color=GREY, lw=0.9, ls=(0, (4, 2.5)))
    beside.set_ylim(0, 1.12)
    beside.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    beside.set_ylabel(labels.text("figure_placebo_p_axis"))
    mark_actual(axes, actual, labels.text("figure_placebo_mark", **told))
    axes.set_xlabel(axis)
    axes.set_ylabel(labels.text("figure_density"))
    return drawing

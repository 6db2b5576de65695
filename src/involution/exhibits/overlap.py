"""The propensity scores of treated and untreated rows, before and after matching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.balance import balanced_column, measure_of
from involution.exhibits.content import decimal, integer
from involution.exhibits.curves import named_curve, panels
from involution.exhibits.drawing import look
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.models.endogeneity.balance import ESTIMATOR as BALANCING
from involution.models.endogeneity.balance_of import AFTER, BEFORE
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_GROUPS = {"treated": "-", "control": (0, (5, 2))}


def overlap(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `overlap`: columns curve, x, estimate; a panel before and one after.

    Raises
    ------
    InputError
        When the study has no matched model of this name.
    """
    where = f"figure '{figure.name}'"
    column = balanced_column(figure.model or "", material.results, where)
    title = labels.text("default_title_overlap", outcome=labels.column(str(column.first["outcome"])))
    curves = curves_of_model(column, material.results)[["curve", "x", "estimate"]]
    if curves.empty:
        if measure_of(column) is not None or str(column.first["estimator"]) == BALANCING:
            raise InputError(Problem(where, f"'{column.model}' has no propensity scores", mend="name a matched model"))
        said = said_by(column.model, material.results, labels, ("not_estimable",))
        return not_estimated(column.model, title, said, labels)
    words = labels.text(
        "figure_overlap_words",
        off=integer(column.statistic("n_off_support")),
        **{when: decimal(column.statistic(f"score_r2[{when}]"), 3) for when in (BEFORE, AFTER)},
    )
    return Picture(curves, lambda: _draw(curves, labels), words, title, (labels.text("figure_overlap"),))


def _draw(curves: pd.DataFrame, labels: Labels) -> Drawing:
    top = 1.08 * float(curves["estimate"].max())

    def one(part: Any, number: int) -> None:
        when = (BEFORE, AFTER)[number]
        axes = part.subplots()
        for place, (who, dashes) in enumerate(_GROUPS.items()):
            curve = named_curve(curves, f"score[{when},{who}]")
            colour = look(place)["color"]
            axes.plot(curve["x"], curve["estimate"], color=colour, ls=dashes, lw=1.5, label=labels.text(f"group_{who}"))
            axes.fill_between(curve["x"], 0, curve["estimate"], color=colour, alpha=0.08, lw=0)
        axes.set_ylim(0, top)
        axes.set_title(labels.text(f"balance_{when}"), fontsize=9)
        axes.set_xlabel(labels.text("figure_score"))
        axes.set_ylabel(labels.text("figure_density"))
        if number == 0:
            axes.legend(fontsize=7)

    return panels(2, 2.9, one)

"""The specification curve: estimates in their order with intervals, and below which choices each of them makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column
from involution.exhibits.content import decimal, integer, shown_p_value
from involution.exhibits.curves import BAND, named_curve
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.specification_terms import choice_label, choices_in, curve_of, factor_label
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

CURVE, NULL, CHOICE = "specifications", "under_permutation", "choice"
_NOTES = ("curve_of", "curve_failed", "curve_units_of_outcomes", "curve_joint", "curve_no_joint", "curve_not_permuted")
_ROW, _TOP = 0.17, 3.0
"""Inches of a choice's row, and of the curve above."""


def specification_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `specification_curve`: columns curve, x (rank), estimate, ci_low, ci_high.

    Raises
    ------
    InputError
        When the study has no such curve, or its results no specification of it.
    """
    where = f"figure '{figure.name}'"
    column = curve_of(figure.model or "", material.results, where)
    title = labels.text("default_title_specification_curve")
    said = tuple(said_by(column.model, material.results, labels, _NOTES))
    if column.failed:
        return not_estimated(column.model, title, said, labels)
    curves = curves_of_model(column, material.results)
    if curves.empty:
        raise InputError(Problem(where, f"the curve '{column.model}' has no specification"))
    told = _told(column)
    notes = (labels.text("figure_specification_curve"), *said)
    if len(named_curve(curves, NULL)):
        notes = (notes[0], labels.text("figure_specification_null"), *said)
    words = labels.text("figure_specification_words", **told)
    return Picture(curves, lambda: _draw(curves, labels), words, title, notes)


def _told(column: Column) -> dict[str, str]:
    names = column.statistics["statistic"]
    p_value = float(column.statistics.loc[names == "share_significant", "p_value"].iloc[0])
    return {
        "count": integer(column.statistic("specifications")),
        "median": decimal(column.statistic("median_estimate"), 3).replace("-", "−"),
        "low": decimal(column.statistic("lowest_estimate"), 3).replace("-", "−"),
        "high": decimal(column.statistic("highest_estimate"), 3).replace("-", "−"),
        "share": decimal(100 * column.statistic("share_significant"), 0),
        "p": shown_p_value(p_value, 3) if p_value == p_value else "—",
    }


def _draw(curves: pd.DataFrame, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    found = choices_in(dict.fromkeys(curves["curve"].astype(str)), CHOICE)
    lines = sum(1 + len(names) for names in found.values())
    height = _TOP + (0.3 + _ROW * lines if lines else 0)
    ratios = [_TOP, max(_ROW * lines, 0.01)] if lines else [_TOP]
    drawing, panels = pyplot.subplots(
        len(ratios), 1, sharex=True, figsize=(7.0, height), layout="constrained", squeeze=False,
        gridspec_kw={"height_ratios": ratios},
    )  # fmt: skip
    _draw_curve(panels[0, 0], curves, labels)
    if lines:
        _draw_choices(panels[1, 0], curves, found, labels)
    panels[-1, 0].set_xlabel(labels.text("figure_specification_axis"))
    return drawing


def _draw_curve(axes: Any, curves: pd.DataFrame, labels: Labels) -> None:
    """Estimates with intervals, the significant ones in colour, and the band of permuted curves."""
    own, null = named_curve(curves, CURVE), named_curve(curves, NULL)
    if len(null):
        axes.fill_between(null["x"], null["ci_low"], null["ci_high"], color=BAND, lw=0, zorder=0)
        axes.plot(null["x"], null["estimate"], color=GREY, lw=0.9, ls=":")
    significant = (own["ci_low"] > 0) | (own["ci_high"] < 0)
    size = float(np.clip(600 / len(own), 1.5, 12))
    for part, colour in ((own[~significant], GREY), (own[significant], look(0)["color"])):
        axes.vlines(part["x"], part["ci_low"], part["ci_high"], color=colour, lw=0.6, alpha=0.35)
        axes.scatter(part["x"], part["estimate"], s=size, color=colour, lw=0, zorder=3)
    axes.axhline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    axes.axhline(float(own["estimate"].median()), color=look(1)["color"], lw=1.0)
    axes.set_ylabel(labels.said(labels.text("figure_specification_estimate")))
    axes.set_xlim(0, len(own) + 1)


def _draw_choices(axes: Any, curves: pd.DataFrame, found: dict[str, list[str]], labels: Labels) -> None:
    """A row for each choice, marked at the specifications that make it, under the name of what it is a choice of."""
    own = named_curve(curves, CURVE).set_index("x")
    significant = (own["ci_low"] > 0) | (own["ci_high"] < 0)
    places, names, row = [], [], 0
    for factor, choices in found.items():
        axes.text(
            -0.01, row, factor_label(factor, labels), transform=axes.get_yaxis_transform(), ha="right", va="center",
            fontsize=8, fontweight="bold",
        )  # fmt: skip
        for choice in choices:
            row += 1
            x = named_curve(curves, f"{CHOICE}[{factor}={choice}]")["x"]
            reached = significant.loc[x].to_numpy(dtype=bool)
            for marked, colour in ((~reached, GREY), (reached, look(0)["color"])):
                axes.scatter(x[marked], np.full(int(marked.sum()), row), marker="|", s=18, lw=0.7, color=colour)
            places.append(row)
            names.append(choice_label(factor, choice, labels))
        row += 1
    axes.set_yticks(places, names, fontsize=7.5)
    axes.set_ylim(row - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)

"""Figures beside event studies: what two-way fixed effects compare, bounds on drifts, effects by strength."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import decimal
from involution.exhibits.curves import draw_band
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.staggered_tables import (
    BREAKDOWN,
    HONEST,
    bacon_models,
    dose_models,
    honest_models,
)
from involution.exhibits.staggered_terms import COMPARISONS, comparison_type
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_NUMBERS = ("x", "estimate", "ci_low", "ci_high")
_GROUPS = ("low", "middle", "high")


def bacon_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `bacon`: columns type, comparison, weight, estimate.

    Raises
    ------
    InputError
        When the study has no decomposition, or not one of the name that the figure gives.
    """
    column = _chosen(figure, material.results, bacon_models(material.results), "decomposition of two-way fixed effects")
    title = labels.text("default_title_bacon_of", outcome=labels.column(str(column.first["outcome"])))
    if column.failed:
        return not_estimated(column.model, title, _said(column, material.results, labels), labels)
    curves = _curves(column, material.results)
    kinds = curves["curve"].map(comparison_type)
    data = pd.DataFrame(
        {"type": kinds, "comparison": curves["curve"], "weight": curves["x"], "estimate": curves["estimate"]}
    )
    data = data[kinds != ""].reset_index(drop=True)
    whole = float(column.rows.loc[column.rows["term"] == "bacon[twfe]", "estimate"].iloc[0])
    words = labels.text("separator").join(
        labels.text(
            "bacon_words",
            type=labels.text(f"bacon_{kind}"),
            weight=decimal(column.statistic(f"weight[{kind}]"), 3),
            estimate=by_magnitude(_value(column, f"bacon[{kind}]"), 3),
        )
        for kind in COMPARISONS
        if f"bacon[{kind}]" in column.terms
    )
    note = labels.text("bacon_figure_note", estimate=by_magnitude(whole, 3))
    return Picture(
        data, lambda: _draw_bacon(data, whole, labels), words, title, (note, *_said(column, material.results, labels))
    )


def honest_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `honest`: columns kind, m, estimate, ci_low, ci_high.

    Raises
    ------
    InputError
        When the study has no event study with bounds, or not one of the name that the figure gives.
    """
    column = _chosen(figure, material.results, honest_models(material.results), "event study with bounds on drifts")
    names = {"outcome": labels.column(str(column.first["outcome"]))}
    names["estimator"] = labels.estimator(str(column.first["estimator"]))
    curves = _curves(column, material.results)
    parts = [curves[curves["curve"] == curve].assign(kind=kind) for kind, curve in HONEST.items()]
    data = pd.concat([part for part in parts if len(part)], ignore_index=True)
    data = data.rename(columns={"x": "m"})[["kind", "m", "estimate", "ci_low", "ci_high"]]
    breaks = {kind: column.statistic(BREAKDOWN[kind]) for kind in dict.fromkeys(data["kind"])}
    said = [labels.text(f"honest_words_{kind}", m=by_magnitude(value, 3)) for kind, value in breaks.items()]
    title = labels.text("default_title_honest_of", **names)
    notes = (labels.text("honest_note"), labels.text("honest_figure_note"))
    return Picture(data, lambda: _draw_honest(data, breaks, labels), labels.text("separator").join(said), title, notes)


def dose_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `dose`: columns curve, x, estimate, ci_low, ci_high.

    Raises
    ------
    InputError
        When the study has no effects by strength, or not those of the name that the figure gives.
    """
    column = _chosen(figure, material.results, dose_models(material.results), "model of effects by strength")
    title = labels.text("default_title_dose_of", outcome=labels.column(str(column.first["outcome"])))
    said = _said(column, material.results, labels)
    if column.failed:
        return not_estimated(column.model, title, said, labels)
    curves = _curves(column, material.results)
    terms = [f"att[{group}]" for group in _GROUPS if f"att[{group}]" in column.terms]
    words = [_interval_in_words("dose_words", "group", term, column, labels) for term in terms]
    if "gradient" in column.terms:
        words.append(_interval_in_words("dose_words_gradient", "gradient", "gradient", column, labels))
    data = curves.reset_index(drop=True)
    notes = (labels.text("dose_figure_note"), *said)
    return Picture(data, lambda: _draw_dose(data, terms, labels), labels.text("separator").join(words), title, notes)


def _chosen(figure: Figure, results: Results, known: Sequence[str], what: str) -> Column:
    name = figure.model or (known[0] if known else "")
    if name not in known:
        said = f"'{name}' is no {what}" if name else f"the study has no {what}"
        raise InputError(Problem(f"figure '{figure.name}'", said))
    return results.column(name)


def _curves(column: Column, results: Results) -> pd.DataFrame:
    rows = results.curves[results.curves["model"] == column.model]
    return rows[["curve", *_NUMBERS]].astype(dict.fromkeys(_NUMBERS, float))


def _said(column: Column, results: Results, labels: Labels) -> tuple[str, ...]:
    return tuple(labels.text("all_columns_note", text=text) for text in said_by(column.model, results, labels))


def _value(column: Column, term: str) -> float:
    return float(column.rows.loc[column.rows["term"] == term, "estimate"].iloc[0])


def _interval_in_words(key: str, what: str, term: str, column: Column, labels: Labels) -> str:
    row = column.rows[column.rows["term"] == term].iloc[0]
    numbers = {name: by_magnitude(float(row[name]), 3) for name in ("estimate", "ci_low", "ci_high")}
    return labels.text(key, **{what: labels.term(term)}, **numbers)


def _draw_bacon(data: pd.DataFrame, whole: float, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.5, 3.8), layout="constrained")
    axes.axhline(0, color=GREY, lw=0.8)
    axes.axhline(whole, color=INK, lw=1.0, ls=(0, (4, 2.5)))
    for k, kind in enumerate(COMPARISONS):
        points = data[data["type"] == kind]
        if len(points):
            axes.plot(
                points["weight"], points["estimate"], ls="none", ms=5, label=labels.text(f"bacon_{kind}"), **look(k)
            )
    axes.set_xlim(left=0)
    axes.set_xlabel(labels.text("bacon_axis"))
    axes.set_ylabel(labels.text("bacon_effect"))
    drawing.legend(fontsize=7, loc="outside lower center", ncols=2)
    return drawing


def _draw_honest(data: pd.DataFrame, breaks: dict[str, float], labels: Labels) -> Drawing:
    from matplotlib import pyplot

    kinds = list(breaks)
    drawing, panels = pyplot.subplots(
        1, len(kinds), figsize=(3.5 * len(kinds) + 0.5, 3.3), layout="constrained", squeeze=False
    )
    for axes, kind in zip(panels.flat, kinds, strict=True):
        points = data[data["kind"] == kind]
        axes.axhline(0, color=GREY, lw=0.8)
        axes.vlines(points["m"], points["ci_low"], points["ci_high"], color=INK, lw=1.8)
        axes.plot(points["m"], points["estimate"], ls="none", marker="o", ms=4, color=INK)
        if breaks[kind] <= points["m"].max():
            axes.axvline(breaks[kind], color=GREY, lw=0.9, ls=(0, (4, 2.5)))
        axes.set_xlabel(labels.text(f"honest_axis_{kind}"), fontsize=8)
    panels.flat[0].set_ylabel(labels.text("honest_effect"))
    return drawing


def _draw_dose(data: pd.DataFrame, terms: Sequence[str], labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(5.6, 3.6), layout="constrained")
    line, points = data[data["curve"] == "dose_line"], data[data["curve"] == "dose"]
    if len(line):
        draw_band(axes, line)
    _points(axes, points, terms, labels)
    axes.axhline(0, color=GREY, lw=0.8)
    axes.set_xlabel(labels.text("dose_axis"))
    axes.set_ylabel(labels.text("dose_effect"))
    drawing.legend(fontsize=7, loc="outside lower center", ncols=3)
    return drawing


def _points(axes: Any, points: pd.DataFrame, terms: Sequence[str], labels: Labels) -> None:
    for k, (term, (_, row)) in enumerate(zip(terms, points.iterrows(), strict=False)):
        shape = look(k)
        axes.vlines(row["x"], row["ci_low"], row["ci_high"], color=shape["color"], lw=1.6)
        axes.plot([row["x"]], [row["estimate"]], ls="none", ms=5.5, label=labels.term(term), **shape)

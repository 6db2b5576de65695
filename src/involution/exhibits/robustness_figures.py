"""Variations of the baseline in one picture, and the estimate without each group in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column, Results
from involution.exhibits.content import decimal
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, named_or_first, said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.render.wrap import wrapped
from involution.exhibits.robustness_table import BLOCK, called
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_SCALES = ("sds", "percent")


def robustness_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `robustness`: columns model, scale, effect, low, high, in the order of the study.

    The scale is the effect of one standard deviation of the treatment: ``sds`` of the outcome for linear models,
    ``percent`` for counts and hazards; other models have no place in it.

    Raises
    ------
    InputError
        When the study has no variation that can be drawn.
    """
    results = material.results
    names = figure.models or [*results.baselines()[:1], *results.models(BLOCK)]
    columns = [results.column(name) for name in names]
    data = pd.DataFrame([row for column in columns for row in _scaled(column)])
    if data.empty:
        mend = "give the section robustness variations of least squares or Poisson"
        raise InputError(Problem(f"figure '{figure.name}'", "no variation can be drawn", mend=mend))
    words = labels.text("figure_robustness_words", count=len(data), same=_same_sign(data))
    title = labels.text("default_title_robustness_figure")
    return Picture(data, lambda: _draw(data, results, labels), words, title, (labels.text("figure_robustness"),))


def _scaled(column: Column) -> list[dict[str, object]]:
    """A model's effect of one standard deviation with its interval; nothing where it has none."""
    if column.failed:
        return []
    row = column.headline
    estimate, low, high = (float(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    sd, in_sds = column.statistic("sd_treatment"), column.statistic("effect_of_sd_in_sds")
    if not np.isnan(in_sds) and str(row["estimator"]) in ("ols", "iv"):
        factor = in_sds / estimate if estimate else np.nan
        return [_row(column, "sds", estimate * factor, low * factor, high * factor)]
    if str(row["estimator"]) in ("poisson", "cloglog") and not np.isnan(sd):
        effect, lower, upper = (100 * float(np.expm1(value * sd)) for value in (estimate, low, high))
        return [_row(column, "percent", effect, lower, upper)]
    return []


def _row(column: Column, scale: str, effect: float, low: float, high: float) -> dict[str, object]:
    return {"model": column.model, "scale": scale, "effect": effect, "low": low, "high": high}


def _same_sign(data: pd.DataFrame) -> int:
    """Variations whose interval is on the baseline's side of zero."""
    positive = float(data["effect"].iloc[0]) > 0
    return int((data["low"] > 0).sum() if positive else (data["high"] < 0).sum())


def _draw(data: pd.DataFrame, results: Results, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    scales = [scale for scale in _SCALES if (data["scale"] == scale).any()]
    counts = [int((data["scale"] == scale).sum()) for scale in scales]
    drawing, grid = pyplot.subplots(
        len(scales), 1, squeeze=False, layout="constrained", height_ratios=counts,
        figsize=(6.5, 0.8 * len(scales) + 0.27 * len(data)),
    )  # fmt: skip
    for axes, scale in zip(grid.flat, scales, strict=True):
        part = data[data["scale"] == scale]
        y = np.arange(len(part))
        reach = np.array([part["effect"] - part["low"], part["high"] - part["effect"]])
        axes.errorbar(part["effect"], y, xerr=reach, ls="none", ms=4.5, lw=1, capsize=2, **look(0))
        axes.axvline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
        axes.axvline(float(part["effect"].iloc[0]), color=GREY, lw=0.8, ls=":")
        names = ["\n".join(wrapped(called(str(name), results, labels), 44)) for name in part["model"]]
        axes.set_yticks(y, names, fontsize=8)
        axes.set_ylim(len(part) - 0.4, -0.6)
        axes.set_xlabel(labels.text(f"figure_robustness_{scale}"))
    return drawing


def leave_out_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `leave_out`: columns without, estimate, ci_low, ci_high, from the smallest estimate to the largest.

    Raises
    ------
    InputError
        When the study has no variation with `leave_out`.
    """
    results, where = material.results, f"figure '{figure.name}'"
    rows = results.statistics[results.statistics["statistic"] == "leave_out_groups"]
    known = list(dict.fromkeys(rows["model"].astype(str)))
    column = results.column(named_or_first(figure.model or "", known, "variation with leave_out", BLOCK, where))
    title = labels.text("default_title_leave_out", outcome=labels.column(str(column.first["outcome"])))
    notes = (
        labels.text("figure_leave_out"),
        *said_by(column.model, results, labels, ["leave_out", "leave_out_insignificant"]),
    )
    if column.failed:
        return not_estimated(column.model, title, notes, labels)
    curves = curves_of_model(column, results)
    data = curves.assign(without=curves["curve"].str.removeprefix("without[").str.removesuffix("]"))
    data = data[["without", "estimate", "ci_low", "ci_high"]].sort_values("estimate", kind="stable", ignore_index=True)
    least, most = data.iloc[0], data.iloc[-1]
    words = labels.text(
        "figure_leave_out_words", count=len(data), low=decimal(float(least["estimate"]), 3), first=least["without"],
        high=decimal(float(most["estimate"]), 3), last=most["without"],
    )  # fmt: skip
    return Picture(data, lambda: _draw_leave_out(data, column, labels), words, title, notes)


def _draw_leave_out(data: pd.DataFrame, column: Column, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.5, 3.4), layout="constrained")
    x = np.arange(len(data))
    reach = np.array([data["estimate"] - data["ci_low"], data["ci_high"] - data["estimate"]])
    axes.errorbar(x, data["estimate"], yerr=reach, ls="none", ms=3, lw=0.8, **look(0))
    axes.axhline(float(column.headline["estimate"]), color=GREY, lw=0.9, ls=":")
    axes.axhline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    if len(data) <= 30:
        axes.set_xticks(x, data["without"], rotation=90, fontsize=7)
    else:
        ends = [0, len(data) - 1]
        axes.set_xticks(ends, [str(data["without"].iloc[end]) for end in ends], fontsize=8)
    axes.set_xlabel(labels.text("figure_leave_out_axis"))
    axes.set_ylabel(labels.said(f"{labels.term(str(column.headline['term']))}, {labels.text('confidence')}"))
    return drawing

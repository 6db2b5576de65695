"""The estimate and its t statistic over the strength of an omitted variable, and under extreme ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.exhibits.columns import Column
from involution.exhibits.content import decimal
from involution.exhibits.curves import named_curve, panel_title
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.endogeneity_terms import bound_of
from involution.exhibits.labels import Labels
from involution.exhibits.omitted_table import omitted_column
from involution.exhibits.own_models import curves_of_model, said_by, value_of
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.models.distributions import critical_value
from involution.models.omitted_variables import Path
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

CELLS = 61
_ROOM = 0.06
_NOTES = ("omitted_within", "omitted_errors", "omitted_errors_wild", "omitted_benchmarks", "not_estimable")
_STYLES = {"extreme[1]": "-", "extreme[0.75]": (0, (5, 2)), "extreme[0.5]": ":"}


@dataclass(frozen=True)
class _Drawn:
    """What is drawn: the path, the grid, the benchmarks with their labels, and the extreme scenarios."""

    found: Path
    grid: pd.DataFrame
    points: pd.DataFrame
    extremes: pd.DataFrame


def contours(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `contours`: columns part (grid, benchmark, extreme), label, r2_treatment, r2_outcome, estimate, t.

    Raises
    ------
    InputError
        When the study has no such sensitivity to omitted variables.
    """
    column = omitted_column(figure.model or "", material.results, f"figure '{figure.name}'")
    notes = tuple(said_by(column.model, material.results, labels, _NOTES))
    title = labels.text("default_title_contours", outcome=labels.column(str(column.first["outcome"])))
    if column.failed:
        return not_estimated(column.model, title, notes, labels)
    own = column.terms[0]
    drawn = _drawn(column, own, curves_of_model(column, material.results), labels)
    told = {
        "value": decimal(column.statistic(f"robustness_value[{own}]"), 3),
        "alpha": decimal(column.statistic(f"robustness_value_alpha[{own}]"), 3),
        "partial": decimal(column.statistic(f"partial_r2[{own}]"), 3),
        "treatment": labels.term(own),
    }
    return Picture(
        _data(drawn), lambda: _draw(drawn, labels), labels.text("figure_contours_words", **told), title, notes
    )  # fmt: skip


def _drawn(column: Column, own: str, curves: pd.DataFrame, labels: Labels) -> _Drawn:
    critical = critical_value(column.statistic("degrees_of_freedom"))
    scale = column.statistic(f"residual_ratio[{own}]")
    found = Path(value_of(column, own), value_of(column, own, "std_error"), critical, scale, 0, 1, [])
    points = []
    for term in column.terms:
        bound = bound_of(term)
        if bound is not None:
            at = [column.statistic(f"{what}[{bound[0]},{bound[1]}]") for what in ("r2_treatment", "r2_outcome")]
            points.append((labels.column(bound[0]), bound[1], *at, *_held(found, at[0], at[1])))
    names = ["control", "label", "r2_treatment", "r2_outcome", "estimate", "t"]
    frame = pd.DataFrame(points, columns=names).dropna(subset=["r2_treatment"])
    value = column.statistic(f"robustness_value[{own}]")
    axes = [_axis(frame[what].to_numpy(dtype=float), value) for what in ("r2_treatment", "r2_outcome")]
    first, second = (part.ravel() for part in np.meshgrid(*axes))
    held = [_held(found, x, y) for x, y in zip(first.tolist(), second.tolist(), strict=True)]
    grid = pd.DataFrame({"r2_treatment": first, "r2_outcome": second, "estimate": [pair[0] for pair in held]})
    return _Drawn(found, grid.assign(t=[pair[1] for pair in held]), frame, curves)


def _axis(known: np.ndarray, value: float) -> np.ndarray:
    """Strengths from none to beyond the benchmarks and the robustness value."""
    return np.linspace(0, min(0.95, max(1.25 * float(np.max(known, initial=0.0)), 1.5 * value, 0.05)), CELLS)


def _held(found: Path, treatment: float, outcome: float) -> tuple[float, float]:
    """The estimate and its t statistic with such a variable taken out."""
    error = found.adjusted_error(treatment, outcome)
    estimate = found.adjusted(treatment, outcome)
    return estimate, estimate / error if error > 0 else np.nan


def _data(drawn: _Drawn) -> pd.DataFrame:
    """Everything that is drawn in one table."""
    extremes = drawn.extremes.rename(columns={"curve": "label", "x": "r2_treatment"})
    parts = [
        drawn.grid.assign(part="grid", label=""),
        drawn.points.assign(part="benchmark", label=drawn.points["control"] + ", " + drawn.points["label"]),
        extremes.assign(part="extreme", r2_outcome=extremes["label"].str.extract(r"\[(.+)\]")[0].astype(float)),
    ]
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return frame[["part", "label", "r2_treatment", "r2_outcome", "estimate", "t"]]


def _draw(drawn: _Drawn, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing = pyplot.figure(figsize=(7.0, 6.2), layout="constrained")
    parts: Any = drawing.subfigures(2, 1, height_ratios=[1.25, 1])
    above, below = parts
    left, right = above.subplots(1, 2)
    _panel(left, drawn, "estimate", 0.0, labels.text("figure_contours_estimate"), labels)
    if len(drawn.points):
        handles, names = left.get_legend_handles_labels()
        above.legend(handles, names, fontsize=7, loc="outside lower center", ncols=min(3, len(names)))
    sign = float(np.sign(drawn.found.estimate)) or 1.0
    _panel(right, drawn, "t", sign * drawn.found.critical, labels.text("figure_contours_t"), labels)
    _scenarios(below.subplots(), drawn, labels)
    return drawing


def _panel(axes: Any, drawn: _Drawn, what: str, line: float, title: str, labels: Labels) -> None:
    from matplotlib.ticker import MaxNLocator

    x, y = (np.unique(drawn.grid[name]) for name in ("r2_treatment", "r2_outcome"))
    values = drawn.grid[what].to_numpy().reshape(len(y), len(x))
    levels = [level for level in MaxNLocator(9).tick_values(values.min(), values.max()) if level != line]
    axes.clabel(axes.contour(x, y, values, levels=levels, colors=GREY, linewidths=0.7), fontsize=6)
    if values.min() < line < values.max():
        critical = axes.contour(x, y, values, levels=[line], colors=look(1)["color"], linewidths=1.3, linestyles="--")
        axes.clabel(critical, fontsize=7, fmt=lambda value: f"{value:.3g}")
    own = decimal(float(values[0, 0]), 3).replace("-", "\u2212")
    axes.plot(0, 0, ls="none", marker="D", color=INK, ms=5, clip_on=False, zorder=5)
    axes.annotate(own, (0, 0), xytext=(7, 7), textcoords="offset points", fontsize=7)
    for number, (control, points) in enumerate(drawn.points.groupby("control", sort=False)):
        at = points[["r2_treatment", "r2_outcome"]].to_numpy(dtype=float)
        axes.plot(*at.T, ls="none", ms=4, zorder=4, clip_on=False, label=control, **look(number))
        for label, place in zip(points["label"], at, strict=True):
            # Only where there is room: weak benchmarks lie upon each other.
            if place[0] > _ROOM * x[-1] or place[1] > _ROOM * y[-1]:
                axes.annotate(label, place, xytext=(4, 3), textcoords="offset points", fontsize=6)
    axes.set_title(panel_title(title), fontsize=9)
    axes.set_xlabel(panel_title(labels.text("figure_r2_treatment")), fontsize=8)
    axes.set_ylabel(panel_title(labels.text("figure_r2_outcome")), fontsize=8)
    axes.tick_params(labelsize=7)


def _scenarios(axes: Any, drawn: _Drawn, labels: Labels) -> None:
    for name, dashes in _STYLES.items():
        curve = named_curve(drawn.extremes, name)
        share = f"{float(name[8:-1]):.0%}"
        label = labels.text("figure_extreme_share", share=share)
        axes.plot(curve["x"], curve["estimate"], color=INK, lw=1.3, ls=dashes, label=label)
    axes.axhline(0, color=look(1)["color"], lw=1, ls="--")
    at = drawn.points["r2_treatment"].to_numpy(dtype=float)
    axes.plot(at, np.zeros(len(at)), ls="none", marker="|", ms=9, color=look(1)["color"])
    axes.set_title(panel_title(labels.text("figure_extreme")), fontsize=9)
    axes.set_xlabel(labels.text("figure_r2_treatment"), fontsize=8)
    axes.set_ylabel(labels.text("figure_contours_estimate"), fontsize=8)
    axes.tick_params(labelsize=7)
    axes.legend(fontsize=7)

"""Indirect effects as functions of the correlation of the errors of mediator and outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.content import decimal
from involution.exhibits.curves import curves_of, draw_band, named_curve, panel_title, panels
from involution.exhibits.decomposition import Decomposition, decomposition
from involution.exhibits.drawing import GREY, INK
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_SHOWN = 0.9
"""Beyond this correlation the effect runs off to infinity and would flatten the rest."""


def sensitivity(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `sensitivity`: columns curve, x, estimate, ci_low, ci_high; a panel for each mediator.

    Raises
    ------
    InputError
        When the study has no such mediation, or its results no such curve.

    Notes
    -----
    After Imai, Keele and Yamamoto (2010), *Statistical Science* 25: 51-71, section 5.
    """
    where = f"figure '{figure.name}'"
    found = decomposition(figure.model or "", material.results, where)
    _, outcome = found.named(labels)
    title = labels.text("default_title_sensitivity", outcome=outcome)
    status = found.said(labels, status=True)
    if found.column.failed:
        return not_estimated(found.model, title, (*status, *found.said(labels, status=False)), labels)
    curves = curves_of(found, material.results)
    known = set(curves["curve"])
    mediators = [name for name in found.mediators if f"rho[{name}]" in known]
    if not mediators:
        reason = "has no curve over the error correlation"
        if found.by_outcomes:
            reason += ": it is by potential outcomes, and the curve is built for linear equations"
        raise InputError(Problem(where, f"the mediation '{found.model}' {reason}"))
    data = pd.concat([named_curve(curves, f"rho[{name}]") for name in mediators], ignore_index=True)
    stars = {name: _star(found, name) for name in mediators}
    words = labels.text("separator").join(_in_words(found, name, stars[name], labels) for name in mediators)
    return Picture(data, lambda: _draw(data, stars, labels), words, title, (*status, labels.text("figure_sensitivity")))


def _star(found: Decomposition, mediator: str) -> float:
    """The error correlation at which the indirect effect is zero; missing where there is none."""
    row = found.effects.get(f"rho_star[{mediator}]")
    return np.nan if row is None else float(row["estimate"])


def _in_words(found: Decomposition, mediator: str, star: float, labels: Labels) -> str:
    estimate = decimal(float(found.effects[f"indirect[{mediator}]"]["estimate"]), 3)
    key = "figure_sensitivity_nowhere" if np.isnan(star) else "figure_sensitivity_words"
    return labels.text(key, mediator=labels.column(mediator), estimate=estimate, rho=decimal(star, 2))


def _draw(data: pd.DataFrame, stars: dict[str, float], labels: Labels) -> Drawing:
    names = list(stars)

    def one(part: Any, number: int) -> None:
        name = names[number]
        curve = named_curve(data, f"rho[{name}]")
        axes = part.subplots()
        draw_band(axes, curve)
        axes.axvline(0, color=GREY, lw=0.7)
        _limits(axes, curve)
        _mark(axes, stars[name])
        axes.set_title(panel_title(labels.text("heading_mediator", mediator=labels.column(name))), fontsize=9)
        axes.set_xlabel(labels.text("figure_rho"))
        axes.set_ylabel(labels.text("figure_indirect"))

    return panels(len(names), 2.9, one)


def _limits(axes: Any, curve: pd.DataFrame) -> None:
    """All of the curve between correlations that are not extreme, and room for the label of ρ*."""
    inner = curve[curve["x"].abs() <= _SHOWN]
    shown = inner if len(inner) else curve
    low, high = min(0.0, shown["ci_low"].min()), max(0.0, shown["ci_high"].max())
    room = 0.05 * (high - low)
    axes.set_xlim(shown["x"].min(), shown["x"].max())
    axes.set_ylim(low - room, high + 3 * room)


def _mark(axes: Any, star: float) -> None:
    """ρ* as a point on the zero line, its value at the top of a line through it."""
    if np.isnan(star) or not axes.get_xlim()[0] <= star <= axes.get_xlim()[1]:
        return
    axes.axvline(star, color=INK, lw=0.8, ls=":")
    axes.plot([star], [0], marker="o", ms=5, color=INK, mfc="white", zorder=4)
    text = f"ρ* = {decimal(star, 2)}".replace("-", "−")
    # Away from the line at zero, save where the label would leave the panel.
    rightwards = (star > 0) == (abs(star) < axes.get_xlim()[1] / 2)
    axes.annotate(
        text, (star, 1), xycoords=("data", "axes fraction"), xytext=(4 if rightwards else -4, -2),
        textcoords="offset points", ha="left" if rightwards else "right", va="top", fontsize=8,
    )  # fmt: skip

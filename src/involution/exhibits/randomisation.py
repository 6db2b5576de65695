"""The slope as it was among those under permuted calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.content import decimal
from involution.exhibits.curves import named_curve
from involution.exhibits.drawing import INK, look
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.models.exposure.curves import DENSITY, HISTOGRAM
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

BLOCK = "exposure"
_BARS = "#b8bec6"


def randomisation(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `randomisation`: columns curve, x, estimate; the slope as it was is the curve ``actual``.

    Raises
    ------
    InputError
        When the study has no such model, or its results no slopes under permuted calendars.
    """
    results, where = material.results, f"figure '{figure.name}'"
    curves = results.curves[results.curves["curve"].isin([HISTOGRAM, DENSITY])]
    name = figure.model or next(iter(curves["model"].astype(str)), "")
    rows = results.estimates[results.estimates["model"] == name]
    if rows.empty or not (rows["block"] == BLOCK).all():
        raise InputError(Problem(where, f"there is no section '{name}' of exposure"))
    outcome = labels.column(str(rows["outcome"].iloc[0]))
    title = labels.text("default_title_randomisation", outcome=outcome)
    if rows["estimate"].isna().all():
        return not_estimated(name, title, tuple(said_by(name, results, labels)), labels)
    own = curves[curves["model"] == name]
    if own.empty:
        raise InputError(Problem(where, f"'{name}' has no permuted calendars", mend="name the section's headline"))
    product = rows[rows["term"].astype(str).str.contains(":", regex=False)].iloc[0]
    actual = pd.DataFrame({"curve": ["actual"], "x": [float(product["estimate"])], "estimate": [float("nan")]})
    data = pd.concat([own[["curve", "x", "estimate"]].astype({"x": float, "estimate": float}), actual])
    statistics = results.statistics[results.statistics["model"] == name].set_index("statistic")["value"]
    told = {
        "estimate": decimal(float(product["estimate"]), 3).replace("-", "−"),
        "count": f"{int(statistics['randomisation_calendars']) - 1:,}",
        "p": decimal(float(statistics["randomisation_p"]), 3),
    }
    words, axis = labels.text("figure_randomisation_words", **told), labels.term(str(product["term"]))
    notes = (labels.text("figure_randomisation", **told),)
    return Picture(data.reset_index(drop=True), lambda: _draw(data, axis, told, labels), words, title, notes)


def _draw(data: pd.DataFrame, axis: str, told: dict[str, str], labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.5, 3.4), layout="constrained")
    draw_among(axes, named_curve(data, HISTOGRAM), named_curve(data, DENSITY))
    actual = float(named_curve(data, "actual")["x"].iloc[0])
    mark_actual(axes, actual, labels.text("figure_randomisation_mark", **told))
    axes.set_xlabel(axis)
    axes.set_ylabel(labels.text("figure_density"))
    return drawing


def draw_among(axes: Any, bars: pd.DataFrame, smooth: pd.DataFrame) -> None:
    """Bars, and the smooth density where there is one, with room above for a mark."""
    x = bars["x"].to_numpy(dtype=float)
    width = x[1] - x[0] if len(x) > 1 else 1.0
    axes.bar(x, bars["estimate"], width=width, color=_BARS, ec="white", lw=0.4)
    if len(smooth):
        axes.plot(smooth["x"], smooth["estimate"], color=INK, lw=1.3)
    axes.axvline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    top = max(bars["estimate"].max(), smooth["estimate"].max() if len(smooth) else 0.0)
    axes.set_ylim(0, 1.18 * float(top))


def mark_actual(axes: Any, actual: float, text: str) -> None:
    """The estimate as it was: a line with what is said of it."""
    axes.axvline(actual, color=look(1)["color"], lw=1.6)
    left, right = axes.get_xlim()
    inner = actual > (left + right) / 2
    axes.annotate(
        text, (actual, 1), xycoords=("data", "axes fraction"),
        xytext=(-4 if inner else 4, -3), textcoords="offset points", ha="right" if inner else "left", va="top",
        fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )  # fmt: skip

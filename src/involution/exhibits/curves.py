"""Curves of a mediation: reading them, and drawing one with its band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.exhibits.columns import Results
from involution.exhibits.decomposition import Decomposition
from involution.exhibits.drawing import GREY, INK
from involution.exhibits.labels import Labels
from involution.exhibits.render.wrap import wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

BAND = "#d3dce6"
_WIDEST = 40


def curves_of(found: Decomposition, results: Results) -> pd.DataFrame:
    """The curves of a mediation: columns curve, x, estimate, ci_low, ci_high, by x within each curve."""
    rows = results.curves[results.curves["model"] == found.model]
    numbers = dict.fromkeys(("x", "estimate", "ci_low", "ci_high"), float)
    return rows[["curve", *numbers]].astype(numbers).sort_values("x", kind="stable")


def named_curve(curves: pd.DataFrame, name: str) -> pd.DataFrame:
    """One curve; no rows where there is none."""
    return curves[curves["curve"] == name]


def draw_band(axes: Any, curve: pd.DataFrame) -> None:
    """A curve, its band with edges that show in print, and zero."""
    axes.fill_between(curve["x"], curve["ci_low"], curve["ci_high"], color=BAND, lw=0)
    for edge in ("ci_low", "ci_high"):
        axes.plot(curve["x"], curve[edge], color=GREY, lw=0.7)
    axes.axhline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    axes.plot(curve["x"], curve["estimate"], color=INK, lw=1.6)


def panel_title(text: str) -> str:
    """A panel's title in lines."""
    return "\n".join(wrapped(text, _WIDEST))


def panels(count: int, height: float, draw: Callable[[Any, int], None]) -> Drawing:
    """A drawing of one or two columns of panels.

    Parameters
    ----------
    count : int
    height : float
        Inches of a panel.
    draw : callable
        Draws a panel into its part of the figure, given that and its number.
    """
    from matplotlib import pyplot

    wide = min(2, count)
    tall = -(-count // wide)
    drawing = pyplot.figure(figsize=(4.6 if wide == 1 else 7.0, height * tall), layout="constrained")
    parts = drawing.subfigures(tall, wide, squeeze=False)
    for number, part in enumerate(parts.flat):
        if number < count:
            draw(part, number)
    return drawing


def ranges_without_zero(curve: pd.DataFrame) -> list[tuple[float, float]]:
    """Ranges of x over which the band leaves out zero: first and last value of each run of the grid."""
    outside = ((curve["ci_low"] > 0) | (curve["ci_high"] < 0)).to_numpy()
    x, runs = curve["x"].to_numpy(dtype=float), list[tuple[float, float]]()
    for k, is_outside in enumerate(outside):
        if not is_outside:
            continue
        if k and outside[k - 1]:
            runs[-1] = (runs[-1][0], float(x[k]))
        else:
            runs.append((float(x[k]), float(x[k])))
    return runs


def zero_in_words(curve: pd.DataFrame, labels: Labels, shown: Callable[[float], str]) -> str:
    """Where the band leaves out zero."""
    runs = ranges_without_zero(curve)
    if not runs:
        return labels.text("figure_everywhere_zero")
    if runs == [(float(curve["x"].iloc[0]), float(curve["x"].iloc[-1]))]:
        return labels.text("figure_nowhere_zero")
    return labels.text("figure_zero_left_out", ranges=labels.joined(_ranges(runs, labels, shown)))


def _ranges(runs: Sequence[tuple[float, float]], labels: Labels, shown: Callable[[float], str]) -> list[str]:
    return [labels.text("figure_range", low=shown(low), high=shown(high)) for low, high in runs]

"""The effect of the treatment over its moderators: line, bands, bins, regions and support; local regressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.curves import panel_title, panels, zero_in_words
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import GREY, INK
from involution.exhibits.labels import Labels
from involution.exhibits.moderated import Moderated, moderated
from involution.exhibits.moderation_words import moderation_in_words
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.render.wrap import wrapped
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_BARS, _POINTWISE, _UNIFORM, _MARK = "#b8bec6", "#b3c4d6", "#e3e9f0", "#c0504d"


def marginal(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `marginal`: columns curve, x, estimate, ci_low, ci_high; a panel for each moderator.

    Raises
    ------
    InputError
        When the study has no such moderated effect.
    """
    found = moderated(figure.model or "", material.results, f"figure '{figure.name}'")
    title = _title("marginal", found, labels)
    if found.effects.failed:
        return not_estimated(f"{found.name}_effects", title, found.said(found.effects, labels), labels)
    kinds = ("effect", "effect_uniform", "bins", "support")
    data = _data(found, kinds)
    words = labels.sentences([moderation_in_words(found, labels), *_zero(found, "effect", labels)])
    notes = (labels.text("figure_marginal"),)
    return Picture(data, lambda: _draw_marginal(found, data, labels), words, title, notes)


def kernel(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `kernel`: columns curve, x, estimate, ci_low, ci_high; a panel for each moderator.

    Raises
    ------
    InputError
        When the study has no such moderated effect, or no kernel estimator is asked of it.
    """
    where = f"figure '{figure.name}'"
    found = moderated(figure.model or "", material.results, where)
    title, columns = _title("kernel", found, labels), found.beside("kernel")
    if not columns:
        what = (
            f"the moderated effect '{found.name}' has no kernel estimator: it is by least squares, unless kernel: false"
        )
        raise InputError(Problem(where, what))
    if all(column.failed for column in columns):
        said = [text for column in columns for text in found.said(column, labels)]
        return not_estimated(columns[0].model, title, said, labels)
    data = _data(found, ("kernel", "kernel_uniform", "plain"))
    words = labels.sentences(_zero(found, "kernel", labels))
    return Picture(data, lambda: _draw_kernel(found, data, labels), words, title, (labels.text("figure_kernel"),))


def _title(kind: str, found: Moderated, labels: Labels) -> str:
    named = {"treatment": labels.column(found.treatment) if found.treatment else labels.text("the_treatment")}
    moderators = labels.listed(found.moderators) or found.name
    return labels.text(f"default_title_{kind}", outcome=labels.column(found.outcome), moderator=moderators, **named)


def _data(found: Moderated, kinds: Sequence[str]) -> pd.DataFrame:
    names = [f"{kind}[{moderator}]" for moderator in found.moderators for kind in kinds]
    return pd.concat([found.curve(name) for name in names], ignore_index=True)


def _zero(found: Moderated, kind: str, labels: Labels) -> list[str]:
    """Where the pointwise band leaves out zero."""
    out = []
    for moderator in found.moderators:
        curve = found.curve(f"{kind}[{moderator}]")
        if len(curve):
            said = zero_in_words(curve, labels, lambda x: by_magnitude(x, 2))
            out.append(f"{labels.column(moderator)}: {said}.")
    return [labels.said(text) for text in out]


def _curve(data: pd.DataFrame, kind: str, moderator: str) -> pd.DataFrame:
    return data[data["curve"] == f"{kind}[{moderator}]"]


def _bands(axes: Any, data: pd.DataFrame, kind: str, moderator: str) -> None:
    """The uniform band behind the pointwise one, the curve and zero."""
    inner, outer = _curve(data, kind, moderator), _curve(data, f"{kind}_uniform", moderator)
    axes.fill_between(outer["x"], outer["ci_low"], outer["ci_high"], color=_UNIFORM, lw=0)
    axes.fill_between(inner["x"], inner["ci_low"], inner["ci_high"], color=_POINTWISE, lw=0)
    for edge in ("ci_low", "ci_high"):
        axes.plot(outer["x"], outer[edge], color=GREY, lw=0.6, ls=":")
        axes.plot(inner["x"], inner[edge], color=GREY, lw=0.7)
    axes.axhline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    axes.plot(inner["x"], inner["estimate"], color=INK, lw=1.6)


def _draw_marginal(found: Moderated, data: pd.DataFrame, labels: Labels) -> Drawing:
    def one(part: Any, number: int) -> None:
        moderator = found.moderators[number]
        upper, lower = part.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
        _bands(upper, data, "effect", moderator)
        _points(upper, _curve(data, "bins", moderator))
        line = _curve(data, "effect", moderator)["x"]
        for root in found.roots(moderator):
            if line.min() <= root <= line.max():
                upper.axvline(root, color=_MARK, lw=1.0, ls=":")
        _labelled(upper, found, labels)
        support = _curve(data, "support", moderator)
        x = support["x"].to_numpy(dtype=float)
        lower.bar(x, support["estimate"], width=x[1] - x[0] if len(x) > 1 else 1.0, color=_BARS, ec="white", lw=0.4)
        lower.set_ylabel(labels.text("figure_support"))
        lower.set_xlabel(panel_title(labels.column(moderator)))

    return panels(len(found.moderators), 3.6, one)


def _points(axes: Any, points: pd.DataFrame) -> None:
    if len(points):
        errors = [points["estimate"] - points["ci_low"], points["ci_high"] - points["estimate"]]
        axes.errorbar(
            points["x"], points["estimate"], yerr=errors, fmt="o", ms=4.5, color=_MARK, mfc="white", lw=1.0, capsize=2.5
        )


def _labelled(axes: Any, found: Moderated, labels: Labels) -> None:
    text = labels.text("figure_marginal_effect", treatment=labels.column(found.treatment))
    axes.set_ylabel("\n".join(wrapped(text, 26)))


def _draw_kernel(found: Moderated, data: pd.DataFrame, labels: Labels) -> Drawing:
    shown = [moderator for moderator in found.moderators if len(_curve(data, "kernel", moderator))]

    def one(part: Any, number: int) -> None:
        moderator = shown[number]
        axes = part.subplots()
        _bands(axes, data, "kernel", moderator)
        line = _curve(data, "plain", moderator)
        axes.plot(line["x"], line["estimate"], color=_MARK, lw=1.2, ls="--")
        _labelled(axes, found, labels)
        axes.set_xlabel(panel_title(labels.column(moderator)))

    return panels(len(shown), 3.0, one)

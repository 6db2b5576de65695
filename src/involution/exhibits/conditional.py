"""Indirect effects over the values of their moderators, with the moderators' distribution below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.curves import curves_of, draw_band, named_curve, panel_title, panels, zero_in_words
from involution.exhibits.decomposition import decomposition
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_BARS = "#b8bec6"
_Pair = tuple[str, str]


def conditional(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `conditional`: columns curve, x, estimate, ci_low, ci_high; a panel for each moderated channel.

    Raises
    ------
    InputError
        When the study has no such mediation, or its results no such curve.
    """
    where = f"figure '{figure.name}'"
    found = decomposition(figure.model or "", material.results, where)
    _, outcome = found.named(labels)
    title = labels.text("default_title_conditional", outcome=outcome)
    status = found.said(labels, status=True)
    if found.column.failed:
        return not_estimated(found.model, title, (*status, *found.said(labels, status=False)), labels)
    curves = curves_of(found, material.results)
    moderators = {name: found.moderator(f"a[{name}]") or found.moderator(f"b[{name}]") for name in found.mediators}
    known = set(curves["curve"])
    pairs = [(name, by) for name, by in moderators.items() if f"conditional[{name},{by}]" in known]
    if not pairs:
        reason = "has no moderator of a channel"
        if any(moderators.values()):
            reason = "has no curve of an indirect effect over its moderator"
        elif found.by_outcomes:
            reason = "is by potential outcomes, which have no moderators of channels"
        raise InputError(Problem(where, f"the mediation '{found.model}' {reason}"))
    drawn = [f"conditional[{name},{by}]" for name, by in pairs] + [f"support[{by}]" for _, by in pairs]
    data = pd.concat([named_curve(curves, name) for name in dict.fromkeys(drawn)], ignore_index=True)
    words = labels.text("separator").join(_in_words(data, pair, labels) for pair in pairs)
    notes = (*status, labels.text("figure_conditional"))
    return Picture(data, lambda: _draw(data, pairs, labels), words, title, notes)


def _in_words(data: pd.DataFrame, pair: _Pair, labels: Labels) -> str:
    """The effect at both ends of the moderator, and where its band leaves out zero."""
    curve = named_curve(data, f"conditional[{pair[0]},{pair[1]}]")
    ends = [
        labels.text("figure_end", estimate=by_magnitude(float(row["estimate"]), 3), x=by_magnitude(float(row["x"]), 2))
        for _, row in curve.iloc[[0, -1]].iterrows()
    ]
    ends.append(zero_in_words(curve, labels, lambda x: by_magnitude(x, 2)))
    names = {"mediator": labels.column(pair[0]), "moderator": labels.column(pair[1])}
    return labels.text("figure_conditional_words", ends=labels.joined(ends), **names)


def _draw(data: pd.DataFrame, pairs: list[_Pair], labels: Labels) -> Drawing:
    def one(part: Any, number: int) -> None:
        mediator, by = pairs[number]
        upper, lower = part.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
        draw_band(upper, named_curve(data, f"conditional[{mediator},{by}]"))
        upper.set_title(panel_title(labels.text("heading_mediator", mediator=labels.column(mediator))), fontsize=9)
        upper.set_ylabel(labels.text("figure_indirect"))
        support = named_curve(data, f"support[{by}]")
        x = support["x"].to_numpy(dtype=float)
        lower.bar(x, support["estimate"], width=x[1] - x[0] if len(x) > 1 else 1.0, color=_BARS, ec="white", lw=0.4)
        lower.set_ylabel(labels.text("figure_support"))
        lower.set_xlabel(panel_title(labels.column(by)))

    return panels(len(pairs), 3.6, one)

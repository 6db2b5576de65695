"""The figure `breakthrough`: what each lever offsets, by group, beside the harm that is to be offset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.exhibits.breakthrough import Found, breakthrough
from involution.exhibits.breakthrough_terms import BreakthroughTerm, group_label, lever_label
from involution.exhibits.content import decimal
from involution.exhibits.decomposition import shown_decimals
from involution.exhibits.drawing import GREY, INK, look
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.render.wrap import wrapped
from involution.study.breakthrough import ALL
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

HARM = "harm"
_NUMBERS = ("estimate", "ci_low", "ci_high")


def breakthrough_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `breakthrough`: columns term, lever, group, estimate, ci_low, ci_high.

    The lever ``harm`` is the harm with its sign reversed: what an offset has to reach. A group without any interval is
    in the data and not in the drawing.

    Raises
    ------
    InputError
        When the study has no such breakthrough.
    """
    found = breakthrough(figure.model or "", material.results, f"figure '{figure.name}'")
    title = labels.text("default_title_breakthrough_figure", outcome=labels.column(found.outcome))
    status = found.said(labels, status=True)
    if found.column.failed:
        return not_estimated(found.model, title, (*status, *found.said(labels, status=False)), labels)
    data = _data(found)
    drawn = data[data["ci_low"].notna().groupby(data["group"]).transform("any")]
    names = [group_label(by, group, labels) for by, group in found.groups if group not in set(drawn["group"])]
    without = [labels.text("figure_without_interval", names=labels.joined(names))] if names else []
    notes = (*status, labels.text("figure_breakthrough"), *without)
    return Picture(data, lambda: _draw(drawn, found, labels), _in_words(data, labels), title, notes)


def _data(found: Found) -> pd.DataFrame:
    """Harm with its sign reversed, then every offset, of all firms and of each group."""
    rows = []
    for by, group in [("", ""), *found.groups]:
        for lever in (HARM, *found.levers, ALL):
            term = (
                BreakthroughTerm(HARM, "", by, group) if lever == HARM else BreakthroughTerm("offset", lever, by, group)
            )
            row = found.rows.get(term)
            if row is None or np.isnan(float(row["estimate"])):
                continue
            estimate, low, high = (float(row[name]) for name in _NUMBERS)
            numbers = (-estimate, -high, -low) if lever == HARM else (estimate, low, high)
            rows.append((str(row["term"]), lever, group, *numbers))
    return pd.DataFrame(rows, columns=["term", "lever", "group", *_NUMBERS])


def _name(lever: str, labels: Labels) -> str:
    return labels.text("figure_harm") if lever == HARM else lever_label(lever, labels)


def _in_words(data: pd.DataFrame, labels: Labels) -> str:
    """The contrasts of all firms with their intervals."""
    every = data[data["group"] == ""]
    digits = shown_decimals(((every["ci_high"] - every["ci_low"]) / 4).tolist())
    said = []
    for _, row in every.iterrows():
        estimate, low, high = (decimal(float(row[name]), digits).replace("-", "−") for name in _NUMBERS)
        interval = (
            labels.text("words_interval", low=low, high=high) if low and high else labels.text("words_no_interval")
        )
        name = _name(str(row["lever"]), labels)
        said.append(labels.text("figure_breakthrough_words", lever=name, estimate=estimate, interval=interval))
    return labels.text("separator").join(said)


def _draw(data: pd.DataFrame, found: Found, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    levers = list(dict.fromkeys(data["lever"]))
    series = list(dict.fromkeys(data["group"]))
    by = {group: column for column, group in found.groups}
    height = 1.2 + len(levers) * max(0.45, 0.22 * len(series))
    drawing, axes = pyplot.subplots(figsize=(6.5, min(9.0, height)), layout="constrained")
    for k, group in enumerate(series):
        part = data[data["group"] == group]
        offset = (k - (len(series) - 1) / 2) * 0.7 / len(series)
        y = np.array([levers.index(lever) for lever in part["lever"]]) + offset
        x, low, high = (part[name].to_numpy(dtype=float) for name in _NUMBERS)
        errors = np.nan_to_num(np.vstack([x - low, high - x]), nan=0.0)
        name = group_label(by[group], group, labels) if group else labels.text("all_firms")
        axes.errorbar(x, y, xerr=errors, ls="none", ms=5, elinewidth=1.2, capsize=2.5, label=name, **look(k))
    _references(axes, data, labels)
    axes.set_yticks(range(len(levers)), ["\n".join(wrapped(_name(lever, labels), 30)) for lever in levers])
    axes.set_ylim(len(levers) - 0.4, -0.6)
    axes.set_xlabel("\n".join(wrapped(labels.text("figure_offset", outcome=labels.column(found.outcome)), 80)))
    # Lines are listed before points: the line goes to the end.
    handles, names = axes.get_legend_handles_labels()
    lines = sum(not hasattr(handle, "lines") for handle in handles)
    order = [*range(lines, len(handles)), *range(lines)]
    drawing.legend(
        [handles[k] for k in order], [names[k] for k in order], fontsize=7, loc="outside lower center", ncols=3
    )
    return drawing


def _references(axes: Any, data: pd.DataFrame, labels: Labels) -> None:
    """Zero, and the harm of all firms: an offset that reaches it undoes the rise."""
    axes.axvline(0, color=GREY, lw=0.8, zorder=0)
    harm = data[(data["lever"] == HARM) & (data["group"] == "")]
    if len(harm):
        at = float(harm["estimate"].iloc[0])
        axes.axvline(at, color=INK, lw=1, ls=(0, (4, 2.5)), zorder=0, label=labels.text("figure_all_offset"))
    axes.axhline(0.5, color=GREY, lw=0.5, ls=":", zorder=0)

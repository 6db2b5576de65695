"""The effect in each group with its interval, and what the tests of differences say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.exhibits.content import decimal, integer, shown_p_value
from involution.exhibits.drawing import INK, look
from involution.exhibits.grouped_models import Compared, compared, p_value_of
from involution.exhibits.heterogeneity_terms import named_group
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by, value_of
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.render.wrap import wrapped
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_NOTES = ("heterogeneity_few_clusters", "not_estimable")


def heterogeneity_figure(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `heterogeneity`: columns group, estimate, ci_low, ci_high, n_obs, from the top down.

    Raises
    ------
    InputError
        When the study has no such section.
    """
    one = compared(figure.model or "", material.results, f"figure '{figure.name}'")
    outcome = labels.column(str(one.groups[0].first["outcome"]))
    of_groups = [text for column in one.groups for text in said_by(column.model, material.results, labels, _NOTES)]
    notes = tuple(dict.fromkeys(of_groups))
    if not one.treatment:
        return not_estimated(one.name, labels.text("heterogeneity_title", outcome=outcome), notes, labels)
    data = _data(one)
    treatment, by = labels.column(one.treatment), labels.column(one.by) if one.by else labels.text("group")
    title = labels.text("heterogeneity_title_of", treatment=treatment, outcome=outcome, by=by)
    said = _tests_in_words(one, labels)
    parts = [
        labels.text("heterogeneity_words", group=named_group(one.by, str(row.group), labels),
                    estimate=decimal(float(str(row.estimate)), 3))
        for row in data.itertuples()
    ]  # fmt: skip
    words = labels.text("separator").join([*parts, *said])
    return Picture(data, lambda: _draw(data, one, treatment, labels), words, title, (*said, *notes))


def _data(one: Compared) -> pd.DataFrame:
    rows = [
        {"group": column.group, **{what: value_of(column, one.treatment, what) for what in
                                   ("estimate", "ci_low", "ci_high")}, "n_obs": column.first["n_obs"]}
        for column in one.groups
        if not column.failed
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _tests_in_words(one: Compared, labels: Labels) -> list[str]:
    """P-values of the tests: of the one difference, or that all are zero, or of each."""
    out = []
    for test, column in one.tests.items():
        if column.failed:
            continue
        p_values = {own.group: value_of(column, one.difference(own.group), "p_value") for own in one.groups}
        known = {group: p for group, p in p_values.items() if p == p}
        joint = p_value_of(column, "equal_effects")
        if len(known) > 1 and joint == joint:
            shown = labels.text("heterogeneity_all", p=shown_p_value(joint, 3))
        else:
            each = [
                f"{shown_p_value(p, 3)} ({named_group(one.by, group, labels)})" if len(known) > 1
                else shown_p_value(p, 3)
                for group, p in known.items()
            ]  # fmt: skip
            shown = f"p = {labels.joined(each)}"
        out.append(labels.text("heterogeneity_test_words", test=labels.text(f"heterogeneity_{test}"), shown=shown))
    return out


def _draw(data: pd.DataFrame, one: Compared, treatment: str, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.0, 1.1 + 0.42 * len(data)), layout="constrained")
    numbers = data[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    for k, (estimate, low, high) in enumerate(numbers):
        reach = np.nan_to_num(np.array([[estimate - low], [high - estimate]]))
        axes.errorbar([estimate], [k], xerr=reach, ls="none", ms=5, lw=1.1, capsize=2.5, **look(0))
    axes.axvline(0, color=INK, lw=0.8, ls=(0, (4, 2.5)))
    names = [
        "\n".join([*wrapped(named_group(one.by, str(group), labels), 30), f"N = {integer(float(n))}"])
        for group, n in zip(data["group"], data["n_obs"], strict=True)
    ]
    axes.set_yticks(range(len(data)), names, fontsize=8)
    axes.set_ylim(len(data) - 0.4, -0.6)
    axes.set_xlabel("\n".join(wrapped(labels.said(f"{treatment}, {labels.text('confidence')}"), 70)))
    return drawing

"""The coefficient plot: estimates with their intervals, one panel per family of estimators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import regressions
from involution.exhibits.content import split_group
from involution.exhibits.decomposition import BLOCK as MEDIATION
from involution.exhibits.decomposition import MECHANISM
from involution.exhibits.drawing import GREY, look
from involution.exhibits.labels import Labels
from involution.exhibits.mediation_terms import mediation_label
from involution.exhibits.render.wrap import wrapped
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MOST_TERMS = 12
_LINEAR = ("ols", "iv", "random_effects")


def coefficients(figure: Figure, estimates: pd.DataFrame, labels: Labels) -> tuple[pd.DataFrame, Callable[[], Drawing]]:
    """Estimates with 95 % intervals: terms down the page, models side by side.

    Estimates of families whose coefficients differ in meaning (linear, Poisson, Logit) never share an axis. A figure
    that keeps no terms by name draws the first `MOST_TERMS` of each panel; the data have all.
    """
    rows = _rows(figure, estimates)
    if rows.empty and not figure.models and not figure.keep and not estimates.empty:
        what, mend = "every model of the study has a figure of its own", "name the models of this one under `models`"
        raise InputError(Problem(f"figure '{figure.name}'", what, mend=mend))
    data = rows[["model", "outcome", "term", "estimate", "ci_low", "ci_high", "n_obs"]].reset_index(drop=True)
    models = list(dict.fromkeys(data["model"]))
    panels = _panels(figure, rows)

    def draw() -> Drawing:
        from matplotlib import pyplot

        heights = [0.6 + 0.28 * len(terms) * max(1.0, part["model"].nunique() ** 0.7) for _, part, terms in panels]
        drawing, grid = pyplot.subplots(
            max(1, len(panels)), 1, squeeze=False, layout="constrained",
            figsize=(6.5, min(9.5, max(2.0, 0.3 + sum(heights))) + 0.05 * len(models)),
            height_ratios=heights or [1],
        )  # fmt: skip
        for axes, (family, part, terms) in zip(grid.flat, panels, strict=False):
            _draw_panel(axes, part, terms, models, labels)
            axes.set_title("; ".join(_said(family, part, terms, labels, several=len(panels) > 1)), fontsize=9)
        if len(models) > 1:
            _legend(drawing, grid)
        return drawing

    return data, draw


def coefficients_in_words(figure: Figure, estimates: pd.DataFrame, labels: Labels) -> str:
    """What the plot shows: its panels, its terms where they are named, how many it leaves out."""
    panels = _panels(figure, _rows(figure, estimates))
    said = [text for family, part, terms in panels for text in _said(family, part, terms, labels, several=True)]
    kept = [labels.term(term) for term in figure.keep] or [labels.text("estimate")]
    return ", ".join([*kept, labels.text("confidence"), *said])


def _rows(figure: Figure, estimates: pd.DataFrame) -> pd.DataFrame:
    rows = estimates.dropna(subset=["estimate"])
    rows = rows[rows["term"] != "(Intercept)"]
    if not figure.models and not figure.keep:
        # Paths, shares and indices of a mediation have no axis in common, nor its mediators with other outcomes.
        rows = regressions(rows)
        others = rows[rows["block"] != MECHANISM]
        rows = rows if others.empty else others
    if figure.models:
        named = [name in figure.models or split_group(name)[0] in figure.models for name in rows["model"]]
        rows = rows[np.array(named, dtype=bool)]
    return rows[rows["term"].isin(figure.keep)] if figure.keep else rows


def _panels(figure: Figure, rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame, list[str]]]:
    """Family, rows and terms drawn of each panel."""
    families = rows["estimator"].astype(str).map(lambda name: "linear" if name in _LINEAR else name)
    out = []
    for family in dict.fromkeys(families):
        part = rows[families == family]
        terms = list(dict.fromkeys(part["term"]))
        out.append((family, part, terms if figure.keep else terms[:MOST_TERMS]))
    return out


def _said(family: str, part: pd.DataFrame, terms: Sequence[str], labels: Labels, *, several: bool) -> list[str]:
    """The panel's family where there are several, and how many terms it leaves out."""
    name = labels.text("family_linear") if family == "linear" else labels.estimator(family)
    total = part["term"].nunique()
    left_out = [labels.text("first_terms", shown=len(terms), total=total)] if len(terms) < total else []
    return [*([name] if several else []), *left_out]


def _draw_panel(axes: Any, rows: pd.DataFrame, terms: Sequence[str], models: Sequence[str], labels: Labels) -> None:
    drawn = rows[rows["term"].isin(terms)]
    here = [name for name in models if (drawn["model"] == name).any()]
    for k, model in enumerate(here):
        part = drawn[drawn["model"] == model]
        offset = (k - (len(here) - 1) / 2) * 0.8 / len(here)
        y = np.array([terms.index(term) for term in part["term"]]) + offset
        x, low, high = (part[name].to_numpy(dtype=float) for name in ("estimate", "ci_low", "ci_high"))
        errors = np.nan_to_num(np.vstack([x - low, high - x]), nan=0.0, posinf=0.0)
        shape = look(models.index(model))
        axes.errorbar(x, y, xerr=errors, ls="none", ms=4, lw=1, elinewidth=1, capsize=2, label=model, **shape)
    axes.axvline(0, color=GREY, lw=0.8, zorder=0)
    of_mediation = bool((rows["block"] == MEDIATION).all())
    names = [mediation_label(term, labels) if of_mediation else labels.term(term) for term in terms]
    axes.set_yticks(range(len(terms)), ["\n".join(wrapped(name, 34)) for name in names])
    axes.set_ylim(len(terms) - 0.4, -0.6)
    axes.set_xlabel(f"{labels.text('estimate')}, {labels.text('confidence')}")


def _legend(drawing: Drawing, grid: Any) -> None:
    """One legend for all panels, each model once."""
    entries: dict[str, Any] = {}
    for axes in grid.flat:
        for handle, model in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(model, handle)
    drawing.legend(list(entries.values()), list(entries), fontsize=7, loc="outside lower center", ncols=3)

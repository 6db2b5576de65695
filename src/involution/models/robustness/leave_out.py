"""The estimate without each value of a column in turn: whether one industry, region or year makes the finding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.notes import note
from involution.models.result import Fit
from involution.models.tidy import CURVES
from involution.study.models import Model


def left_out(fit: Fit, design: Design, column: str, term: str, model: Model) -> tuple[Fit, pd.DataFrame]:
    """A model with how far its estimate moves when each value of a column is left out.

    Parameters
    ----------
    fit : Fit
        On all rows.
    design : Design
        That it was estimated on.
    column : str
        Whose values are left out, one at a time; rows without one stay in.
    term : str
        The coefficient looked at.
    model : Model
        For its estimator and variance.

    Returns
    -------
    Fit
        Statistics ``leave_out_least``, ``leave_out_most``, ``leave_out_groups``, ``leave_out_lost`` (groups without
        which the model cannot be estimated) and ``leave_out_significant``, the share of the groups without which the
        estimate keeps its sign and is significant at 5 %.
    DataFrame
        Curves ``without[<value>]``, at x the place of the value in order: estimate and interval.

    Raises
    ------
    NotEstimable
        When the column has fewer than two values in the rows used.
    """
    values = design.data[column]
    used = np.zeros(len(values), dtype=bool)
    used[fit.rows] = True
    groups = sorted(values[used].dropna().unique())
    if len(groups) < 2:
        raise NotEstimable(f"{column} has {len(groups)} value in the rows used: there is nothing to leave out")
    rows, lost = [], 0
    for place, group in enumerate(groups):
        kept = used & ~(values == group).fillna(False).to_numpy(dtype=bool)
        try:
            without = design.on(rows=kept).estimate(
                fit.formula, estimator=model.estimator, vcov=_variance(model), mundlak=model.mundlak,
                small_sample=model.small_sample.model_dump(),
            )  # fmt: skip
            at = without.terms.index(term)
        except (NotEstimable, ValueError):
            lost += 1
            continue
        estimate, low, high = without.estimate[at], without.ci_low[at], without.ci_high[at]
        rows.append((f"without[{_shown(group)}]", float(place), estimate, low, high))
    if not rows:
        raise NotEstimable(f"the model cannot be estimated without any one value of {column}")
    found = pd.DataFrame(rows, columns=list(CURVES[3:]))
    return _told(fit, found, column, term, len(groups), lost), found


def _variance(model: Model) -> str | None:
    """The model's own; a bootstrap for each value would be as many bootstraps, so its clustered errors stand for it."""
    return "crv1" if model.vcov == "wild" else model.vcov


def _told(fit: Fit, found: pd.DataFrame, column: str, term: str, groups: int, lost: int) -> Fit:
    estimates = found["estimate"].to_numpy(dtype=float)
    at = fit.terms.index(term)
    positive = fit.estimate[at] > 0
    significant = fit.ci_low[at] > 0 or fit.ci_high[at] < 0
    # A group without which nothing can be estimated carries the finding: it counts as one that does not keep it.
    kept = (found["ci_low"] > 0).sum() if positive else (found["ci_high"] < 0).sum()
    share = float(kept) / groups
    least, most = int(estimates.argmin()), int(estimates.argmax())
    names = [str(curve).removeprefix("without[").removesuffix("]") for curve in found["curve"]]
    values = {
        "leave_out_least": estimates[least],
        "leave_out_most": estimates[most],
        "leave_out_groups": groups,
        "leave_out_lost": lost,
        "leave_out_significant": share,
    }
    said = note(
        "leave_out" if significant else "leave_out_insignificant",
        column=column, groups=groups, least=f"{estimates[least]:.4g}", most=f"{estimates[most]:.4g}",
        low=names[least], high=names[most], share=f"{100 * share:.3g} %",
    )  # fmt: skip
    told = [said, *([note("leave_out_lost", count=lost, column=column)] if lost else [])]
    rows = [(name, float(value), np.nan, np.nan) for name, value in values.items()]
    return replace(fit, details=(*fit.details, *rows), remarks=(*fit.remarks, *told))


def _shown(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

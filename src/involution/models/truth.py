"""Estimates beside what was planted: the truth on latent columns, and what it implies on measured ones.

On measured columns the truth is the planted effect times a slope: with X the measure and L the latent column, an
outcome that depends on L alone has on X the coefficient of L times that of the regression of L on X, given the model's
other regressors and effects. Scale and reliability of the measure are both in it. Where the outcome's expectation given
everything planted is known, the truth of a linear model is what it finds with that in place of the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem, nearest
from involution.models.design import Design
from involution.models.estimate import selected
from involution.models.matrix import in_sample, no_column, outcome_values
from involution.models.tasks import PANEL
from involution.study.formulas import Column, effect_label, parse_formula
from involution.study.models import Model
from involution.study.truth import Truth

COLUMNS = (
    "study", "name", "block", "model", "term", "planted", "truth", "estimate", "std_error", "ci_low", "ci_high",
    "inside",
)  # fmt: skip

Replaced = Callable[[str], Mapping[str, float]]


def truth_table(
    rows: Sequence[Truth],
    planted: pd.DataFrame,
    estimates: pd.DataFrame,
    models: Mapping[str, Model],
    data: pd.DataFrame,
    decompositions: Mapping[str, Replaced] | None = None,
) -> pd.DataFrame:
    """Planted and estimated effects.

    Parameters
    ----------
    rows : sequence of study.truth.Truth
    planted : DataFrame
        Columns name and truth.
    estimates : DataFrame
        Of all blocks.
    models : mapping of str to Model
        Regressions by name, for effects on measured columns.
    data : DataFrame
        The analysis panel with every column that these models use.
    decompositions : mapping of str to callable, optional
        By name of a mediation: from a column that stands in for the outcome to the effects that it then finds.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: `planted` as in the table of planted effects (missing where it has none of that name),
        `truth` what the estimate should find, `inside` whether the interval holds it (missing where the model was not
        estimated).

    Raises
    ------
    InputError
        For effects, models and terms that do not exist, all together.
    """
    effects = dict(zip(planted["name"], planted["truth"], strict=True))
    replaced = {name: partial(_with_outcome, model, data) for name, model in models.items()} | dict(
        decompositions or {}
    )
    problems = [problem for row in rows for problem in _unknown(row, effects, estimates, models, replaced, data)]
    if problems:
        raise InputError(problems)
    out = []
    for row in rows:
        found = _estimate(row, estimates)
        truth = effects.get(row.name, np.nan)
        if row.latent is not None:
            truth *= implied_slope(row, models[row.model], data)
        elif row.expected is not None:
            truth = replaced[row.model](row.expected).get(row.term, np.nan)
        low, high = float(found["ci_low"]), float(found["ci_high"])
        inside = np.nan if np.isnan(low) else float(low <= truth <= high)
        numbers = (effects.get(row.name, np.nan), truth, found["estimate"], found["std_error"], low, high, inside)
        out.append((found["study"], row.name, found["block"], row.model, row.term, *numbers))
    return pd.DataFrame(out, columns=list(COLUMNS))


def implied_slope(row: Truth, model: Model, data: pd.DataFrame) -> float:
    """What one unit of a planted effect becomes on a measured column.

    Parameters
    ----------
    row : Truth
        With `latent`.
    model : Model
    data : DataFrame

    Returns
    -------
    float
        Slope of the latent column on the term, with the model's other regressors and effects, on the model's rows;
        times the outcome's share above zero where it is censored.

    Notes
    -----
    Of a Poisson model it is an approximation: least squares stands for its weighted projection.
    """
    assert row.latent is not None
    formula = parse_formula(model.formula)
    outcome = outcome_values(formula.outcome, data, PANEL)
    used = ~np.isnan(outcome) & in_sample(data)
    if model.where is not None:
        used &= selected(model.where, data, PANEL)
    design = Design(data, [effect_label(effect) for effect in formula.fixed_effects], weights=model.weights, rows=used)
    fit = design.estimate(replace(formula, outcome=Column(row.latent)), vcov="iid")
    slope = dict(zip(fit.terms, fit.estimate, strict=True)).get(row.term, np.nan)
    share = float((outcome[fit.rows] > 0).mean()) if row.censored else 1.0
    return float(slope) * share


def _with_outcome(model: Model, data: pd.DataFrame, expected: str) -> dict[str, float]:
    """Coefficients of a model with another column in place of its outcome, on the rows that have the outcome."""
    formula = parse_formula(model.formula)
    used = ~np.isnan(outcome_values(formula.outcome, data, PANEL)) & in_sample(data)
    if model.where is not None:
        used &= selected(model.where, data, PANEL)
    design = Design(data, [effect_label(effect) for effect in formula.fixed_effects], weights=model.weights, rows=used)
    fit = design.estimate(replace(formula, outcome=Column(expected)), vcov="hetero")
    return dict(zip(fit.terms, fit.estimate.tolist(), strict=True))


def _estimate(row: Truth, estimates: pd.DataFrame) -> pd.Series:
    """The estimate of a row; the model's row without one where it failed."""
    of_model = estimates[estimates["model"] == row.model]
    of_term = of_model[of_model["term"] == row.term]
    return (of_term if len(of_term) else of_model).iloc[0]


def _unknown(
    row: Truth,
    effects: Mapping[str, float],
    estimates: pd.DataFrame,
    models: Mapping[str, Model],
    replaced: Mapping[str, Replaced],
    data: pd.DataFrame,
) -> list[Problem]:
    """What a row names that does not exist."""
    where, problems = f"truth: {row.name}", []
    if row.name not in effects and row.expected is None:
        problems.append(Problem(where, f"no effect of this name was planted{nearest(row.name, effects)}"))
    of_model = estimates[estimates["model"] == row.model]
    if of_model.empty:
        known = estimates["model"].astype(str).unique().tolist()
        return [*problems, Problem(where, f"there is no model '{row.model}'{nearest(row.model, known)}")]
    terms = of_model["term"].astype(str).tolist()
    if row.term not in terms and of_model["estimate"].notna().any():
        problems.append(Problem(where, f"'{row.model}' has no term '{row.term}'{nearest(row.term, terms)}"))
    if row.latent is not None and row.model not in models:
        problems.append(Problem(where, f"'{row.model}' is no regression: `latent` cannot be used"))
    if row.expected is not None and row.model not in replaced:
        problems.append(
            Problem(where, f"'{row.model}' is no regression or block of effects: `expected` cannot be used")
        )
    problems += [
        Problem(f"{where}, {key}", no_column(name, data.columns))
        for key, name in (("latent", row.latent), ("expected", row.expected))
        if name is not None and name not in data.columns
    ]
    return problems

"""From a variation to the regressions it asks for, on data in which its columns and its rows are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.measures.sample import winsorise
from involution.models.baseline import regression, usual_estimator, with_baseline_columns
from involution.models.blocks import Run
from involution.models.dating import with_dated
from involution.models.estimate import selected
from involution.models.matrix import in_sample, no_column, numbers
from involution.models.tasks import PANEL
from involution.models.treatment_level import treatment_level
from involution.study.design import Outcome, PaperDesign
from involution.study.models import Model
from involution.study.robustness import Robustness, Transform, robustness_names
from involution.study.sample import Winsorize
from involution.study.timing import dated

TRANSFORMS: dict[Transform, str] = {
    "log1p": "log1p({name})",
    "asinh": "log({name} + sqrt({name} * {name} + 1))",
    "any": "where({name} > 0, 1, {name} * 0)",
}
"""Expressions of transformed outcomes; a missing value stays missing."""
_TAKEN = "in_sample_here"


@dataclass(frozen=True)
class Varied:
    """A variation, ready to be estimated.

    Attributes
    ----------
    asked : Robustness
    models : list of Model
        One per outcome.
    data : DataFrame
        The analysis panel with the variation's columns; ``in_sample`` holds on its rows.
    made : dict of str to str
        Expressions of the columns made.
    design : PaperDesign
        The study's with what the variation changes.
    """

    asked: Robustness
    models: list[Model]
    data: pd.DataFrame
    made: dict[str, str]
    design: PaperDesign

    @property
    def treatment(self) -> str:
        """The dated treatment."""
        return dated(self.design.treatment, self.design.timing.treatment)


def varied(asked: Robustness, design: PaperDesign, data: pd.DataFrame, run: Run) -> Varied:
    """A variation of the baseline on the analysis panel.

    Parameters
    ----------
    asked : Robustness
    design : PaperDesign
        Of the study.
    data : DataFrame
        All rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns that do not exist, and conditions that leave no row.
    """
    changed = changed_design(asked, design)
    rows = _rows(asked, data)
    # Extremes are those of the columns as they are: what is transformed has been cut before.
    if asked.winsorize is not None:
        data = _winsorised(asked, changed, data, rows)
    data, transformed = _transformed(asked, changed, data, run)
    if transformed:
        made_names = {outcome.name: f"{outcome.name}_{asked.transform}" for outcome in changed.outcomes}
        changed = changed.model_copy(update={"outcomes": [_renamed(o, made_names) for o in changed.outcomes]})
    data, made = with_baseline_columns(changed, data.assign(in_sample=rows), run.known)
    level = treatment_level(changed.treatment, data, rows, run.known)
    models = [
        regression(changed, outcome.name, outcome.estimator or usual_estimator(outcome.name, run.dictionary), level, to)
        for outcome, to in zip(changed.outcomes, robustness_names(asked, design).values(), strict=True)
    ]
    if asked.balanced:
        data = data.assign(in_sample=_balanced(models, changed, data))
    return Varied(asked, models, data, {**transformed, **made}, changed)


def changed_design(asked: Robustness, design: PaperDesign) -> PaperDesign:
    """The study's design with what a variation names in its place."""
    own = {outcome.name: outcome.estimator for outcome in design.outcomes}
    outcomes = [
        Outcome(name=name, estimator=asked.estimator or (None if asked.transform else own.get(name)))
        for name in asked.outcomes_of(design)
    ]
    given = {
        "treatment": asked.treatment, "controls": asked.controls, "fixed_effects": asked.fixed_effects,
        "cluster": asked.cluster, "vcov": asked.vcov, "weights": asked.weights,
        "allow_low_cluster": asked.allow_low_cluster, "allow_mechanical": asked.allow_mechanical,
    }  # fmt: skip
    update: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    if asked.add_controls:
        update["controls"] = list(dict.fromkeys([*design.controls, *asked.add_controls]))
    alone: dict[str, object] = {"outcomes": outcomes, "timing": asked.clock(design), "build_up": [], "regime": None}
    return design.model_copy(update={**update, **alone, "quadratic": False})


def _renamed(outcome: Outcome, names: dict[str, str]) -> Outcome:
    return Outcome(name=names[outcome.name], estimator=outcome.estimator)


def _transformed(
    asked: Robustness, design: PaperDesign, data: pd.DataFrame, run: Run
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The data with transformed outcomes beside the others, and their expressions."""
    if asked.transform is None:
        return data, {}
    from involution.study.expressions import parse_expression

    made: dict[str, str] = {}
    for outcome in design.outcomes:
        if outcome.name not in data.columns:
            what = no_column(outcome.name, data.columns, run.known.unavailable)
            raise InputError(Problem(f"robustness: {asked.name}", what))
        values = numbers(data, outcome.name)
        if asked.transform != "any" and (values <= -1).any():
            what = f"'{outcome.name}' has values of minus one and less, which {asked.transform} is not meant for"
            raise InputError(Problem(f"robustness: {asked.name}.transform", what))
        made[f"{outcome.name}_{asked.transform}"] = TRANSFORMS[asked.transform].format(name=outcome.name)
    return data.assign(**{name: parse_expression(text).evaluate(data) for name, text in made.items()}), made


def _rows(asked: Robustness, data: pd.DataFrame) -> np.ndarray:
    """The sample's rows that a variation uses."""
    rows = in_sample(data)
    if asked.where is not None:
        rows = rows & selected(asked.where, data, PANEL)
    for text in asked.drop_if:
        rows = rows & ~selected(text, data, PANEL)
    if asked.years is not None:
        rows = rows & data["year"].between(*asked.years).to_numpy(dtype=bool)
    if not rows.any():
        raise InputError(
            Problem(f"robustness: {asked.name}", "its conditions leave no row of the sample", mend="widen them")
        )
    return np.asarray(rows)


def _winsorised(asked: Robustness, design: PaperDesign, data: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Extremes set to quantiles, over the rows and over those of other years that their lags and leads reach."""
    assert asked.winsorize is not None
    columns = asked.winsorize.columns or [*(outcome.name for outcome in design.outcomes), design.treatment]
    options = Winsorize(columns=columns, limits=asked.winsorize.limits, by=asked.winsorize.by)
    timing = design.timing
    taken = [*((outcome.name, timing.outcome) for outcome in design.outcomes), (design.treatment, timing.treatment)]
    taken += [(name, timing.controls) for name in design.controls]
    reached = {years for name, years in taken if name in columns and years}
    # What the study dated itself has the values from before: it is made again from those that are set to quantiles.
    stale = [dated(name, years) for name, years in taken if name in columns and years]
    frame = data.drop(columns=[name for name in stale if name in data.columns])
    base = pd.Series(rows | _reached(data, rows, reached), index=data.index)
    winsorise(frame, options, base, f"robustness: {asked.name}.winsorize")
    return frame


def _reached(data: pd.DataFrame, rows: np.ndarray, years: Iterable[int]) -> np.ndarray:
    """Rows that some row takes a lag or lead from, so many years from its own."""
    frame, _ = with_dated(data.assign(**{_TAKEN: rows.astype(float)}), [(_TAKEN, -k) for k in years], "robustness")
    columns = [frame[dated(_TAKEN, -k)].eq(1).to_numpy() for k in years]
    return np.asarray(np.logical_or.reduce([np.zeros(len(data), dtype=bool), *columns]))


def _balanced(models: list[Model], design: PaperDesign, data: pd.DataFrame) -> np.ndarray:
    """Rows of firms that have a complete row in every year in which the sample has one."""
    timing = design.timing
    columns = [
        *(dated(outcome.name, timing.outcome) for outcome in design.outcomes),
        dated(design.treatment, timing.treatment),
        *(dated(name, timing.controls) for name in design.controls),
        *(part for effect in design.fixed_effects for part in effect.split("^")),
        *(name for model in models for name in model.cluster),
    ]
    there = [name for name in dict.fromkeys(columns) if name in data.columns]
    complete = in_sample(data) & data[there].notna().all(axis=1).to_numpy()
    if design.weights is not None and design.weights in data.columns:
        complete &= (data[design.weights] > 0).to_numpy(dtype=bool)
    years = data["year"].to_numpy()
    wanted = len(np.unique(years[complete]))
    counts = pd.Series(complete).groupby(data["firm"].to_numpy()).transform("sum").to_numpy()
    return np.asarray(complete & (counts == wanted))

"""The block `robustness` of a study."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from involution.errors import InputError, NotEstimable, Problem, each
from involution.models.blocks import Finish, Run, check_models
from involution.models.design import Design
from involution.models.economic_size import with_economic_size
from involution.models.matrix import in_sample, no_column
from involution.models.mechanical import mechanical_notes
from involution.models.notes import note
from involution.models.result import Fit
from involution.models.robustness.leave_out import left_out
from involution.models.robustness.varied import Varied, varied
from involution.models.tidy import BlockResult, gathered, no_curves
from involution.study.mechanical import of_pair
from involution.study.robustness import robustness_names
from involution.study.sections import Blocks

SECTION = BLOCK = "robustness"


def run_robustness(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate every variation of a study's baseline.

    Parameters
    ----------
    study : Blocks
        With a design.
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns that do not exist and designs that a rule refuses, those of all variations together.
    """
    return gathered(
        [_part(study, item, run) for item in check_robustness(study, data, run)], study=run.study, block=BLOCK
    )


def check_robustness(study: Blocks, data: pd.DataFrame, run: Run) -> list[Varied]:
    """Each variation, its names and rules checked; an InputError for what they refuse."""
    design = study.design
    if design is None:
        return []

    def prepare(place: int) -> Varied:
        asked = study.robustness[place]
        item = varied(asked, design, data, run)
        if asked.leave_out is not None and asked.leave_out not in item.data.columns:
            what = no_column(asked.leave_out, data.columns, run.known.unavailable)
            raise InputError(Problem(f"{SECTION}: {asked.name}.leave_out", what))
        if asked.leave_out is not None:
            _check_left_out(item, asked.leave_out)
        check_models(item.models, item.data, run.dictionary, {**run.definitions, **item.made})
        return item

    return each(range(len(study.robustness)), prepare, lambda place: f"{SECTION}: {study.robustness[place].name}")


def _check_left_out(item: Varied, column: str) -> None:
    """Raise an InputError for a column without two values among the rows."""
    values = item.data.loc[in_sample(item.data), column].dropna().unique()
    if len(values) < 2:
        found = f"the one value {values[0]}" if len(values) else "no value"
        what = f"the column '{column}' has {found} in the rows of the variation: there is nothing to leave out"
        raise InputError(Problem("leave_out", what, mend="name a column with several values, such as industry or year"))


def _part(study: Blocks, item: Varied, run: Run) -> BlockResult:
    curves = list[pd.DataFrame]()
    result = run.models(item.models, item.data, BLOCK, item.made, _finish(study, item, curves))
    return replace(result, curves=pd.concat([no_curves(), *curves], ignore_index=True) if curves else result.curves)


def _finish(study: Blocks, item: Varied, curves: list[pd.DataFrame]) -> Finish:
    """What is told of each model of a variation; curves of values left out are put into the list."""
    assert study.design is not None
    models = {model.name: model for model in item.models}
    outcomes = {name: outcome for outcome, name in robustness_names(item.asked, study.design).items()}

    def finish(name: str, fit: Fit, design: Design) -> Fit:
        called = item.asked.called
        said = note("variation", en=called.get("en"), zh=called.get("zh"))
        fit = with_economic_size(replace(fit, remarks=(said, *fit.remarks)), design, item.treatment)
        if item.asked.placebo:
            fit = replace(fit, remarks=(*fit.remarks, note("placebo_outcome")))
        if item.asked.transform in ("log1p", "asinh"):
            fit = replace(fit, remarks=(*fit.remarks, note("units_decide")))
        if item.design.allow_mechanical:
            pair = of_pair("", outcomes[name], item.design.treatment)
            fit = replace(fit, remarks=(*fit.remarks, *mechanical_notes(study, pair, item.data.columns)))
        if item.asked.leave_out is None:
            return fit
        try:
            fit, found = left_out(fit, design, item.asked.leave_out, item.treatment, models[name])
        except NotEstimable as error:
            return replace(fit, remarks=(*fit.remarks, note("not_estimable", reason=str(error))))
        curves.append(found.assign(model=name))
        return fit

    return finish

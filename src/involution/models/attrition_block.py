"""The block `attrition`: who leaves, estimates weighted for it beside those that are not, who differs beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from involution.errors import InputError, NotEstimable, Problem
from involution.models.attrition import StayWeights, exit_model, stay_weights
from involution.models.baseline import baseline_models, with_baseline_columns
from involution.models.blocks import Run
from involution.models.dating import with_dated
from involution.models.design import Design
from involution.models.group_differences import ESTIMATOR, compared
from involution.models.matrix import binary_problems, no_column, numbers, text_problems
from involution.models.notes import note
from involution.models.result import Fit
from involution.models.tidy import BlockResult, gathered, of_failure, of_fit
from involution.study.attrition import REPORTED, Attrition
from involution.study.block_names import weighted_names
from involution.study.design import PaperDesign
from involution.study.models import Model
from involution.study.sections import Blocks
from involution.study.timing import dated

BLOCK = "attrition"


def run_attrition(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate exit, and the named models with the inverse probabilities of staying as weights.

    Parameters
    ----------
    study : Blocks
        Its free models and the baseline of its design may be weighted.
    data : DataFrame
        The analysis panel, all rows of the population: who leaves is seen in all of it.
    run : Run

    Raises
    ------
    InputError
        For columns and models that do not exist.
    """
    check_attrition(study, data, run)
    design, by_name = study.design, {model.name: model for model in study.models}
    made: Mapping[str, str] = {}
    if design is not None:
        data, made = with_baseline_columns(design, data, run.known)
        by_name |= {model.name: model for model in baseline_models(design, data, run.dictionary, run.known)}
    whole = replace(run, definitions={**run.definitions, **made})
    parts = [
        part
        for attrition in study.attrition
        for part in (
            *_block(attrition, by_name, design, data, whole),
            *_differences(attrition, _clusters(attrition, design), data, whole),
        )
    ]
    return gathered(parts, study=run.study, block=BLOCK)


def check_attrition(study: Blocks, data: pd.DataFrame, run: Run) -> None:
    """Raise an InputError for columns that the data do not have, all together."""
    mends = {
        "exit": "name it under `exit`, or make one under `variables`: where(isna(lead(revenue)) and year < 2020, 1, 0)",
        **dict.fromkeys(
            ("predictors", "compare", "reported", "cluster"),
            "name a column of the panel, a measure, or a column made under `variables`",
        ),
    }
    problems = [
        Problem(
            f"attrition: {attrition.name}.{key}", no_column(name, data.columns, run.known.unavailable), mend=mends[key]
        )
        for attrition in study.attrition
        for key, names in _named(attrition, study.design)
        for name in names
        if name not in data.columns
    ]
    for attrition in study.attrition:
        for name in sorted({*attrition.compared, *filter(None, [attrition.reported])} & set(data.columns)):
            try:
                numbers(data, name)
            except InputError as error:
                problems += [problem.within(f"attrition: {attrition.name}") for problem in error.problems]
        where = f"attrition: {attrition.name}"
        groups = {f"{where}.exit": [attrition.exit], f"{where}.reported": [attrition.reported or REPORTED]}
        problems += [*text_problems(data, {f"{where}.exit": [attrition.exit]}), *binary_problems(data, groups)]
    if problems:
        raise InputError(problems)


def _named(attrition: Attrition, design: PaperDesign | None) -> list[tuple[str, Sequence[str]]]:
    """Columns that have to be there, by their key; who reports R&D only where it is named."""
    reported = [] if attrition.reported is None else [attrition.reported]
    clusters = _clusters(attrition, design)
    return [
        ("exit", [attrition.exit]), ("predictors", attrition.predictors), ("compare", attrition.compare),
        ("reported", reported), ("cluster", clusters),
    ]  # fmt: skip


def _clusters(attrition: Attrition, design: PaperDesign | None) -> list[str]:
    return attrition.cluster or (design.cluster if design is not None else []) or ["firm"]


def _differences(attrition: Attrition, cluster: Sequence[str], data: pd.DataFrame, run: Run) -> list[BlockResult]:
    """Those who leave against those who stay, those who report R&D against those who do not."""
    parts = []
    for name, group in attrition.groups.items():
        if group not in data.columns:
            reason = no_column(group, data.columns, run.known.unavailable)
            parts.append(of_failure(name, reason, estimator=ESTIMATOR, outcome=group, fixed_effects=("year",)))
            continue
        parts.append(
            compared(
                name,
                attrition.compared,
                group,
                data,
                cluster,
                [note("compared_by", column=group), note("compared_population")],
            )
        )
    return parts


def _block(
    attrition: Attrition, models: Mapping[str, Model], design: PaperDesign | None, data: pd.DataFrame, run: Run
) -> list[BlockResult]:
    """The model of exit, then each model with weights; without weights none of them can be estimated."""
    name = f"{attrition.name}_exit"
    names = weighted_names(attrition, design)
    if not names:
        mend = "name models, or give the section design"
        raise InputError(Problem(f"attrition: {attrition.name}", "no model to weigh", mend=mend))
    try:
        fit = exit_model(data, attrition.predictors, exit=attrition.exit, cluster=_clusters(attrition, design))
    except InputError as error:
        where = f"attrition: {attrition.name}"
        raise InputError([Problem(where, p.what, p.rows, p.mend) for p in error.problems]) from None
    except NotEstimable as error:
        failed = [(name, attrition.exit, "logit"), *((to, "", models[of].estimator) for of, to in names.items())]
        return [
            of_failure(who, str(error), estimator=estimator, outcome=outcome, fixed_effects=())
            for who, outcome, estimator in failed
        ]
    weights = stay_weights(data, fit, trim=attrition.trim)
    return [of_fit(name, fit), _weighted(attrition, weights, models, names, data, run)]


def _weighted(
    attrition: Attrition,
    weights: StayWeights,
    models: Mapping[str, Model],
    names: Mapping[str, str],
    data: pd.DataFrame,
    run: Run,
) -> BlockResult:
    """The named models with the weight of having been there until the year before the outcome's."""
    column = f"stay_weight_{attrition.name}"
    weighted, _ = with_dated(
        data.assign(**{column: weights.weights}), [(column, attrition.outcome - 1)], f"attrition: {attrition.name}"
    )
    column = dated(column, attrition.outcome - 1)
    said = note(
        "stay_weights",
        predictors=", ".join(attrition.predictors),
        low=f"{weights.trim[0]:.0%}".replace("%", " %"),
        high=f"{weights.trim[1]:.0%}".replace("%", " %"),
        trimmed=weights.n_low + weights.n_high,
        unpredicted=weights.n_unpredicted,
    )
    own_weights = {to: models[of].weights for of, to in names.items()}

    def told(name: str, fit: Fit, _: Design) -> Fit:
        """The fit with what its weights are in place of the name of their column."""
        own = own_weights[name]
        times = [note("times_own_weights", weights=own)] if own is not None else []
        kept = [remark for remark in fit.remarks if remark.code != "weights"]
        return replace(fit, remarks=(*kept, said, *times))

    changed = []
    for of, to in names.items():
        own = models[of].weights
        final = column if own is None else f"{column}_{own}"
        if own is not None:
            weighted = weighted.assign(**{final: weighted[column] * weighted[own]})
        changed.append(models[of].model_copy(update={"name": to, "weights": final}))
    return run.models(changed, weighted, BLOCK, finish=told)

"""The baseline of the paper: one regression per outcome, its estimator by the outcome's type."""

from __future__ import annotations

import pandas as pd

from involution.models.blocks import Run, check_models
from involution.models.dating import with_dated
from involution.models.options import ABSORBING
from involution.models.rules import Facts, varying_level
from involution.models.tidy import BlockResult
from involution.panel.columns import canonical_columns
from involution.study.block_names import baseline_names
from involution.study.design import PaperDesign
from involution.study.expressions import parse_expression
from involution.study.formulas import quoted
from involution.study.models import Model
from involution.study.sections import Blocks
from involution.study.timing import dated

WITHOUT_JACKKNIFE = ("random_effects", "glm:negative_binomial")
COUNT_UNITS = ("patents", "applications", "citations")
LONGEST_SPELL = 6
"""Years at risk beyond which spells share one effect."""
HAZARDS = {"rd_stop": "rd_spell"}
"""Events whose probability given survival is modelled, each with the measure of the time at risk before it."""


def usual_estimator(name: str, dictionary: pd.DataFrame) -> str:
    """The estimator of an outcome's type.

    Parameters
    ----------
    name : str
        Column or measure.
    dictionary : DataFrame
        Measures with unit and family.

    Returns
    -------
    str
        ``poisson`` for counts of patents and citations, ``fractional_logit`` for innovation measured as a share,
        ``cloglog`` for hazards, ``ols`` for the rest.
    """
    if name in HAZARDS:
        return "cloglog"
    known = dictionary.set_index("name")
    if name in known.index:
        unit, family = str(known.loc[name, "unit"]), str(known.loc[name, "family"])
        if unit == "share" and family == "innovation":
            return "fractional_logit"
    else:
        canonical = canonical_columns()
        unit = str(canonical.loc[name, "unit"]) if name in canonical.index else ""
    return "poisson" if unit in COUNT_UNITS else "ols"


def with_baseline_columns(design: PaperDesign, data: pd.DataFrame, known: Facts) -> tuple[pd.DataFrame, dict[str, str]]:
    """The data with the columns that a design takes, and the expressions of those made.

    Parameters
    ----------
    design : PaperDesign
    data : DataFrame
        The whole population.
    known : Facts

    Raises
    ------
    InputError
        For columns that the data do not have.
    """
    timing = design.timing
    hazards = [(HAZARDS[outcome.name], timing.outcome - 1) for outcome in design.outcomes if outcome.name in HAZARDS]
    columns = [
        *((outcome.name, timing.outcome) for outcome in design.outcomes),
        *hazards,
        (design.treatment, timing.treatment),
        *((name, timing.controls) for name in design.controls),
    ]
    made, definitions = with_dated(data, columns, "design", known.unavailable)
    at_risk = {_at_risk(name): f"clip({dated(name, years)}, 1, {LONGEST_SPELL})" for name, years in hazards}
    return made.assign(**{name: parse_expression(text).evaluate(made) for name, text in at_risk.items()}), {
        **definitions,
        **at_risk,
    }


def _at_risk(measure: str) -> str:
    """The column of years at risk, long ones together."""
    return f"{measure}_at_risk"


def baseline_models(design: PaperDesign, dictionary: pd.DataFrame, known: Facts) -> list[Model]:
    """One model per outcome.

    Parameters
    ----------
    design : PaperDesign
    dictionary : DataFrame
        Measures with unit and family.
    known : Facts
    """
    names, level = baseline_names(design), varying_level(design.treatment, known)
    return [
        _model(design, outcome.name, outcome.estimator or usual_estimator(outcome.name, dictionary), level, name)
        for outcome, name in zip(design.outcomes, names.values(), strict=True)
    ]


def _model(design: PaperDesign, outcome: str, estimator: str, level: str, name: str) -> Model:
    """The dated outcome on the dated treatment and controls, and the fixed effects."""
    timing = design.timing
    regressors = [(design.treatment, timing.treatment), *((control, timing.controls) for control in design.controls)]
    terms = [quoted(dated(column, years)) for column, years in regressors]
    named = [*design.fixed_effects, *([_at_risk(HAZARDS[outcome])] if outcome in HAZARDS else [])]
    effects = f" | {' + '.join(named)}" if named else ""
    return Model(
        name=name,
        estimator=estimator,
        formula=f"{quoted(dated(outcome, timing.outcome))} ~ {' + '.join(terms)}{effects}",
        weights=design.weights,
        cluster=design.cluster or [level],
        vcov=design.vcov or ("crv1" if estimator in WITHOUT_JACKKNIFE else "crv3"),
        mundlak=estimator not in ABSORBING and "firm" in design.fixed_effects,
        allow_low_cluster=design.allow_low_cluster,
        allow_mechanical=design.allow_mechanical,
    )


def run_baseline(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate the baseline of a study.

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
        For columns that do not exist and designs that a rule refuses.
    """
    assert study.design is not None
    dated_data, made = with_baseline_columns(study.design, data, run.known)
    return run.models(baseline_models(study.design, run.dictionary, run.known), dated_data, "baseline", made)


def check_baseline(study: Blocks, data: pd.DataFrame, run: Run) -> None:
    """Raise an InputError for what `run_baseline` would refuse."""
    if study.design is not None:
        dated_data, made = with_baseline_columns(study.design, data, run.known)
        models = baseline_models(study.design, run.dictionary, run.known)
        check_models(models, dated_data, run.dictionary, {**run.definitions, **made})

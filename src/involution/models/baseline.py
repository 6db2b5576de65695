"""The baseline of the paper: one regression per outcome, its estimator by the outcome's type."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pandas as pd

from involution.errors import InputError, NotEstimable
from involution.models.blocks import Finish, Run, check_models
from involution.models.dating import with_dated
from involution.models.derived import tested
from involution.models.design import Design
from involution.models.economic_size import with_economic_size
from involution.models.facts import Facts
from involution.models.matrix import binary_problems, in_sample, text_problems
from involution.models.mechanical import mechanical_notes
from involution.models.options import ABSORBING
from involution.models.result import Fit, combine
from involution.models.tasks import Task
from involution.models.tidy import BlockResult
from involution.models.treatment_level import treatment_level
from involution.panel.columns import canonical_columns
from involution.study.block_names import baseline_names, shape_names, step_names
from involution.study.design import PaperDesign, Step
from involution.study.expressions import parse_expression
from involution.study.formulas import quoted
from involution.study.mechanical import of_pair
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
        For columns that the data do not have or that hold text, and a regime that is not of zeros and ones.
    """
    timing = design.timing
    hazards = [(HAZARDS[outcome.name], timing.outcome - 1) for outcome in design.outcomes if outcome.name in HAZARDS]
    columns = [
        *((outcome.name, timing.outcome) for outcome in design.outcomes),
        *hazards,
        (design.treatment, timing.treatment),
        *((name, timing.controls) for name in _every_control(design)),
        *([(design.regime, timing.treatment)] if design.regime is not None else []),
    ]
    keys = _keys(design)
    made, definitions = with_dated(data, columns, "design", known.unavailable, keys)
    places = {f"design.{key}": [name for name, own in keys.items() if own == key] for key in keys.values()}
    regime = {} if design.regime is None else {"design.regime": [design.regime]}
    wrong = [*text_problems(data, places), *binary_problems(data, regime)]
    if wrong:
        raise InputError(wrong)
    at_risk = {_at_risk(name): f"clip({dated(name, years)}, 1, {LONGEST_SPELL})" for name, years in hazards}
    return made.assign(**{name: parse_expression(text).evaluate(made) for name, text in at_risk.items()}), {
        **definitions,
        **at_risk,
    }


def _keys(design: PaperDesign) -> dict[str, str]:
    """By column, the key of the design that names it."""
    further = {} if design.regime is None else {design.regime: "regime"}
    return {
        **further,
        **dict.fromkeys(_every_control(design), "build_up"),
        **dict.fromkeys(design.controls, "controls"),
        **dict.fromkeys((outcome.name for outcome in design.outcomes), "outcomes"),
        design.treatment: "treatment",
    }


def _every_control(design: PaperDesign) -> list[str]:
    """The design's controls and those of its steps."""
    return list(dict.fromkeys([*design.controls, *(name for step in design.steps for name in step.controls or ())]))


def _at_risk(measure: str) -> str:
    """The column of years at risk, long ones together."""
    return f"{measure}_at_risk"


def baseline_models(design: PaperDesign, data: pd.DataFrame, dictionary: pd.DataFrame, known: Facts) -> list[Model]:
    """One model per outcome, after those that build up to it and before those of its shape.

    Parameters
    ----------
    design : PaperDesign
    data : DataFrame
        The analysis panel: clusters that are not named are at the level at which the treatment varies in its sample.
    dictionary : DataFrame
        Measures with unit and family.
    known : Facts
    """
    names, level = baseline_names(design), treatment_level(design.treatment, data, in_sample(data), known)
    out = []
    for outcome, name in zip(design.outcomes, names.values(), strict=True):
        estimator = outcome.estimator or usual_estimator(outcome.name, dictionary)
        steps, shapes = step_names(design, outcome.name), shape_names(design, outcome.name)
        for step in design.steps:
            if step.name in steps:
                out.append(regression(_stepped(design, step), outcome.name, estimator, level, steps[step.name]))
        out.append(regression(design, outcome.name, estimator, level, name))
        out += [
            regression(design, outcome.name, estimator, level, shaped, shape_terms(design, shape))
            for shape, shaped in shapes.items()
        ]
    return out


def _stepped(design: PaperDesign, step: Step) -> PaperDesign:
    """The design with what a step has in its place."""
    changed = {"controls": step.controls, "fixed_effects": step.fixed_effects}
    return design.model_copy(update={key: value for key, value in changed.items() if value is not None})


def shape_terms(design: PaperDesign, shape: str) -> list[str]:
    """What stands in the place of the treatment: it and its square, or its slope by regime and the regime."""
    treatment = quoted(dated(design.treatment, design.timing.treatment))
    if shape == "quadratic":
        return [treatment, f"I({treatment}^2)"]
    regime = quoted(dated(str(design.regime), design.timing.treatment))
    return [f"i({regime}, {treatment})", regime]


def regression(
    design: PaperDesign, outcome: str, estimator: str, level: str, name: str, terms: Sequence[str] | None = None
) -> Model:
    """The regression of a dated outcome on the dated treatment and controls, and the fixed effects.

    Parameters
    ----------
    design : PaperDesign
    outcome, estimator : str
    level : str
        Clusters where the design names none.
    name : str
        Of the model.
    terms : sequence of str, optional
        In place of the treatment.
    """
    timing = design.timing
    if terms is None:
        terms = [quoted(dated(design.treatment, timing.treatment))]
    terms = [*terms, *(quoted(dated(control, timing.controls)) for control in design.controls)]
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
    models = baseline_models(study.design, dated_data, run.dictionary, run.known)
    finish = _told_of_ingredients(study, sized(study.design), data.columns)
    return run.models(models, dated_data, "baseline", made, finish)


def _told_of_ingredients(study: Blocks, finish: Finish, columns: Collection[str]) -> Finish:
    """The same, which also says of an outcome what it shares with the treatment, where the design allows that."""
    design = study.design
    if design is None or not design.allow_mechanical:
        return finish
    said = {
        name: mechanical_notes(study, of_pair("", outcome, design.treatment), columns)
        for outcome, headline in baseline_names(design).items()
        for name in (*step_names(design, outcome).values(), headline, *shape_names(design, outcome).values())
    }

    def told(name: str, fit: Fit, on: Design) -> Fit:
        made = finish(name, fit, on)
        return replace(made, remarks=(*made.remarks, *said[name]))

    return told


def sized(design: PaperDesign) -> Finish:
    """What is told of each model beside its estimates: the economic size of the treatment's effect, and whether its
    slopes by regime differ.
    """
    treatment = dated(design.treatment, design.timing.treatment)

    regimes = {shape_names(design, outcome).get("regime") for outcome in baseline_names(design)}

    def finish(name: str, fit: Fit, on: Design) -> Fit:
        if name in regimes:
            return with_equal_slopes(fit, treatment)
        # With its square in the model the treatment's coefficient is a slope at zero alone.
        if any(key.startswith("lind_mehlum") for key, *_ in fit.details):
            return fit
        return with_economic_size(fit, on, treatment)

    return finish


def with_equal_slopes(fit: Fit, treatment: str) -> Fit:
    """A model with slopes by regime with the test that they are equal, as the statistic ``equal_slopes``.

    Raises
    ------
    NotEstimable
        When not both slopes are in the model: one alone would be the difference between them.
    """
    slopes = [term for term in fit.terms if term.endswith(f":{treatment}") and "::" in term]
    if len(slopes) != 2:
        raise NotEstimable(f"the slopes of {treatment} in the two regimes are not both identified")
    difference, std_error = combine(fit, {slopes[1]: 1.0, slopes[0]: -1.0})
    row = tested(fit, "", difference, std_error)
    p_value = float(str(row["p_value"]))
    return replace(fit, details=(*fit.details, ("equal_slopes", difference, fit.degrees_of_freedom, p_value)))


def check_baseline(study: Blocks, data: pd.DataFrame, run: Run) -> tuple[pd.DataFrame, list[Task]]:
    """The data with the baseline's columns, and its regressions on their rows.

    Raises
    ------
    InputError
        For what `run_baseline` would refuse.
    """
    if study.design is None:
        return data, []
    dated_data, made = with_baseline_columns(study.design, data, run.known)
    models = baseline_models(study.design, dated_data, run.dictionary, run.known)
    return dated_data, check_models(models, dated_data, run.dictionary, {**run.definitions, **made})

"""Terms and statistics that a model cannot have, told from the study file alone where they are known from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from involution.errors import Problem, nearest
from involution.study.adjusted import expanded
from involution.study.block_names import baseline_names, step_names
from involution.study.formula_parts import Indicator
from involution.study.formulas import FormulaError, parse_formula
from involution.study.statistics import meant
from involution.study.timing import dated

if TYPE_CHECKING:
    from involution.study.mediation import Mediation
    from involution.study.study import Study

_PATH = re.compile(r"(?P<effect>a|b|indirect|share)\[(?P<mediator>[^\[\],:>+=@-]+)\]")
_CONSTANT = "(Intercept)"
_BESIDE = {"indirect": ("total", "interaction"), "share": ("total",)}


def check_hypothesis_terms(study: Study, where: str) -> list[Problem]:
    """Terms and statistics in `hypotheses` that their model does not have.

    Known are those of regressions that the study writes out without ``i()``, of the baseline, and
    the paths of mediations. A term of another model is looked for among its results.
    """
    known = {**_regressions(study), **_dated(study)}
    mediations = {asked.name: asked for asked in study.mediation}
    problems = []
    for position, asked in enumerate(study.hypotheses):
        for inner, test in enumerate(asked.tests):
            model = test.model.split("[")[0]
            for term in test.named:
                wrong = _wrong(term, model, known, mediations)
                if wrong is not None:
                    key = "term" if test.term is not None else "terms"
                    place = f"{where}: hypotheses[{position}].tests[{inner}].{key}"
                    problems.append(Problem(place, f"the model '{test.model}' has no term '{term}'{wrong}"))
            near = None if test.statistic is None else meant(test.statistic)
            if near is not None:
                place = f"{where}: hypotheses[{position}].tests[{inner}].statistic"
                problems.append(Problem(place, f"no model has a statistic '{test.statistic}'; the nearest is '{near}'"))
    return problems


def check_family_terms(study: Study, where: str) -> list[Problem]:
    """Terms of a table's `family` that none of its models has, where the terms of all of them are known."""
    known = {**_regressions(study), **_dated(study)}
    problems = []
    for position, table in enumerate(study.tables):
        models = expanded(table.models_named(), list(known))
        terms = {term for model in models for term in known.get(model.split("[")[0], ())}
        if all(model.split("[")[0] in known for model in models):
            problems += [
                Problem(
                    f"{where}: tables[{position}].family",
                    f"no model of the table has a term '{term}'{nearest(term, terms)}",
                    mend=f"they have {', '.join(sorted(terms - {_CONSTANT}))}",
                )
                for term in table.family
                if term not in terms
            ]
    return problems


def _wrong(term: str, model: str, known: Mapping[str, list[str]], mediations: Mapping[str, Mediation]) -> str | None:
    """What to say of a term that its model does not have; None where it may have it."""
    if model in known:
        return None if term in known[model] else nearest(term, known[model])
    found = _PATH.fullmatch(term)
    if model not in mediations or found is None:
        return None
    effect = found["effect"]
    names = [*mediations[model].mediators, *_BESIDE.get(effect, ())]
    return None if found["mediator"] in names else nearest(term, [f"{effect}[{name}]" for name in names])


def _regressions(study: Study) -> dict[str, list[str]]:
    """Terms of the models that the study writes out, where no values of the data make them."""
    out = {}
    for model in study.models:
        try:
            formula = parse_formula(model.formula)
        except FormulaError:
            continue
        terms = [*formula.terms, *formula.endogenous]
        if not any(isinstance(factor, Indicator) for term in terms for factor in term.factors):
            out[model.name] = [_CONSTANT, *(term.label for term in terms)]
    return out


def _dated(study: Study) -> dict[str, list[str]]:
    """Terms of the baseline and of what builds up to it."""
    design = study.design
    if design is None:
        return {}
    timing = design.timing

    def terms(controls: Sequence[str]) -> list[str]:
        columns = [(design.treatment, timing.treatment), *((name, timing.controls) for name in controls)]
        return [_CONSTANT, *(dated(name, years) for name, years in columns)]

    out = dict.fromkeys(baseline_names(design).values(), terms(design.controls))
    for outcome in design.outcomes:
        names = step_names(design, outcome.name)
        for step in design.steps:
            if step.name in names:
                out[names[step.name]] = terms(design.controls if step.controls is None else step.controls)
    return out

"""Terms of hypotheses that a model cannot have, told from the study file alone where its terms are known from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from involution.errors import Problem, nearest
from involution.study.block_names import baseline_names
from involution.study.formula_parts import Indicator
from involution.study.formulas import FormulaError, parse_formula
from involution.study.timing import dated

if TYPE_CHECKING:
    from involution.study.mediation import Mediation
    from involution.study.study import Study

_PATH = re.compile(r"(?P<effect>a|b|indirect|share)\[(?P<mediator>[^\[\],:>+=@-]+)\]")
_CONSTANT = "(Intercept)"
_BESIDE = {"indirect": ("total", "interaction"), "share": ("total",)}


def check_hypothesis_terms(study: Study, where: str) -> list[Problem]:
    """Terms in `hypotheses` that their model does not have.

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
    """Terms of the baseline."""
    design = study.design
    if design is None:
        return {}
    timing = design.timing
    columns = [(design.treatment, timing.treatment), *((name, timing.controls) for name in design.controls)]
    terms = [_CONSTANT, *(dated(name, years) for name, years in columns)]
    return dict.fromkeys(baseline_names(design).values(), terms)

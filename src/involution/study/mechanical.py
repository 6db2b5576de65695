"""Outcomes that are an ingredient of the index they are regressed on: refused unless the study says otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from involution.errors import Problem
from involution.study.definitions import followed, unshifted
from involution.study.expressions import parse_expression
from involution.study.formulas import parse_formula
from involution.study.index import PATENTS, Index, ingredients

if TYPE_CHECKING:
    from involution.study.study import Study

_WITH_TREATMENT = (
    "endogeneity", "moderation", "threshold", "response_surface", "exposure", "breakthrough", "heterogeneity",
    "quantile_regression", "placebo",
)  # fmt: skip
"""Sections whose items regress one outcome on one treatment."""


def check_mechanical(study: Study, where: str, columns: Collection[str]) -> list[Problem]:
    """Models whose outcome is inside their index, without `allow_mechanical`.

    Parameters
    ----------
    study : Study
    where : str
        Name of its file.
    columns : collection of str
        Those that it gives the panel.
    """
    index = study.index or Index()
    definitions = {**study.derive, **study.variables}
    problems = []
    for path, outcome, regressors in _regressions(study):
        outcomes = _itself(outcome, definitions)
        for column in dict.fromkeys(followed(regressors, definitions)):
            inside = _expanded(ingredients(index, column, columns), study.derive)
            shared = next((name for name in outcomes if name in inside), None)
            if shared is not None:
                problems.append(_refused(f"{where}: {path}", shared, column, inside[shared]))
    return problems


def _regressions(study: Study) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """Key, outcome and regressors of everything that is regressed without `allow_mechanical`."""
    for position, model in enumerate(study.models):
        if not model.allow_mechanical:
            formula = parse_formula(model.formula)
            regressors = [name for term in (*formula.terms, *formula.endogenous) for name in term.columns]
            yield f"models[{position}].formula", formula.outcome.columns, regressors
    if study.design is not None and not study.design.allow_mechanical:
        for position, outcome in enumerate(study.design.outcomes):
            yield f"design.outcomes[{position}]", (outcome.name,), (study.design.treatment,)
    if study.design is not None:
        for position, varied in enumerate(study.robustness):
            if not (study.design.allow_mechanical if varied.allow_mechanical is None else varied.allow_mechanical):
                for name in varied.outcomes_of(study.design):
                    yield f"robustness[{position}]", (name,), (varied.treatment or study.design.treatment,)
    for position, curve in enumerate(study.specification_curve):
        whole_curve = curve.completed(study.design)
        for outcome_name in whole_curve.outcomes:
            yield f"specification_curve[{position}].outcomes", (outcome_name,), whole_curve.treatments
    for section in _WITH_TREATMENT:
        for position, asked in enumerate(getattr(study, section)):
            whole = asked.completed(study.design)
            if whole.treatment is not None and not whole.allow_mechanical:
                moderators = [moderator.by for moderator in getattr(whole, "moderator", ())]
                yield f"{section}[{position}].outcome", (whole.outcome,), (whole.treatment, *moderators)


def _refused(where: str, shared: str, column: str, component: str) -> Problem:
    how = "a component" if shared == component else f"inside the component '{component}'"
    likely = "homogeneity_text in place of patents" if shared in PATENTS else "involution_mechanism"
    return Problem(
        where,
        f"the outcome '{shared}' is {how} of {column}: the two move together by construction",
        mend=f"take an index without it ({likely}, involution_no_<family>), or say allow_mechanical: true",
    )


def _itself(columns: Sequence[str], definitions: Mapping[str, str]) -> list[str]:
    """The outcome's column and those that it is a lag, a logarithm or another form of alone."""
    out: list[str] = []
    while len(columns) == 1 and columns[0] not in out:
        out.append(columns[0])
        text = definitions.get(columns[0])
        columns = parse_expression(text).columns if text else [unshifted(columns[0])]
    return out


def _expanded(inside: Mapping[str, str], derive: Mapping[str, str]) -> dict[str, str]:
    """The ingredients, and the columns that the study derives them from."""
    return {part: component for name, component in inside.items() for part in followed([name], derive)}

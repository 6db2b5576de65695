"""Outcomes and treatments that are made of each other: refused unless the study says otherwise.

Followed are the ingredients of the index and the expressions of `derive` and `variables`. What a column of the data was
made of before it came here, and what two ratios share, is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from involution.errors import Problem
from involution.study.definitions import followed, unshifted
from involution.study.expressions import parse_expression
from involution.study.formulas import Formula, parse_formula
from involution.study.index import PATENTS, ingredients

if TYPE_CHECKING:
    from involution.study.sections import Blocks
    from involution.study.study import Study

_WITH_TREATMENT = (
    "endogeneity", "moderation", "threshold", "response_surface", "exposure", "breakthrough", "heterogeneity",
    "quantile_regression", "placebo",
)  # fmt: skip
"""Sections whose items regress one outcome on one treatment."""


class Regressed(NamedTuple):
    """What is regressed on what.

    Attributes
    ----------
    where : str
        The key that says so.
    outcome : sequence of str
        Columns of the outcome.
    regressors : sequence of str
        Columns that may be an index.
    treatment : str or None
        The column whose own making is followed.
    """

    where: str
    outcome: Sequence[str]
    regressors: Sequence[str]
    treatment: str | None


class Shared(NamedTuple):
    """What an outcome and a regressor have in common.

    Attributes
    ----------
    outcome, column : str
        The outcome, or what it is a form of, and the regressor.
    how : str
        Such as ``a component of``; between the two it makes a sentence.
    component : str
        Of the index; empty for columns that the study makes.
    """

    outcome: str
    column: str
    how: str
    component: str = ""


def check_mechanical(study: Study, where: str, columns: Collection[str]) -> list[Problem]:
    """Models whose outcome and treatment are made of each other, without `allow_mechanical`.

    Parameters
    ----------
    study : Study
    where : str
        Name of its file.
    columns : collection of str
        Those that it gives the panel.
    """
    return [
        _refused(f"{where}: {regressed.where}", found)
        for regressed in _regressions(study)
        for found in shared_ingredients(study, regressed, columns)
    ]


def shared_ingredients(study: Blocks, regressed: Regressed, columns: Collection[str]) -> list[Shared]:
    """What an outcome has in common with its regressors by construction.

    Parameters
    ----------
    study : Blocks
        With the index and the expressions of the columns that it makes.
    regressed : Regressed
    columns : collection of str
        Those that the study gives the panel.
    """
    definitions = study.definitions
    outcomes = _itself(regressed.outcome, definitions)
    found = []
    for column in dict.fromkeys(followed(regressed.regressors, definitions)):
        inside = _expanded(ingredients(study.measured_index, column, columns), study.derive)
        name = next((name for name in outcomes if name in inside), None)
        if name is not None:
            how = "a component of" if name == inside[name] else f"inside the component '{inside[name]}' of"
            found.append(Shared(name, column, how, inside[name]))
    own = None if regressed.treatment is None else _own(regressed.outcome, regressed.treatment, definitions)
    return [*found, *([own] if own is not None else [])]


def _own(outcome: Sequence[str], treatment: str, definitions: Mapping[str, str]) -> Shared | None:
    """Outcome and treatment of which one is the other, or is made of it by the study's expressions."""
    outcomes, treatments = _itself(outcome, definitions), _itself([treatment], definitions)
    called = outcomes[0] if outcomes else ", ".join(outcome)
    same = next((name for name in outcomes if name in treatments), None)
    if same is not None:
        return Shared(called, treatment, "the same column as" if called == same == treatment else "a form of")
    inside = next((name for name in outcomes if name in set(followed([treatment], definitions))), None)
    if inside is not None:
        return Shared(inside, treatment, "an ingredient of")
    made = set(followed(outcome, definitions))
    return Shared(called, treatment, "made of") if made.intersection(treatments) else None


def first_treatment(formula: Formula) -> str | None:
    """The column that stands first in a formula, unless it is an earlier year of the outcome, as in a dynamic model."""
    first = next((term for term in (*formula.endogenous, *formula.terms)), None)
    if first is None or len(first.columns) != 1:
        return None
    name = first.columns[0]
    return None if unshifted(name) in map(unshifted, formula.outcome.columns) else name


def _regressions(study: Study) -> Iterator[Regressed]:
    """Everything that is regressed without `allow_mechanical`."""
    for position, model in enumerate(study.models):
        if not model.allow_mechanical:
            yield of_formula(f"models[{position}].formula", parse_formula(model.formula))
    if study.design is not None and not study.design.allow_mechanical:
        for position, outcome in enumerate(study.design.outcomes):
            yield of_pair(f"design.outcomes[{position}]", outcome.name, study.design.treatment)
    if study.design is not None:
        for position, varied in enumerate(study.robustness):
            if not (study.design.allow_mechanical if varied.allow_mechanical is None else varied.allow_mechanical):
                for name in varied.outcomes_of(study.design):
                    yield of_pair(f"robustness[{position}]", name, varied.treatment or study.design.treatment)
    for position, curve in enumerate(study.specification_curve):
        whole_curve = curve.completed(study.design)
        for name in whole_curve.outcomes:
            for treatment in whole_curve.treatments:
                yield of_pair(f"specification_curve[{position}].outcomes", name, treatment)
    for section in _WITH_TREATMENT:
        for position, asked in enumerate(getattr(study, section)):
            whole = asked.completed(study.design)
            if whole.treatment is not None and not whole.allow_mechanical:
                moderators = [moderator.by for moderator in getattr(whole, "moderator", ())]
                regressors = (whole.treatment, *moderators)
                yield Regressed(f"{section}[{position}].outcome", (whole.outcome,), regressors, whole.treatment)


def of_pair(where: str, outcome: str, treatment: str) -> Regressed:
    """One outcome on one treatment."""
    return Regressed(where, (outcome,), (treatment,), treatment)


def of_formula(where: str, formula: Formula) -> Regressed:
    """An outcome on every column of a formula; the first one's own making is followed."""
    regressors = [name for term in (*formula.terms, *formula.endogenous) for name in term.columns]
    return Regressed(where, formula.outcome.columns, regressors, first_treatment(formula))


def _refused(where: str, found: Shared) -> Problem:
    allow = "say allow_mechanical: true"
    if found.component:
        likely = "homogeneity_text in place of patents" if found.outcome in PATENTS else "involution_mechanism"
        mend = f"take an index without it ({likely}, involution_no_<family>), or {allow}"
    else:
        mend = "name another" if found.how.startswith("the same") else f"name another outcome or treatment, or {allow}"
    what = f"the outcome '{found.outcome}' is {found.how} {_treated(found)}: the two move together by construction"
    return Problem(where, what, mend=mend)


def _treated(found: Shared) -> str:
    return found.column if found.component else f"the treatment '{found.column}'"


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

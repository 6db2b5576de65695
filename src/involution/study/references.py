"""What one section says of another: checked when the file is read, without data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from involution.errors import Problem, nearest
from involution.study.absolute import check_units
from involution.study.block_names import baseline_names, weighted_names
from involution.study.mechanical import check_mechanical
from involution.study.own_design import OfBaseline
from involution.study.regressors import check_regressors
from involution.study.sections import ASKING, BLOCK_SECTIONS, Blocks
from involution.study.shown import check_shown

if TYPE_CHECKING:
    from involution.study.study import Study


def check_references(study: Study, where: str) -> list[Problem]:
    """Columns made twice by sections that would overwrite each other, outcomes inside their index, undeclared units."""
    given = {name for section, names in _columns(study) if section != "variables" for name in names}
    return [
        *_columns_made_twice(study, where),
        *_models_named_twice(study, where),
        *check_mechanical(study, where, given),
        *check_regressors(study, where),
        *_treatment_twice(study, where),
        *_without_outcome(study, where),
        *_not_rehearsed(study, where),
        *check_shown(study, where),
        *check_units(study, where),
    ]


def check_models_named(value: Mapping[str, Any], where: str) -> list[Problem]:
    """Names in tables, figures and hypotheses that no model has.

    Plain data are enough, so that these mistakes are told together with those of the sections themselves.
    """
    if not any(isinstance(value.get(section), (list, dict)) for section in ASKING):
        return []
    known = {
        str(model["name"]): model.get("by") is not None for model in _mappings(value.get("models")) if "name" in model
    }
    blocks = _names_of_blocks(value)
    if blocks is None:
        # Which names are wrong cannot be told before the sections that make them are right.
        return []
    known |= dict.fromkeys(blocks, False)
    # The groups of a heterogeneity bear its name and their own value, which the data know.
    known |= {str(asked["name"]): True for asked in _mappings(value.get("heterogeneity")) if "name" in asked}
    problems: list[Problem] = []
    for path, name in _names_of_models(value):
        if name not in known and not known.get(name.split("[")[0]):
            problems.append(Problem(f"{where}: {path}", f"there is no model '{name}'{nearest(name, known)}"))
    return problems


def _names_of_blocks(value: Mapping[str, Any]) -> list[str] | None:
    """Models of the sections that are estimated but `models`; None where one of these sections cannot be read."""
    sections = {section for sections in BLOCK_SECTIONS.values() for section in sections[:1]} - {"models"}
    free = [str(model["name"]) for model in _mappings(value.get("models")) if "name" in model]
    try:
        known = Blocks.model_validate({name: value[name] for name in sorted(sections) if value.get(name) is not None})
    except ValidationError:
        # What is wrong with them is said by the sections themselves.
        return None
    made = known.model_names
    # A weighted model of one that does not exist is no name to come near to.
    unknown = {
        to
        for attrition in known.attrition
        for of, to in weighted_names(attrition, known.design).items()
        if of not in (*free, *made)
    }
    return [name for name in made if name not in unknown]


def _names_of_models(value: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Each name of a model in tables, figures and hypotheses, with the key it stands under."""
    for section in ("attrition", "truth", "tables", "figures"):
        for position, item in enumerate(_listed(value.get(section))):
            if isinstance(item, dict):
                path = f"{section}[{position}]"
                yield from ((f"{path}.models", name) for name in _texts(item.get("models")))
                yield from ((f"{path}.model", name) for name in _texts(item.get("model")))
                for inner, panel in enumerate(_listed(item.get("panels"))):
                    if isinstance(panel, dict):
                        yield from ((f"{path}.panels[{inner}].models", name) for name in _texts(panel.get("models")))
    for position, item in enumerate(_mappings(value.get("hypotheses"))):
        for inner, test in enumerate(_mappings(item.get("tests"))):
            yield from ((f"hypotheses[{position}].tests[{inner}].model", name) for name in _texts(test.get("model")))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in _listed(value) if isinstance(item, dict)]


def _texts(value: Any) -> list[str]:
    return [name for name in ([value] if isinstance(value, str) else _listed(value)) if isinstance(name, str)]


def _treatment_twice(study: Study, where: str) -> list[Problem]:
    """Sections in which the treatment is also what its own effect is said to depend on."""
    pairs = [
        (f"breakthrough[{position}].levers.{name}", asked.completed(study.design).treatment, lever.by)
        for position, asked in enumerate(study.breakthrough)
        for name, lever in asked.levers.items()
    ]
    pairs += [
        (f"response_surface[{position}].columns", asked.completed(study.design).treatment, asked.columns)
        for position, asked in enumerate(study.response_surface)
    ]
    return [
        Problem(f"{where}: {path}", f"'{treatment}' is the treatment: its effect cannot depend on itself here")
        for path, treatment, columns in pairs
        if treatment in columns
    ]


def _without_outcome(study: Study, where: str) -> Iterator[Problem]:
    """Sections that take the outcome of `design`, or vary it, where there is none."""
    if study.robustness and study.design is None:
        yield Problem(f"{where}: robustness", "there is no baseline to vary", mend="give the section design")
    for section in type(study).model_fields:
        items = getattr(study, section)
        for position, asked in enumerate(items if isinstance(items, list) else ()):
            if isinstance(asked, OfBaseline) and not asked.completed(study.design).outcome:
                yield Problem(f"{where}: {section}[{position}].outcome", "this key is required without a `design`")
    for position, curve in enumerate(study.specification_curve):
        if not curve.completed(study.design).outcomes:
            where_it_is = f"{where}: specification_curve[{position}].outcomes"
            yield Problem(where_it_is, "this key is required without a `design`")


def _not_rehearsed(study: Study, where: str) -> list[Problem]:
    """A rehearsal of models that the study does not plan, or of none."""
    asked = study.rehearsal
    if asked is None:
        return []
    planned = {
        "models": list(baseline_names(study.design).values()) if study.design else [],
        "mediations": [mediation.name for mediation in study.mediation],
    }
    if not any(planned.values()):
        mend = "give the section design or mediation"
        return [Problem(f"{where}: rehearsal", "the study plans no model that could be rehearsed", mend=mend)]
    return [
        Problem(f"{where}: rehearsal.{key}", f"no planned model is called '{name}'{nearest(name, known)}")
        for key, known in planned.items()
        for name in getattr(asked, key) or []
        if name not in known
    ]


def _models_named_twice(study: Study, where: str) -> list[Problem]:
    """Models of two sections, or items, with one name: their results could not be told apart.

    Items that are themselves called the same are told by the study.
    """
    first: dict[str, str] = {}
    problems = []
    for section, names in study.names_by_section.items():
        items = [item.name for item in getattr(study, section, None) or [] if hasattr(item, "name")]
        told = len(set(items)) < len(items)
        for name in names:
            if name in first and not (told and first[name] == section):
                so_does = "another of its items" if first[name] == section else first[name]
                what = f"the section makes a model '{name}', and so does {so_does}"
                problems.append(Problem(f"{where}: {section}", what, mend="name one of them otherwise"))
            first.setdefault(name, section)
    return problems


def _columns_made_twice(study: Study, where: str) -> list[Problem]:
    made: dict[str, str] = {}
    problems = []
    for section, names in _columns(study):
        for name in names:
            if name in made and section != "variables":
                problems.append(
                    Problem(f"{where}: {section}.{name}", f"the column '{name}' is already made in {made[name]}")
                )
            made.setdefault(name, section)
    return problems


def _columns(study: Study) -> Iterable[tuple[str, list[str]]]:
    yield "data.panel.columns", list(study.data.panel.columns)
    yield "data.panel.keep", [name for name in study.data.panel.keep if name not in study.data.panel.columns]
    for position, join in enumerate(study.data.join):
        yield f"data.join[{position}].columns", list(join.columns)
    yield "data.cohorts", list(study.data.cohorts)
    yield "derive", list(study.derive)
    yield "variables", list(study.variables)

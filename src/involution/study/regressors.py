"""Columns that stand on both sides, or twice on one, of a section's regression: told from the study file alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from involution.errors import Problem
from involution.study.design import PaperDesign
from involution.study.own_design import OwnDesign
from involution.study.specification_curve import SpecificationCurve
from involution.study.timing import dated

if TYPE_CHECKING:
    from involution.study.study import Study


class _Controlled(NamedTuple):
    """Controls, as written by their dated column, with the dated columns that they stand beside.

    `allowed` says that an outcome may be its treatment by another name: `mechanical` does not look at it.
    """

    where: str
    controls: Mapping[str, str]
    treatments: Sequence[str]
    outcomes: Sequence[str]
    allowed: bool = False


def check_regressors(study: Study, where: str) -> list[Problem]:
    """Controls that are the treatment or the outcome of the same year, and choices of a curve that are one.

    What a section takes from `design` is told of the design alone.

    Parameters
    ----------
    study : Study
    where : str
        Name of its file.
    """
    problems = []
    told: set[tuple[str, str]] = set()
    for asked in _controlled(study):
        roles = {**dict.fromkeys(asked.outcomes, "the outcome"), **dict.fromkeys(asked.treatments, "the treatment")}
        for name, written in asked.controls.items():
            if name in roles and (name, roles[name]) not in told:
                told.add((name, roles[name]))
                what = f"'{written}' is {roles[name]} of the same year, and cannot be its own control"
                problems.append(Problem(f"{where}: {asked.where}", what, mend="take it out of the controls"))
        same = next((name for name in asked.outcomes if name in asked.treatments), None)
        if asked.allowed and same is not None and (same, "both") not in told:
            told.add((same, "both"))
            what = f"the outcome '{same}' is the treatment itself, and explains all of it"
            problems.append(Problem(f"{where}: {asked.where.rpartition('.')[0]}", what, mend="name another"))
    for position, curve in enumerate(study.specification_curve):
        problems += _choices_twice(curve, f"{where}: specification_curve[{position}]")
    return problems


def _controlled(study: Study) -> Iterator[_Controlled]:
    """Every list of controls with its treatment and outcomes, that of the design first."""
    design = study.design
    if design is not None:
        yield _of_design("design.controls", design)
        for place, step in enumerate(design.steps):
            if step.controls is not None:
                yield _of_design(f"design.build_up[{place}].controls", design, step.controls)
        for position, varied in enumerate(study.robustness):
            given = {
                "treatment": varied.treatment, "controls": varied.controls,
                "allow_mechanical": varied.allow_mechanical,
            }  # fmt: skip
            changed = design.model_copy(update={key: value for key, value in given.items() if value is not None})
            changed = changed.model_copy(update={"timing": varied.clock(design)})
            controls = [*changed.controls, *varied.add_controls]
            key = "add_controls" if varied.add_controls else "controls"
            yield _of_design(f"robustness[{position}].{key}", changed, controls, varied.outcomes_of(design))
    for position, curve in enumerate(study.specification_curve):
        yield from _of_curve(curve.completed(design), f"specification_curve[{position}]")
    for section in type(study).model_fields:
        items = getattr(study, section)
        for position, asked in enumerate(items if isinstance(items, list) else ()):
            if isinstance(asked, OwnDesign):
                yield _of_own(asked.completed(design), f"{section}[{position}].controls")


def _of_design(
    where: str, design: PaperDesign, controls: Sequence[str] | None = None, outcomes: Sequence[str] | None = None
) -> _Controlled:
    timing = design.timing
    named = outcomes if outcomes is not None else [outcome.name for outcome in design.outcomes]
    return _Controlled(
        where,
        {dated(name, timing.controls): name for name in (design.controls if controls is None else controls)},
        [dated(design.treatment, timing.treatment)],
        [dated(name, timing.outcome) for name in named],
        design.allow_mechanical,
    )


def _of_own(whole: OwnDesign, where: str) -> _Controlled:
    timing = whole.clock
    treatment = getattr(whole, "treatment", None)
    return _Controlled(
        where,
        {dated(name, timing.controls): name for name in whole.controls or ()},
        [dated(treatment, timing.treatment)] if isinstance(treatment, str) else [],
        [dated(whole.outcome, timing.outcome)] if whole.outcome else [],
        bool(whole.allow_mechanical),
    )


def _of_curve(whole: SpecificationCurve, where: str) -> Iterator[_Controlled]:
    timing = whole.clock
    treatments = [dated(name, years) for name in whole.treatments for years in whole.treatment_years]
    for called, names in whole.controls.items():
        yield _Controlled(
            f"{where}.controls.{called}",
            {dated(name, timing.controls): name for name in names},
            treatments,
            [dated(name, timing.outcome) for name in whole.outcomes],
        )


def _choices_twice(curve: SpecificationCurve, where: str) -> Iterator[Problem]:
    """Two names for one choice, which would count the same specifications twice."""
    for factor in ("controls", "fixed_effects", "samples", "winsorize", "weights"):
        first: dict[object, str] = {}
        for name, value in getattr(curve, factor).items():
            key = frozenset(value) if isinstance(value, list) else value
            if key in first:
                what = f"'{first[key]}' and '{name}' are one choice: its specifications would count twice"
                yield Problem(f"{where}.{factor}.{name}", what, mend="leave one of them out")
            first.setdefault(key, name)

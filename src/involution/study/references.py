"""What one section says of another: checked when the file is read, without data."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from involution.errors import Problem

if TYPE_CHECKING:
    from involution.study.study import Study


def check_references(study: Study, where: str) -> list[Problem]:
    """Names in tables and figures that no model has; columns made twice; sections that overwrite each other."""
    return [*_models_named(study, where), *_columns_made_twice(study, where)]


def _models_named(study: Study, where: str) -> list[Problem]:
    known = {model.name: model.by is not None for model in study.models}
    problems = []
    for section, items in (("tables", study.tables), ("figures", study.figures)):
        for position, item in enumerate(items):
            for name in item.models_named():
                stem = name.split("[")[0]
                if name in known or (known.get(stem)):
                    continue
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"; the nearest is '{near[0]}'" if near else ""
                problems.append(Problem(f"{where}: {section}[{position}].models", f"there is no model '{name}'{hint}"))
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

"""A study file as a whole: one YAML per data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from involution.errors import InputError, Problem
from involution.study.accounting import Accounting
from involution.study.base import ColumnName, Name, Text
from involution.study.block_tables import block_tables
from involution.study.data import Data
from involution.study.figures import Figure
from involution.study.formula_parts import quoted
from involution.study.hypotheses import Hypothesis
from involution.study.hypothesis_terms import check_family_terms, check_hypothesis_terms
from involution.study.index import check_index
from involution.study.population import Population
from involution.study.problems import problems_of
from involution.study.references import check_models_named, check_references
from involution.study.sample import Sample, SizeStandard
from involution.study.sections import ASKING, Blocks
from involution.study.sources import SIMULATED
from involution.study.styles import STYLES, StyleName
from involution.study.tables import Table, default_tables
from involution.study.truth import Truth
from involution.study.yaml12 import load_yaml


class Exhibits(Blocks):
    """What tables and figures need of a study: a part of `Study` that can be handed on alone."""

    truth: list[Truth] = Field(
        default_factory=list, description="Estimates beside the effects planted in simulated data."
    )
    hypotheses: list[Hypothesis] = Field(
        default_factory=list, description="What is expected, and what would support it, stated before estimation."
    )
    tables: list[Table] = Field(default_factory=list, description="Tables; sensible ones are made if none is named.")
    figures: list[Figure] = Field(default_factory=list, description="Figures; sensible ones are made if none is named.")
    style: StyleName = Field("default", description="Style of all tables that do not name one themselves.")
    labels: dict[ColumnName, Text] = Field(
        default_factory=dict, description="Labels of columns, in one or two languages."
    )

    @model_validator(mode="before")
    @classmethod
    def _style_of_tables(cls, value: Any) -> Any:
        """The style of the study is that of each table that names none."""
        style, tables = (value.get("style"), value.get("tables")) if isinstance(value, dict) else (None, None)
        if not (isinstance(style, str) and style in STYLES and isinstance(tables, list)):
            return value
        return {
            **value,
            "tables": [{"style": style, **table} if isinstance(table, dict) else table for table in tables],
        }

    @property
    def all_tables(self) -> list[Table]:
        """The study's tables, or the usual ones where it names none; then those of its blocks that it does not name."""
        usual = [] if self.tables else default_tables(with_models=bool(self.models))
        taken = {table.name for table in (*self.tables, *usual)}
        more = [*usual, *(table for table in block_tables(self) if table.name not in taken)]
        return [*self.tables, *(table.in_style(self.style) for table in more)]

    @property
    def formulas(self) -> list[str]:
        """Formulas of the models, and those of the design's columns and the event studies' at the row's own year."""
        texts = [model.formula for model in self.models]
        if self.design is not None:
            regressors = " + ".join(map(quoted, [self.design.treatment, *self.design.controls]))
            texts += [f"{quoted(outcome.name)} ~ {regressors}" for outcome in self.design.outcomes]
        texts += [
            f"{quoted(asked.outcome)} ~ {' + '.join(map(quoted, asked.controls)) or '1'}" for asked in self.event_study
        ]
        return texts


class Study(Exhibits):
    """One data set, its variables and its models.

    The file a study was read from is `path`; relative data paths are resolved against its folder.
    """

    name: Name = Field(description="Folder of the results: letters, digits, _ and -.")
    title: Text | None = Field(None, description="Title, one string or {en: ..., zh: ...}.")
    citation: str | None = Field(None, description="How to cite the data.")
    data: Data = Field(description="Where the columns come from.")
    population: Population = Field(default_factory=Population, description="Firms that make up an industry.")
    size_standard: SizeStandard = Field(
        "china_2011",
        description="Standard of the measure firm_size: 工信部联企业〔2011〕300号 (amounts in yuan), EU recommendation "
        "2003/361/EC (amounts in euro), or employment classes of the US Census Bureau.",
    )
    accounting: Accounting = Field(
        default_factory=list,
        description="Where accounts have R&D, by years: inside administrative expense or beside it.",
    )
    sample: Sample = Field(default_factory=Sample, description="Rows that are estimated on.")
    _path: Path = PrivateAttr(default=Path("study.yaml"))

    @property
    def path(self) -> Path:
        """The file the study was read from."""
        return self._path

    def resolve(self, source: str) -> str:
        """A data source as a path the process can open; those of a package, simulated ones and absolute paths stay."""
        return source if source.startswith(("package:", SIMULATED)) else str(self._path.parent / source)


def parse_study(value: Any, where: str = "study") -> Study:
    """Check plain data against the typed models.

    Raises
    ------
    InputError
        With every mistake found.
    """
    if not isinstance(value, dict):
        raise InputError(
            Problem(where, "expected a mapping with the keys name, data and models, design, mediation or moderation")
        )
    problems = [
        *_nothing_asked(value, where),
        *_names_twice(value, where),
        *check_models_named(value, where),
    ]
    problems += check_index(value, where)
    study: Study | None = None
    try:
        study = Study.model_validate(value)
    except ValidationError as error:
        problems += problems_of(error, Study, where)
    if study is not None:
        problems += check_references(study, where)
        problems += check_hypothesis_terms(study, where)
        problems += check_family_terms(study, where)
    if problems or study is None:
        raise InputError(problems)
    return study


def load_study(path: str | Path) -> Study:
    """Read, parse and check a study file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Study

    Raises
    ------
    InputError
        With every mistake of the file: the key's path, what was found, what was expected, the nearest known name.
    """
    file = Path(path)
    study = parse_study(load_yaml(file), str(path))
    study._path = file
    return study


def _nothing_asked(value: dict[str, Any], where: str) -> list[Problem]:
    """A study that estimates nothing."""
    if any(value.get(section) for section in ASKING):
        return []
    what = "expected at least one" if "models" in value else "this key is required"
    return [Problem(f"{where}: models", what, mend=f"or give the section {' or '.join(ASKING[1:])}")]


def _names_twice(value: dict[str, Any], where: str) -> list[Problem]:
    problems = []
    for section in (*ASKING, "attrition", "hypotheses", "tables", "figures"):
        items = value.get(section)
        names = [item.get("name") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        lowered: dict[str, int] = {}
        for position, name in enumerate(names):
            if not isinstance(name, str):
                continue
            # Files of names that differ by case alone overwrite each other on some systems.
            key = name if section == "models" else name.lower()
            if key in lowered:
                message = f"the name '{name}' stands twice (also {section}[{lowered[key]}])"
                problems.append(Problem(f"{where}: {section}[{position}].name", message))
            lowered.setdefault(key, position)
    return problems

"""Measures that hold amounts of money against fixed ones: refused where a file's unit is not declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from involution.errors import Problem
from involution.study.definitions import unshifted
from involution.study.sources import SIMULATED

if TYPE_CHECKING:
    from involution.study.own_design import OwnDesign
    from involution.study.study import Study

ABSOLUTE: dict[str, tuple[str, ...]] = {
    "efficiency": ("rd_spend",),
    "sa_index": ("total_assets",),
    "ww_index": ("total_assets",),
}
"""Measures that change with the unit of an amount, each with the amounts; `firm_size` goes by its standard."""

CURRENCIES = {"china_2011": "yuan", "eu_2003": "euro"}
"""Standards of `firm_size` that have thresholds in money."""
SIZED = ("revenue", "total_assets")
"""The amounts that these thresholds are for."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Undeclared:
    """An amount of a file that has no declared unit, under which key one is to be declared, and what needs it."""

    amount: str
    section: str
    measure: str
    path: str


def check_units(study: Study, where: str) -> list[Problem]:
    """Amounts without a declared unit that a measure in use holds against fixed ones.

    Simulated tables are in currency units, and a column that the study itself gives under a measure's name is no
    measure. Of size classes one declared amount is enough to say that units were thought of; `assumed_units` names the
    other.

    Parameters
    ----------
    study : Study
    where : str
        Name of its file.
    """
    sections: dict[str, list[Undeclared]] = {}
    for found in _undeclared_amounts(study):
        if not _assumed(study, found):
            sections.setdefault(found.section, []).append(found)
    currency = CURRENCIES.get(study.size_standard, "yuan")
    return [_problem(f"{where}: {section}", found, currency) for section, found in sections.items()]


_ASSUMED = {
    "en": "no unit is declared for {amount}; {measure} takes it to be in {currency}",
    "zh": "未声明 {amount} 的单位；{measure} 按{currency}计",
}
_CHINESE_CURRENCIES = {"yuan": "元", "euro": "欧元"}


def assumed_units(study: Study, language: str = "en") -> list[str]:
    """What is taken to be in currency units because nothing is said of it, in words of a language."""
    currency = CURRENCIES.get(study.size_standard, "yuan")
    shown = _CHINESE_CURRENCIES.get(currency, currency) if language == "zh" else currency
    return [
        _ASSUMED[language].format(amount=found.amount, measure=found.measure, currency=shown)
        for found in _undeclared_amounts(study)
        if _assumed(study, found)
    ]


def _assumed(study: Study, found: Undeclared) -> bool:
    declared = {*study.data.panel.units, *(name for join in study.data.join for name in join.units)}
    return found.measure == "firm_size" and not declared.isdisjoint(SIZED)


def _undeclared_amounts(study: Study) -> list[Undeclared]:
    """Each amount once, with the first measure that needs its unit."""
    without, amounts = _without_unit(study), _absolute(study)
    # Size classes last: what another measure needs is refused whatever they assume.
    measures = [
        (measure, path) for path, names in _used(study) for measure in map(unshifted, names) if measure in amounts
    ]
    out: dict[str, Undeclared] = {}
    for measure, path in sorted(measures, key=lambda used: used[0] == "firm_size"):
        for amount in amounts[measure]:
            if amount in without:
                out.setdefault(amount, Undeclared(amount, without[amount], measure, path))
    return list(out.values())


def _problem(where: str, found: Sequence[Undeclared], currency: str) -> Problem:
    columns = [item.amount for item in found]
    flow = ", ".join(f"{name}: 1" for name in columns)
    return Problem(
        where,
        f"{found[0].measure}, which {found[0].path} uses, goes by absolute size, and no unit is declared for "
        f"{', '.join(columns)}",
        mend=f"units: {{{flow}}} if the file is in {currency}, 1000 in place of 1 if in thousands (as ASIF is)",
    )


def _absolute(study: Study) -> dict[str, tuple[str, ...]]:
    """The measures that need units, without those whose name is a column of the study's own."""
    sized = SIZED if study.size_standard in CURRENCIES else ()
    given = {*study.data.panel.columns, *study.data.panel.keep, *study.derive}
    given |= {name for join in study.data.join for name in join.columns}
    return {name: needs for name, needs in {**ABSOLUTE, "firm_size": sized}.items() if name not in given}


def _without_unit(study: Study) -> dict[str, str]:
    """Columns of files that have no declared unit, each with the key under which it is to be declared."""
    panel = study.data.panel
    sections = [("data.panel.units", panel.source, [*panel.columns, *panel.keep], panel.units)]
    sections += [
        (f"data.join[{position}].units", join.source, [*join.columns], join.units)
        for position, join in enumerate(study.data.join)
    ]
    return {
        name: path
        for path, sources, columns, units in sections
        if not all(source.startswith(SIMULATED) for source in sources)
        for name in columns
        if name not in units
    }


def _used(study: Study) -> Iterator[tuple[str, list[str]]]:
    """Every key of the study that names columns of the measured panel, with the names."""
    if study.sample.firm_size:
        yield "sample.firm_size", ["firm_size"]
    if study.sample.winsorize is not None:
        yield "sample.winsorize", study.sample.winsorize.columns
    yield "sample.drop_if", _names(study.sample.drop_if)
    if study.index is not None:
        yield "index.families", [name for names in study.index.families.values() for name in names]
        yield "index.components", [component.column for component in study.index.components.values()]
    for name, text in study.variables.items():
        yield f"variables.{name}", _names([text])
    yield from _estimated(study)
    for position, table in enumerate(study.tables):
        yield f"tables[{position}].columns", table.columns
    for position, figure in enumerate(study.figures):
        yield f"figures[{position}]", [*figure.columns, *_names([figure.column, figure.by])]
        if figure.kind == "sizes":
            yield f"figures[{position}]", ["firm_size"]


def _estimated(study: Study) -> Iterator[tuple[str, list[str]]]:
    for position, model in enumerate(study.models):
        yield f"models[{position}]", _names([model.formula, model.where, model.by, model.weights, *model.cluster])
    if study.design is not None:
        design = study.design
        outcomes = [outcome.name for outcome in design.outcomes]
        yield "design", _names([*outcomes, design.treatment, *design.controls, *design.fixed_effects, design.weights])
    for position, block in enumerate(study.mediation):
        moderators = [moderator.by for moderator in block.moderators.values()]
        instruments = [name for names in block.instruments.values() for name in names]
        further = [*(block.controls or ()), *(block.fixed_effects or ()), block.where, block.weights]
        named = [block.outcome, block.treatment, *block.mediators, *moderators, *instruments, *further]
        yield f"mediation[{position}]", _names(named)
    for position, model_asked in enumerate(study.threshold):
        own = [model_asked.outcome, model_asked.treatment, model_asked.threshold, *_further(model_asked)]
        yield f"threshold[{position}]", _names(own)
    for position, surface in enumerate(study.response_surface):
        own = [surface.outcome, surface.treatment, *surface.columns, *_further(surface)]
        yield f"response_surface[{position}]", _names(own)
    for position, groups in enumerate(study.heterogeneity):
        yield f"heterogeneity[{position}]", _names([groups.outcome, groups.treatment, groups.by, *_further(groups)])
    for position, quantiles in enumerate(study.quantile_regression):
        own = [quantiles.outcome, quantiles.treatment, *_further(quantiles)]
        yield f"quantile_regression[{position}]", _names(own)
    for position, attrition in enumerate(study.attrition):
        yield f"attrition[{position}].predictors", _names(attrition.predictors)
        yield f"attrition[{position}].compare", _names(attrition.compare)


def _further(asked: OwnDesign) -> list[str | None]:
    """What a section names beside what it asks for."""
    return [*(asked.controls or ()), *(asked.fixed_effects or ()), asked.where, asked.weights]


def _names(texts: Iterable[str | None]) -> list[str]:
    """The words of column names, expressions and formulas."""
    return [name for text in texts if text for name in _WORD.findall(text)]

"""Rows of a decomposition: each channel by its paths, the sum of the channels, their differences, moderated effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from involution.exhibits.content import Cell, Row, decimal, stars_for
from involution.exhibits.decomposition import Decomposition
from involution.exhibits.labels import Labels
from involution.exhibits.mediation_terms import (
    INTERACTION,
    WHOLE,
    WITHOUT_BRACKETS,
    MediationTerm,
    at_label,
    mediation_label,
    parsed_term,
)
from involution.study.tables import Table

COLUMNS = ("estimate", "std_error", "ci_low", "ci_high")

_OF_MEDIATOR = ("a", "d", "b", "indirect", "joint", "share", "rho_star")
_OF_ALL = ("indirect", "direct", WHOLE, "remainder", "share")
_TESTS = ("a", "b", "indirect")
_JOINT = "joint"
# Effects by potential outcomes, which are means over rows and levels and no products.
_AVERAGES = {"direct": "row_direct_average", "indirect[total]": "row_indirect_total_average"}
_OWN = {"a": "row_a_change", "indirect": "row_indirect_average"}
_Section = tuple[str, str]


def spread(row: Row) -> Row:
    """A row with one cell a model as one with all columns of each."""
    blank = (Cell(),) * (len(COLUMNS) - 1)
    return Row(
        row.kind, row.label, tuple(cell for one in row.cells for cell in (one, *blank)), row.what, row.rule_above
    )


def effect_rows(table: Table, block: Sequence[Decomposition], labels: Labels) -> list[Row]:
    """Every effect of models with the same mediators, under headings; where none was estimated, a row that says so."""
    if all(item.column.failed for item in block):
        return [spread(Row("plain", "", (Cell(labels.text("not_estimated")),) * len(block)))]
    mediators = list(dict.fromkeys(name for item in block for name in item.mediators))
    kept = [_kept(table, item) for item in block]
    terms = dict.fromkeys(term for rows in kept for term in rows)
    sections: dict[_Section, list[str]] = {section: [] for section in _sections(mediators)}
    for term in terms:
        sections[_section_of(term, mediators)].append(term)
    rows: list[Row] = []
    for section, members in sections.items():
        if members:
            rows.append(_heading(_heading_text(section, members, table, labels), len(block), rule_above=bool(rows)))
            rows += _section_rows(table, section, sorted(members, key=_rank), block, kept, labels)
    return rows


def _kept(table: Table, item: Decomposition) -> dict[str, pd.Series]:
    """Effects that the table keeps; it names terms as `estimates.csv` has them, each with its level."""
    named = {term: (row, str(row["term"])) for term, row in item.effects.items()}
    return {
        term: row
        for term, (row, name) in named.items()
        if name not in table.drop and (not table.keep or name in table.keep)
    }


def test_rows(table: Table, block: Sequence[Decomposition], labels: Labels) -> list[Row]:
    """Tests of all channels together, where there are several, and of each chain of mediators."""
    rows = []
    for letter in _TESTS if any(len(item.mediators) > 1 for item in block) else ():
        rows += _if_any(labels.text(f"row_test_{letter}"), [_test(table, item, f"block_{letter}") for item in block])
    for chain in dict.fromkeys(name for item in block for name in _chains(item)):
        shown = " → ".join(labels.column(name, table.rename) for name in chain.split(">"))
        rows += _if_any(labels.text("row_chain", chain=shown), _joint_cells(table, block, "joint_significance", chain))
    return [_heading(labels.text("heading_tests"), len(block), rule_above=True), *rows] if rows else []


def _chains(item: Decomposition) -> list[str]:
    """Chains of mediators, as statistics name them."""
    parts = [parsed_term(term) for term in item.effects]
    return [">".join(part.columns) for part in parts if part is not None and part.joint == ">"]


def _if_any(label: str, cells: Sequence[Cell]) -> list[Row]:
    """A row of one cell a model, unless no model has anything to say in it."""
    return [spread(Row("plain", label, tuple(cells)))] if any(cell.text for cell in cells) else []


def _joint_cells(table: Table, block: Sequence[Decomposition], test: str, way: str) -> list[Cell]:
    return [Cell(_p_value(_tested(item, f"{test}[{way}]")[1], table.digits)) for item in block]


def _sections(mediators: Sequence[str]) -> list[_Section]:
    """The parts of a decomposition in the order in which they are printed."""
    return [
        *(("mediator", name) for name in mediators),
        ("all", ""),
        ("contrasts", ""),
        *(("moderated", name) for name in (*mediators, "direct")),
        ("further", ""),
    ]


def _section_of(term: str, mediators: Sequence[str]) -> _Section:
    found = parsed_term(term)
    if found is None:
        return ("all" if term.partition(":")[0] in WITHOUT_BRACKETS else "further"), ""
    if found.effect == "contrast":
        return "contrasts", ""
    name = found.columns[0] if found.columns else found.effect
    if _moderated(found):
        return ("moderated", name) if name in (*mediators, "direct") else ("further", "")
    if _of_all(found):
        return "all", ""
    return ("mediator", name) if name in mediators else ("further", "")


def _moderated(found: MediationTerm) -> bool:
    return bool(found.at and not found.level) or found.effect == "index_moderated_mediation"


def _of_all(found: MediationTerm) -> bool:
    """Whether it is about several channels, or about none."""
    return found.joint in ("+", ">") or found.columns in ((), (WHOLE,), (INTERACTION,))


def _rank(term: str) -> tuple[int, bool, bool]:
    """Order within a section: paths, effects, shares; the whole before its parts, a path before its slope."""
    found = parsed_term(term)
    if found is None:
        effect, _, by = term.partition(":")
        return _OF_ALL.index(effect) if effect in _OF_ALL else len(_OF_ALL), False, bool(by)
    if _moderated(found):
        return int(bool(found.at)), False, False
    order = _OF_ALL if _of_all(found) else _OF_MEDIATOR
    place = order.index(found.effect) if found.effect in order else len(order)
    return place, found.columns not in ((), (WHOLE,)), bool(found.by) and not found.level


def _heading(text: str, models: int, *, rule_above: bool) -> Row:
    return Row("heading", text, (Cell(),) * (models * len(COLUMNS)), "", rule_above)


def _heading_text(section: _Section, members: Sequence[str], table: Table, labels: Labels) -> str:
    kind, name = section
    if kind != "moderated":
        return labels.text(f"heading_{kind}", mediator=labels.column(name, table.rename))
    by = next((found.by for found in map(parsed_term, members) if found is not None and found.by), "")
    path = (
        labels.text("mediation_direct")
        if name == "direct"
        else (labels.text("heading_mediator", mediator=labels.column(name, table.rename)))
    )
    return labels.text("heading_moderated", path=path, moderator=labels.column(by, table.rename)) if by else path


def _section_rows(
    table: Table,
    section: _Section,
    terms: Sequence[str],
    block: Sequence[Decomposition],
    kept: Sequence[Mapping[str, pd.Series]],
    labels: Labels,
) -> list[Row]:
    rows = [_effect_row(table, term, block, kept, labels) for term in terms]
    if section[0] != "mediator":
        return rows
    before = sum(_rank(term)[0] < _OF_MEDIATOR.index(_JOINT) for term in terms)
    for key in ("joint", "joint_wild"):
        cells = _joint_cells(table, block, key.replace("joint", "joint_significance"), section[1])
        made = _if_any(labels.text(f"row_{key}"), cells)
        rows[before:before] = made
        before += len(made)
    return rows


def _effect_row(
    table: Table,
    term: str,
    block: Sequence[Decomposition],
    kept: Sequence[Mapping[str, pd.Series]],
    labels: Labels,
) -> Row:
    cells: list[Cell] = []
    for item, rows in zip(block, kept, strict=True):
        row = rows.get(term)
        if row is None:
            cells += [Cell()] * len(COLUMNS)
        elif term.startswith("share[") and item.shares_mean_nothing:
            cells += [Cell(labels.text("not_meaningful")), *[Cell()] * (len(COLUMNS) - 1)]
        else:
            cells += _numbers(table, term, row)
    names = [str(rows[term]["term"]) for rows in kept if term in rows]
    own = next((table.rename[name].get(labels.language) for name in names if name in table.rename), "")
    by_outcomes = any(item.by_outcomes for item in block)
    return Row("plain", own or _label(table, term, labels, by_outcomes=by_outcomes), tuple(cells))


def _numbers(table: Table, term: str, row: pd.Series) -> list[Cell]:
    """Estimate, error and interval; ρ* and shares bear no stars, since zero is not what is asked of them."""
    p_value = float(row["p_value"])
    marked = not term.startswith(("share[", "rho_star[")) and not np.isnan(p_value)
    stars = stars_for(p_value, table.stars) if marked else ""
    return [Cell(decimal(float(row[name]), table.digits), stars if name == "estimate" else "") for name in COLUMNS]


def _label(table: Table, term: str, labels: Labels, *, by_outcomes: bool) -> str:
    """What the heading leaves open: the path, the value of the moderator, the two channels; elsewhere all of it."""
    found = parsed_term(term)
    if by_outcomes and term in _AVERAGES:
        return labels.text(_AVERAGES[term])
    if found is None or (_of_all(found) and not _moderated(found)):
        return mediation_label(term, labels)
    names = [labels.column(name, table.rename) for name in found.columns]
    if found.level:
        return labels.text("mediation_at", effect=labels.text(f"row_{found.effect}_at"), at=labels.text(found.level))
    if by_outcomes and found.effect in _OWN:
        return labels.text(_OWN[found.effect])
    if found.at:
        return labels.text("row_difference" if "-" in found.at else "row_at", at=at_label(found))
    if found.by:
        return f"{found.effect} × {labels.column(found.by, table.rename)}"
    return labels.text(f"row_{found.effect}", mediator=names[-1], first=names[0])


def _test(table: Table, item: Decomposition, name: str) -> Cell:
    value, p_value = _tested(item, name)
    return Cell(decimal(value, table.digits), "" if np.isnan(p_value) else stars_for(p_value, table.stars))


def _tested(item: Decomposition, name: str) -> tuple[float, float]:
    """Value and p-value of a statistic; missing where there is none."""
    found = item.column.statistics[item.column.statistics["statistic"] == name]
    return (float(found["value"].iloc[0]), float(found["p_value"].iloc[0])) if len(found) else (np.nan, np.nan)


def _p_value(p_value: float, digits: int) -> str:
    least = 10.0**-digits
    return f"< {least:.{digits}f}" if p_value < least else decimal(p_value, digits)

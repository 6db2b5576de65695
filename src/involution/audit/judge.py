"""A whole paper beside its results."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from involution.audit.align import aligned
from involution.audit.document import Grid, Paper
from involution.audit.findings import Finding
from involution.audit.judge_tables import judge_grid, loose
from involution.audit.judge_text import Group, column_models, judge_group, judge_passage
from involution.audit.known import Known
from involution.audit.numbers import Token
from involution.audit.reference import ReferenceTable, cell_tokens, provenance
from involution.audit.skipped import skipped


def judge(paper: Paper, known: Known, excepted: Collection[str] = ()) -> list[Finding]:
    """What is found of every number of a paper: tables first, then the text.

    Parameters
    ----------
    paper : Paper
    known : Known
    excepted : collection of str
        Numbers, as the paper writes them, of which its author knows that they are no results.
    """
    findings = [
        *(finding for grid in paper.grids for finding in _of_grid(grid, known)),
        *(finding for passage in paper.passages for finding in judge_passage(passage, known)),
    ]
    return [_excepted(finding) if finding.text in excepted else finding for finding in findings]


def _excepted(finding: Finding) -> Finding:
    return Finding(finding.place, finding.text, "skipped", "excepted", around=finding.around)


def tables_found(paper: Paper, tables: Sequence[ReferenceTable]) -> list[tuple[str, str]]:
    """Which table of the results each table of the paper is; empty where none is like it."""
    beside = [(grid.place, aligned(grid, tables)) for grid in paper.grids]
    return [(place, "" if one is None else one.table.name) for place, one in beside]


def _of_grid(grid: Grid, known: Known) -> list[Finding]:
    beside = aligned(grid, known.tables)
    findings: list[Finding] = []
    done: set[tuple[int, int]] = set()
    if beside is not None:
        shown = provenance(beside.table, known.rows_only.numbers)
        findings, done = judge_grid(grid, beside, shown, known.before)
    cited = {(i, j) for i, row in enumerate(grid.rows) for j, cell in enumerate(row) if cell.cited}
    for i, j in sorted(cited):
        findings += judge_passage(grid.rows[i][j], known)
    return findings + _own_table(grid, [place for place in loose(grid, done) if place not in cited], known)


def _own_table(grid: Grid, cells: Sequence[tuple[int, int]], known: Known) -> list[Finding]:
    """Cells that no table of the results has: column by column, an estimate with what stands in brackets below it."""
    findings: list[Finding] = []
    for column in sorted({j for _, j in cells}):
        places, groups = _column(grid, [i for i, j in cells if j == column], column)
        models = column_models(groups, known)
        for row, group in zip(places, groups, strict=True):
            passage = grid.rows[row][column]
            away = skipped(passage, [group.main])
            if away and not group.beside:
                findings.append(Finding(passage.place, group.main.text, "skipped", away[0], around=passage.text))
                continue
            findings += judge_group(passage, group, known, models)
    return findings


def _column(grid: Grid, rows: Sequence[int], column: int) -> tuple[list[int], list[Group]]:
    """The groups of a column and the rows that they begin in."""
    places: list[int] = []
    groups: list[Group] = []
    for row in rows:
        found: list[Token] = cell_tokens(grid.rows[row][column].text)
        below = bool(places) and row == places[-1] + 1 and not groups[-1].beside
        if below and all(token.bracket for token in found) and not groups[-1].main.bracket:
            groups[-1] = Group(groups[-1].main, tuple(found))
            continue
        places.append(row)
        groups.append(Group(found[0], tuple(found[1:])))
    return places, groups

"""Verify a paper against a folder of results."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from involution.audit.judge import judge, tables_found
from involution.audit.known import Known
from involution.audit.reading import read_paper
from involution.audit.reference import read_tables
from involution.audit.report import Audit
from involution.exhibits.numbers import Numbers, in_tex
from involution.exhibits.numbers_files import numbers_in, read_numbers
from involution.files import read_bytes


def verify_paper(paper: str, results: str, previous: str | None = None, excepted: Collection[str] = ()) -> Audit:
    """Every number of a paper, and whether it is one of the results.

    Parameters
    ----------
    paper : str
        .docx, .tex or .md.
    results : str
        Folder of a study's results.
    previous : str, optional
        ``numbers.json`` of an earlier run, or the folder of its results: what the paper took from there is stale.

    excepted : collection of str
        Numbers, as the paper writes them, that are no results.

    Raises
    ------
    InputError
        When a file is missing or of another format.
    """
    numbers = numbers_in(results)
    known = Known(numbers, tuple(read_tables(Path(results) / "tables")), _earlier(previous))
    read = read_paper(paper, {number.key: in_tex(number.shown) for number in numbers.every})
    findings = judge(read, known, excepted)
    return Audit(Path(paper).name, tuple(findings), tuple(tables_found(read, known.tables)), read.left_out)


def _earlier(previous: str | None) -> Numbers | None:
    if previous is None:
        return None
    return numbers_in(previous) if Path(previous).is_dir() else read_numbers(read_bytes(previous), previous)

"""The files as tables: their sheet, their separator, the lines of labels under their header, their columns."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from involution.errors import InputError
from involution.intake.recognise import Column, recognised
from involution.panel.read import FILE, LINE, has_lines, read_source
from involution.study.data import Source

DATA = (
    ".csv", ".csv.gz", ".csv.bz2", ".txt", ".tsv", ".parquet", ".dta", ".sav", ".zsav", ".sas7bdat", ".xlsx", ".xls",
)  # fmt: skip
_HEAD, _LABELS = 200, 2
"""Rows that are looked at for labels, and how many lines of labels an export may have."""


@dataclass(frozen=True)
class Table:
    """A data file.

    Attributes
    ----------
    path : Path
    source : str
        As the study file names it.
    frame : DataFrame
        The rows that are data.
    columns : list of Column
    sheet : str or None
        Of an Excel file with several.
    others : tuple of str
        Its other sheets.
    skip_rows : tuple of int
        Lines of labels and units under the header.
    delimiter : str or None
    encoding : str
    """

    path: Path
    source: str
    frame: pd.DataFrame = field(repr=False)
    columns: list[Column]
    sheet: str | None = None
    others: tuple[str, ...] = ()
    skip_rows: tuple[int, ...] = ()
    delimiter: str | None = None
    encoding: str = ""

    def header(self, name: str) -> str | None:
        """The header of a canonical column."""
        return next((column.header for column in self.columns if name in column.names), None)

    def values(self, name: str) -> pd.Series:
        """The values of a canonical column that it has."""
        return self.frame[self.header(name)]

    @property
    def names(self) -> list[str]:
        """Its canonical columns."""
        return [name for column in self.columns for name in column.names]

    @property
    def dialect(self) -> str:
        """The dialect of most of its columns."""
        dialects = [column.dialect for column in self.columns if column.dialect]
        return max(dict.fromkeys(dialects), key=dialects.count, default="")


def is_data(path: Path) -> bool:
    """Whether it is a file that studies read, by its name."""
    return path.name.lower().endswith(DATA) and not path.is_dir()


def read_table(path: Path, base: Path, chosen: Mapping[str, str]) -> Table:
    """Read a file and recognise its columns.

    Parameters
    ----------
    path, base : Path
        The file; the folder of the study file, from which it is named.
    chosen : mapping of str to str
        Canonical column: header, as the user says.
    """
    source = _named(path, base)
    sheet, others = _sheet(path, chosen)
    frame, lines, encoding, delimiter = _read(path, sheet)
    labels = _label_rows(frame)
    texts = [{str(name): str(value) for name, value in frame.loc[row].dropna().items()} for row in labels]
    skipped = tuple(int(lines[row]) for row in labels) if has_lines(path.name) else ()
    if skipped:
        frame = frame.drop(index=labels).reset_index(drop=True)
    columns = recognised([str(name) for name in frame.columns], texts if skipped else (), chosen)
    return Table(path, source, frame, columns, sheet, others, skipped, delimiter, encoding)


def _named(path: Path, base: Path) -> str:
    """The path from the study file's folder, with forward slashes; whole where there is no way (another drive)."""
    try:
        return Path(os.path.relpath(path.resolve(), base.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def _read(path: Path, sheet: str | None) -> tuple[pd.DataFrame, np.ndarray, str, str | None]:
    """The frame, the line of each row, the encoding, and the separator where it is no comma."""
    failure: InputError | None = None
    for delimiter in (None, ";", "\t", "|") if has_lines(path.name) else (None,):
        try:
            (reading,) = read_source(Source(source=[str(path)], sheet=sheet, delimiter=delimiter), lambda name: name)
        except InputError as error:
            problem = error.problems[0]
            failure = failure or InputError(replace(problem, where=path.name))
            if "delimiter" not in problem.mend:
                break
            continue
        lines = reading.frame[LINE].to_numpy()
        return reading.frame.drop(columns=[FILE, LINE]), lines, reading.encoding, delimiter
    assert failure is not None
    raise failure


def _sheet(path: Path, chosen: Mapping[str, str]) -> tuple[str | None, tuple[str, ...]]:
    """Of several sheets the one with most columns that are recognised, the first of those; none where there is one."""
    if not path.name.lower().endswith((".xlsx", ".xls")):
        return None, ()
    try:
        with pd.ExcelFile(path) as book:
            names = [str(name) for name in book.sheet_names]
            if len(names) < 2:
                return None, ()
            heads = {name: book.parse(name, nrows=0).columns for name in names}
    except Exception:  # whatever its reader does not like is said when the file is read
        return None, ()
    known = {
        name: sum(bool(column.names) for column in recognised([str(header) for header in head], (), chosen))
        for name, head in heads.items()
    }
    best = max(names, key=lambda name: (known[name], len(heads[name]) > 0))
    return best, tuple(name for name in names if name != best)


def _label_rows(frame: pd.DataFrame) -> list[int]:
    """Positions of the first rows that hold words where the rows below hold numbers."""
    below = frame.iloc[_LABELS : _LABELS + _HEAD]
    numeric = [name for name in frame.columns if _share_of_numbers(below[name]) > 0.95]
    labels: list[int] = []
    for row in range(min(_LABELS, len(frame) - 1)):
        held = frame.iloc[row][numeric].dropna()
        words = pd.to_numeric(held, errors="coerce").isna()
        if len(held) < 2 or words.mean() < 0.9:
            break
        labels.append(row)
    return labels


def _share_of_numbers(values: pd.Series) -> float:
    known = values.dropna()
    return float(numbers(known).notna().mean()) if len(known) else 0.0


def numbers(values: pd.Series) -> pd.Series:
    """Values as floats, thousands separators read; missing where they are none."""
    if pd.api.types.is_numeric_dtype(values):
        return pd.Series(values.to_numpy(dtype=float, na_value=np.nan), index=values.index)
    text = values.astype("str").where(values.notna())
    return pd.to_numeric(text.str.replace(",", ""), errors="coerce").astype(float)

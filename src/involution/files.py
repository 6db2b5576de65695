"""Result files: complete or absent, and the same bytes for the same content."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from involution.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

MARK = "involution: "


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file aside, then rename it into place: a reader sees all of it or none."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.chmod(0o644)
        aside.replace(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_json(path: str | Path, content: Mapping[str, Any]) -> None:
    """JSON with sorted layout as given, UTF-8, a final line end."""
    write_bytes(path, (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode())


def write_csv(path: str | Path, frame: pd.DataFrame) -> None:
    """CSV with 17 significant digits, so that a number read back is the number written."""
    write_bytes(path, frame.to_csv(index=False, float_format="%.17g", lineterminator="\n").encode())


def write_parquet(path: str | Path, frame: pd.DataFrame) -> None:
    """Parquet with zstd compression."""
    import io

    stream = io.BytesIO()
    frame.to_parquet(stream, index=False, compression="zstd")
    write_bytes(path, stream.getvalue())


def read_bytes(path: str | Path) -> bytes:
    """A file that a user named.

    Raises
    ------
    InputError
        When there is none, or it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(Problem(str(path), error.strerror or "cannot be read")) from None


def read_json(path: str | Path) -> Any:
    """A JSON file as plain data."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def sha256(path: str | Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def reported(log: str | Path) -> Iterator[None]:
    """Run a job: a user's mistake is written to the log as one clear message, and the job ends with status 1.

    Whatever else goes wrong is a defect of this program and keeps its traceback, in the log as well.
    """
    import traceback

    Path(log).parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except InputError as error:
        Path(log).write_text(f"{MARK}{error}\n", encoding="utf-8")
        sys.exit(1)
    except Exception:
        Path(log).write_text(f"{MARK}an internal error, please report it\n{traceback.format_exc()}", encoding="utf-8")
        sys.exit(1)
    else:
        Path(log).write_text("", encoding="utf-8")

"""A paper of any format as passages and tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from involution.audit.document import Paper
from involution.errors import InputError, Problem
from involution.files import read_bytes

SUFFIXES = (".docx", ".tex", ".md")


def read_paper(path: str, known: Mapping[str, str]) -> Paper:
    """A paper's passages and tables.

    Parameters
    ----------
    path : str
    known : mapping of str to str
        What the numbers of the results are shown as, by name.

    Raises
    ------
    InputError
        When the file cannot be read or is of another format.
    """
    from involution.audit.latex import read_latex
    from involution.audit.markdown import read_markdown
    from involution.audit.word import read_word

    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        mend = "save a Word document as .docx; of a PDF, give the source"
        raise InputError(Problem(path, f"expected a paper in {', '.join(SUFFIXES)}", mend=mend))
    content = read_bytes(file)
    if suffix == ".tex":
        return read_latex(file, content, known)
    return read_markdown(content, file.name) if suffix == ".md" else read_word(content, path)

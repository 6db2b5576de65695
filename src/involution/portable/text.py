"""Text of a study inside scripts: nothing in it can end a comment or a string, or be read as code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_SPOKEN = {'"': "'", "`": "'", "\\": "|", "/": "|", "$": "USD ", "{": "(", "}": ")"}
LONGEST = 160


def harmless(text: str, longest: int = LONGEST) -> str:
    """A text on one line without quotes that programs know, slashes, dollars and control characters.

    Parameters
    ----------
    text : str
    longest : int
        Characters kept.

    Notes
    -----
    Slashes go because ``/*`` opens a comment and ``///`` joins lines in Stata, dollars and backticks because they are
    macros there, backslashes and quotes because strings of both programs end or escape by them.

    Examples
    --------
    >>> harmless('R&D/sales "net"')
    "R&D|sales 'net'"
    """
    spoken = "".join(_SPOKEN.get(character, character) for character in unicodedata.normalize("NFC", text))
    shown = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in spoken)
    line = " ".join(shown.split())
    return line if len(line) <= longest else line[: longest - 3] + "..."


def comment(text: str, mark: str) -> list[str]:
    """A text as comment lines of at most a hundred characters.

    Parameters
    ----------
    text : str
    mark : str
        What comments begin with.
    """
    import textwrap

    return [f"{mark} {line}" for line in textwrap.wrap(harmless(text, 2_000), 100)]


def wrapped(words: Iterable[str], *, ending: str, indent: str = "    ", width: int = 110) -> str:
    """A command in lines of about `width` characters, broken between words; all but the last end with `ending`."""
    lines = [""]
    for word in words:
        if lines[-1].strip() and len(lines[-1]) + len(word) + 1 > width:
            lines.append(indent + word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
    return f"{ending}\n".join(lines)


def number(value: float) -> str:
    """A number with all its digits, as every program reads it."""
    return repr(float(value))

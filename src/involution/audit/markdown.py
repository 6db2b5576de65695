"""A Markdown document as passages and tables of pipes."""

from __future__ import annotations

import re

from involution.audit.document import Grid, Kind, Paper, Passage

_DELIMITER = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_BOLD = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3})(?=[^\s*_])(.+?)(?<=[^\s*_])\1(?![\w*])")
_LEADING = re.compile(r"^[\s#>]*(?:[-+*]\s+)?")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_REFERENCES = re.compile(r"^#+\s*(?:\d+(?:\.\d+)*\W*)?(?:references|bibliography|参考文献)\W*$", re.IGNORECASE)


def read_markdown(content: bytes, where: str) -> Paper:
    """What a Markdown document says."""
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    passages: list[Passage] = []
    grids: list[Grid] = []
    number, fence, references = 0, "", False
    while number < len(lines):
        line = lines[number]
        place = f"{where}:{number + 1}"
        mark = re.match(r"\s*(```|~~~)", line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        elif not fence and "|" in line and number + 1 < len(lines) and _DELIMITER.match(lines[number + 1]):
            end = next((k for k in range(number + 2, len(lines)) if "|" not in lines[k]), len(lines))
            title = next((p.text for p in reversed(passages) if p.text.strip()), "")
            rows = [(k, lines[k]) for k in (number, *range(number + 2, end))]
            cells = tuple(tuple(Passage(f"{where}:{k + 1}", text) for text in _cells(row)) for k, row in rows)
            grids.append(Grid(f"table {len(grids) + 1} ({place})", title, cells))
            number = end
            continue
        elif line.strip():
            references = bool(_REFERENCES.match(line)) or (references and not line.startswith("#"))
            kind: Kind = (
                "code" if fence else "contents" if references else "heading" if line.startswith("#") else "text"
            )
            passages.append(Passage(place, said(line if fence else _LEADING.sub("", line)), (), kind))
        number += 1
    return Paper(tuple(passages), tuple(grids))


def _cells(line: str) -> list[str]:
    inside = re.sub(r"^\s*\||\|\s*$", "", line)
    return [said(cell.strip()) for cell in re.split(r"(?<!\\)\|", inside)]


def said(text: str) -> str:
    """A line without its marks; stars that are escaped stay."""
    kept = text.replace(r"\*", "∗")
    kept = re.sub(r"`[^`]*`", " ", _LINK.sub(r"\1", kept))
    previous = ""
    while previous != kept:
        previous, kept = kept, _BOLD.sub(r"\2", kept)
    kept = re.sub(r"<sup>(\*+)</sup>", r"\1", kept)
    kept = re.sub(r"<sup>(\d)", r"^\1", kept)
    kept = re.sub(r"</?[A-Za-z][^>]*>", " ", kept)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", kept)

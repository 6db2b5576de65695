"""A LaTeX document as passages and tables: files in its folder are followed, comments left out, macros put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from involution.audit.document import Cited, Grid, Paper, Passage, unfolded
from involution.audit.latex_text import Marked, said

_INPUT = re.compile(r"\\(?:input|include|subfile)\s*(?:\{([^{}]*)\}|([^\s{}\\]+))")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
_DEFINED = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?\s*\{?\\([A-Za-z]+)\}?\s*(?![\[A-Za-z])\{|"
    r"\\def\s*\\([A-Za-z]+)\s*\{"
)
_TABULAR = re.compile(r"\\begin\{(tabular\*?|tabularx|tabulary|longtable|threeparttable|array|tblr|longtblr)\}")
_HIDDEN = re.compile(r"\\begin\{(comment|verbatim\*?|lstlisting|minted)\}.*?\\end\{\1\}", re.DOTALL)
_REFERENCES = re.compile(r"\\begin\{thebibliography\}.*?\\end\{thebibliography\}", re.DOTALL)
_STACKED = re.compile(
    r"\\begin\{tabular\}(?:\[[^\]]*\])?\{(?:[^{}]|\{[^{}]*\})*\}(.*?)\\end\{tabular\}", flags=re.DOTALL
)
_FILES, _DEEP = 200, 20


@dataclass
class _Source:
    """Lines of all files, each with its place, and what the files define."""

    folder: Path
    lines: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    files: int = 0

    def read(self, path: Path, content: str, deep: int) -> None:
        """A file line by line, others where it names them."""
        self.files += 1
        name = path.name if path.parent == self.folder else path.relative_to(self.folder).as_posix()
        content = _HIDDEN.sub(lambda found: "\n" * found.group().count("\n"), content)
        for number, line in enumerate(content.splitlines(), start=1):
            line, place, position = _COMMENT.sub(r"\1", line), f"{name}:{number}", 0
            for found in _INPUT.finditer(line):
                self.lines.append((place, line[position : found.start()]))
                self._follow((found[1] or found[2]).strip(), place, deep)
                position = found.end()
            self.lines.append((place, line[position:]))

    def _follow(self, name: str, place: str, deep: int) -> None:
        """A file that another one names, if it lies in the paper's folder."""
        path = (self.folder / name).resolve()
        path = path if path.suffix and path.is_file() else path.with_name(path.name + ".tex")
        if not path.is_relative_to(self.folder):
            self.left_out.append(f"{place}: {name} (outside the paper's folder)")
        elif deep >= _DEEP or self.files >= _FILES:
            self.left_out.append(f"{place}: {name} (too many files within one another)")
        elif not path.is_file():
            self.left_out.append(f"{place}: {name} (not found)")
        else:
            self.read(path, path.read_text("utf-8-sig", errors="replace"), deep + 1)


def read_latex(path: Path, content: bytes, known: Mapping[str, str]) -> Paper:
    """What a LaTeX document says.

    Parameters
    ----------
    path : Path
    content : bytes
    known : mapping of str to str
        What the numbers of the results are shown as, by name: for macros that no file in the folder defines.
    """
    source = _Source(path.resolve().parent)
    source.read(path.resolve(), content.decode("utf-8-sig", errors="replace"), 0)
    text = "\n".join(line for _, line in source.lines)
    places = [place for place, _ in source.lines]
    text = _REFERENCES.sub(lambda found: "\n" * found.group().count("\n"), text)
    defined, text = _definitions(text)
    text = _body(text)
    marked = Marked(defined, {key: value for key, value in known.items() if key not in defined})
    passages, grids = _pieces(text, places, marked)
    return Paper(tuple(passages), tuple(grids), tuple(source.left_out))


def _body(text: str) -> str:
    """What stands between begin and end of the document, everything else as empty lines."""
    begin, end = text.find(r"\begin{document}"), text.find(r"\end{document}")
    if begin < 0:
        return text
    return "\n" * text[:begin].count("\n") + text[begin + len(r"\begin{document}") : end if end >= 0 else None]


def _definitions(text: str) -> tuple[dict[str, str], str]:
    """Macros without arguments, and the text without their definitions."""
    defined: dict[str, str] = {}
    pieces, position = [], 0
    for found in _DEFINED.finditer(text):
        if found.start() < position:
            continue
        end = closing(text, found.end() - 1)
        defined[found[1] or found[2]] = text[found.end() : end]
        pieces += [text[position : found.start()], "\n" * text[found.start() : end + 1].count("\n")]
        position = end + 1
    return defined, "".join([*pieces, text[position:]])


def closing(text: str, opening: int) -> int:
    """Where the brace closes that opens here; the end of the text where it does not."""
    deep = 0
    for position in range(opening, len(text)):
        if text[position] in "{}" and text[position - 1 : position] != "\\":
            deep += 1 if text[position] == "{" else -1
            if deep == 0:
                return position
    return len(text)


def _pieces(text: str, places: list[str], marked: Marked) -> tuple[list[Passage], list[Grid]]:
    """Paragraphs outside tables, and the tables."""
    passages: list[Passage] = []
    grids: list[Grid] = []
    position = 0
    for found in _TABULAR.finditer(text):
        if found.start() < position or found[1] == "threeparttable":
            continue
        end = _end_of(text, found)
        passages += _paragraphs(text, position, found.start(), places, marked)
        title = next((p.text for p in reversed(passages) if p.text.strip()), "")
        line = text.count("\n", 0, found.start())
        place = f"table {len(grids) + 1} ({_place(places, line)})"
        grids.append(Grid(place, title, unfolded(_rows(text, found.end(), end, places, marked))))
        position = text.find("}", end) + 1
    passages += _paragraphs(text, position, len(text), places, marked)
    return passages, grids


def _end_of(text: str, begin: re.Match[str]) -> int:
    """Where the environment ends that begins here, others of its kind inside it passed over."""
    deep = 0
    for found in re.finditer(rf"\\(begin|end)\{{{re.escape(begin[1])}\}}", text[begin.start() :]):
        deep += 1 if found[1] == "begin" else -1
        if deep == 0:
            return begin.start() + found.start()
    return len(text)


def _place(places: list[str], line: int) -> str:
    return places[min(line, len(places) - 1)] if places else ""


def _paragraphs(text: str, start: int, end: int, places: list[str], marked: Marked) -> list[Passage]:
    """Paragraphs end at an empty line, a heading, an item or a caption."""
    out = []
    pattern = r"\n[ \t]*\n|(?=\\(?:sub)*section\b|\\chapter\b|\\paragraph\b|\\item\b|\\caption\b)|\\par\b"
    position = start
    for found in [*re.compile(pattern).finditer(text, start, end), None]:
        stop = end if found is None else found.start()
        piece = text[position:stop]
        if piece.strip():
            line = text.count("\n", 0, position + len(piece) - len(piece.lstrip()))
            heading = re.match(r"\s*\\(?:chapter|(?:sub)*section)\b", piece)
            words, cited = said(piece, marked)
            out.append(Passage(_place(places, line), words, cited, "heading" if heading else "text"))
        position = stop if found is None else found.end()
    return out


def _rows(text: str, start: int, end: int, places: list[str], marked: Marked) -> list[list[Passage]]:
    """Rows and cells of a table; a small table of lines inside a cell is one text."""
    head = re.compile(r"(?:\[[^\]]*\])?(?:\s*\{(?:[^{}]|\{[^{}]*\})*\}){1,2}").match(text, start)
    inside = text[head.end() if head else start : end]
    line = text.count("\n", 0, head.end() if head else start)
    if r"\end{tabular}" in inside:
        inside = _STACKED.sub(lambda found: found[1].replace(r"\\", " "), inside)
    rows = []
    for row in re.split(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline", inside):
        place = _place(places, line + len(row[: len(row) - len(row.lstrip())].split("\n")) - 1)
        line += row.count("\n")
        cells = _cells(row, place, marked)
        if any(cell.text.strip() for cell in cells):
            rows.append(cells)
    return rows


def _cells(row: str, place: str, marked: Marked) -> list[Passage]:
    cells: list[Passage] = []
    for cell in re.split(r"(?<!\\)&", row):
        span = re.search(r"\\multicolumn\s*\{\s*(\d+)\s*\}\s*\{(?:[^{}]|\{[^{}]*\})*\}", cell)
        text, cited = said(cell if span is None else cell[: span.start()] + cell[span.end() :], marked)
        shift = len(text) - len(text.lstrip())
        moved = tuple(Cited(one.key, one.start - shift, one.end - shift) for one in cited)
        cells.append(Passage(place, text.strip(), moved))
        cells += [Passage(place, "")] * ((int(span[1]) if span else 1) - 1)
    return cells

"""All exhibits in one document: order, numbers, sections, the same bytes; a workbook without formulas."""

import io
import re
import shutil
import subprocess
import zipfile

import docx
import openpyxl
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from involution.exhibits.content import Cell, Header, Part, Row, TableContent
from involution.exhibits.documents.build import build_documents
from involution.exhibits.documents.latex import latex_document
from involution.exhibits.documents.outline import Caption, Chapter, NumberedFigure, NumberedTable, Outline, roman
from involution.exhibits.documents.word import word_document
from involution.exhibits.documents.workbook import as_number, workbook
from involution.exhibits.drawing import saved, style
from involution.study.base import Bilingual
from involution.study.study import Exhibits

from .conftest import DICTIONARY

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "<b>&_%$#~^\\{}|\"'"]


@pytest.fixture(scope="module")
def picture():
    def draw():
        from matplotlib import pyplot

        drawing, axes = pyplot.subplots(figsize=(3, 2))
        axes.plot([0, 1], [0, 1])
        return drawing

    with style("en"):
        return saved(draw, "")


def table(name, rows=3, columns=2, language="en", title="A title"):
    body = [
        row
        for k in range(rows)
        for row in (
            Row("estimate", f"x{k}", tuple(Cell(f"-{k}.123", "**") for _ in range(columns)), "Estimate"),
            Row("uncertainty", "", tuple(Cell("(0.045)") for _ in range(columns)), "Standard error"),
        )
    ]
    body.append(Row("statistic", "N", tuple(Cell("1,234") for _ in range(columns)), rule_above=True))
    head = Header("", tuple((f"({k + 1})", 1) for k in range(columns)), "numbers")
    return TableContent(name, title, language, columns, (Part("", (head,), tuple(body)),), ("A note.",))


def outline(picture, *, language="en", name="default"):
    words = ("Table ", " (continued)") if language == "en" else ("表", "（续）")
    made = [table("short"), table("wide", columns=9), table("long", rows=60), table("last", title=HOSTILE[-1])]
    tables = tuple(
        NumberedTable(one, Caption(words[0], str(k), f". {one.title}"), f"{words[0]}{k}{words[1]}")
        for k, one in enumerate(made, 1)
    )
    figure = NumberedFigure("f", Caption("Figure ", "1", ". Line"), "a line", "Notes.", picture["png"])
    parts = (Chapter("Baseline", tables, (figure,)), Chapter("Further", (), (figure,)))
    return Outline("All & sundry", language, name, parts)


def test_word_numbers_its_tables_and_keeps_the_order(picture):
    document = docx.Document(io.BytesIO(word_document(outline(picture))))
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert [text.split(".")[0] for text in captions] == [
        "Table 1",
        "Table 2",
        "Table 3",
        "Table 4",
        "Figure 1",
        "Figure 1",
    ]
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"] == ["Baseline", "Further"]
    codes = [element.text.strip() for element in document.element.iter(qn("w:instrText"))]
    assert codes.count("SEQ Table \\* ARABIC") == 4
    alternatives = [element.get("descr") for element in document.element.iter(qn("wp:docPr"))]
    assert alternatives == ["a line", "a line"]


def test_wide_tables_are_landscape_and_long_ones_say_that_they_go_on(picture):
    document = docx.Document(io.BytesIO(word_document(outline(picture))))
    sides = [section.orientation == WD_ORIENT.LANDSCAPE for section in document.sections]
    assert sides == [False, True, False, False]
    heads = [section.header.paragraphs[0].text for section in document.sections]
    assert heads == ["", "", "Table 3 (continued)", ""]
    long = document.sections[2]
    assert long.different_first_page_header_footer
    assert long.first_page_header.paragraphs[0].text == ""


def test_word_repeats_headers_aligns_points_and_keeps_short_tables_together(picture):
    document = docx.Document(io.BytesIO(word_document(outline(picture))))
    short, long = document.tables[0], document.tables[2]
    for grid in (short, long):
        assert grid.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        stops = grid.cell(1, 1).paragraphs[0].paragraph_format.tab_stops
        [stop] = list(stops)
        assert stop.alignment.name == "DECIMAL"
        assert 0 < stop.position < grid.cell(1, 1).width
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in short.rows]
    assert kept == [True] * (len(kept) - 1) + [None]
    assert None in [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in long.rows][:-1]


def test_word_has_a_pair_of_fonts_and_no_fonts_of_a_theme(picture):
    document = docx.Document(io.BytesIO(word_document(outline(picture, language="zh"))))
    for name in ("Normal", "Heading 1", "Caption"):
        fonts = document.styles[name].element.rPr.rFonts
        assert (fonts.get(qn("w:ascii")), fonts.get(qn("w:eastAsia"))) == ("Times New Roman", "SimSun")
        assert not [key for key in fonts.attrib if "Theme" in key]


@pytest.mark.parametrize("make", [word_document, workbook, lambda made: latex_document(made, "../figures")])
def test_equal_documents_are_equal_bytes(picture, make, monkeypatch):
    import time

    first = make(outline(picture))
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment + 100_000)
    assert make(outline(picture)) == first
    if first[:2] == b"PK":
        core = zipfile.ZipFile(io.BytesIO(first)).read("docProps/core.xml").decode()
        assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2000-01-01T00:00:00Z"}


def test_the_workbook_holds_numbers_and_no_formula(picture):
    content = table("t", title=HOSTILE[0])
    rows = tuple(Row("plain", text, (Cell(text), Cell("0.5"))) for text in HOSTILE)
    hostile = TableContent("t", HOSTILE[0], "en", 2, (*content.parts, Part(HOSTILE[1], (), rows)), (HOSTILE[2],))
    made = Outline(
        HOSTILE[3], "en", "default", (Chapter("C", (NumberedTable(hostile, Caption("T", "1", ""), ""),), ()),)
    )
    book = openpyxl.load_workbook(io.BytesIO(workbook(made)))
    assert book.sheetnames == ["(contents)", "t"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    for text in HOSTILE[:4]:
        found = [cell for cell in cells if cell.value == text]
        assert found
        assert all(cell.quotePrefix for cell in found)
    sheet = book["t"]
    assert (sheet["B3"].value, sheet["B3"].number_format) == (-0.123, '0.000"**"')
    assert [sheet["B4"].value, sheet["B4"].number_format] == [0.045, '"("0.000")";"(-"0.000")"']
    assert (sheet["B9"].value, sheet["B9"].number_format) == (1234, "#,##0")


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.sampled_from(["", "*", "***"]))
def test_the_value_of_a_cell_is_what_the_table_shows(whole, digits, stars):
    from involution.exhibits.content import decimal

    text = decimal(whole / 1_000, digits)
    value, shown = as_number(Cell(text, stars))
    assert decimal(value, digits) == text
    assert shown.count("0") >= digits
    assert as_number(Cell(f"({text})"))[0] == value


@pytest.mark.parametrize("text", ["", "a", "1.2 [0.3]", "(1.2", "1.2)", "1-2", "−1", "∞", "=1"])
def test_what_is_not_one_number_is_a_text(text):
    assert as_number(Cell(text)) is None


def test_long_names_of_sheets_stay_apart(picture):
    tables = [table(f"{'long_name_of_a_table_' * 2}{k}") for k in range(12)]
    numbered = tuple(NumberedTable(one, Caption("T", "1", ""), "") for one in tables)
    book = openpyxl.load_workbook(io.BytesIO(workbook(Outline("t", "zh", "default", (Chapter("c", numbered, ()),)))))
    assert len(book.sheetnames) == 13
    assert max(map(len, book.sheetnames)) <= 31


@given(st.integers(1, 399))
def test_roman_numerals_are_additive_and_ordered(number):
    values = dict(zip("IVXLC", (1, 5, 10, 50, 100), strict=True))
    signs = [values[sign] for sign in roman(number)]
    read = sum(-v if any(w > v for w in signs[k + 1 : k + 2]) else v for k, v in enumerate(signs))
    assert read == number


@pytest.mark.skipif(not shutil.which("xelatex"), reason="no XeLaTeX here")
@pytest.mark.parametrize(("language", "name"), [("en", "econometrica"), ("zh", "management-world")])
def test_the_latex_document_compiles_and_nothing_runs_over(picture, tmp_path, language, name):
    if language == "zh" and not subprocess.run(["kpsewhich", "ctexart.cls"], capture_output=True, check=False).stdout:
        pytest.skip("no ctex here")
    (tmp_path / "figures").mkdir()
    (tmp_path / "tables").mkdir()
    (tmp_path / "figures/f.pdf").write_bytes(picture["pdf"])
    (tmp_path / "tables/all.tex").write_bytes(
        latex_document(outline(picture, language=language, name=name), "../figures")
    )
    command = ["xelatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path / "tables", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "too large" not in done.stdout
    assert not [found for found in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout) if float(found) > 5]


def test_documents_of_a_study_in_two_languages(results, analysis, picture):
    study = Exhibits.model_validate(
        {"models": [{"name": "first", "formula": "y ~ x | firm"}], "style": "aer",
         "tables": [{"name": "t", "models": ["first"]}, {"name": "d", "kind": "descriptives", "columns": ["x"]}],
         "figures": [{"name": "c", "kind": "coefficients", "models": ["first"]}]}
    )  # fmt: skip
    drawn = {"c.png": picture["png"], "zh/c.png": picture["png"]}
    asked = {"formats": ["docx", "xlsx", "tex", "html"], "languages": ["en", "zh"]}
    files = build_documents(study, Bilingual(en="E", zh="中"), results, analysis, DICTIONARY, drawn, **asked)
    assert sorted(files) == sorted(f"{folder}all.{kind}" for folder in ("", "zh/") for kind in ("docx", "tex", "xlsx"))
    captions = [
        [p.text for p in docx.Document(io.BytesIO(files[name])).paragraphs if p.style.name == "Caption"]
        for name in ("all.docx", "zh/all.docx")
    ]
    assert captions[0] == ["Table 1—Descriptive statistics", "Table 2—Regressions", "Figure 1—C"]
    assert captions[1][0] == "表1\u3000描述性统计"
    assert b"{../figures/c.pdf}" in files["all.tex"]
    assert b"{../../figures/zh/c.pdf}" in files["zh/all.tex"]

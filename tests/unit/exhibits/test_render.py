"""Five formats: what is in them is shown, never interpreted; the same bytes every time."""

import csv
import io
import re
import shutil
import subprocess
import zipfile

import docx
import pytest
from docx.oxml.ns import qn

from involution.exhibits.content import Cell, Header, Part, Row, TableContent
from involution.exhibits.regression import regression_table
from involution.exhibits.render import render
from involution.exhibits.render.delimited import neutral
from involution.study.tables import Table

HOSTILE = "<script>alert(1)</script> & _%$#~^\\{}|\"' 企业"
FORMATS = ("tex", "docx", "html", "md", "csv")


@pytest.fixture
def hostile():
    rows = (
        Row("estimate", HOSTILE, (Cell("-0.123", "***"), Cell("=HYPERLINK(1)")), "Estimate"),
        Row("uncertainty", "", (Cell("(0.010)"), Cell("")), "Standard error"),
        Row("mark", "@SUM(A1)", (Cell("Yes"), Cell("No")), "", rule_above=True),
    )
    part = Part("", (Header(HOSTILE, ((HOSTILE, 2),)), Header("", (("(1)", 1), ("(2)", 1)))), rows)
    return TableContent("t", HOSTILE, "en", 2, (part,), (HOSTILE, "* p < 0.1"))


@pytest.mark.parametrize("kind", FORMATS)
def test_equal_tables_are_equal_bytes(results, labels, kind):
    table = regression_table(Table(name="t", models=["first", "second_2"]), results, labels, "Title")
    assert render(table, kind) == render(table, kind)


def test_html_escapes_everything(hostile):
    page = render(hostile, "html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert re.search(r'<span class="w\d">−0</span><span class="w\d+">\.123<sup>\*\*\*</sup></span>', page)
    assert '<html lang="en">' in page


def test_latex_escapes_everything(hostile):
    text = render(hostile, "tex").decode()
    body = text.split(r"\toprule")[1]
    for symbol in "&%$#_":
        unescaped = re.findall(
            rf"(?<!\\)\{symbol}", body.replace(" & ", "").replace("$-$", "").replace(r"$\times$", "")
        )
        assert not unescaped, symbol
    plain = text.replace(r"\{", "").replace(r"\}", "").replace(r"\\", "")
    assert plain.count("{") == plain.count("}")
    assert " & -0.123^{***} & " in text


def test_latex_compiles_with_table_and_macro(results, labels, tmp_path):
    from involution.exhibits.numbers import macros

    table = regression_table(Table(name="t", models=["first", "second_2"]), results, labels, "A & B 100 %")
    latex = render(table, "tex").decode().replace("企业", "firm")
    (tmp_path / "t.tex").write_text(latex, encoding="utf-8")
    (tmp_path / "numbers.tex").write_bytes(macros(results.estimates, {}))
    packages = "booktabs,dcolumn,graphicx"
    document = "\n".join(
        [
            r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{" + packages + "}",
            r"\input{numbers.tex}",
            r"\begin{document}",
            r"\involutionMadeUpFirstX{} (\involutionMadeUpFirstXSE)",
            r"\input{t.tex}",
            r"\end{document}",
        ]
    )
    (tmp_path / "paper.tex").write_text(document, encoding="utf-8")
    assert document.count("{") == document.count("}")
    if shutil.which("pdflatex"):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]


LONG = "A rather long name of a variable, t-1 (centred) × another long name, t-1 (centred), and more"


def overfull(folder, content):
    """Points by which the lines of a document run over the margin."""
    (folder / "t.tex").write_bytes(render(content, "tex"))
    page = r"\documentclass{article}\usepackage{booktabs,dcolumn,graphicx}\begin{document}\input{t.tex}\end{document}"
    (folder / "paper.tex").write_text(page, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return [float(found) for found in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout)]


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no LaTeX here")
@pytest.mark.parametrize("columns", [1, 4, 11])
def test_latex_tables_fit_the_page(tmp_path, columns):
    rows = (
        Row("estimate", LONG, (Cell("-1,234.567", "***"),) * columns, "Estimate"),
        Row("uncertainty", "", (Cell("(1,234.567)"),) * columns, "Standard error"),
        Row("mark", "[x]", (Cell("Industry (three digits) + firm"),) * columns, "", rule_above=True),
    )
    part = Part("", (Header("", tuple((f"({k}) {LONG}", 1) for k in range(columns))),), rows)
    notes = ("many_words_joined_by_underscores_" * 6, LONG * 3)
    assert not [points for points in overfull(tmp_path, TableContent("t", LONG, "en", columns, (part,), notes))
                if points > 5]  # fmt: skip


def test_latex_notes_are_as_wide_as_the_text(hostile):
    assert r"\begin{minipage}{\linewidth}" in render(hostile, "tex").decode()


def test_markdown_keeps_one_row_a_line(hostile):
    lines = render(hostile, "md").decode().splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 6
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)


def test_csv_is_safe_in_a_spreadsheet(hostile):
    rows = list(csv.reader(io.StringIO(render(hostile, "csv").decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row if cell]
    number = re.compile(r"^-[\d.]+\**$")
    assert not [cell for cell in cells if cell[0] in "=+-@" and not number.match(cell)]
    assert ["-0.123***", "'=HYPERLINK(1)"] in [row[2:] for row in rows]
    assert ["0.010", ""] in [row[2:] for row in rows]


@pytest.mark.parametrize(("text", "safe"), [("-1.5***", "-1.5***"), ("-1+cmd", "'-1+cmd"), ("=A1", "'=A1"), ("a", "a")])
def test_neutral(text, safe):
    assert neutral(text) == safe


def test_word_is_an_editable_three_line_table(hostile):
    document = docx.Document(io.BytesIO(render(hostile, "docx")))
    table = document.tables[0]
    assert table.cell(2, 0).text == HOSTILE
    assert table.cell(2, 1).text == "−0.123***"
    assert table.cell(2, 1).paragraphs[0].runs[1].font.superscript
    sides = [
        [line.tag.split("}")[1] for line in cell._tc.tcPr.findall(f"{qn('w:tcBorders')}/*")]
        for cell in (row.cells[0] for row in table.rows)
    ]
    assert sides == [["top"], ["bottom"], [], [], ["bottom"]]
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "SimSun"


def test_word_files_carry_no_time_of_making(hostile):
    with zipfile.ZipFile(io.BytesIO(render(hostile, "docx"))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_wide_word_tables_are_landscape():
    part = Part(
        "",
        (Header("v", tuple((str(k), 1) for k in range(9))),),
        (Row("plain", "x", tuple(Cell("1") for _ in range(9))),),
    )
    document = docx.Document(io.BytesIO(render(TableContent("t", "t", "en", 9, (part,), ()), "docx")))
    section = document.sections[0]
    assert section.page_width > section.page_height


def test_numbers_stand_on_one_line_in_word():
    numbers = tuple(Cell("-123,456,789.1", "***") for _ in range(8))
    part = Part("", (Header("v", tuple((str(k), 1) for k in range(8))),), (Row("plain", LONG, numbers),))
    document = docx.Document(io.BytesIO(render(TableContent("t", "t", "en", 8, (part,), ()), "docx")))
    cell = document.tables[0].cell(1, 1)
    assert [child.tag for child in cell._tc.tcPr][-2:] == [qn("w:tcBorders"), qn("w:noWrap")]
    size = cell.paragraphs[0].runs[0].font.size.pt
    assert cell.width.pt > 0.5 * size * len("-123,456,789.1***")
    section = document.sections[0]
    page = section.page_width - section.left_margin - section.right_margin
    assert sum(column.width for column in document.tables[0].columns) <= page


@pytest.mark.parametrize("kind, minus", [("html", "−"), ("tex", "$-$")])
def test_every_negative_number_of_a_cell_has_a_minus(kind, minus):
    rows = (Row("plain", "t-1", (Cell("-0.52 [-0.59, 0.44]"),)), Row("plain", "years", (Cell("1991-1999"),)))
    table = TableContent("t", "T", "en", 1, (Part("", (Header("", (("(1)", 1),)),), rows),), ())
    text = render(table, kind).decode()
    assert f"{minus}0.52" in text
    assert f"{minus}0.59" in text
    assert "1991-1999" in text
    assert "t-1" in text

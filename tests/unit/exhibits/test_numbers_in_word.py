"""Numbers as fields of a Word document: they show, they follow the results, and nothing else changes."""

import io
import json
import zipfile

import docx
import pandas as pd
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st

from involution.cli import main
from involution.errors import InputError
from involution.exhibits.labels import Labels
from involution.exhibits.numbers import numbered
from involution.exhibits.numbers_files import as_document, as_json, read_numbers
from involution.exhibits.properties import fields_of, opened, properties
from involution.exhibits.refresh import refreshed

KEY = "involutionSMX"


def results(estimate=-0.5, p_value=0.004):
    estimates = pd.DataFrame(
        [("s", "models", "m", "x", estimate, 0.1, p_value)],
        columns=["study", "block", "model", "term", "estimate", "std_error", "p_value"],
    )
    statistics = pd.DataFrame(
        [
            ("s", "models", "m", "n_obs", 6208.0, None, None),
            ("s", "models", "m", "first_stage_f[x]", 12.5, 1.0, 0.0002),
        ],
        columns=["study", "block", "model", "statistic", "value", "df", "p_value"],
    )
    return numbered(estimates, {"m": 2}, statistics)


def piece(content):
    return parse_xml(content.format(nsdecls("w")))


def paper(key=KEY):
    """A paper with one field of each form, the second with its instruction and its result in pieces."""
    document = docx.Document()
    paragraph = document.add_paragraph("It falls by ")
    run = "<w:r><w:rPr><w:b/></w:rPr><w:t>old</w:t></w:r>"
    paragraph._p.append(piece(f'<w:fldSimple {{0}} w:instr=" DOCPROPERTY {key} ">{run}</w:fldSimple>'))
    paragraph.add_run(" (")
    for inside in (
        '<w:fldChar w:fldCharType="begin"/>', "<w:instrText> DOCPROP</w:instrText>",
        f'<w:instrText>ERTY  "{KEY}SE" \\* MERGEFORMAT </w:instrText>', '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>9.</w:t>", "<w:t>99</w:t>", '<w:fldChar w:fldCharType="end"/>',
    ):  # fmt: skip
        paragraph._p.append(piece(f"<w:r {{0}}>{inside}</w:r>"))
    paragraph.add_run(").")
    paragraph._p.append(piece('<w:fldSimple {0} w:instr=" DOCPROPERTY Author "><w:r><w:t>me</w:t></w:r></w:fldSimple>'))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_the_json_file_gives_back_every_number():
    numbers = results()
    loaded = json.loads(as_json(numbers))["numbers"]
    assert loaded[KEY] == {
        "value": -0.5, "shown": "-0.50", "stars": "***", "study": "s", "block": "models", "model": "m", "term": "x",
        "statistic": "", "what": "estimate",
    }  # fmt: skip
    assert loaded["involutionSMNObs"]["shown"] == "6,208"
    assert loaded["involutionSMFirstStageFXP"]["shown"] == "<0.01"
    assert read_numbers(as_json(numbers), "numbers.json") == numbers


@given(st.floats(allow_nan=False), st.floats(0, 1))
def test_values_are_read_back_exactly(estimate, p_value):
    numbers = results(estimate, p_value)
    assert read_numbers(as_json(numbers), "numbers.json") == numbers


def test_the_document_has_a_property_and_a_field_for_each_number():
    document = as_document(results(), Labels("en"))
    assert document == as_document(results(), Labels("en"))
    archive = opened(document, "numbers.docx")
    held = properties(archive)
    assert held[KEY] == "−0.50"
    assert {field.name: field.shown for field in fields_of(archive)} == {
        name: value for name, value in held.items() if name != "involutionNumbers"
    }


def test_fields_of_both_forms_are_set_and_nothing_else_is_touched():
    before = paper()
    done = refreshed(before, results(), "paper.docx")
    assert done.changed == ((KEY, "old", "−0.50"), (f"{KEY}SE", "9.99", "0.10"))
    text = docx.Document(io.BytesIO(done.content)).element.body.xpath("string(.)")
    assert text.startswith("It falls by −0.50 ( DOCPROP")
    old, new = (zipfile.ZipFile(io.BytesIO(content)) for content in (before, done.content))
    same = [name for name in old.namelist() if old.read(name) == new.read(name)]
    assert set(old.namelist()) - set(same) == {"word/document.xml", "[Content_Types].xml", "_rels/.rels"}
    # The letters of the text around the field stay: bold here.
    assert b"<w:b/>" in new.read("word/document.xml")


def test_a_second_refresh_changes_only_what_is_new():
    once = refreshed(paper(), results(), "paper.docx").content
    again = refreshed(once, results(), "paper.docx")
    assert (again.changed, again.content) == ((), once)
    assert refreshed(once, results(-0.4), "paper.docx").changed == ((KEY, "−0.50", "−0.40"),)
    held = properties(opened(once, "paper.docx"))
    assert {name: held[name] for name in (KEY, f"{KEY}SE")} == {KEY: "−0.50", f"{KEY}SE": "0.10"}


def test_a_field_of_no_number_is_named_and_nothing_is_written(tmp_path, capsys):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/numbers.json").write_bytes(as_json(results()))
    before = paper("involutionSMY")
    (tmp_path / "p.docx").write_bytes(before)
    assert main(["numbers", str(tmp_path / "p.docx"), "--results", str(tmp_path)]) == 1
    assert "involutionSMY; the nearest is 'involutionSMX" in capsys.readouterr().err
    assert (tmp_path / "p.docx").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0 an old document"])
def test_what_is_no_word_document_is_said(content):
    with pytest.raises(InputError, match=r"expected a Word document \(.docx\)"):
        refreshed(content, results(), "paper.doc")


def test_results_without_numbers_are_said(tmp_path, capsys):
    (tmp_path / "p.docx").write_bytes(paper())
    assert main(["numbers", str(tmp_path / "p.docx"), "--results", str(tmp_path)]) == 1
    assert "there is no tables/numbers.json" in capsys.readouterr().err
    assert main(["numbers", str(tmp_path / "none.docx"), "--results", str(tmp_path)]) == 1
    assert "No such file" in capsys.readouterr().err

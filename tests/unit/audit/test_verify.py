"""A correct paper agrees; each kind of mistake is found, and nothing else with it."""

import json
import re
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.audit.judge import judge
from involution.audit.known import Known
from involution.audit.latex import read_latex
from involution.audit.markdown import read_markdown
from involution.audit.numbers import tokens
from involution.audit.reference import read_tables
from involution.cli import main
from involution.exhibits.numbers_files import numbers_in

from .conftest import in_word


@pytest.fixture(scope="module")
def known(folder):
    return Known(numbers_in(folder), tuple(read_tables(folder / "tables")))


def wrong(audit):
    return [(one.text, one.status, one.why) for one in audit.wrong]


def changed(text, before, after, count=1):
    assert before in text, before
    return text.replace(before, after, count)


def test_a_correct_paper_agrees_in_every_format(audited, markdown, folder, prose):
    for content, suffix in ((markdown, ".md"), (in_word(folder, prose), ".docx")):
        audit = audited(content, suffix)
        assert wrong(audit) == []
        assert [name for _, name in audit.tables] == ["main", "further", "described"]
        assert len(audit.of("matched")) == 90
        assert audit.of("ambiguous") == []


def test_a_latex_paper_with_macros_and_files_agrees(audited, folder, prose, tmp_path, numbers):
    for name in ("main", "further", "numbers"):
        (tmp_path / f"{name}.tex").write_bytes((folder / f"tables/{name}.tex").read_bytes())
    said = "\n\n".join(prose).replace("%", r"\%")
    x = numbers["plain", "x", "estimate"]
    paper = (
        "\\documentclass[12pt]{article}\\input{numbers}\\newcommand{\\own}{" + f"{x.value:.4f}" + "}\n"
        f"\\begin{{document}}\n\\section{{Results}}\n{said}\n% 0.987 is only a comment\n\n"
        f"It is \\{x.key}{{}} (\\{x.key}SE), or \\own. See \\ref{{tab:1.234}} and \\cite{{smith2013}}.\n"
        "\\input{main}\n\\include{further}\n\\input{../outside}\n\\end{document}\n"
    )
    audit = audited(paper, ".tex")
    assert wrong(audit) == []
    assert [name for _, name in audit.tables] == ["main", "further"]
    assert [one.why for one in audit.findings].count("by_name") == 2
    assert audit.left_out == ("paper.tex:18: ../outside (outside the paper's folder)",)


def test_macros_of_results_elsewhere_are_put_in(audited, numbers):
    key = numbers["plain", "x", "estimate"].key
    assert [one.why for one in audited(f"It is \\{key}.", ".tex").of("matched")] == ["by_name"]


def table_numbers(markdown):
    """Places of the numbers in the cells of the tables, and of those in the sentences with three digits or more."""
    out = []
    for line in re.finditer(r"^\|.*$", markdown, flags=re.MULTILINE):
        cells = re.finditer(r"(?<=\|)[^|]*\d[^|]*(?=\|)", line.group())
        out += [
            (line.start() + cell.start() + token.start, line.start() + cell.start() + token.end)
            for cell in cells
            for token in tokens(cell.group().replace("\\*", " "))
            if not re.fullmatch(r"\s*\(\d\)\s*", cell.group())
        ]
    return out


def test_one_digit_changed_is_found_wherever_it_stands_in_a_table(known, markdown):
    places = table_numbers(markdown)
    assert len(places) == 74
    for start, end in places:
        number = markdown[start:end]
        last = max(k for k, symbol in enumerate(number) if symbol.isdigit())
        other = number[:last] + str((int(number[last]) + 4) % 10) + number[last + 1 :]
        paper = read_markdown((markdown[:start] + other + markdown[end:]).encode(), "paper.md")
        found = [one for one in judge(paper, known) if one.wrong]
        assert [one.text.strip("*∗ ") for one in found] == [other.strip()], (number, other)
        assert found[0].expected.replace("−", "-").startswith(number.strip())


@pytest.mark.parametrize("digits", [3, 4, 5])
def test_one_digit_changed_in_a_sentence_is_found(audited, prose, numbers, digits):
    for sentence in prose:
        for token in tokens(sentence):
            if token.decimals != digits or token.text == "3.2":
                continue
            last = sentence[: token.end].rstrip("*").__len__() - 1
            other = sentence[:last] + str((int(sentence[last]) + 4) % 10) + sentence[last + 1 :]
            found = [one for one in audited(other).findings if one.status not in ("matched", "skipped")]
            assert found, (sentence, other)
            assert any(one.wrong for one in found), (token.text, found)


def test_stars_removed_or_added_are_found(audited, markdown):
    lost = changed(markdown, r"0.518\*\*\*", r"0.518")
    assert wrong(audited(lost)) == [("0.518", "stars", "stars_of_table")]
    more = changed(markdown, r"| -0.132\* |", r"| -0.132\*\* |")
    assert wrong(audited(more)) == [("-0.132**", "stars", "stars_of_table")]
    said = changed(markdown, "0.508*** (0.064)", "0.508** (0.064)")
    assert wrong(audited(said)) == [("0.508**", "stars", "stars_of_row")]


def test_a_bound_that_the_p_value_does_not_keep_is_found(audited, numbers):
    w = numbers["both", "w", "estimate"]
    text = f"The effect of w is {w.value:.4f}, p < 0.05, but not that of x."
    assert wrong(audited(text)) == [("0.05", "stars", "p_bound")]
    assert wrong(audited(text.replace("0.05", "0.2"))) != wrong(audited(text))


def test_cut_off_and_rounded_twice_are_told_apart_from_halves(audited, markdown, numbers):
    cut = [
        one for one in numbers.values() if one.model == "plain" and one.what == "value" and one.shown.startswith("0.65")
    ]
    value = cut[0].value
    assert f"{value:.3f}" == "0.654"
    assert f"{int(value * 1000) / 1000:.3f}" == "0.653"
    assert wrong(audited(changed(markdown, "| 0.654 |", "| 0.653 |"))) == [("0.653", "misrounded", "cut_off")]


def test_errors_of_two_models_swapped_are_both_found(audited, markdown):
    swapped = changed(markdown, "| (0.064) | (0.061) |", "| (0.061) | (0.064) |")
    assert wrong(audited(swapped)) == [("0.061", "misplaced", "belongs_to"), ("0.064", "misplaced", "belongs_to")]


def test_an_error_of_another_model_in_a_sentence_is_found(audited, numbers):
    x, other = numbers["plain", "x", "estimate"], numbers["both", "x", "std_error"]
    text = f"The effect is {x.value:.4f} ({other.value:.4f})."
    assert wrong(audited(text)) == [(f"{other.value:.4f}", "misplaced", "not_of_row")]


def test_a_number_of_the_run_before_is_stale(audited, folder, later, markdown, numbers):
    now = (later / "tables/main.md").read_text(encoding="utf-8")
    assert wrong(audited(now, results=later, previous=folder)) == []
    (row,) = re.findall(r"^\| x \|.*$", now, flags=re.MULTILINE)
    (earlier,) = re.findall(r"^\| x \|.*$", markdown.split("**Regressions**")[1], flags=re.MULTILINE)
    first = earlier.split("|")[2].strip()
    mixed = now.replace(row, row.replace(row.split("|")[2].strip(), first))
    found = audited(mixed, results=later, previous=folder / "tables/numbers.json").wrong
    assert [one.status for one in found] == ["stale"]
    said = f"The effect is {numbers['plain', 'x', 'estimate'].value:.5f}."
    assert wrong(audited(said, results=later, previous=folder))[0][1:] == ("stale", "stale_key")
    assert wrong(audited(said, results=later))[0][1] in ("unmatched", "misrounded")


def test_a_table_of_the_run_before_is_stale_in_every_estimate(audited, folder, later):
    old = (folder / "tables/main.md").read_text(encoding="utf-8")
    found = audited(old, results=later, previous=folder).wrong
    assert len(found) > 10
    assert {one.status for one in found} == {"stale"}


def test_a_changed_cell_in_word_is_found_and_named(audited, folder, prose):
    def change(document):
        cell = document.tables[0].rows[5].cells[2].paragraphs[0]
        assert cell.text == "−0.126"
        cell.runs[0].text = "−0.136"

    (found,) = audited(in_word(folder, prose, change), ".docx").wrong
    assert (found.place, found.text, found.expected) == ("table 1, row 6", "−0.136", "−0.126")
    number = found.candidate.number
    assert (number.model, number.term, number.what) == ("both", "w", "estimate")


def test_rows_and_columns_in_another_order_and_under_other_names_agree(audited, folder):
    lines = (folder / "tables/main.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")]
    moved = [
        "|".join([cells[0], cells[1], cells[4], cells[2], cells[3], ""])
        for cells in (line.split("|") for line in table)
    ]
    body = [*moved[:4], *moved[6:8], *moved[4:6], *moved[8:]]
    renamed = "\n".join(body).replace("| x |", "| Competition |").replace("| Observations |", "| N |")
    audit = audited(renamed)
    assert wrong(audit) == []
    assert audit.of("ambiguous") == []
    swapped = changed(renamed, "(0.081)", "(0.082)")
    assert len(audited(swapped).wrong) == 1


def test_a_table_of_the_papers_own_is_judged_by_its_models(audited, numbers):
    def cell(model, term, what="estimate"):
        return f"{numbers[model, term, what].value:.4f}"

    rows = [
        f"| Size | {cell('other', 'x')} | {cell('both', 'w')} |",
        f"|  | ({cell('other', 'x', 'std_error')}) | ({cell('both', 'w', 'std_error')}) |",
        f"| More | {cell('plain', 'x')} | {cell('both', 'x')} |",
        f"|  | ({cell('plain', 'x', 'std_error')}) | ({cell('both', 'x', 'std_error')}) |",
    ]
    table = "\n".join(["| What | A | B |", "|---|---|---|", *rows])
    assert wrong(audited(table)) == []
    foreign = table.replace(f"({cell('both', 'x', 'std_error')})", f"({cell('full', 'x', 'std_error')})")
    assert [one.status for one in audited(foreign).wrong] == ["misplaced"]


def test_few_digits_are_ambiguous_and_never_matched(audited, numbers):
    audit = audited("The effect is about 0.5, or 0.52.")
    assert [one.status for one in audit.findings] == ["ambiguous", "ambiguous"]
    assert audit.wrong == []


def test_fields_of_word_are_judged_by_their_names(audited, numbers, tmp_path):
    from tests.unit.exhibits.test_numbers_in_word import piece

    document = docx.Document()
    key = numbers["plain", "x", "estimate"].key
    field = f'<w:fldSimple {{0}} w:instr=" DOCPROPERTY {key} "><w:r><w:t>0.777</w:t></w:r></w:fldSimple>'
    document.add_paragraph("It is ")._p.append(piece(field))
    document.save(tmp_path / "f.docx")
    content = (tmp_path / "f.docx").read_bytes()
    assert wrong(audited(content, ".docx")) == [("0.777", "stale", "stale_field")]


def test_the_command_says_what_is_wrong_and_ends_with_1(folder, tmp_path, markdown, capsys):
    paper = tmp_path / "paper.md"
    paper.write_text(markdown, encoding="utf-8")
    asked = ["verify", str(paper), "--results", str(folder)]
    assert main(asked) == 0
    assert "Every number that is a result agrees" in capsys.readouterr().out
    paper.write_text(changed(markdown, "| -0.126 |", "| -0.136 |"), encoding="utf-8")
    assert main([*asked, "--language", "zh"]) == 1
    assert "不一致：结果中此处是另一个数；结果为 −0.126" in capsys.readouterr().out
    assert main([*asked, "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    (one,) = [number for number in said["numbers"] if number["status"] == "unmatched"]
    assert (said["wrong"], one["model"], one["term"], one["column"]) == (1, "both", "w", "estimate")
    assert main([*asked, "--format", "csv"]) == 1
    assert capsys.readouterr().out.startswith("place,text,status,message,expected,file,model")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("p.pdf", b"%PDF", "expected a paper in .docx, .tex, .md"), ("p.docx", b"no", "expected a Word document")],
)
def test_papers_that_cannot_be_read_are_said(folder, tmp_path, capsys, name, content, said):
    (tmp_path / name).write_bytes(content)
    assert main(["verify", str(tmp_path / name), "--results", str(folder)]) == 1
    assert said in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "none.md"), "--results", str(folder)]) == 1
    assert "No such file" in capsys.readouterr().err


def test_samples_that_notes_count_and_exceptions_are_told_apart(audited, tmp_path, folder):
    text = "The 300 firm-years cost $2.5 million; 1,234 letters were sent to 4.71 of them."
    audit = audited(text)
    assert [(one.text, one.status) for one in audit.findings] == [
        ("300", "matched"), ("2.5", "skipped"), ("1,234", "unmatched"), ("4.71", "unmatched"),
    ]  # fmt: skip
    paper = tmp_path / "paper.md"
    asked = ["verify", str(paper), "--results", str(folder), "--except", "1,234"]
    assert main(asked) == 1
    assert main([*asked, "--except", "4.71"]) == 0


def test_each_number_in_brackets_is_judged_by_what_it_is_called(audited, numbers):
    x, t, p = (numbers["other", "x", what] for what in ("estimate", "statistic", "p_value"))
    right = f"It is {x.value:.4f} (t = {t.value:.2f}, p = {p.value:.3f})."
    assert wrong(audited(right)) == []
    found = audited(right.replace(f"p = {p.value:.3f}", f"p = {p.value + 0.1:.3f}")).wrong
    assert [(one.candidate.number.what, one.expected) for one in found] == [("p_value", f"{p.value:.3f}")]


@settings(max_examples=150, deadline=2000)
@given(
    st.text(alphabet="\\{}$&%^_|*#`~[]()<>-−.,0123456789 \nabegindtulr", max_size=120), st.sampled_from([".tex", ".md"])
)
def test_no_text_stops_the_reading(known, text, suffix):
    content = text.encode()
    paper = read_latex(Path("p.tex"), content, {}) if suffix == ".tex" else read_markdown(content, "p.md")
    assert all(one.status for one in judge(paper, known))

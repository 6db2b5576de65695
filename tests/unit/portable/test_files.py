"""Names, harmless text, data and the page beside the scripts."""

import io
import re

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from involution.models.recorded import regressions_frame, united_columns
from involution.portable.names import LONGEST, program_names
from involution.portable.text import comment, harmless
from tests.unit.portable.conftest import NASTY, panel


@given(st.lists(st.text(max_size=50), max_size=20))
def test_names_are_taken_by_both_programs_and_lead_back(columns):
    names = program_names(columns)
    given_names = list(names.given.values())
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) and len(name) <= LONGEST for name in given_names)
    assert len({name.lower() for name in given_names}) == len(set(columns))
    assert {names.meant[names[column]] for column in columns} == set(columns)
    assert not {"if", "in", "with", "using", "double", "function", "na"} & {name.lower() for name in given_names}


def test_a_name_does_not_depend_on_those_after_it():
    assert program_names(["a b", "a_b"]).given == {"a b": "a_b", "a_b": "a_b_2"}
    assert program_names(["a b"]).given == {"a b": "a_b"}


@given(st.text(max_size=300))
def test_no_text_ends_a_comment_a_string_or_a_line(text):
    for line in [harmless(text), *comment(text, "*")]:
        assert not re.search(r'["`\\/$\n\r\x00-\x1f\x7f\u0085\u2028\u2029{}]', line.removeprefix("* "))
        assert len(line.splitlines()) <= 1


def test_nothing_of_a_nasty_title_is_code(files):
    for name in ("main.do", "main.R", "main_base.R"):
        lines = files[name].decode().splitlines()
        assert not any(line.strip().startswith(("q(", ")", "///")) for line in lines), name
        with_it = [line for line in lines if "x' USD y" in line]
        assert with_it
        assert all(line.startswith(("*", "#", "label variable ")) for line in with_it), name
    assert NASTY not in files["main.do"].decode()


def test_a_groups_text_stays_inside_its_string(files):
    text = files["main_base.R"].decode()
    assert "check(\"by[高 'q']\", n = " in text


def test_data_bring_every_number_back(files):
    data = pd.read_csv(io.BytesIO(files["data.csv"]), float_precision="round_trip")
    source = panel()
    assert data["y"].tolist() == source["y"].tolist()
    assert data["x"].dropna().tolist() == source["x"].dropna().tolist()
    assert data["firm"].dtype == "int64"
    assert data["year"].tolist() == source["year"].tolist()


def test_names_csv_says_what_columns_are(files):
    names = pd.read_csv(io.BytesIO(files["names.csv"])).set_index("name")
    assert names.loc["if_", "study_name"] == "if"
    (product,) = names.index[names["kind"] == "product"]
    assert names.loc[product, "study_name"].startswith("x * column_")
    assert set(names.index[names["kind"] == "column"]) == set(files["data.csv"].decode().splitlines()[0].split(","))


def test_the_page_names_conventions_with_their_size(files):
    text = files["README.md"].decode()
    assert "| main | 21 | 20 |" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    sizes = {line.split(" | ")[-1].rstrip(" |"): line.split(" | ")[-2] for line in rows if line.count(" | ") == 2}
    assert re.fullmatch(
        r"standard error × 0\.\d+ to 0\.\d+", sizes["jackknife, two_way_jackknife, iv_jackknife, poisson_jackknife"]
    )
    assert re.fullmatch(r"standard error × 0\.9\d+ to 0\.9\d+", sizes["poisson, poisson_jackknife, poisson_plain"])
    assert sizes["wild"] == "not known"
    assert re.fullmatch(r"standard error × 0\.\d+", sizes["full"])
    assert re.fullmatch(r"rows: \d+", sizes["poisson, poisson_jackknife"])
    assert rows[-1] == "| shares | the estimator random_effects is not carried over |"
    assert "聚类刀切标准误" in files["README.zh.md"].decode()


def test_tables_without_regressions_have_no_script(files):
    assert set(files) == {
        "README.md", "README.zh.md", "data.csv", "functions.R", "main.R", "main.do", "main_base.R", "names.csv",
    }  # fmt: skip


def test_regressions_on_other_rows_are_named_with_the_reason_and_not_repeated(estimated):
    result, _ = estimated
    plain, frame = united_columns(result.recorded, 3)
    assert [model["model"] for model in plain] == [model.model for model in result.recorded]
    assert {model["reason"] for model in plain} <= {"rows", "estimator:random_effects"}
    assert frame.shape == (3, 0)
    assert len(regressions_frame(plain)) == len(plain)

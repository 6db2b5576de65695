"""The panel as a whole: order, derived columns, the population, and an account of every row."""

import itertools
import json

import pandas as pd
import pytest

ROWS = (
    "id,year,code,sales,cost\n"
    "2,2011,C39,4,1\n1,2010,C26,1,2\n1,2011,C26,-1,1\n1,2012,C26,3,1\n2,2009,C39,8,2\n3,2010,C26,,1\n4,2010,C26,6,2\n"
)
COLUMNS = {"industry": "code", "revenue": "sales", "cogs": "cost"}


@pytest.fixture
def base(folder):
    folder.write("a.csv", ROWS)
    return folder


def test_rows_are_sorted_by_firm_and_year(base):
    panel, _ = base.build("a.csv", COLUMNS)
    assert list(zip(panel["firm"], panel["year"], strict=True)) == sorted(
        zip(panel["firm"], panel["year"], strict=True)
    )
    assert panel.index.tolist() == list(range(7))


def test_the_order_of_the_files_rows_does_not_matter(base):
    lines = ROWS.splitlines()
    base.write("b.csv", "\n".join([lines[0], *reversed(lines[1:])]))
    first, _ = base.build("a.csv", COLUMNS)
    second, _ = base.build("b.csv", COLUMNS)
    pd.testing.assert_frame_equal(first, second)


def test_derived_columns_are_made_in_order(base):
    derive = {"profit": "revenue - cogs", "margin": "profit / revenue", "before": "lag(profit)"}
    panel, _ = base.build("a.csv", COLUMNS, derive=derive)
    first = panel[panel["firm"] == "1"]
    assert first["profit"].tolist() == [-1.0, -2.0, 2.0]
    assert first["margin"].tolist() == [-1.0, 2.0, 2 / 3]
    assert first["before"].fillna(99).tolist() == [99, -1, -2]


def test_derived_columns_go_by_calendar_years(base):
    panel, _ = base.build("a.csv", COLUMNS, derive={"before": "lag(revenue)", "two_before": "lag(revenue, 2)"})
    second = panel[panel["firm"] == "2"]
    assert second["before"].isna().all()
    assert second["two_before"].fillna(0).tolist() == [0, 8]


def test_derived_columns_are_made_before_the_population_is_chosen(base):
    panel, _ = base.build("a.csv", COLUMNS, derive={"before": "lag(revenue)"}, population={"years": [2011, 2012]})
    assert panel[panel["firm"] == "1"]["before"].tolist() == [1.0, -1.0]


@pytest.mark.parametrize("name", ["firm", "year"])
def test_a_key_cannot_be_derived(base, name):
    message = base.refused("a.csv", COLUMNS, derive={name: "1"})
    assert f"derive: {name}: this column is a key and cannot be made anew" in message


def test_a_derived_column_of_an_unknown_one_names_the_nearest(base):
    message = base.refused("a.csv", COLUMNS, derive={"x": "revenu / 2"})
    assert "derive: x: there is no column 'revenu'; the nearest is 'revenue'" in message


def test_a_derived_number_of_text_is_refused(base):
    assert "derive: x: a number is needed" in base.refused("a.csv", COLUMNS, derive={"x": "industry * 2"})


def test_the_population_is_years_and_conditions(base):
    population = {"years": [2010, 2011], "drop_if": ["revenue <= 0", "firm == '4'"]}
    panel, report = base.build("a.csv", COLUMNS, population=population)
    assert list(zip(panel["firm"], panel["year"], strict=True)) == [("1", 2010), ("2", 2011), ("3", 2010)]
    assert report["steps"] == [
        {"step": "read", "rows_before": 7, "rows_dropped": 0, "rows_after": 7},
        {"step": "population years 2010-2011", "rows_before": 7, "rows_dropped": 2, "rows_after": 5},
        {"step": "population drop_if revenue <= 0", "rows_before": 5, "rows_dropped": 1, "rows_after": 4},
        {"step": "population drop_if firm == '4'", "rows_before": 4, "rows_dropped": 1, "rows_after": 3},
    ]


def test_a_row_is_dropped_in_the_first_step_that_holds_for_it_only(base):
    population = {"years": [2010, 2011], "drop_if": ["year == 2012", "year == 2009"]}
    _, report = base.build("a.csv", COLUMNS, population=population)
    assert [step["rows_dropped"] for step in report["steps"]] == [0, 2, 0, 0]


def test_a_missing_value_does_not_fulfil_a_condition(base):
    panel, _ = base.build("a.csv", COLUMNS, population={"drop_if": ["revenue <= 0"]})
    assert "3" in panel["firm"].tolist()


def test_the_population_may_use_derived_columns(base):
    panel, _ = base.build("a.csv", COLUMNS, derive={"profit": "revenue - cogs"}, population={"drop_if": "profit < 0"})
    assert panel["profit"].dropna().min() >= 0


def test_a_population_without_rows_is_refused(base):
    message = base.refused("a.csv", COLUMNS, population={"years": [1990, 1991]})
    assert "population: no row is left" in message
    assert "mend: widen years or drop_if" in message


def test_a_condition_on_an_unknown_column_is_refused(base):
    message = base.refused("a.csv", COLUMNS, population={"drop_if": ["revenu <= 0"]})
    assert "population.drop_if: there is no column 'revenu'; the nearest is 'revenue'" in message


def test_every_row_read_is_in_a_step(base):
    base.write("b.csv", "id,year,code,sales,cost\n5,2010,C39,3,1\n6,2010,C39,0,1\n7,2015,C39,5,1\n")
    base.write("more.csv", "id,year,ta\n1,2010,5\n")
    join = {
        "level": "firm",
        "source": "more.csv",
        "keys": {"firm": "id", "year": "year"},
        "columns": {"total_assets": "ta"},
    }
    panel, report = base.build(
        ["a.csv", "b.csv"],
        COLUMNS,
        filter="id != '4'",
        join=[join],
        population={"years": [2010, 2012], "drop_if": ["revenue <= 0"]},
    )
    steps = report["steps"]
    assert report["rows_read"] == 10 == steps[0]["rows_before"]
    assert sum(source["rows"] for source in report["sources"][:2]) == report["rows_read"]
    for step, following in itertools.pairwise(steps):
        assert step["rows_after"] == following["rows_before"]
    assert all(step["rows_before"] - step["rows_dropped"] == step["rows_after"] for step in steps)
    assert report["rows_read"] - sum(step["rows_dropped"] for step in steps) == len(panel) == report["shape"]["rows"]
    assert [step["rows_dropped"] for step in steps] == [0, 1, 2, 2]


def test_the_report_says_the_shape_and_what_is_missing(base):
    panel, report = base.build("a.csv", COLUMNS)
    assert report["missing"] == {"revenue": 1, "industry3": 7}
    assert report["shape"] == {
        "rows": 7,
        "firms": 4,
        "years": [2009, 2012],
        "balanced": False,
        "firms_with_gaps": 1,
        "rows_per_firm_mean": 1.75,
        "columns": panel.columns.tolist(),
        "industries": 2,
    }


def test_a_balanced_panel_is_called_balanced(folder):
    folder.write("a.csv", "id,year\n1,2010\n1,2011\n2,2010\n2,2011\n")
    _, report = folder.build("a.csv")
    assert report["shape"]["balanced"] is True
    assert report["shape"]["firms_with_gaps"] == 0


def test_the_report_can_be_written_and_holds_no_path(base):
    _, report = base.build("a.csv", COLUMNS, population={"years": [2010, 2011]})
    written = json.dumps(report, allow_nan=False)
    assert json.loads(written) == report
    assert str(base.path) not in written


def test_two_builds_are_the_same(base):
    first, first_report = base.build("a.csv", COLUMNS)
    second, second_report = base.build("a.csv", COLUMNS)
    pd.testing.assert_frame_equal(first, second)
    assert first_report == second_report

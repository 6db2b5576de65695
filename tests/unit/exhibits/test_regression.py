"""What a regression table says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from involution.errors import InputError
from involution.exhibits.columns import read_estimates
from involution.exhibits.content import Header, decimal, spans, stars_for
from involution.exhibits.labels import Labels
from involution.exhibits.regression import regression_table
from involution.exhibits.render import render
from involution.study.tables import Table


def build(results, labels, **options):
    return regression_table(Table(name="t", **options), results, labels, "Title")


def texts(table, kind):
    return {
        row.label: [cell.text + cell.stars for cell in row.cells] for row in table.parts[0].rows if row.kind == kind
    }


def test_every_number_is_that_of_the_estimates(results, labels):
    table = build(results, labels, models=["first", "second_2"], digits=4)
    shown = texts(table, "estimate")
    row = results.estimates.query("model == 'second_2' and term == 'w'").iloc[0]
    assert shown["Width"][1].rstrip("*") == f"{row.estimate:.4f}"
    uncertainty = [row for row in table.parts[0].rows if row.kind == "uncertainty"]
    first = results.estimates.query("model == 'first'").iloc[0]
    assert uncertainty[0].cells[0].text == f"({first.std_error:.4f})"


@pytest.mark.parametrize("what", ["std_error", "statistic", "p_value"])
def test_parentheses_hold_what_is_asked_for(results, labels, what):
    table = build(results, labels, models=["first"], parentheses=what)
    row = next(row for row in table.parts[0].rows if row.kind == "uncertainty")
    assert row.cells[0].text == f"({decimal(results.estimates.iloc[0][what], 3)})"
    assert table.notes[0].lower().startswith(labels.text(what).lower())


def test_effects_clusters_and_counts(results, labels):
    marks = texts(build(results, labels, models=["first", "second_2"]), "mark")
    assert marks["Firm effects"] == ["Yes", "Yes"]
    assert marks["Year effects"] == ["No", "Yes"]
    assert marks["Clustered by"] == ["Firm", "Industry"]
    statistics = texts(build(results, labels, models=["first", "second_2"]), "statistic")
    assert statistics["Observations"] == ["200", "200"]
    assert statistics["Clusters"] == ["40", "8"]


def test_notes_state_sample_variance_and_small_sample_choice(results, labels):
    notes = " ".join(build(results, labels, models=["first", "second_2"]).notes)
    assert "200 firm-years of 40 firms" in notes
    assert "Winsorised: " in notes
    assert "(1) covariance clustered by Firm (CRV1); factor (N-1)/(N-K) with K = 2; factor G/(G-1)" in notes
    assert "cluster jackknife over Industry (CRV3)" in notes
    assert "* p < 0.1, ** p < 0.05, *** p < 0.01." in notes


def test_a_model_that_failed_says_so_where_its_estimates_would_stand(results, labels):
    table = build(results, labels, models=["second_2", "failing"])
    shown = [cells[1] for cells in texts(table, "estimate").values()]
    assert shown == ["not estimated", "", ""]
    assert any("(2) not estimated: the outcome constant does not vary" in note for note in table.notes)


def test_a_table_of_failed_models_alone_is_still_a_table(results, labels):
    table = build(results, labels, models=["failing"])
    assert "Not estimated" in " ".join(table.notes)
    assert table.parts[0].rows[0].cells[0].text == "not estimated"
    assert table.n_columns == 1


def test_keep_drop_rename_and_the_row_of_controls(results, labels):
    table = build(results, labels, models=["first", "second_2"], keep=["w"], rename={"w": "Breadth"}, controls_row=True)
    assert list(texts(table, "estimate")) == ["Breadth"]
    assert texts(table, "mark")["Controls"] == ["Yes", "Yes"]
    assert "Width" not in texts(build(results, labels, models=["second_2"], drop=["w"]), "estimate")


def test_products_are_named_by_their_factors(results):
    labels = Labels("en")
    assert labels.term("x:w") == "x × w"
    assert labels.term("rel::-3") == "rel = -3"
    assert labels.term("revenue_l2") == "revenue_l2"


def test_panels_number_their_columns_on(results, labels):
    panels = [{"title": "A", "models": ["first"]}, {"title": "B", "models": ["second_2", "first"]}]
    table = build(results, labels, panels=panels)
    assert [part.title for part in table.parts] == ["A", "B"]
    assert [text for text, _ in table.parts[1].headers[2].cells] == ["(2)", "(3)"]
    assert all(len(row.cells) == 2 for part in table.parts for row in part.rows)


def renamed(results, names, outcomes=None):
    """The first model again under other names."""
    rows = results.estimates.query("model == 'first'")
    outcomes = outcomes or ["y"] * len(names)
    copies = [rows.assign(model=name, outcome=outcome) for name, outcome in zip(names, outcomes, strict=True)]
    return replace(results, estimates=pd.concat(copies, ignore_index=True))


def test_columns_say_which_group_they_are(results, labels):
    table = build(renamed(results, ["first", "base[国有]", "base[2]"]), labels, models=["first", "base"])
    assert table.parts[0].headers[1] == Header("Group", (("", 1), ("国有", 1), ("2", 1)))
    for kind in ("tex", "html", "md", "csv"):
        assert "国有" in render(table, kind).decode()


def test_tables_without_groups_have_no_row_for_them(results, labels):
    assert len(build(results, labels, models=["first"]).parts[0].headers) == 3


def test_many_models_stand_in_parts_by_outcome(results, labels):
    outcomes = ["y"] * 9 + ["w", "y"]
    table = build(renamed(results, [f"m{k}" for k in range(11)], outcomes), labels)
    assert [part.title for part in table.parts] == ["y", "y (continued)", "Width"]
    assert table.n_columns == 5
    numbers = [[text for text, _ in part.headers[-1].cells if text] for part in table.parts]
    assert numbers == [[f"({k})" for k in range(1, 6)], [f"({k})" for k in range(6, 11)], ["(11)"]]


def test_instruments_bring_their_first_stage(results, labels):
    estimates = results.estimates.assign(estimator="iv")
    extra = pd.DataFrame({"model": ["first"], "statistic": ["first_stage_f_robust[x]"], "value": [12.3456]})
    instrumented = replace(results, estimates=estimates, statistics=pd.concat([results.statistics, extra]))
    assert texts(build(instrumented, labels, models=["first"]), "statistic")["First-stage F (robust)"] == ["12.346"]
    chosen = texts(build(instrumented, labels, models=["first"], statistics=["n_obs"]), "statistic")
    assert list(chosen) == ["Observations"]


@pytest.mark.parametrize("options", [{"models": ["nowhere"]}, {"models": ["first"], "keep": ["z"]}])
def test_names_that_do_not_exist_are_refused(results, labels, options):
    with pytest.raises(InputError, match="no model"):
        build(results, labels, **options)


def test_no_stars_when_none_are_asked_for(results, labels):
    table = build(results, labels, models=["first"], stars={})
    assert all(cell.stars == "" for row in table.parts[0].rows for cell in row.cells)
    assert not any("p <" in note for note in table.notes)


@pytest.mark.parametrize(
    ("p", "mark"), [(0.2, ""), (0.1, ""), (0.0999, "*"), (0.049, "**"), (0.001, "***"), (np.nan, "")]
)
def test_stars_are_strict(p, mark):
    assert stars_for(p, {"*": 0.1, "**": 0.05, "***": 0.01}) == mark


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.0001, "0.000"), (1234.5678, "1,234.568"), (np.nan, ""), (-np.inf, "-∞"), (-1.5, "-1.500")]
)
def test_decimals(value, shown):
    assert decimal(value, 3) == shown


def test_spans_merge_equal_neighbours():
    assert spans(["a", "a", "b", "a"]) == (("a", 2), ("b", 1), ("a", 1))


def test_a_regressor_called_na_is_read_as_its_name(tmp_path):
    path = tmp_path / "estimates.csv"
    path.write_text("model,term,estimate,std_error\nm,NA,0.5,0.1\nfailed,,,\n")
    found = read_estimates(str(path))
    assert found["term"].iloc[0] == "NA"
    assert found[["term", "estimate", "std_error"]].iloc[1].isna().all()

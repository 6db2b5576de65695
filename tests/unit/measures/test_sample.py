"""The analysis panel: variables, winsorising and the flag of the sample; no row is ever removed."""

import itertools

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from involution.errors import InputError
from involution.measures import analysis_sample
from involution.study.sample import Sample


@pytest.fixture
def measured():
    random = np.random.default_rng(1)
    firm = np.repeat([f"f{k:02d}" for k in range(30)], 6)
    panel = pd.DataFrame({"firm": firm, "year": np.tile(np.arange(2010, 2016), 30)})
    panel["x"] = random.lognormal(0, 1.5, len(panel)) * (panel["year"] - 2009)
    panel["z"] = random.normal(size=len(panel))
    panel["firm_size"] = np.repeat(["micro", "small", "medium", "large", None], 36)
    panel.loc[::11, "x"] = np.nan
    return panel


def _sample(measured, variables=None, **options):
    return analysis_sample(measured, variables or {}, Sample.model_validate(options))


def test_without_options_every_row_is_in_the_sample(measured):
    frame, report = _sample(measured)
    assert frame["in_sample"].all()
    assert frame["in_sample"].dtype == bool
    pd.testing.assert_frame_equal(frame[measured.columns], measured)
    assert report == {
        "population_rows": 180,
        "sample_rows": 180,
        "sample_firms": 30,
        "sample_years": [2010, 2015],
        "steps": [],
        "winsorised": {},
    }


def test_the_input_is_not_changed(measured):
    before = measured.copy()
    _sample(measured, {"w": "x * 2"}, years=[2011, 2012], winsorize={"columns": ["x"], "limits": [0.1, 0.9]})
    pd.testing.assert_frame_equal(measured, before)


def test_variables_are_made_in_order_and_by_calendar_year(measured):
    gaps = measured[~((measured["firm"] == "f00") & (measured["year"] == 2012))].reset_index(drop=True)
    frame, _ = _sample(gaps, {"double": "z * 2", "before": "lag(double)"})
    first = frame[frame["firm"] == "f00"].set_index("year")
    assert first.loc[2011, "before"] == pytest.approx(2 * first.loc[2010, "z"])
    assert np.isnan(first.loc[2013, "before"])
    assert np.isnan(first.loc[2010, "before"])


def test_a_lag_reaches_back_before_the_first_year_of_the_sample(measured):
    frame, _ = _sample(measured, {"before": "lag(z)"}, years=[2012, 2015])
    chosen = frame[frame["in_sample"]]
    assert chosen["year"].min() == 2012
    assert chosen["before"].notna().all()


@pytest.mark.parametrize("name", ["firm", "year", "in_sample"])
def test_a_key_cannot_be_made_anew(measured, name):
    with pytest.raises(InputError, match=f"variables: {name}: this column is a key"):
        _sample(measured, {name: "1"})


def test_a_variable_of_an_unknown_column_names_the_nearest(measured):
    with pytest.raises(InputError, match=r"variables: w: there is no column 'firm_sise'; the nearest is 'firm_size'"):
        _sample(measured, {"w": "firm_sise"})


def test_each_step_leaves_rows_out_and_removes_none(measured):
    frame, report = _sample(
        measured, years=[2011, 2014], drop_if=["z > 1", "x < 0.5"], firm_size=["micro", "small"], min_years=2
    )
    assert len(frame) == len(measured)
    kept = measured[measured["year"].between(2011, 2014)]
    after_years = len(kept)
    kept = kept[~(kept["z"] > 1)]
    after_z = len(kept)
    kept = kept[~(kept["x"] < 0.5)]
    after_x = len(kept)
    kept = kept[kept["firm_size"].isin(["micro", "small"])]
    after_size = len(kept)
    kept = kept[kept.groupby("firm")["firm"].transform("size") >= 2]
    counts = [len(measured), after_years, after_z, after_x, after_size, len(kept)]
    assert frame.index[frame["in_sample"]].tolist() == kept.index.tolist()
    assert [step["step"] for step in report["steps"]] == [
        "years 2011-2014",
        "drop_if z > 1",
        "drop_if x < 0.5",
        "firm_size micro, small",
        "min_years 2",
    ]
    assert [step["rows_before"] for step in report["steps"]] == counts[:-1]
    assert [step["rows_after"] for step in report["steps"]] == counts[1:]
    assert [step["rows_dropped"] for step in report["steps"]] == [a - b for a, b in itertools.pairwise(counts)]
    assert report["sample_rows"] == len(kept)
    assert report["sample_firms"] == kept["firm"].nunique()


def test_missing_values_do_not_fulfil_a_condition(measured):
    frame, _ = _sample(measured, drop_if=["x > 0"])
    assert frame["in_sample"].equals(measured["x"].isna())


def test_min_years_counts_the_rows_that_are_left(measured):
    measured = measured[(measured["firm"] != "f01") | (measured["year"] < 2012)].reset_index(drop=True)
    frame, _ = _sample(measured, min_years=3)
    assert set(frame.loc[~frame["in_sample"], "firm"]) == {"f01"}
    frame, _ = _sample(measured, years=[2011, 2015], min_years=5)
    assert set(frame.loc[~frame["in_sample"] & (frame["year"] > 2010), "firm"]) == {"f01"}
    assert set(frame.loc[frame["in_sample"], "firm"]) == set(measured["firm"]) - {"f01"}


def test_firm_size_keeps_the_classes_named_and_no_unknown_size(measured):
    frame, _ = _sample(measured, firm_size=["micro", "small"])
    assert frame["in_sample"].equals(measured["firm_size"].isin(["micro", "small"]))
    one, _ = _sample(measured, firm_size="large")
    assert set(one.loc[one["in_sample"], "firm_size"]) == {"large"}


def test_firm_size_needs_its_column(measured):
    with pytest.raises(InputError, match=r"sample.firm_size: there is no column 'firm_size'"):
        _sample(measured.drop(columns="firm_size"), firm_size=["micro"])


def test_firm_size_may_be_a_variable(measured):
    plain = measured.drop(columns="firm_size")
    frame, _ = _sample(plain, {"firm_size": "where(z > 0, 'small', 'large')"}, firm_size=["small"])
    assert frame["in_sample"].equals(measured["z"] > 0)


def test_an_empty_sample_is_refused_with_what_each_step_left_out(measured):
    with pytest.raises(InputError) as caught:
        _sample(measured, years=[2011, 2012], drop_if=["year > 2000"])
    message = str(caught.value)
    assert "sample: no row is left" in message
    assert "years 2011-2012: 180 rows, 120 left out" in message
    assert "drop_if year > 2000: 60 rows, 60 left out" in message


def _by_hand(values, years, base, limits):
    """Winsorised values by a loop over years; quantiles by linear interpolation, missing left out."""
    out = values.copy()
    for year in years.unique():
        known = values[(years == year) & base].dropna().to_numpy()
        if len(known):
            low, high = np.quantile(known, limits)
            out[years == year] = values[years == year].clip(low, high)
    return out


@pytest.mark.parametrize("on", ["population", "sample"])
@pytest.mark.parametrize("by", ["year", "none"])
def test_winsorising_by_hand(measured, on, by):
    options = {"columns": ["x"], "limits": [0.1, 0.8], "by": by, "on": on}
    frame, report = _sample(measured, drop_if=["z > 0.3"], winsorize=options)
    base = ~(measured["z"] > 0.3) if on == "sample" else pd.Series(True, index=measured.index)
    years = measured["year"] if by == "year" else pd.Series(0, index=measured.index)
    expected = _by_hand(measured["x"], years, base, [0.1, 0.8])
    np.testing.assert_allclose(frame["x"], expected, rtol=1e-12)
    assert report["winsorised"] == {"x": int((expected != measured["x"])[measured["x"].notna()].sum())}
    assert frame["x"].isna().equals(measured["x"].isna())
    assert report["winsorised"]["x"] > 0


def test_the_population_and_the_sample_have_other_quantiles(measured):
    options = {"columns": ["x"], "limits": [0.1, 0.8]}
    ones = [_sample(measured, drop_if=["z > 0"], winsorize={**options, "on": on})[0] for on in ("population", "sample")]
    assert not np.allclose(ones[0]["x"].fillna(0), ones[1]["x"].fillna(0))


def test_the_default_is_one_percent_within_years_of_the_population(measured):
    frame, _ = _sample(measured, years=[2012, 2015], winsorize={"columns": "x"})
    everyone = pd.Series(True, index=measured.index)
    np.testing.assert_allclose(frame["x"], _by_hand(measured["x"], measured["year"], everyone, [0.01, 0.99]))


def test_years_outside_the_sample_keep_their_values_when_quantiles_are_the_samples(measured):
    frame, _ = _sample(measured, years=[2012, 2015], winsorize={"columns": ["x"], "limits": [0.1, 0.9], "on": "sample"})
    early = measured["year"] < 2012
    pd.testing.assert_series_equal(frame.loc[early, "x"], measured.loc[early, "x"])


def test_variables_are_made_of_values_as_they_were_before_winsorising(measured):
    frame, _ = _sample(measured, {"double": "x * 2"}, winsorize={"columns": ["x"], "limits": [0.2, 0.8]})
    np.testing.assert_allclose(frame["double"], 2 * measured["x"])


def test_the_sample_is_chosen_by_winsorised_values_where_quantiles_are_the_populations(measured):
    options = {"columns": ["x"], "limits": [0.1, 0.9], "by": "none"}
    limit = float(measured["x"].quantile(0.9))
    text = f"x > {limit + 1e-9!r}"
    frame, _ = _sample(measured, drop_if=[text], winsorize={**options, "on": "population"})
    assert frame["in_sample"].all()
    frame, _ = _sample(measured, drop_if=[text], winsorize={**options, "on": "sample"})
    assert (~frame["in_sample"]).sum() == (measured["x"] > limit).sum() > 0


@pytest.mark.parametrize("name, expected", [("y", "there is no such column"), ("firm_size", "the column is text")])
def test_what_cannot_be_winsorised_is_refused(measured, name, expected):
    with pytest.raises(InputError, match=rf"sample.winsorize.columns: {name}: {expected}"):
        _sample(measured, winsorize={"columns": [name]})


@pytest.mark.parametrize("limits", [[0.9, 0.1], [-0.1, 0.9], [0.1, 1.1], [0.5, 0.5]])
def test_limits_are_two_quantiles_the_lower_first(limits):
    with pytest.raises(ValidationError, match="two quantiles between 0 and 1"):
        Sample.model_validate({"winsorize": {"columns": ["x"], "limits": limits}})


def test_the_order_of_rows_does_not_matter(measured):
    options = {"years": [2011, 2015], "min_years": 4, "drop_if": ["z > 1"]}
    options["winsorize"] = {"columns": ["x"], "limits": [0.1, 0.9], "on": "sample"}
    order = np.random.default_rng(2).permutation(len(measured))
    first, first_report = _sample(measured, {"before": "lag(x)"}, **options)
    second, second_report = _sample(measured.iloc[order], {"before": "lag(x)"}, **options)
    pd.testing.assert_frame_equal(second.loc[measured.index], first)
    assert first_report == second_report


def test_a_variable_named_like_a_measure_or_a_canonical_column_of_the_panel_is_refused(measured):
    panel = measured.assign(revenue=measured["x"])
    with pytest.raises(InputError) as caught:
        _sample(panel, {"hhi": "x / 1e9", "revenue": "x * 2", "cogs": "x", "w": "x"})
    message = str(caught.value)
    assert "variables: hhi: 'hhi' is a measure and cannot be made anew" in message
    assert "mend: name it otherwise, as hhi_own" in message
    assert "variables: revenue: the panel has the canonical column 'revenue' already" in message
    assert len(caught.value.problems) == 2


def test_the_condition_that_took_the_last_row_is_the_one_to_mend(measured):
    most = int(measured.groupby("firm").size().max())
    with pytest.raises(InputError, match=f"lower min_years: no firm has more than {most} rows"):
        _sample(measured, min_years=most + 1)
    with pytest.raises(InputError, match="take 'z > -1e9' out of drop_if"):
        _sample(measured, drop_if=["z > -1e9"])

"""Differences between groups of firms: by hand, within years, in the block's rows."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.measures import dictionary as dictionary_of
from involution.models.group_differences import compared, difference
from involution.models.run import run_block

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])


@pytest.fixture
def data():
    """Leavers have margins .3 lower; a trend in margins and in exit would make it -.9."""
    random = np.random.default_rng(2)
    firms, years = 300, 6
    year = np.tile(np.arange(2010, 2010 + years), firms)
    leave = random.uniform(size=firms * years) < 0.05 * (year - 2009)
    leave &= year < 2015
    return pd.DataFrame(
        {
            "firm": np.repeat(np.arange(firms), years),
            "year": year,
            "industry": np.repeat(np.arange(firms) % 30, years),
            "exit": leave.astype(float),
            "margin": -0.3 * leave - 0.5 * (year - 2010) + random.normal(size=firms * years),
            "size": random.normal(size=firms * years),
            "rd_reported": (random.uniform(size=firms * years) < 0.6).astype(float),
            "in_sample": True,
        }
    )


def run(data, **asked):
    sections = {
        "attrition": [{"name": "stay", "predictors": ["margin", "size"], "models": ["first"], **asked}],
        "models": [{"name": "first", "formula": "size ~ margin | year", "cluster": "firm"}],
        "design": None, "derive": {}, "variables": {},
    }  # fmt: skip
    return run_block("attrition", sections, data, study="s", dictionary=DICTIONARY, seed=1, draws=99)


def test_the_difference_is_within_years_with_both_groups(data):
    found = difference("margin", "exit", data, ["firm"])
    rows = data[data["year"] < 2015]
    fit = inv.estimate("margin ~ exit | year", rows, cluster="firm", vcov="crv3")
    assert found.fit.estimate[0] == pytest.approx(fit.estimate[0], rel=1e-12)
    assert found.fit.std_error[0] == pytest.approx(fit.std_error[0], rel=1e-12)
    assert found.fit.ci_low[0] < -0.3 < found.fit.ci_high[0]
    assert found.counts == ((rows["exit"] == 1).sum(), (rows["exit"] == 0).sum())


def test_the_normalised_difference_is_that_of_means_over_the_root_of_the_mean_variance():
    tiny = pd.DataFrame({"firm": range(6), "year": 1, "g": [1, 1, 1, 0, 0, 0], "x": [1.0, 2, 3, 3, 5, 7]})
    found = difference("x", "g", tiny, ["firm"])
    assert found.means == (2.0, 5.0)
    assert found.deviations == (1.0, 2.0)
    assert found.normalised == pytest.approx(-3 / np.sqrt((1 + 4) / 2))


def test_the_block_has_both_comparisons_with_means_and_counts(data):
    result = run(data)
    rows = result.estimates.set_index(["model", "term"])
    assert [pair for pair in rows.index if pair[0].endswith(("leavers", "reporters"))] == [
        (model, f"difference[{column}]")
        for model in ("stay_leavers", "stay_reporters") for column in ("margin", "size")
    ]  # fmt: skip
    assert rows.loc[("stay_leavers", "difference[margin]"), "outcome"] == "margin"
    assert set(rows["vcov"][["stay_leavers", "stay_reporters"]]) == {"crv3(firm)"}
    statistics = result.statistics[result.statistics["model"] == "stay_reporters"].set_index("statistic")["value"]
    reports = data["rd_reported"] == 1
    assert statistics["mean_group[size]"] == pytest.approx(data.loc[reports, "size"].mean())
    assert statistics["n_others[size]"] == (~reports).sum()
    assert "difference[margin]" in set(result.influence["term"])


def test_named_columns_and_clusters_are_used(data):
    flagged = data.assign(flag=data["rd_reported"])
    result = run(flagged, compare=["size"], cluster=["industry"], reported="flag")
    rows = result.estimates[result.estimates["estimator"] == "comparison"]
    assert rows["term"].tolist() == ["difference[size]", "difference[size]"]
    assert set(rows["vcov"]) == {"crv3(industry)"}


def test_a_panel_that_does_not_tell_who_reports_has_a_row_with_the_reason(data):
    result = run(data.drop(columns="rd_reported"))
    row = result.estimates[result.estimates["model"] == "stay_reporters"].iloc[0]
    assert np.isnan(row["estimate"])
    assert "rd_reported" in row["note"]
    with pytest.raises(InputError, match=r"attrition: stay.reported: there is no column 'rd'"):
        run(data, reported="rd")
    with pytest.raises(InputError, match=r"attrition: stay.compare: there is no column 'sizes'"):
        run(data, compare=["sizes"])


def test_a_column_that_one_group_never_has_is_told_beside_the_others(data):
    spending = data.assign(spending=np.where(data["rd_reported"] == 1, data["size"], np.nan))
    with pytest.raises(NotEstimable, match="'spending' of both groups"):
        difference("spending", "rd_reported", spending, ["firm"])
    result = compared("m", ["spending", "size"], "rd_reported", spending, ["firm"], [])
    assert result.estimates["term"].tolist() == ["difference[size]"]
    assert "not_compared" in result.notes["code"].tolist()


def test_text_is_refused_before_anything_is_estimated(data):
    with pytest.raises(InputError, match=r"attrition: stay.*word"):
        run(data.assign(word="w"), compare=["size", "word"])

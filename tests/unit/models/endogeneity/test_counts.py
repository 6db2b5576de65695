"""What matching, balancing and selection leave out is counted as the baseline counts it; which variance each F has."""

import numpy as np
import pytest
from tests.unit.models.endogeneity.conftest import run

BALANCE = {"name": "even", "balance": {"on": ["c"]}}
MATCH = {"name": "alike", "match": {"on": ["c"]}}
PLAIN = {"name": "plain", "leads_lags": {"leads": 0, "lags": 1}}


@pytest.fixture
def gaps(data):
    lost = np.random.default_rng(8).uniform(size=len(data)) < 0.1
    return data.assign(c=data["c"].where(~lost))


def lost(result, model):
    notes = result.notes[(result.notes["model"] == model) & (result.notes["code"] == "missing")]
    (text,) = notes["text_en"]
    return text


def needed(data):
    """Rows with the outcome, last year's treatment and last year's control."""
    ordered = data.sort_values(["firm", "year"])
    before = ordered.groupby("firm")[["x", "c", "year"]].shift(1)
    known = (before["year"] == ordered["year"] - 1) & before["x"].notna() & before["c"].notna()
    return known & ordered["y"].notna()


@pytest.mark.parametrize(("asked", "models"), [(BALANCE, ("even", "even_before")), (MATCH, ("alike", "alike_before"))])
def test_rows_without_a_covariate_are_counted(gaps, asked, models):
    result = run(gaps, asked)
    count = int((~needed(gaps)).sum())
    for model in models:
        assert lost(result, model).startswith(f"{count:,} rows removed because of missing values")
        assert "c_l1: " in lost(result, model)


def test_matching_says_among_how_many_rows(gaps):
    result = run(gaps, MATCH)
    before = result.estimates.loc[result.estimates["model"] == "alike_before", "n_obs"].iloc[0]
    (said,) = result.notes.loc[(result.notes["model"] == "alike") & (result.notes["code"] == "match_among"), "text_en"]
    assert said == f"matched among the {before:,} rows of the regression before"


@pytest.mark.parametrize(("vcov", "told"), [("crv3", True), ("crv1", False)])
def test_the_variance_of_each_f_is_told_where_they_differ(data, vcov, told):
    asked = {"name": "iv", "instruments": [{"by": "x", "years": -2}], "vcov": vcov}
    notes = run(data, asked).notes
    assert ("iv_variances" in set(notes.loc[notes["model"] == "iv", "code"])) is told

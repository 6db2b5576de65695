"""Event studies that cannot be, or can only be told with a word of warning."""

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.event_study.adopting import ESTIMATORS, staggered

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.models.event_study.dose import dose_effects
from involution.models.event_study.goodman_bacon import goodman_bacon
from involution.models.event_study.triple import triple_difference
from involution.models.two_stage_did import two_stage_did


def said(fit):
    return "; ".join(fit.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"estimator": "synthetic"}, "estimator: found 'synthetic'"),
        ({"control": "later"}, "never_treated, not_yet_treated"),
        ({"base_period": "first"}, "varying, universal"),
        ({"method": "matching"}, "doubly_robust, regression, weighting"),
        ({"vcov": "wild"}, "crv1, crv3"),
        ({"leads": -1}, "zero or more years"),
        ({"cohort": "kohort"}, "there is no column 'kohort', did you mean 'cohort'"),
        ({"controls": ["siz"]}, "there is no column 'siz'"),
        ({"small_sample": {"obs": True}}, "unknown key 'obs'"),
    ],
)
def test_options_and_columns_that_do_not_exist(options, words):
    with pytest.raises(InputError) as error:
        inv.event_study(staggered(), **{"outcome": "y", **options})
    assert words.split(", did")[0] in str(error.value)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_cohort_that_changes_within_a_firm_is_refused_with_the_firm(estimator):
    data = staggered()
    data.loc[10, "cohort"] = 2015
    with pytest.raises(InputError, match=r"(?s)a firm adopts once.*firm f001"):
        inv.event_study(data, "y", estimator=estimator)


def test_two_rows_of_a_firm_in_a_year_are_refused_with_the_first():
    data = staggered()
    with pytest.raises(InputError, match=r"(?s)two rows in a year.*f000, 2010"):
        inv.event_study(pd.concat([data, data.head(3)]), "y")


def test_years_are_whole_numbers():
    data = staggered()
    with pytest.raises(InputError, match="column 'cohort': years are whole numbers"):
        inv.event_study(data.assign(cohort=data["cohort"] + 0.5), "y")


def test_imputation_takes_one_clustering():
    with pytest.raises(InputError, match="one clustering"):
        inv.event_study(staggered(), "y", estimator="imputation", cluster=["region", "industry"])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_firms_treated_from_the_first_year_on_are_left_out_and_counted(estimator):
    data = staggered()
    always = data["region"].isin(["r01", "r02"])
    early = data.assign(cohort=data["cohort"].where(~always, 2010))
    fit = inv.event_study(early, "y", estimator=estimator)
    assert fit.n_obs == len(data) - always.sum()
    assert "6 firms treated from the first year on left out (42 rows)" in said(fit)
    without = inv.event_study(data[~always], "y", estimator=estimator)
    assert fit.estimate == pytest.approx(without.estimate)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_firms_that_adopt_after_the_data_end_count_as_never_treated(estimator):
    data = staggered()
    late = data.assign(cohort=data["cohort"].where(data["cohort"] > 0, 2030))
    fit = inv.event_study(late, "y", estimator=estimator)
    assert fit.estimate == pytest.approx(inv.event_study(data, "y", estimator=estimator).estimate)
    assert "21 firms adopt after 2016" in said(fit)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_without_never_treated_firms_the_comparison_is_another_and_is_told(estimator):
    data = staggered(cohorts=(2012, 2014, 2016), firms=90)
    fit = inv.event_study(data, "y", estimator=estimator)
    words = {
        "twfe": "event times -1 and -6 are both left out",
        "sun_abraham": "cohort 2016, the last, is compared with",
        "etwfe": "rows removed whose fixed effects no untreated observation identifies",
        "did2s": "rows removed whose fixed effects no untreated observation identifies",
        "imputation": "rows removed whose fixed effects no untreated observation identifies",
        "callaway_santanna": "compared with firms not yet treated instead",
    }
    assert words[estimator] in said(fit)
    if estimator == "callaway_santanna":
        asked = inv.event_study(data, "y", estimator=estimator, control="not_yet_treated")
        assert fit.estimate == pytest.approx(asked.estimate)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_nobody_treated_is_no_study(estimator):
    for cohort in (0, 2030, 2005):
        with pytest.raises(NotEstimable, match="no firm adopts within the years"):
            inv.event_study(staggered().assign(cohort=cohort), "y", estimator=estimator)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_everyone_treated_in_one_year_is_no_study(estimator):
    with pytest.raises(NotEstimable):
        inv.event_study(staggered().assign(cohort=2013), "y", estimator=estimator)


def test_one_cohort_makes_sun_and_abraham_two_way_effects():
    data = staggered(cohorts=(0, 2013))
    one, two = (inv.event_study(data, "y", estimator=name) for name in ("sun_abraham", "twfe"))
    shared = [f"att[e={e}]" for e in (-3, -2, 0, 1, 2, 3)]
    ours, theirs = (fit.tidy().set_index("term").loc[shared, "estimate"].to_numpy() for fit in (one, two))
    assert ours == pytest.approx(theirs)
    assert "one cohort" in said(one)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_years_beyond_the_data_have_no_term_and_are_told(estimator):
    fit = inv.event_study(staggered(), "y", estimator=estimator, leads=9, lags=9, base_period="universal")
    assert "no row for att[e=-9]" in said(fit)
    assert "att[e=9]" in said(fit)
    assert "att[e=9]" not in fit.terms


def test_a_reference_without_rows_is_no_reference():
    data = staggered()
    since = data["year"] - data["cohort"].where(data["cohort"] > 0)
    without = data[since != -1]
    with pytest.raises(NotEstimable, match="year -1 from adoption"):
        inv.event_study(without, "y", estimator="twfe")
    some = data[~((since == -1) & (data["cohort"] == 2012))]
    fit = inv.event_study(some, "y", estimator="sun_abraham")
    assert "cohorts 2012 left out: no row at event time -1" in said(fit)


def test_few_never_treated_clusters_are_told():
    data = staggered().assign(cohort=lambda d: d["cohort"].where(d["cohort"] > 0, 2013))
    data.loc[data["region"] == "r00", "cohort"] = 0
    fit = inv.event_study(data, "y", cluster="region")
    assert "never-treated firms in 1 clusters, fewer than 5" in said(fit)


def test_few_treated_clusters_are_told_by_every_estimator():
    """Twenty regions of which two adopt; with twelve that do nothing is said."""
    data = staggered(firms=100, cohorts=(0,))
    for count in (2, 12):
        adopting = data["region"].str[1:].astype(int)
        panel = data.assign(cohort=np.where(adopting < count, np.where(adopting % 2, 2014, 2012), 0))
        asked = {"cluster": ["region"], "cohort": "cohort"}
        fits = [inv.event_study(panel, "y", estimator=name, **asked) for name in ESTIMATORS]
        fits += [inv.event_study(panel, "y", estimator=name, vcov="crv3", **asked) for name in ("did2s", "twfe")]
        fits += [triple_difference(panel, "y", "z", estimator=name, **asked) for name in ("did2s", "twfe")]
        fits += [dose_effects(panel, "y", "w", **asked), goodman_bacon(panel, "y", **asked).fit]
        fits += [two_stage_did(panel, "y", **asked)]
        for fit in fits:
            known = fit.statistics.set_index("statistic")["value"]
            assert known["n_treated_clusters"] == count
            told = [remark for remark in fit.remarks if remark.code == "few_treated_clusters"]
            assert len(told) == (count < 10)
            assert all("2 clusters, fewer than 10" in remark.text() for remark in told)
            assert all("2 个聚类" in remark.text("zh") for remark in told)
    by_firm = two_stage_did(panel, "y", cluster="firm", vcov="hetero")
    assert "few_treated_clusters" not in {remark.code for remark in by_firm.remarks}


def test_covariates_that_tell_the_groups_apart_leave_cells_out_with_the_reason():
    data = staggered(cohorts=(0, 2012, 2014))
    apart = data.assign(size=data["size"] + 50 * (data["cohort"] == 2014))
    fit = inv.event_study(apart, "y", estimator="callaway_santanna", controls=["size"])
    assert "tell the groups apart" in said(fit)
    assert "att[g=2014]" not in fit.terms
    assert "att[g=2012]" in fit.terms
    with pytest.raises(NotEstimable, match="tell the groups apart"):
        inv.event_study(apart[apart["cohort"] != 2012], "y", estimator="callaway_santanna", controls=["size"])


def test_other_fixed_effects_cannot_enter_comparisons_of_firms():
    with pytest.raises(NotEstimable, match=r"industry\^year cannot enter"):
        inv.event_study(staggered(), "y", estimator="callaway_santanna", fixed_effects=["firm", "industry^year"])


@pytest.mark.parametrize("estimator", [name for name in ESTIMATORS if name != "callaway_santanna"])
def test_other_fixed_effects_enter_the_rest(estimator):
    fit = inv.event_study(staggered(firms=200), "y", estimator=estimator, fixed_effects=["firm", "industry^year"])
    assert fit.fixed_effects == ("firm", "industry^year")
    assert np.isfinite(fit.std_error[0])


def test_clusters_and_weights_that_change_within_a_firm_are_not_followed():
    data = staggered().assign(half=lambda d: d["year"] // 4, w=lambda d: 1 + d["z"].abs())
    for options in ({"cluster": "half"}, {"weights": "w"}):
        with pytest.raises(NotEstimable, match="changes within a firm"):
            inv.event_study(data, "y", estimator="callaway_santanna", **options)


def test_missing_values_are_counted_by_column():
    data = staggered()
    data.loc[:4, "y"] = np.nan
    data.loc[7:8, "z"] = np.nan
    fit = inv.event_study(data, "y", controls=["z"])
    assert "y: 5, z: 2" in said(fit)


def test_cells_without_firms_and_small_ones_are_told():
    data = staggered(firms=40)
    gone = data[~((data["cohort"] == 2014) & (data["year"] == 2016))]
    fit = inv.event_study(gone, "y", estimator="callaway_santanna")
    assert "1 cohorts by year without firms to compare: att[g=2014,t=2016]" in said(fit)
    small = inv.event_study(staggered(firms=12), "y", estimator="callaway_santanna")
    assert "fewer than 5 firms on one side" in said(small)

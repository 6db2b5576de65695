"""The influence of each cluster: its squares are the variance, its labels those of the data, its frame small."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.models.blocks import run_models
from involution.models.exogeneity import half_panel_jackknife
from involution.models.influence import INFLUENCE, influence_rows, no_influence, united
from involution.models.two_stage_did import two_stage_did
from involution.study.models import Model

FORMS = [
    ("y ~ x + w | firm + year", "ols", "crv1"),
    ("y ~ x + w | firm + year", "ols", "crv3"),
    ("y ~ x + w | firm + year", "ols", "wild"),
    ("y ~ x + w", "ols", "crv3"),
    ("y ~ w | firm | x ~ hhi_loo", "iv", "crv3"),
    ("count ~ x + w | firm + year", "poisson", "crv1"),
    ("count ~ x + w | firm", "poisson", "crv3"),
    ("y ~ x + w", "random_effects", "crv1"),
    ("above ~ x + w", "logit", "crv1"),
    ("above ~ x + w", "logit", "crv3"),
]


def fitted(panel, formula, estimator, vcov, **options):
    data = panel.assign(above=(panel.y > 0).astype(float), x=panel.x + panel.hhi_loo)
    return inv.estimate(
        formula, data, estimator="ols" if estimator == "iv" else estimator, cluster=["industry"], vcov=vcov, **options
    )


@pytest.mark.parametrize(("formula", "estimator", "vcov"), FORMS)
def test_outer_products_of_the_influence_are_the_covariance(panel, formula, estimator, vcov):
    fit = fitted(panel, formula, estimator, vcov)
    influence = fit.cluster_influence
    assert influence.index.name == "industry"
    assert sorted(influence.index) == sorted(panel.industry.unique())
    np.testing.assert_allclose(influence.T @ influence, fit.vcov, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("vcov", ["crv1", "crv3"])
def test_estimators_of_their_own_have_it_too(panel, vcov):
    data = panel.assign(cohort=np.where(panel.firm < "f30", 2013, 0))
    design = inv.Design(data, ["firm", "year"], ["industry"])
    for fit in (
        two_stage_did(data, "y", cluster=["industry"], vcov=vcov),
        half_panel_jackknife(design, "y ~ x + w", vcov=vcov),
    ):
        np.testing.assert_allclose(fit.cluster_influence.T @ fit.cluster_influence, fit.vcov, rtol=1e-10, atol=1e-14)


def test_jackknife_influence_is_the_move_when_the_cluster_is_left_out(panel):
    fit = fitted(panel, "y ~ x + w | firm + year", "ols", "crv3")
    without = fitted(panel[panel.industry != "i03"], "y ~ x + w | firm + year", "ols", "crv3")
    moved = (fit.estimate - without.estimate) * np.sqrt(11 / 12)
    np.testing.assert_allclose(fit.cluster_influence.loc["i03"], moved, rtol=1e-9)


def test_both_variances_move_the_estimate_the_same_way(panel):
    one, two = (fitted(panel, "y ~ x + w | firm + year", "ols", vcov).cluster_influence for vcov in ("crv1", "crv3"))
    assert (np.sign(one) == np.sign(two.loc[one.index])).to_numpy().mean() > 0.9


def test_labels_do_not_depend_on_the_order_or_choice_of_rows(panel):
    whole = fitted(panel, "y ~ x | firm + year", "ols", "crv3").cluster_influence
    turned = fitted(panel.iloc[::-1], "y ~ x | firm + year", "ols", "crv3").cluster_influence
    np.testing.assert_allclose(turned.loc[whole.index], whole, rtol=1e-9)
    part = fitted(panel, "y ~ x | firm + year", "ols", "crv3", where="industry != 'i00'").cluster_influence
    assert set(part.index) == set(whole.index) - {"i00"}


@pytest.mark.parametrize("code", [lambda number: number, lambda number: number.astype(float)])
def test_numbers_as_clusters_are_called_by_their_whole_number(panel, code):
    data = panel.assign(industry=code(panel.industry.str[1:].astype(int)))
    index = inv.estimate("y ~ x | year", data, cluster=["industry"]).cluster_influence.index
    assert sorted(index, key=int) == [str(number) for number in range(12)]


def test_without_one_clustering_there_is_none(panel):
    assert inv.estimate("y ~ x | firm", panel, vcov="hetero").cluster_influence is None
    assert inv.estimate("y ~ x | firm", panel, cluster=["industry", "year"]).cluster_influence is None


def test_a_block_hands_on_the_influence_of_its_models_in_long_form(panel):
    models = [
        Model(name="one", formula="y ~ x + w | firm + year", cluster=["industry"], vcov="crv3"),
        Model(name="two", formula="y ~ x | firm", vcov="hetero"),
        Model(name="three", formula="w ~ x", cluster=["sector"]),
        Model(name="never", formula="flat ~ x", cluster=["sector"]),
    ]
    result = run_models(models, panel.assign(in_sample=True, flat=1.0), study="s")
    frame = result.influence
    assert tuple(frame.columns) == INFLUENCE
    assert len(frame) == 2 * 12 + 2 * 3
    assert frame["block"].unique().tolist() == ["models"]
    squares = frame.assign(square=frame["value"] ** 2).groupby(["model", "term"], observed=True)["square"].sum()
    errors = result.estimates.set_index(["model", "term"])["std_error"]
    np.testing.assert_allclose(np.sqrt(squares), errors.loc[squares.index], rtol=1e-10)
    assert dict(zip(frame["model"], frame["level"], strict=True)) == {"one": "industry", "three": "sector"}


def test_a_term_without_a_variance_and_one_that_is_not_shown_are_left_out():
    influence = pd.DataFrame({"a": [1.0, 2], "b": [np.nan, 1], "c": [1.0, 1]}, index=pd.Index(["u", "v"], name="city"))
    assert influence_rows("m", influence, ["a", "b"])["term"].tolist() == ["a", "a"]
    assert influence_rows("m", influence, []).empty
    assert united([]).empty
    assert no_influence().columns.tolist() == list(INFLUENCE)


def test_a_row_takes_little_memory():
    firms = pd.Index([f"firm {number}" for number in range(5_000)], name="firm")
    influence = pd.DataFrame(np.ones((5_000, 40)), index=firms, columns=[f"x{number}" for number in range(40)])
    frame = influence_rows("m", influence, influence.columns)
    assert len(frame) == 200_000
    whole = united([frame, influence_rows("n", influence, influence.columns)])
    assert whole.memory_usage(deep=True).sum() < 20 * len(whole) + 1_000_000

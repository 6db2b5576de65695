"""Two clusterings whose covariance is not positive: the jackknife does not subtract, crv1 mends and tests no more."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.models.derived import joint_few_clusters, wald


def noise(seed, firms=60, years=4):
    """Outcome and regressors without any structure, in industries and regions that cross."""
    random = np.random.default_rng(seed)
    firm = np.repeat(np.arange(firms), years)
    region = random.integers(0, 8, firms)[firm]
    data = pd.DataFrame(
        {"firm": firm, "year": np.tile(np.arange(years), firms), "industry": firm % 9, "region": region}
    )
    return data.assign(**{name: random.normal(size=len(data)) for name in ("x", "z", "y")})


def fits(formula, vcov, seeds=range(40)):
    for seed in seeds:
        data = noise(seed)
        one, other, both = (
            inv.estimate(formula, data, cluster=cluster, vcov=vcov)
            for cluster in (["industry"], ["region"], ["industry", "region"])
        )
        yield one, other, both, {remark.code for remark in both.remarks}


def test_the_jackknife_gives_no_error_below_those_of_each_clustering_where_it_cannot_subtract():
    mended = [found for found in fits("y ~ x + z | firm + year", "crv3") if "not_subtracted" in found[3]]
    assert len(mended) > 3
    for one, other, both, _ in mended:
        np.testing.assert_allclose(both.covariance, one.covariance + other.covariance, rtol=1e-9)


def test_one_regressor_never_has_an_error_of_zero():
    found = list(fits("y ~ x | firm + year", "crv3"))
    assert any("not_subtracted" in codes for *_, codes in found)
    assert all(both.std_error[0] > 1e-3 for _, _, both, _ in found)


def test_a_joint_test_is_missing_where_eigenvalues_were_set_to_zero():
    mended = [both for *_, both, codes in fits("y ~ x + z | firm + year", "crv1") if "not_positive" in codes]
    assert len(mended) > 3
    assert all(np.isnan(wald(fit, ["x", "z"])[0]) for fit in mended)


@pytest.mark.parametrize(("terms", "told"), [(["x"], False), (["x", "z"], True)])
def test_joint_tests_of_few_clusters_are_told(terms, told):
    fit = inv.estimate("y ~ x + z | firm + year", noise(1), cluster=["industry"], vcov="crv3")
    assert bool(joint_few_clusters(fit, terms)) == told


def test_fewer_than_ten_clusters_are_told_with_the_jackknife_too():
    few = inv.estimate("y ~ x | firm", noise(1), cluster=["industry"], vcov="crv3")
    enough = inv.estimate("y ~ x | firm", noise(1), cluster=["firm"], vcov="crv3")
    assert "few_clusters_jackknife" in {remark.code for remark in few.remarks}
    assert "few_clusters_jackknife" not in {remark.code for remark in enough.remarks}

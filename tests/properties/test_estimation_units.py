"""No result depends on the units of a column, nor on how unequal weights and counts are."""

import numpy as np
import pandas as pd
import pytest

import involution as inv
from involution.errors import InputError, NotEstimable
from involution.models.blocks import run_models
from involution.study.models import Model


@pytest.fixture
def panel():
    random = np.random.default_rng(8)
    n = 400
    data = pd.DataFrame({name: random.normal(size=n) for name in ("x1", "z1", "z2", "e")})
    data["firm"], data["year"] = np.repeat(np.arange(80), 5), np.tile(np.arange(2010, 2015), 80)
    data["industry"] = data["firm"] % 16
    data["x2"] = data["z1"] + 0.5 * data["z2"] + data["e"]
    data["y"] = data["x1"] + 0.5 * data["x2"] + data["e"] + random.normal(size=n)
    return data


@pytest.mark.parametrize("scale", [1e-8, 1e8])
@pytest.mark.parametrize("column", ["z1", "x1", "y"])
def test_tests_of_instruments_do_not_depend_on_units(panel, column, scale):
    def statistics(data):
        fit = inv.estimate("y ~ x1 | firm | x2 ~ z1 + z2", data, cluster=["industry"])
        table = fit.statistics.set_index("statistic")["value"]
        names = ["first_stage_f[x2]", "first_stage_f_robust[x2]", "effective_f", "wu_hausman", "sargan", "hansen_j"]
        return table[names].to_numpy()

    scaled = panel.assign(**{column: panel[column] * scale})
    np.testing.assert_allclose(statistics(scaled), statistics(panel), rtol=1e-6)


def test_an_instrument_that_explains_the_endogenous_regressor_is_kept(panel):
    panel["sum"] = panel["z1"] + panel["z2"]
    fit = inv.estimate("y ~ x1 | sum ~ z1 + z2", panel, vcov="iid")
    least_squares = inv.estimate("y ~ sum + x1", panel, vcov="iid")
    np.testing.assert_allclose(fit.estimate, least_squares.estimate, rtol=1e-9)
    assert "sargan" in fit.statistics["statistic"].tolist()


def test_hansens_test_needs_more_clusters_than_instruments(panel):
    panel["group"] = panel["firm"] % 3
    fit = inv.estimate("y ~ x1 | x2 ~ z1 + z2", panel, cluster=["group"])
    names = fit.statistics["statistic"].tolist()
    assert "sargan" in names
    assert "hansen_j" not in names


def test_a_regressor_is_no_instrument(panel):
    with pytest.raises(NotEstimable, match="z1 cannot be an instrument and a regressor at once"):
        inv.estimate("y ~ x1 + z1 | x2 ~ z1 + z2", panel)


def test_a_year_of_tiny_weight_keeps_its_effect(panel):
    panel["w"] = np.where(panel["year"] == 2012, 1e-10, 1.0)
    panel["late"] = ((panel["year"] == 2012) & (panel["firm"] % 2 == 0)).astype(float)
    panel["y2"] = panel["y"] + 2 * panel["late"]
    fit = inv.estimate("y2 ~ x1 + late | firm + year", panel, weights="w", vcov="iid")
    dummies = pd.get_dummies(panel[["firm", "year"]].astype(str), dtype=float).to_numpy()
    root = np.sqrt(panel["w"].to_numpy())[:, None]
    design = np.hstack([panel[["x1", "late"]], dummies])
    # Rows of the tiny year fit the dummies and `late` exactly: solve for them after the rest.
    heavy = (panel["w"] == 1).to_numpy()
    rest = np.linalg.lstsq((design * root)[heavy], panel["y2"].to_numpy()[heavy], rcond=None)[0]
    np.testing.assert_allclose(fit.estimate[0], rest[0], rtol=1e-6)
    left = panel["y2"].to_numpy() - design @ np.where(np.arange(len(rest)) == 1, 0.0, rest)
    light = panel[~heavy].assign(left=left[~heavy])
    expected = light.groupby("late")["left"].mean().diff().iloc[-1]
    np.testing.assert_allclose(fit.estimate[1], expected, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_a_two_way_variance_that_is_not_positive_is_mended_alike_in_every_unit(scale):
    random = np.random.default_rng(1)
    n = 120
    data = pd.DataFrame({name: random.normal(size=n) for name in ("x1", "x2", "y")})
    data["a"], data["b"] = random.integers(0, 4, n), random.integers(0, 4, n)
    base = inv.estimate("y ~ x1 + x2", data, cluster=["a", "b"])
    moved = inv.estimate("y ~ x1 + x2", data.assign(y=data["y"] * scale), cluster=["a", "b"])
    np.testing.assert_allclose(moved.statistic, base.statistic, rtol=1e-6)


def test_the_rules_look_at_each_group_of_a_split(panel):
    panel["hhi_loo"] = np.random.default_rng(2).normal(size=len(panel))
    model = Model(name="m", formula="y ~ hhi_loo | firm + year", by="industry", cluster="industry")
    with pytest.raises(InputError, match="identified off the firm's own share"):
        run_models([model], panel.assign(industry=panel["industry"].astype(str)), study="s")

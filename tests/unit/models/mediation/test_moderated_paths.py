"""What is moderated is told from what is not, and Monte Carlo draws do not know of units."""

import numpy as np
import pandas as pd
import pytest

import involution as inv


@pytest.fixture
def direct_moderated():
    """The direct path depends on w, the second stage does not; two thousand rows in fifty clusters."""
    random = np.random.default_rng(0)
    n = 2_000
    data = pd.DataFrame({"x": random.normal(size=n), "w": random.normal(size=n), "cluster": np.arange(n) % 50})
    data["m"] = 0.8 * data["x"] + 0.6 * random.normal(size=n)
    data["y"] = 0.3 * data["x"] + 0.4 * data["m"] + 0.5 * data["x"] * data["w"] + random.normal(size=n)
    return data


def decomposed(data, **options):
    options = {"cluster": "cluster", "inference": "delta", **options}
    return inv.mediate(data, "y", "x", ["m"], **options).tidy().set_index("term")


def test_a_moderated_direct_path_is_no_moderated_second_stage(direct_moderated):
    found = decomposed(direct_moderated, moderators={"m": {"by": "w", "stage": "second"}})
    assert abs(found.loc["b[m]:w", "statistic"]) < 3
    assert abs(found.loc["index_moderated_mediation[m]", "statistic"]) < 3
    beside = decomposed(direct_moderated, moderators={"m": {"by": "w", "stage": "second"}, "direct": "w"})
    assert beside.loc["direct:w", "estimate"] == pytest.approx(0.5, abs=0.15)
    assert beside.loc["b[m]:w", "estimate"] == pytest.approx(found.loc["b[m]:w", "estimate"])


@pytest.mark.parametrize("column", ["x", "m", "y"])
def test_monte_carlo_intervals_are_the_same_in_other_units(direct_moderated, column):
    options = {"inference": "monte_carlo", "draws": 999, "seed": 3}
    plain = decomposed(direct_moderated, **options).loc["indirect[m]"]
    scaled = decomposed(direct_moderated.assign(**{column: 1e6 * direct_moderated[column]}), **options)
    scaled = scaled.loc["indirect[m]"]
    assert scaled["p_value"] == plain["p_value"]
    for name in ("ci_low", "ci_high"):
        assert scaled[name] / scaled["estimate"] == pytest.approx(plain[name] / plain["estimate"], rel=1e-9)


def test_percentiles_of_the_moderator_are_weighted_as_its_mean_is(direct_moderated):
    """Rows of weight two are rows that stand twice."""
    weights = np.where(direct_moderated["w"] > 0, 2.0, 1.0)
    doubled = direct_moderated.loc[np.repeat(direct_moderated.index, weights.astype(int))].reset_index(drop=True)
    options = {"moderators": {"m": {"by": "w"}}}
    found = decomposed(direct_moderated.assign(weight=weights), weights="weight", **options)["estimate"]
    assert found.to_numpy() == pytest.approx(decomposed(doubled, **options)["estimate"].to_numpy(), abs=2e-3)

"""A moderation with its moderator instrumented: by hand, planted truth, the rows of the block, what is refused."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import involution as inv
from involution.errors import NotEstimable
from involution.measures import dictionary as dictionary_of
from involution.models.moderation.instrumented import instrumented
from involution.models.run import run_block
from involution.models.weak_instruments import anderson_rubin_set
from involution.study.moderation import Moderation

DICTIONARY = dictionary_of(pd.DataFrame()).drop(columns=["available", "reason"])


def panel(seed=1, firms=200, years=6, strength=1.0, effect=0.3):
    """A moderator that shares an error with the outcome, and whose product with the treatment therefore does too."""
    draws = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    n, region = len(firm), firm % 40
    x, z, c = (draws.normal(size=n) for _ in range(3))
    error = draws.normal(size=n)
    w = strength * z + error + 0.3 * year + draws.normal(size=firms)[firm] + draws.normal(size=n)
    y = -0.5 * x + 0.2 * w + effect * x * w + 0.8 * error * (1 + x) + draws.normal(size=firms)[firm]
    y = y + (0.1 - effect * 0.3) * year * x + draws.normal(size=n)
    made = {"firm": firm, "year": 2010 + year, "industry": firm % 25, "region": region, "x": x, "w": w, "z": z}
    return pd.DataFrame({**made, "y": y, "c": c, "in_sample": True})


def moderation(data, **asked):
    return inv.moderate(
        data, "y", "x", "w", ["c"], ["firm", "year"], "industry", **{"vcov": "crv1", "draws": 199, **asked}
    )


def within(values, *groups):
    """Residuals from indicators of groups, in a balanced panel."""
    left = values - values.mean()
    for _ in range(len(groups)):
        for group in groups:
            left = left - left.groupby(group).transform("mean")
    return left


def by_hand(data):
    firm, year = data["firm"], data["year"]
    x = within(data["x"], firm)
    made = data.assign(xw=x * within(data["w"], firm, year), xz=x * within(data["z"], firm, year))
    return inv.estimate("y ~ x + c + i(year, x, ref=2010) | firm + year | w + xw ~ z + xz", made, cluster="industry")


def test_the_model_is_that_of_columns_made_by_hand():
    data = panel()
    found, expected = instrumented(moderation(data), "w", ["z"]), by_hand(data)
    rows, hand = found.fit.tidy().set_index("term"), expected.tidy().set_index("term")
    for term, other in (("x:w", "xw"), ("w", "w")):
        assert rows.loc[term, ["estimate", "std_error"]].tolist() == pytest.approx(
            hand.loc[other, ["estimate", "std_error"]].tolist()
        )
    assert found.fit.estimator == "iv"


def test_the_planted_interaction_is_recovered_where_least_squares_is_not():
    data = panel(firms=600)
    found = moderation(data)
    naive = found.tidy().set_index("term").loc["x:w", "estimate"]
    fit = instrumented(found, "w", ["z"])
    estimate = fit.fit.tidy().set_index("term").loc["x:w", "estimate"]
    assert naive > 0.45
    assert estimate == pytest.approx(0.3, abs=0.06)
    assert 0.3 in fit.sets["x:w"]
    assert naive not in fit.sets["x:w"]
    statistics = fit.fit.statistics.set_index("statistic")["value"]
    assert statistics["sanderson_windmeijer_f_robust[x:w]"] > 50
    assert statistics["anderson_rubin_low[x:w]"] < estimate < statistics["anderson_rubin_high[x:w]"]


def test_a_weak_instrument_gives_a_set_without_bounds_and_says_so():
    found = instrumented(moderation(panel(seed=3, strength=0.0)), "w", ["z"])
    assert found.sets["x:w"].kind in ("line", "unbounded")
    codes = {remark.code for remark in found.fit.remarks}
    assert codes & {"anderson_rubin_line", "anderson_rubin_unbounded"}
    assert "moderation_iv" in codes
    assert all(remark.text("zh") and remark.text("en") for remark in found.fit.remarks)


def test_few_clusters_for_the_instruments_are_said():
    def said(clusters):
        data = panel(firms=120)
        found = instrumented(moderation(data.assign(industry=data["firm"] % clusters)), "w", ["z"])
        return [remark.text("en") for remark in found.fit.remarks if remark.code == "anderson_rubin_few_clusters"]

    # The instrument's product with the treatment counts as one too.
    assert said(19)[0].startswith("19 clusters for 2 instruments, fewer than ten each")
    assert said(20) == []


def test_the_set_is_that_of_the_library():
    data = panel()
    found = instrumented(moderation(data), "w", ["z"])
    firm, year = data["firm"], data["year"]
    x = within(data["x"], firm)
    made = data.assign(xw=x * within(data["w"], firm, year), xz=x * within(data["z"], firm, year))
    design = inv.Design(made, ["firm", "year"], "industry")
    solution, _ = design.solution("y ~ x + c + i(year, x, ref=2010) | w + xw ~ z + xz")
    expected = anderson_rubin_set(solution.linear, "xw", 0.0, 1.0)
    assert np.array(found.sets["x:w"].intervals) == pytest.approx(np.array(expected.intervals), rel=1e-4)


def test_an_instrument_that_the_fixed_effects_absorb_is_said():
    data = panel()
    with pytest.raises(NotEstimable):
        instrumented(moderation(data.assign(z=data["year"] * 1.0)), "w", ["z"])


def test_the_block_has_a_model_of_its_own_dated_as_the_moderator():
    clock = {"treatment": 0, "moderator": -1, "outcome": 0, "controls": 0, "mediator": 0}
    asked = {
        "name": "finance", "outcome": "y", "treatment": "x", "moderator": "w", "instruments": {"w": "z"},
        "cluster": ["industry"], "timing": clock, "kernel": False,
    }  # fmt: skip
    sections = {"moderation": [asked], "design": None, "derive": {}, "variables": {}}
    result = run_block("moderation", sections, panel(), study="s", dictionary=DICTIONARY, seed=1, draws=199)
    rows = result.estimates[result.estimates["model"] == "finance_iv"]
    assert {"w_l1", "x:w_l1"} <= set(rows["term"])
    assert (rows["estimator"] == "iv").all()
    said = result.notes[(result.notes["model"] == "finance_iv") & (result.notes["code"] == "moderation_iv")]
    assert "z_l1" in said["text_en"].iloc[0]
    names = result.statistics[result.statistics["model"] == "finance_iv"]["statistic"]
    assert {"underidentification", "anderson_rubin[x:w_l1]", "sanderson_windmeijer_f[w_l1]"} <= set(names)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"instruments": {"v": ["z"]}}, "no moderator"),
        ({"instruments": {"w": ["z"]}, "estimator": "poisson"}, "least squares"),
        ({"moderator": ["w", "v"], "instruments": {"w": ["z"], "v": ["q"]}}, "one moderator at a time"),
    ],
)
def test_what_does_not_go_together_is_refused(changed, said):
    with pytest.raises(ValidationError, match=said):
        Moderation.model_validate({"name": "a", "outcome": "y", "moderator": "w", **changed})

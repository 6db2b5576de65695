"""Shift-share instruments: the same coefficient four ways, errors by shocks by hand, their size, mistakes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.unit.models.endogeneity.exposed import DESIGN, EFFECT, exposed, run
from tests.unit.models.endogeneity.test_instruments import codes_of, rows_of, statistics_of

import involution as inv
from involution.errors import InputError

ASKED = {"name": "ss", "shift_share": {"balance": ["before"]}}
WAYS = [
    {},
    {"weights": "weight"},
    {"fixed_effects": ["firm", "year"], "controls": ["before"]},
    {"fixed_effects": []},
]


@pytest.fixture(scope="module")
def found():
    return exposed()


def by_hand(found, *, weights=None, effects=("industry", "year"), controls=(), groups=None):
    """Estimate, AKM variance and the ends of AKM0 from whole matrices."""
    panel, shares, shocks = found
    w = np.ones(len(panel)) if weights is None else panel[weights].to_numpy()
    years = np.sort(panel["year"].unique())
    wide = shares.pivot(index="industry", columns="shock", values="share").fillna(0)
    sizes = shocks.pivot(index="shock", columns="year", values="growth")
    own = wide.loc[panel["industry"]].to_numpy()
    exposure = np.hstack([own * (panel["year"] == year).to_numpy()[:, None] for year in years])
    b = exposure @ np.concatenate([sizes[year].to_numpy() for year in years])
    z = np.column_stack(
        [np.ones(len(panel)), *(panel[name] for name in controls)]
        + [pd.get_dummies(panel[name], dtype=float).to_numpy() for name in effects]
    )
    root = np.sqrt(w)[:, None]

    def out(column):
        return column - z @ np.linalg.lstsq(z * root, column * root[:, 0], rcond=None)[0]

    y, x, b = out(panel["y"].to_numpy()), out(panel["x"].to_numpy()), out(b)
    g = np.linalg.lstsq(exposure * root, b * root[:, 0], rcond=None)[0]
    estimate = (w * b) @ y / ((w * b) @ x)
    names = np.tile(wide.columns.to_numpy(), len(years)) if groups is None else groups

    def grouped(column):
        parts = g * (exposure.T @ (w * column))
        return pd.Series(parts).groupby(names).sum().to_numpy()

    error = np.sqrt((grouped(y - estimate * x) ** 2).sum()) / abs((w * b) @ x)
    # The set, by looking for where the test with the null imposed turns.
    critical = stats.norm.ppf(0.975)

    def beyond(value):
        return abs((w * b) @ (y - value * x)) - critical * np.sqrt((grouped(y - value * x) ** 2).sum())

    from scipy.optimize import brentq

    ends = [brentq(beyond, estimate, estimate + sign * 30 * error) for sign in (-1, 1)]
    return estimate, error, ends


@pytest.mark.parametrize("options", [{}, {"weights": "weight"}])
def test_errors_by_shocks_are_those_of_whole_matrices(found, options):
    result = run(found, {**ASKED, **options})
    row = rows_of(result, "ss").loc["x"]
    estimate, error, ends = by_hand(found, **options)
    assert row["estimate"] == pytest.approx(estimate, rel=1e-9)
    assert row["std_error"] == pytest.approx(error, rel=1e-7)
    assert row["ci_high"] == pytest.approx(estimate + stats.norm.ppf(0.975) * error, rel=1e-7)
    statistics = statistics_of(result, "ss")["value"]
    assert [statistics["akm0_low"], statistics["akm0_high"]] == pytest.approx(ends, rel=1e-6)
    assert row["vcov"] == "akm(shock)"


def test_shocks_may_go_together_in_groups(found):
    panel, shares, shocks = found
    grouped = shocks.assign(group="g" + (shocks["shock"].str[1:].astype(int) // 3).astype(str))
    row = rows_of(run((panel, shares, grouped), ASKED), "ss").loc["x"]
    groups = np.tile(np.repeat([f"g{code}" for code in range(10)], 3), 6)
    assert row["std_error"] == pytest.approx(by_hand(found, groups=groups)[1], rel=1e-7)
    assert (row["vcov"], row["n_clusters"]) == ("akm(shock_group)", 10)


@pytest.mark.parametrize("options", WAYS)
@pytest.mark.parametrize("total", [1.0, None])
def test_the_coefficient_is_the_same_by_firms_by_shocks_and_by_rotemberg_weights(options, total):
    data = exposed(3, total=total)
    asked = {"name": "ss", "shift_share": {"top": 50}, **options}
    result = run(data, asked)
    by_firms, by_shocks, robust = (rows_of(result, f"ss{part}").loc["x"] for part in ("_clustered", "_shocks", ""))
    assert by_shocks["estimate"] == pytest.approx(by_firms["estimate"], rel=1e-9)
    assert robust["estimate"] == pytest.approx(by_firms["estimate"], rel=1e-9)
    alone = rows_of(result, "ss_rotemberg")["estimate"]
    statistics = statistics_of(result, "ss_rotemberg")["value"]
    weights = np.array([statistics[f"rotemberg_weight[{term[10:-1]}]"] for term in alone.index])
    assert len(alone) == 30
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    assert weights @ alone == pytest.approx(by_firms["estimate"], rel=1e-8)
    assert statistics["rotemberg_shown"] == pytest.approx(1, abs=1e-9)


def test_the_estimate_of_one_shock_is_two_stage_with_its_part_alone(found):
    result = run(found, {"name": "ss", "shift_share": {"top": 3}})
    panel, shares, _ = found
    row = rows_of(result, "ss_rotemberg").iloc[0]
    shock = rows_of(result, "ss_rotemberg").index[0][10:-1]
    own = shares[shares["shock"] == shock].set_index("industry")["share"]
    sizes = found[2][found[2]["shock"] == shock].set_index("year")["growth"]
    data = panel.assign(part=panel["industry"].map(own) * panel["year"].map(sizes))
    fit = inv.estimate("y ~ 1 | industry + year | x ~ part", data, cluster="industry", vcov="crv3")
    # Shocks about their means: by hand the year's mean over shocks is part of the size, so that they are only close.
    assert row["estimate"] == pytest.approx(fit.estimate[0], abs=0.15)
    strength = statistics_of(result, "ss_rotemberg").loc[f"rotemberg_f[{shock}]", "value"]
    assert strength > 10


def test_effective_shocks_count_equal_ones_in_full():
    panel, shares, shocks = exposed(industries=30, shocks=30)
    shares = shares.assign(share=np.where(shares["industry"].str[1:] == shares["shock"].str[1:], 1.0, 0.0))
    statistics = statistics_of(run((panel, shares[shares["share"] > 0], shocks), ASKED), "ss")["value"]
    assert statistics["effective_shocks"] == pytest.approx(180)
    assert statistics["effective_groups"] == pytest.approx(30)
    # Each industry its own shock: errors by shocks are errors by industry but for the small-sample factor.
    result = run((panel, shares[shares["share"] > 0], shocks), {**ASKED, "vcov": "crv1"})
    by_shocks, by_industry = (rows_of(result, f"ss{part}").loc["x", "std_error"] for part in ("", "_clustered"))
    assert by_shocks == pytest.approx(by_industry, rel=0.03)


def test_what_is_decided_before_the_shocks_is_not_moved_by_them(found):
    row = rows_of(run(found, ASKED), "ss_balance").loc["balance[before_l1]"]
    assert row["ci_low"] < 0 < row["ci_high"]
    panel, shares, shocks = found
    wide = shares.pivot(index="industry", columns="shock", values="share")
    sizes = shocks.pivot(index="shock", columns="year", values="growth")
    b = (wide @ sizes).stack().rename("b").reset_index()
    leaking = panel.merge(b, on=["industry", "year"])
    leaking["before"] += 2 * leaking.groupby("firm")["b"].shift(-1).fillna(0)
    row = rows_of(run((leaking.drop(columns="b"), shares, shocks), ASKED), "ss_balance").loc["balance[before_l1]"]
    assert row["ci_low"] > 0


def test_incomplete_shares_are_controlled_and_leaving_that_out_is_told():
    data = exposed(5, total=None, drift=2.0)
    controlled = run(data, {"name": "ss", "shift_share": {}})
    omitted = run(data, {"name": "ss", "shift_share": {"sum_of_shares": "omit"}})
    assert "shift_share_control" in codes_of(controlled, "ss")
    assert any(term.startswith("sum_of_shares::") for term in rows_of(controlled, "ss_clustered").index)
    assert "shift_share_omitted" in codes_of(omitted, "ss")
    row = rows_of(controlled, "ss").loc["x"]
    assert row["ci_low"] < EFFECT < row["ci_high"]
    assert rows_of(omitted, "ss").loc["x", "ci_low"] > EFFECT


def test_complete_shares_need_no_control_beside_years(found):
    result = run(found, ASKED)
    assert not any(code.startswith("shift_share_control") for code in codes_of(result, "ss"))
    assert rows_of(result, "ss_clustered").index.tolist() == ["x"]
    without = run(found, {**ASKED, "fixed_effects": ["industry"]})
    assert "shift_share_years" in codes_of(without, "ss")


def test_more_shocks_than_units_are_told(found):
    result = run(exposed(industries=20, shocks=40), ASKED)
    assert "shift_share_projection" in codes_of(result, "ss")
    assert rows_of(result, "ss")["std_error"].notna().all()


def test_a_shock_without_a_size_leaves_the_shares_and_is_named(found):
    panel, shares, shocks = found
    result = run((panel, shares, shocks[shocks["shock"] != "k03"]), ASKED)
    assert {"shift_share_without", "shift_share_control"} <= set(codes_of(result, "ss"))
    some = shocks.assign(growth=shocks["growth"].where((shocks["shock"] != "k03") | (shocks["year"] > 2012)))
    with_gap = run((panel, shares, some), ASKED)
    assert rows_of(with_gap, "ss")["n_obs"].iloc[0] < rows_of(run(found, ASKED), "ss")["n_obs"].iloc[0]


def test_shocks_are_those_of_the_year_asked_for(found):
    panel, shares, shocks = found
    later = shocks.assign(year=shocks["year"] + 2)
    moved = run((panel, shares, later), {"name": "ss", "shift_share": {"years": 2}})
    assert rows_of(moved, "ss")["estimate"].iloc[0] == pytest.approx(
        rows_of(run(found, ASKED), "ss")["estimate"].iloc[0], rel=1e-9
    )


def test_an_instrument_that_says_nothing_is_a_row_with_the_reason(found):
    panel, shares, shocks = found
    result = run((panel, shares, shocks.assign(growth=1.0)), ASKED)
    for model in ("ss", "ss_shocks", "ss_clustered", "ss_rotemberg", "ss_first", "ss_balance"):
        assert rows_of(result, model)["estimate"].isna().all(), model
    assert rows_of(result, "ss_ols")["estimate"].notna().all()


def test_mistakes_are_told_before_anything_is_estimated(found):
    panel, shares, shocks = found
    with pytest.raises(InputError, match="no shares and shocks"):
        run((panel, shares[:0], shocks), ASKED)
    wrong = {"name": "b", "shift_share": {"shock": "grwth", "balance": ["gone"]}}
    with pytest.raises(InputError) as caught:
        run(
            (panel.rename(columns={"industry": "sector"}), shares, shocks),
            wrong,
            design={**DESIGN, "cluster": ["firm"]},
        )
    told = " ".join(problem.what for problem in caught.value.problems)
    assert "no column 'industry'" in told
    assert "'grwth'" in told
    assert "no column 'gone'" in told


def rejected(count, **options):
    """Shares of samples in which the truth is outside the intervals of errors by shocks, AKM0, shocks, and industry."""
    out = []
    for seed in range(count):
        result = run(exposed(seed, firms=1, **options), {"name": "ss", "shift_share": {"top": 1}})
        statistics = statistics_of(result, "ss")["value"]
        ends = [
            tuple(rows_of(result, f"ss{part}").loc["x", ["ci_low", "ci_high"]])
            for part in ("", "_shocks", "_clustered")
        ]
        ends.append((statistics["akm0_low"], statistics["akm0_high"]))
        out.append([not (low < EFFECT < high) for low, high in ends])
    return np.mean(out, axis=0)


def test_errors_by_shocks_have_the_size_they_say_and_errors_by_industry_do_not():
    by_shocks, regression, by_industry, null_imposed = rejected(100, industries=150)
    assert by_shocks < 0.15
    assert regression < 0.12
    assert null_imposed < 0.12
    assert by_industry > 0.2

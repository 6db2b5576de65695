"""The binning and the kernel estimator against explicit regressions, and their tests of linearity."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from tests.unit.models.moderation import worlds
from tests.unit.models.moderation.explicit import dummies, least_squares, rows_used, year_columns

import involution as inv
from involution.errors import NotEstimable
from involution.models.moderation.binning import bins_of
from involution.models.moderation.kernel import _CV_POINTS, BANDWIDTHS, chosen_bandwidth
from involution.models.moderation.rows import kernel_rows

EFFECTS = ["firm", "year"]


def moderated(data, **options):
    return inv.moderate(data, "y", "x", "w", ["z"], EFFECTS, "industry", **options)


def binned_columns(used):
    """Effects, slopes, levels and own slopes of thirds of w, as Hainmueller, Mummolo and Xu (2019) write them."""
    first, second = np.quantile(used["w"], [1 / 3, 2 / 3])
    masks = [used["w"] <= first, (used["w"] > first) & (used["w"] <= second), used["w"] > second]
    medians = [used.loc[mask, "w"].median() for mask in masks]
    away = [(used["w"] - median) * mask for mask, median in zip(masks, medians, strict=True)]
    effects, slopes = [used["x"] * mask for mask in masks], [used["x"] * column for column in away]
    return effects, slopes, [masks[1] * 1.0, masks[2] * 1.0], away, medians


def test_effects_at_the_medians_of_thirds(data):
    found = moderated(data).bins()
    used = rows_used(data, ["y", "x", "w", "z"], EFFECTS)
    effects, slopes, levels, own, medians = binned_columns(used)
    shares = used["year"].value_counts(normalize=True)
    # Effects by year about their mean over the rows: the first year stands against the others.
    years = [
        used["x"] * ((used["year"] == year) - (used["year"] == 2001) * shares[year] / shares[2001])
        for year in sorted(shares.index)[1:]
    ]
    columns = [*effects, *slopes, *levels, *own, used["z"], *years]
    by_hand = least_squares(used["y"], columns, used, EFFECTS)
    terms = found.fit.tidy().set_index("term")["estimate"]
    names = [f"at[w={label}]" for label in ("low", "middle", "high")]
    assert terms[names].to_numpy() == pytest.approx(by_hand[:3], rel=1e-7)
    assert terms[[name.replace("at[", "slope[") for name in names]].to_numpy() == pytest.approx(by_hand[3:6], rel=1e-7)
    assert [part.median for part in found.bins] == pytest.approx(medians)
    assert found.points["x"].to_numpy() == pytest.approx(np.array(medians))


@pytest.mark.parametrize(("statistic", "restricted"), [("linearity", 4), ("linearity_all", 8)])
def test_the_tests_of_linearity_are_wald_tests_of_nested_regressions(data, statistic, restricted):
    used = rows_used(data, ["y", "x", "w", "z"], EFFECTS)
    effects, slopes, levels, own, _ = binned_columns(used)
    # The linear model's columns and those that the bins add: the added ones are zero under the null.
    added = [*effects[1:], *slopes[1:], *(levels if restricted == 8 else []), *(own[1:] if restricted == 8 else [])]
    kept = [used["x"], used["x"] * used["w"], *(() if restricted == 8 else (*levels, *own[1:])), used["w"], used["z"]]
    others = [dummies(used["firm"]), dummies(used["year"])[:, 1:]]
    matrix = np.hstack([np.column_stack([*added, *kept, *year_columns(used["x"], used["year"])]), *others])
    fit = sm.OLS(used["y"].to_numpy(), matrix).fit()
    wald = fit.wald_test(np.eye(matrix.shape[1])[:restricted], use_f=True, scalar=True)
    found = inv.moderate(data, "y", "x", "w", ["z"], EFFECTS, "industry", vcov="hetero").bins().fit
    robust = fit.get_robustcov_results("HC1").wald_test(np.eye(matrix.shape[1])[:restricted], use_f=True, scalar=True)
    rows = found.statistics.set_index("statistic").loc[statistic]
    assert rows["df"] == restricted
    assert rows["value"] == pytest.approx(float(robust.statistic), rel=2e-3)
    assert np.isfinite(wald.statistic)


def test_a_dependence_that_bends_is_found_and_one_that_does_not_is_not():
    straight, bent = worlds.plain(seed=8, firms=240), worlds.plain(seed=8, firms=240)
    bent["y"] = bent["y"] + 0.15 * bent["x"] * (bent["w"] ** 2)
    p_values = [
        moderated(frame).bins().fit.statistics.set_index("statistic").loc["linearity", "p_value"]
        for frame in (straight, bent)
    ]
    assert p_values[0] > 0.05 > 1e-4 > p_values[1]


def test_bins_of_few_values_are_these():
    found = bins_of(np.array([0.0, 1, 1, 0, 1]), None)
    assert [(part.label, part.median, part.varies) for part in found] == [("low", 0, False), ("high", 1, False)]
    found = bins_of(np.array([0.0, 1, 2, 0, 1]), None)
    assert [part.label for part in found] == ["low", "middle", "high"]
    ties = bins_of(np.concatenate([np.zeros(60), np.arange(1.0, 41.0)]), None)
    assert [(part.label, int(part.rows.sum())) for part in ties] == [("low", 60), ("middle", 7), ("high", 33)]
    with pytest.raises(NotEstimable, match="not told apart"):
        bins_of(np.concatenate([np.arange(5.0), np.full(95, 5.0)]), None)


def test_a_moderator_of_two_values_has_an_effect_at_each(data):
    frame = data.assign(soe=np.where(data["w"].isna(), np.nan, data["w"] > 0.3))
    found = inv.moderate(frame, "y", "x", "soe", ["z"], EFFECTS, "industry")
    bins, effects = found.bins(), found.effects(at=[0, 1])
    terms = bins.fit.tidy().set_index("term")
    assert terms.loc[["at[soe=low]", "at[soe=high]"], "estimate"].to_numpy() == pytest.approx(
        effects["estimate"].to_numpy(), rel=1e-8
    )
    assert "linearity" not in set(bins.fit.statistics["statistic"])
    with pytest.raises(NotEstimable, match="2 values"):
        found.kernel()


def test_the_kernel_is_a_local_regression_at_each_value(data):
    found = moderated(data).kernel(bandwidth=0.9)
    used = rows_used(data, ["y", "x", "w", "z"], EFFECTS)
    for k in (2, 10, 15):
        away = used["w"] - found.grid[k]
        weights = np.exp(-0.5 * (away / 0.9) ** 2)
        near = (away.abs() <= 4 * 0.9).to_numpy()
        part = rows_used(used[near].assign(weights=weights[near], away=away[near]), ["y"], EFFECTS)
        columns = [part["x"], part["away"], part["x"] * part["away"], part["z"]]
        by_hand = least_squares(part["y"], columns, part, EFFECTS, part["weights"])[0]
        assert found.effects.estimate[found.effects.terms.index(str(k))] == pytest.approx(by_hand, rel=1e-7)


def test_a_row_beyond_four_bandwidths_has_no_part_and_the_note_says_so(data):
    found = moderated(data)
    k, bandwidth = 10, 0.5
    place = found.kernel(bandwidth=bandwidth).grid[k]
    away = (data["w"] - place).abs() > 4 * bandwidth
    far = data.assign(y=data["y"].where(~away, data["y"] + 1e6))
    assert away.any()
    values = [f.kernel(bandwidth=bandwidth).effects for f in (found, moderated(far))]
    assert values[0].estimate[values[0].terms.index(str(k))] == pytest.approx(
        values[1].estimate[values[1].terms.index(str(k))], rel=1e-9
    )
    said = kernel_rows("m", moderated(data, draws=99), "w").notes.set_index("code").loc["moderation_kernel"]
    assert "cut off at four bandwidths" in said["text_en"]
    assert "四倍带宽" in said["text_zh"]


def test_the_kernel_follows_a_curve():
    frame = worlds.plain(seed=2, firms=360, effect=0.0)
    frame["y"] = frame["y"] + np.tanh(2 * frame["w"]) * frame["x"]
    found = inv.moderate(frame, "y", "x", "w", (), EFFECTS, "industry").kernel()
    middle = np.abs(found.grid) < 2
    estimates = np.array([found.effects.estimate[found.effects.terms.index(str(k))] for k in range(len(found.grid))])
    assert found.bandwidth < 0.9 * frame["w"].std()
    assert np.abs(estimates - 0.3 - np.tanh(2 * found.grid))[middle].max() < 0.25


def test_the_bandwidth_is_that_of_clusters_left_out(data):
    """Against a loop over clusters with numpy's least squares."""
    found = moderated(data)
    plain = found.form("plain")
    used = data.iloc[plain.sample.rows]
    fit = dict(zip(plain.fit.terms, plain.fit.estimate, strict=True))
    about = plain.factors.about["w"]
    left = (
        plain.fit.residuals + fit["x"] * used["x"] + fit["w"] * used["w"] + fit["x:w"] * used["x"] * (used["w"] - about)
    )
    left, x, w = left.to_numpy(), used["x"].to_numpy(), used["w"].to_numpy()
    grid, spread = np.linspace(w.min(), w.max(), _CV_POINTS), w.std(ddof=1)
    scores = []
    for share in BANDWIDTHS[2:]:
        errors = np.empty(len(w))
        for industry in used["industry"].unique():
            out = (used["industry"] == industry).to_numpy()
            level, slope = np.empty(len(grid)), np.empty(len(grid))
            for k, place in enumerate(grid):
                away = (w[~out] - place) / (share * spread)
                root = np.exp(-0.25 * away**2)
                columns = np.column_stack([np.ones((~out).sum()), x[~out], away, x[~out] * away]) * root[:, None]
                level[k], slope[k] = np.linalg.lstsq(columns, left[~out] * root, rcond=None)[0][:2]
            errors[out] = left[out] - np.interp(w[out], grid, level) - x[out] * np.interp(w[out], grid, slope)
        scores.append(pd.Series(errors**2).groupby(used["industry"].to_numpy()).sum())
    best = int(np.argmin([score.sum() for score in scores]))
    excess = [score - scores[best] for score in scores]
    close = [part.sum() <= part.std() * np.sqrt(len(part)) for part in excess]
    best = BANDWIDTHS[2:][max(k for k, holds in enumerate(close) if holds)]
    assert chosen_bandwidth(found.specification, "w", plain) == pytest.approx(best * spread)

"""The involution index against the same written in plain pandas, and what must leave it as it is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.errors import InputError
from involution.measures import dictionary, measure, measured
from involution.measures.variants import first_half
from involution.measures.view import View
from tests.unit.measures.markets import CALM, FAMILIES, INDEX, MONEY, market, mean, plain_index, score

COLUMNS = [
    "involution", "involution_squeeze", "involution_effort", "involution_crowding", "involution_no_squeeze",
    "involution_no_effort", "involution_no_crowding", "involution_mechanism", "involution_half_a",
    "involution_half_b", "involution_own", "involution_pca", "involution_entropy", "involution_critic",
    "involution_regime",
]  # fmt: skip
BY_COLUMN = {family: ["calm_words" if name == "calm" else name for name in names] for family, names in FAMILIES.items()}


def close(found, expected, tolerance=1e-10):
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=0, atol=tolerance)
    assert np.isfinite(np.asarray(found)).sum() > 50


@pytest.fixture(scope="module")
def panel():
    return market(0)


@pytest.fixture(scope="module")
def found(panel):
    return measure(panel, INDEX)


@pytest.fixture(scope="module")
def plain(found):
    return plain_index(found, BY_COLUMN)


@pytest.fixture(scope="module")
def side(panel):
    return pd.Series(first_half(View(panel), "industry"))


def test_every_column_is_made(found):
    assert [name for name in found.columns if name.startswith("involution")] == COLUMNS


def test_the_index_and_its_families_are_those_of_the_documented_order(found, plain):
    _, scores, index = plain
    close(found["involution"], index)
    for family, values in scores.items():
        close(found[f"involution_{family}"], values)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_index_without_a_family_is_the_mean_of_the_others(found, plain, family):
    close(found[f"involution_no_{family}"], score(mean([s for name, s in plain[1].items() if name != family])))


@pytest.mark.parametrize("level", ["industry", "industry2"])
@pytest.mark.parametrize("min_firms", [4, 10])
def test_other_levels_and_other_least_numbers_of_firms(panel, level, min_firms):
    found = measure(panel, {**INDEX, "level": level, "min_firms": min_firms})
    close(found["involution"], plain_index(found, BY_COLUMN, min_firms=min_firms, level=level)[2])


def test_a_family_of_one_component_is_that_component(found, plain):
    close(found["involution_crowding"], plain[0]["fragmentation"])


def test_the_mechanism_is_crowding_and_the_gap_to_revenue(found):
    families = {"crowding": ["fragmentation"], "effort": ["effort_return_gap_revenue"]}
    close(found["involution_mechanism"], plain_index(found, families)[2])


def test_the_mechanism_holds_no_margin_profit_or_financial_item(panel, found):
    changed = panel.assign(
        cogs=panel["cogs"] * np.linspace(0.5, 1.5, len(panel)),
        op_profit=-panel["op_profit"],
        ppi=panel["ppi"] + 3,
        calm_words=panel["calm_words"] ** 2,
        **dict.fromkeys(("wages", "depreciation", "taxes_surcharges", "liabilities", "cash"), 7.0),
    )
    other = measure(changed, INDEX)
    close(other["involution_mechanism"], found["involution_mechanism"], 0)
    assert not np.allclose(other["involution"], found["involution"], equal_nan=True)


def test_a_crowding_component_with_an_item_of_a_mediator_is_no_part_of_the_mechanism(panel, found):
    families = {**FAMILIES, "crowding": ["fragmentation", "piled"]}
    index = {**INDEX, "families": families, "components": {**CALM, "piled": {"column": "inventory"}}}
    other = measure(panel, index)
    close(other["involution_mechanism"], found["involution_mechanism"])
    assert not np.allclose(other["involution_crowding"], found["involution_crowding"], equal_nan=True)
    alone = measured(panel, {**index, "families": {**FAMILIES, "crowding": ["piled"]}}).dictionary.set_index("name")
    assert alone.loc["involution_mechanism", "reason"].startswith("needs a family 'crowding' with a component")


@pytest.mark.parametrize("half", ["a", "b"])
def test_a_half_is_the_index_with_peers_from_that_half_alone(found, side, half):
    counts = side if half == "a" else ~side
    expected = plain_index(found, BY_COLUMN, counts=counts, least=2)[2].where(found["involution"].notna())
    close(found[f"involution_half_{half}"], score(expected))


def test_a_half_is_known_only_where_the_whole_is(panel, side):
    # Five firms of an industry-year have the component, three of them of the first half: too few of the whole.
    cell = panel[(panel["industry"] == "C00") & (panel["year"] == 2012) & panel["calm_words"].notna()]
    kept = [*cell.index[side[cell.index]][:3], *cell.index[~side[cell.index]][:2]]
    sparse = panel.assign(calm_words=panel["calm_words"].mask(panel.index.isin(cell.index.difference(kept))))
    found = measure(sparse, INDEX)
    assert found.loc[kept, "involution"].isna().all()
    assert not (found["involution_half_a"].notna() & found["involution"].isna()).any()


def test_halves_share_no_firm_and_divide_every_industry_evenly(panel, side):
    by_firm = side.groupby(panel["firm"]).nunique()
    assert (by_firm == 1).all()
    firms = panel.assign(side=side).sort_values("year").drop_duplicates("firm")
    sizes = firms.groupby("industry", dropna=False)["side"].agg(["sum", "size"])
    assert ((2 * sizes["sum"] - sizes["size"]).abs() <= 1).all()


def test_what_firms_of_one_half_do_leaves_the_other_half_as_it_is(panel, found, side):
    # Values change hands within the year and the half, so that quantiles of the year stay.
    changed = panel.copy()
    for _, rows in panel[~side & panel["calm_words"].notna()].groupby("year"):
        changed.loc[rows.index, "calm_words"] = np.roll(rows["calm_words"], 1)
    other = measure(changed, INDEX)
    close(other["involution_half_a"], found["involution_half_a"])
    assert (other["involution_half_b"] - found["involution_half_b"]).abs().max() > 0.01


def test_the_split_is_that_of_the_firms_and_not_of_the_rows(panel, side):
    shuffled = panel.sample(frac=1, random_state=3)
    again = pd.Series(first_half(View(shuffled.reset_index(drop=True)), "industry"), index=shuffled.index)
    pd.testing.assert_series_equal(again.sort_index(), side)
    assert 0.4 < side.mean() < 0.6


def test_the_own_index_takes_the_firms_own_values(found):
    parts = {}
    cell = found["industry"] + found["year"].astype(str)
    sellers = (found["revenue"] > 0).groupby(cell).transform("sum")
    for names in BY_COLUMN.values():
        for name in names:
            low, high = (found.groupby("year")[name].transform("quantile", at) for at in (0.01, 0.99))
            values = found[name].clip(low, high) * (-1 if name == "calm_words" else 1)
            of_industry = name in ("fragmentation", "price_deflation")
            parts[name] = score(values.where(sellers >= 6) if of_industry else values)
    families = [score(mean([parts[name] for name in names])) for names in BY_COLUMN.values()]
    close(found["involution_own"], score(mean(families)))


def test_the_regime_is_fragmentation_and_falling_margins_above_their_medians(found, plain):
    parts = [plain[0]["fragmentation"], plain[0]["margin_compression"]]
    expected = ((parts[0] > parts[0].median()) & (parts[1] > parts[1].median())).astype(float)
    expected = expected.where(parts[0].notna() & parts[1].notna())
    close(found["involution_regime"], expected, 0)
    assert set(found["involution_regime"].dropna()) == {0.0, 1.0}


@pytest.mark.parametrize("kind", ["pca", "entropy", "critic"])
def test_weighted_variants_are_weighted_sums_of_the_components(kind):
    panel = market(2)
    index = {"families": {"a": ["margin_compression", "price_deflation"]}, "min_firms": 5}
    result = measured(panel, index)
    parts = plain_index(result.frame, index["families"], min_firms=5)[0]
    weights = result.index["weights"][kind]
    assert sum(weights.values()) == pytest.approx(1)
    expected = score(sum(weights[name] * parts[name] for name in parts))
    close(result.frame[f"involution_{kind}"], expected)
    chosen = measure(panel, {**index, "weighting": kind})
    close(chosen["involution"], expected)
    close(chosen["involution_a"], result.frame["involution_a"], 0)


def test_weights_are_estimated_on_the_base_years():
    panel = market(2)
    index = {"families": {"a": ["price_deflation", "calm"]}, "components": CALM, "min_firms": 5}
    early = measured(panel, {**index, "base_years": [2010, 2012]}).index["weights"]["entropy"]
    later = panel.assign(calm_words=panel["calm_words"].where(panel["year"] <= 2012, panel["calm_words"] ** 2))
    same_year = later["year"] <= 2012
    pd.testing.assert_frame_equal(later[same_year], panel[same_year])
    assert measured(later, index).index["weights"]["entropy"] != pytest.approx(early)
    parts = plain_index(measure(panel), {"a": ["price_deflation", "calm_words"]}, min_firms=5)[0]
    complete = pd.DataFrame(parts)[panel["year"] <= 2012].dropna()
    means = complete.groupby([panel["industry"], panel["year"]]).mean()
    shifted = (means - means.min()) / (means.max() - means.min()) + 1e-4
    shares = shifted / shifted.sum()
    divergence = 1 + (shares * np.log(shares)).sum() / np.log(len(means))
    assert list(early.values()) == pytest.approx((divergence / divergence.sum()).tolist())


def test_the_index_is_missing_where_any_component_is(found, plain):
    complete = pd.DataFrame(plain[0]).notna().all(axis=1)
    assert 0 < complete.sum() < len(found)
    assert (found["involution"].notna() == complete).all()


def test_a_firms_own_value_is_not_in_its_index(panel):
    """One firm's value moves within the quantiles of its year; its own peer mean stays and that of its peers moves."""
    families = {"families": {"a": ["calm"]}, "components": CALM, "min_firms": 5}
    year = panel[panel["year"] == 2012].sort_values("calm_words")
    middle = year[year["industry"] == "C00"].iloc[[3, 4]]
    changed = panel.copy()
    changed.loc[middle.index[0], "calm_words"] = middle["calm_words"].iloc[1]
    before, after = (frame["involution_a"] for frame in (measure(panel, families), measure(changed, families)))
    same_cell = (panel["year"] == 2012) & (panel["industry"] == "C00")
    # Standardising is one scale for all: compare with a cell that nothing touched.
    other = panel.index[(panel["year"] == 2013) & before.notna()]
    scale = np.polyfit(after[other], before[other], 1)
    moved = (np.polyval(scale, after) - before).abs()
    assert moved[middle.index[0]] < 1e-12
    assert (moved[same_cell].drop(middle.index[0]) > 1e-6).all()


SEEDS = st.integers(0, 30)


@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_the_order_of_rows_decides_nothing(seed):
    panel = market(seed, firms=50)
    shuffled = panel.sample(frac=1, random_state=seed)
    expected, found = measure(panel, INDEX), measure(shuffled, INDEX).loc[panel.index]
    for name in expected.columns.intersection(COLUMNS):
        np.testing.assert_allclose(found[name], expected[name], atol=1e-9, err_msg=name)


@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_the_names_of_firms_and_industries_decide_nothing_but_the_halves(seed):
    panel = market(seed, firms=50)
    renamed = panel.assign(firm=panel["firm"].str[::-1] + "x", industry="z" + panel["industry"].str[::-1])
    expected, found = measure(panel, INDEX), measure(renamed, INDEX)
    for name in COLUMNS:
        if name in expected and "half" not in name:
            np.testing.assert_allclose(found[name], expected[name], atol=1e-9, err_msg=name)


@settings(max_examples=5, deadline=None)
@given(SEEDS, st.sampled_from([1e-6, 1000.0, 7.0]))
def test_the_unit_of_money_decides_nothing(seed, factor):
    panel = market(seed, firms=50)
    scaled = panel.assign(**{name: panel[name] * factor for name in MONEY})
    expected, found = measure(panel, INDEX), measure(scaled, INDEX)
    for name in COLUMNS:
        if name in expected:
            np.testing.assert_allclose(found[name], expected[name], atol=1e-7, err_msg=name)


@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_a_second_copy_of_every_industry_leaves_the_values(seed):
    """Values that pile up at the ends of each year are not touched by winsorising, with or without the copy."""
    panel = market(seed, firms=50)
    low, high = (panel.groupby("year")["calm_words"].transform("quantile", at) for at in (0.1, 0.9))
    panel["calm_words"] = panel["calm_words"].clip(low, high).round(1)
    copy = panel.assign(firm=panel["firm"] + "b", industry=panel["industry"] + "b")
    index = {"families": {"a": ["calm"]}, "components": CALM, "min_firms": 5}
    once = measure(panel, index)["involution"]
    twice = measure(pd.concat([panel, copy], ignore_index=True), index)["involution"]
    n = once.notna().sum()
    # The standard deviation of twice as many rows divides by 2n - 1, not by 2 (n - 1).
    expected = once * np.sqrt((2 * n - 1) / (2 * n - 2))
    np.testing.assert_allclose(twice[: len(panel)], expected, atol=1e-9)
    np.testing.assert_allclose(twice[len(panel) :], expected, atol=1e-9)


def test_an_industry_of_few_firms_has_no_index_and_is_counted(panel):
    result = measured(panel, INDEX)
    small = panel["industry"] == "C21"
    assert small.sum() > 10
    assert result.frame.loc[small, COLUMNS[0]].isna().all()
    assert result.index["small_cells"]["rows"] >= small.sum()
    assert result.index["rows_known"] == result.frame["involution"].notna().sum()
    assert result.index["rows_missing"]["margin_compression"] > result.index["rows_missing"]["fragmentation"]


def test_one_firm_more_or_less_decides_at_the_least_number(panel):
    sizes = panel[panel["revenue"] > 0].groupby(["industry", "year"]).size()
    (industry, year), size = next((key, size) for key, size in sizes.items() if size >= 8)
    cell = (panel["industry"] == industry) & (panel["year"] == year)
    families = {"families": {"a": ["fragmentation"]}}
    assert measure(panel, {**families, "min_firms": int(size)}).loc[cell, "involution"].notna().all()
    assert measure(panel, {**families, "min_firms": int(size) + 1}).loc[cell, "involution"].isna().all()


def test_a_component_with_too_few_inputs_is_left_out_by_name(panel):
    sparse = panel.assign(calm_words=panel["calm_words"].where(np.arange(len(panel)) % 4 != 0))
    result = measured(sparse, INDEX)
    left_out = {row["component"]: row["left_out"] for row in result.index["components"] if row["left_out"]}
    share = sparse["calm_words"].notna().mean()
    assert left_out == {"calm": f"calm_words known in {share:.1%} of the rows, fewer than 80%"}
    entry = result.dictionary.set_index("name").loc["involution"]
    assert "left out: calm: calm_words known in" in entry["formula"]
    families = {**BY_COLUMN, "effort": ["inventory_build"]}
    close(result.frame["involution"], plain_index(result.frame, families)[2])
    assert measured(sparse, {**INDEX, "min_coverage": 0.5}).index["components"][3]["left_out"] == ""


def test_rows_lost_to_lags_do_not_count_against_a_component(panel):
    result = measured(panel, {**INDEX, "min_coverage": 0.95})
    coverage = {row["component"]: row["coverage"] for row in result.index["components"]}
    assert coverage["margin_compression"] == 1
    assert result.frame["margin_compression"].notna().mean() < 0.8


def test_a_component_is_kept_at_exactly_the_least_coverage(panel):
    some = panel.iloc[:400].assign(inventory=np.where(np.arange(400) % 5 == 0, np.nan, 1.0 + np.arange(400)))
    result = measured(some, {"families": {"a": ["inventory_build", "fragmentation"]}, "min_firms": 3})
    assert [row["left_out"] for row in result.index["components"]] == ["", ""]


def test_a_family_without_any_component_is_an_error_that_shows_the_coverage(panel):
    sparse = panel.assign(inventory=panel["inventory"].where(panel.index % 2 == 0))
    families = {"effort": ["inventory_build", "capacity_gap"], "crowding": ["fragmentation"]}
    with pytest.raises(InputError) as caught:
        measure(sparse, {"families": families})
    message = str(caught.value)
    assert message.startswith("index: no component of the family 'effort' is left (inventory_build: inventory, revenue")
    assert f"known in {sparse['inventory'].notna().mean():.1%} of the rows, fewer than 80%" in message
    assert "capacity_gap: needs capacity_utilization" in message


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ({"families": {"a": ["fragmentation"]}, "level": "industry9"}, "index: needs industry9"),
        ({"families": {"a": ["w"]}, "components": {"w": {"column": "calm_word"}}},
         "index.components.w.column: there is no column 'calm_word'; the nearest is 'calm_words'"),
        ({"families": {"a": ["fragmentation"]}, "min_firms": 5000}, "index: no row has fragmentation in"),
        ({"families": {"a": ["w"]}, "components": {"w": {"column": "constant"}}, "min_firms": 4},
         "index: w: the same in every row"),
        ({"families": {"a": ["up", "down"]}, "min_firms": 4,
          "components": {"up": {"column": "calm_words"}, "down": {"column": "calm_words", "sign": -1}}},
         "index: up, down: the same in every row"),
        ({"families": {"a": ["up", "down"]}, "min_firms": 4,
          "components": {"up": {"column": "calm_words"}, "down": {"column": "tripled", "sign": -1}}},
         "index: up, down: the same in every row"),
        ({"families": {"a": ["fragmentatoin"]}}, "the nearest is 'fragmentation'"),
        ({"families": {"a": ["up", "down"]}, "weighting": "pca", "min_firms": 4,
          "components": {"up": {"column": "calm_words"}, "down": {"column": "calm_words", "sign": -1}}},
         "index: the loadings of the first principal component do not share one sign: up"),
    ],
)  # fmt: skip
def test_an_index_that_is_asked_for_and_not_possible_is_an_error(panel, index, said):
    with pytest.raises(InputError) as caught:
        measure(panel.assign(constant=1.0, tripled=3 * panel["calm_words"] + 0.1), index)
    assert said in str(caught.value)


def test_a_weighting_that_is_not_possible_is_a_reason_beside_the_equal_weights(panel):
    components = {"up": {"column": "calm_words"}, "down": {"column": "calm_words", "sign": -1}}
    result = measured(panel, {"families": {"a": ["up"], "b": ["down", "fragmentation"]}, "components": components})
    table = result.dictionary.set_index("name")
    assert "do not share one sign" in table.loc["involution_pca", "reason"]
    assert "involution_pca" not in result.frame
    assert "involution_critic" in result.frame


def test_one_family_leaves_nothing_without_it(panel):
    result = measured(panel, {"families": {"a": ["fragmentation"]}})
    table = result.dictionary.set_index("name")
    assert table.loc["involution_no_a", "reason"] == "the index has no family but a"
    assert table.loc["involution_mechanism", "reason"].startswith("needs a family 'crowding'")
    close(result.frame["involution"], result.frame["involution_a"])


def test_without_the_section_an_impossible_index_is_listed_with_its_reason(panel):
    few = panel.drop(columns=["inventory", "ppi"])
    result = measured(few)
    table = result.dictionary.set_index("name")
    for name in COLUMNS:
        assert name not in result.frame
        assert not table.loc[name, "available"]
        assert table.loc[name, "reason"].startswith("no component of the family 'effort' is left (effort_return_gap")
    assert result.index["reason"] == table.loc["involution", "reason"]


def test_the_documented_families_are_used_where_the_panel_allows_them(panel):
    full = panel.assign(wages=panel["revenue"] * 0.1, depreciation=1.0, taxes_surcharges=0.5)
    found, asked = measure(full), measure(full, {})
    pd.testing.assert_frame_equal(found, asked)
    families = {
        "squeeze": ["margin_compression", "growth_without_profit", "price_deflation"],
        "effort": ["effort_return_gap", "inventory_build"],
        "crowding": ["fragmentation"],
    }
    close(found["involution"], measure(full, {"families": families})["involution"], 0)


def test_what_the_dictionary_lists_is_what_is_made(panel):
    result = measured(panel, INDEX)
    table = result.dictionary[result.dictionary["family"] == "involution"].set_index("name")
    assert table.index.tolist() == COLUMNS
    assert table.index[table["available"]].tolist() == [name for name in COLUMNS if name in result.frame]
    assert (table["level"] == "industry").tolist() == [name != "involution_own" for name in COLUMNS]
    assert (table["leave_one_out"] == (table["level"] == "industry")).all()
    assert (table["direction"] == "+").all()
    pd.testing.assert_frame_equal(dictionary(panel, INDEX), result.dictionary)
    named = measured(panel, {**INDEX, "families": {"talk": ["calm"], **FAMILIES, "effort": ["inventory_build"]}})
    assert {"involution_talk", "involution_no_talk"} <= set(named.frame)
    assert named.dictionary.set_index("name").loc["involution_talk", "formula"].startswith("mean of -calm of the other")


def test_a_given_index_is_kept(panel):
    result = measured(panel.assign(involution=4.0), INDEX)
    assert (result.frame["involution"] == 4).all()
    assert result.dictionary.set_index("name").loc["involution", "coverage"] == "given"
    assert list(result.frame.columns).count("involution") == 1


def test_measures_of_industries_are_made_anew_at_another_level(panel):
    found = measure(panel, {"families": {"a": ["cr4"]}, "level": "industry2", "min_firms": 4})
    shares = panel["revenue"].where(panel["revenue"] > 0)
    cell = panel["industry2"] + panel["year"].astype(str)
    four = shares.groupby(cell).transform(lambda part: part.nlargest(4).sum() / part.sum())
    low, high = (four.groupby(panel["year"]).transform("quantile", at) for at in (0.01, 0.99))
    # Concentration is the opposite of crowding: its sign turns.
    close(found["involution"], -score(four.clip(low, high)))

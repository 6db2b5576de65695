"""Prices undercut and technologies alike: by hand, at zero, and against a loop over pairs of firms."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.errors import InputError
from involution.measures import dictionary, measure, measured
from tests.unit.measures.conftest import simulated

MEASURES = ["undercutting", "homogeneity"]
CLASSES = ["ipc_A01", "ipc_B60", "ipc_H01"]
seeds = st.integers(0, 10_000)
few = settings(max_examples=25, deadline=None)


def _sellers(revenue, quantity):
    frame = pd.DataFrame({"revenue": revenue, "quantity": quantity}, dtype=float)
    return frame.assign(firm=[f"f{k}" for k in range(len(frame))], year=2010, industry="C26")


def _inventors(*vectors):
    frame = pd.DataFrame(vectors, columns=CLASSES, dtype=float)
    return frame.assign(firm=[f"f{k}" for k in range(len(frame))], year=2010, industry="C26")


def test_undercutting_by_hand():
    # Unit values 2, 4, 6 and 16: the median is 5.
    found = measure(_sellers([20, 40, 30, 160], [10, 10, 5, 10]))["undercutting"]
    assert found.tolist() == pytest.approx([math.log(5 / price) for price in (2, 4, 6, 16)])


@pytest.mark.parametrize(
    "revenue, quantity", [(0, 10), (-40, 10), (40, 0), (40, -10), (-40, -10), (0, 0), (np.nan, 10), (40, np.nan)]
)
def test_a_firm_without_a_price_has_none_and_moves_no_median(revenue, quantity):
    found = measure(_sellers([20, 40, 60, revenue], [10, 10, 10, quantity]))["undercutting"]
    assert found.tolist() == pytest.approx([math.log(2), 0.0, -math.log(1.5), math.nan], nan_ok=True)


def test_a_firm_alone_undercuts_nobody():
    assert measure(_sellers([20], [10]))["undercutting"].tolist() == [0.0]
    assert measure(_sellers([0], [10]))["undercutting"].isna().all()


def test_homogeneity_by_hand():
    # Cosines: of the first two 24/25, with the third 3/5 and 4/5.
    found = measure(_inventors([0.6, 0.8, 0], [0.8, 0.6, 0], [0, 1, 0]))["homogeneity"]
    assert found.tolist() == pytest.approx([(0.96 + 0.8) / 2, (0.96 + 0.6) / 2, (0.8 + 0.6) / 2])


def test_the_same_mix_is_one_whatever_its_size_and_another_is_zero():
    found = measure(_inventors([1, 3, 0], [10, 30, 0], [0, 0, 7]))["homogeneity"]
    assert found.tolist() == pytest.approx([0.5, 0.5, 0.0])


def test_rounding_takes_no_cosine_above_one():
    assert measure(_inventors(*[[0.1, 0.7, 0.5]] * 2))["homogeneity"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("vector", [[0, 0, 0], [np.nan] * 3, [0.5, np.nan, 0.5]])
def test_a_firm_without_patents_or_with_an_unknown_class_is_nobodys_peer(vector):
    found = measure(_inventors([1, 0, 0], [3, 4, 0], vector))["homogeneity"]
    assert found.tolist() == pytest.approx([0.6, 0.6, math.nan], nan_ok=True)


def test_a_firm_alone_is_like_nobody():
    assert measure(_inventors([1, 0, 0]))["homogeneity"].isna().all()
    assert measure(_inventors([1, 0, 0], [0, 0, 0]))["homogeneity"].isna().all()


def test_peers_are_those_of_the_same_industry_and_year():
    panel = _inventors([1, 0, 0], [3, 4, 0], [0, 0, 1], [0, 3, 4]).assign(industry=["i", "i", "j", "j"])
    assert measure(panel)["homogeneity"].tolist() == pytest.approx([0.6, 0.6, 0.8, 0.8])
    stray = measure(panel.assign(industry=["i", "i", "i", np.nan]))["homogeneity"]
    assert stray.tolist() == pytest.approx([0.3, 0.3, 0.0, math.nan], nan_ok=True)
    assert measure(panel.assign(year=[2010, 2011, 2010, 2011]))["homogeneity"].isna().all()


def test_homogeneity_is_available_with_any_column_of_classes():
    panel = _inventors([1, 0, 0], [3, 4, 0])
    table = dictionary(panel[["firm", "year", "industry", "ipc_B60"]]).set_index("name")
    assert table.loc[["homogeneity", "homogeneity_patents"], "available"].all()
    assert table.loc["homogeneity_text", "reason"] == "needs business_text"
    bare = panel[["firm", "year", "industry"]].assign(ipcs=1.0)
    table = dictionary(bare).set_index("name")
    assert table.loc["homogeneity_patents", "reason"] == "needs ipc_*"
    assert table.loc["homogeneity", "reason"] == "needs homogeneity_text or homogeneity_patents"
    assert not {"homogeneity", "homogeneity_text", "homogeneity_patents"} & set(measure(bare))


def test_homogeneity_is_that_of_texts_where_the_panel_has_them_for_all_rows():
    panel = _inventors([1, 0, 0], [3, 4, 0], [0, 0, 1]).assign(business_text=["steel", "steel", None])
    found = measure(panel)
    assert found["homogeneity_patents"].tolist() == pytest.approx([0.3, 0.3, 0.0])
    assert found["homogeneity_text"].tolist() == pytest.approx([1.0, 1.0, np.nan], nan_ok=True)
    pd.testing.assert_series_equal(found["homogeneity"], found["homogeneity_text"], check_names=False)
    without = measure(panel.drop(columns="business_text"))
    pd.testing.assert_series_equal(without["homogeneity"], without["homogeneity_patents"], check_names=False)


def test_a_likeness_of_texts_that_the_panel_brings_is_the_one_taken():
    panel = _inventors([1, 0, 0], [3, 4, 0]).assign(homogeneity_text=[0.2, 0.3], business_text="steel")
    assert measure(panel)["homogeneity"].tolist() == [0.2, 0.3]


def test_a_main_class_as_text_is_no_number():
    panel = _inventors([1, 0, 0], [3, 4, 0]).assign(ipc_main=["A01B", "H01M"])
    assert measure(panel)["homogeneity"].tolist() == pytest.approx([0.6, 0.6])
    assert measure(panel.drop(columns=CLASSES))["homogeneity"].isna().all()


def products(seed):
    """Firms with prices and patents, some without."""
    random = np.random.default_rng(seed)
    panel = simulated(seed)
    panel["quantity"] = panel["revenue"].abs() / random.lognormal(0, 1, len(panel))
    panel[CLASSES] = random.dirichlet([0.5] * len(CLASSES), len(panel))
    panel.loc[random.uniform(size=len(panel)) < 0.1, CLASSES] = 0.0
    panel.loc[random.uniform(size=len(panel)) < 0.05, CLASSES[1]] = np.nan
    panel.loc[random.uniform(size=len(panel)) < 0.1, "quantity"] = 0.0
    return panel


def naive(panel: pd.DataFrame) -> pd.DataFrame:
    """Both measures by a loop over pairs of rows, from the definitions."""
    rows = list(panel.to_dict("records"))

    def price(row):
        value = row["revenue"] / row["quantity"] if row["quantity"] > 0 else math.nan
        return value if value > 0 else math.nan

    def cosine(one, other):
        a, b = ([row[name] for name in CLASSES] for row in (one, other))
        size = math.sqrt(math.fsum(v * v for v in a) * math.fsum(v * v for v in b))
        return math.fsum(v * w for v, w in zip(a, b, strict=True)) / size if size > 0 else math.nan

    out = []
    for row in rows:
        peers = [peer for peer in rows if (peer["industry"], peer["year"]) == (row["industry"], row["year"])]
        known = isinstance(row["industry"], str)
        prices = [price(peer) for peer in peers if not math.isnan(price(peer))]
        cosines = [cosine(row, peer) for peer in peers if peer is not row]
        cosines = [value for value in cosines if not math.isnan(value)]
        under = math.log(np.median(prices)) - math.log(price(row)) if known and prices else math.nan
        out.append((under, sum(cosines) / len(cosines) if known and cosines else math.nan))
    return pd.DataFrame(out, index=panel.index, columns=MEASURES)


def _same(found, expected):
    pd.testing.assert_frame_equal(found[MEASURES], expected[MEASURES], rtol=1e-9, atol=1e-9)


@few
@given(seeds, st.randoms(use_true_random=False))
def test_random_panels_agree_with_a_loop_in_any_order_of_rows(seed, random):
    panel = products(seed)
    order = list(range(len(panel)))
    random.shuffle(order)
    found = measure(panel.iloc[order]).loc[panel.index]
    _same(found, naive(panel))
    assert found[MEASURES].notna().any().all()
    assert found["homogeneity"].dropna().between(0, 1).all()


@few
@given(seeds, st.integers(-10, 20), st.integers(-10, 20))
def test_units_names_and_the_order_of_classes_do_not_matter(seed, money, pieces):
    panel = products(seed)
    changed = panel.assign(firm="z" + panel["firm"].str[::-1], industry="y" + panel["industry"].str[::-1])
    changed["revenue"] *= 2.0**money
    changed["quantity"] *= 2.0**pieces
    changed[CLASSES] = panel[CLASSES[::-1]] * 100
    _same(measure(changed), measure(panel))


@few
@given(seeds)
def test_the_same_firms_in_new_industries_change_nothing(seed):
    panel = products(seed)
    copy = panel.assign(firm="copy of " + panel["firm"], industry="copy of " + panel["industry"])
    both, alone = measure(pd.concat([panel, copy], ignore_index=True)), measure(panel)
    _same(both.iloc[: len(panel)], alone)
    _same(both.iloc[len(panel) :].reset_index(drop=True), alone)


@few
@given(seeds)
def test_a_class_that_nobody_has_changes_nothing(seed):
    panel = products(seed)
    _same(measure(panel.assign(ipc_Z99=0.0)), measure(panel))


def test_the_index_asks_for_the_inputs_of_the_one_homogeneity_it_takes():
    panel = products(1).assign(business_text="steel")
    families = {"families": {"crowding": ["homogeneity"]}, "min_firms": 2, "min_coverage": 0}
    for columns, expected in (([], "business_text"), (["business_text"], "ipc_*")):
        (component,) = measured(panel.drop(columns=columns).dropna(subset="industry")).index["components"][-1:]
        assert component["component"] == "homogeneity"
        assert component["inputs"] == ["industry", expected]
    with pytest.raises(InputError, match="the same in every row"):
        measured(panel, families)

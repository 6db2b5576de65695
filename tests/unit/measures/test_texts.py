"""Likeness of texts: terms of words and of Chinese, weights by hand, and against a loop over pairs."""

import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from involution.measures import measure
from involution.measures.texts import terms

WORDS = ["steel", "pipes", "wires", "motors", "cloud", "钢管制造", "新能源汽车", "电池", "a", ""]
seeds = st.integers(0, 10_000)
few = settings(max_examples=20, deadline=None)


def _firms(*texts, **more):
    frame = pd.DataFrame({"business_text": pd.Series(texts, dtype="str")})
    return frame.assign(firm=[f"f{k}" for k in range(len(texts))], year=2010, industry="C33").assign(**more)


def _likeness(*texts, **more):
    return measure(_firms(*texts, **more))["homogeneity_text"]


def random_texts(seed, firms=12, years=3):
    """Firms of two industries over some years, some without a text or an industry."""
    random = np.random.default_rng(seed)
    panel = pd.DataFrame(
        {"firm": np.repeat([f"f{k:02d}" for k in range(firms)], years), "year": np.tile(np.arange(years) + 2010, firms)}
    )
    texts = [" ".join(random.choice(WORDS, random.integers(1, 7))) for _ in panel.index]
    panel["business_text"] = pd.Series(texts, dtype="str").where(random.uniform(size=len(panel)) > 0.15)
    panel["industry"] = pd.Series(random.choice(["C33", "C36", None], len(panel), p=[0.5, 0.4, 0.1]), dtype="str")
    return panel


def naive(panel):
    """From the definition, by counting terms and looping over pairs of rows."""
    found = {row: list(terms(text)) for row, text in panel["business_text"].items() if isinstance(text, str)}
    found = {row: words for row, words in found.items() if words}
    vectors = {}
    for year, rows in panel.loc[list(found)].groupby("year").groups.items():
        used = pd.Series([word for row in rows for word in set(found[row])]).value_counts()
        for row in rows:
            counts = pd.Series(found[row]).value_counts()
            weights = (1 + np.log(counts)) * (1 + np.log(len(rows) / used[counts.index]))
            vectors[row] = (year, weights / math.sqrt((weights**2).sum()))
    out = pd.Series(np.nan, index=panel.index)
    for row, (year, own) in vectors.items():
        peers = [
            vector for other, (when, vector) in vectors.items()
            if other != row and when == year and panel.at[other, "industry"] == panel.at[row, "industry"]
        ]  # fmt: skip
        if peers:
            out[row] = np.mean([(own * peer).sum() for peer in peers])
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Steel pipes, STEEL wires; a 3D-printer", ["steel", "pipes", "steel", "wires", "3d", "printer"]),
        ("新能源汽车", ["新能", "能源", "源汽", "汽车"]),
        ("钢、铁", ["钢", "铁"]),
        ("5G手机和LED灯", ["5g", "手机", "机和", "led", "灯"]),
        ("ＬＥＤ", ["led"]),
        ("snake_case 12", ["snake", "case", "12"]),
        (" ,。— ", []),
    ],
)
def test_terms_are_words_and_pairs_of_chinese_characters(text, expected):
    assert list(terms(text)) == expected


def test_three_firms_by_hand():
    # Of three texts all use steel, two use pipes and two use wires: weights 1, p and p, and steel twice is 1 + ln 2.
    p = 1 + math.log(1.5)
    length = [math.sqrt(1 + p**2), math.sqrt((1 + math.log(2)) ** 2 + p**2), math.sqrt(1 + 2 * p**2)]
    one_two = (1 + math.log(2)) / (length[0] * length[1])
    one_three = (1 + p**2) / (length[0] * length[2])
    two_three = (1 + math.log(2) + p**2) / (length[1] * length[2])
    expected = [(one_two + one_three) / 2, (one_two + two_three) / 2, (one_three + two_three) / 2]
    found = _likeness("steel pipes", "steel wires steel", "Wires, pipes, steel")
    assert found.tolist() == pytest.approx(expected)


def test_chinese_by_hand():
    # 钢管 in both; 管制, 制造 in the first and 管销, 销售 in the second alone: 1 / (1 + 2 q^2), q = 1 + ln 2.
    found = _likeness("钢管制造", "钢管销售")
    assert found.tolist() == pytest.approx([1 / (1 + 2 * (1 + math.log(2)) ** 2)] * 2)


@pytest.mark.parametrize("text", ["steel pipes and steel wires", "钢管制造与销售", "5G手机"])
def test_the_same_text_is_one_and_never_more(text):
    found = _likeness(*[text] * 5)
    assert found.tolist() == pytest.approx([1.0] * 5)
    assert (found <= 1).all()


def test_texts_without_a_common_term_are_zero():
    assert _likeness("steel pipes", "cloud services", "电池制造").tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("text", [None, "", "  ", "a , -", "。"])
def test_a_firm_without_a_term_is_nobodys_peer_and_counts_in_no_weight(text):
    found = _likeness("steel pipes", "steel wires", text)
    assert np.isnan(found[2])
    assert found[:2].tolist() == pytest.approx(_likeness("steel pipes", "steel wires").tolist())
    assert _likeness(text, text).isna().all()


def test_a_firm_alone_is_like_nobody():
    assert _likeness("steel", None).isna().all()
    assert _likeness("steel", "steel", industry=["C33", "C36"]).isna().all()
    assert _likeness("steel", "steel", year=[2010, 2011]).isna().all()
    assert _likeness("steel", "steel", industry=["C33", None]).isna().all()


def test_firms_of_other_industries_weigh_terms_and_are_no_peers():
    found = _likeness("steel pipes", "steel wires", "cloud", "cloud", industry=["C33", "C33", "I65", "I65"])
    # Of four texts two use steel: weight 1 + ln 2; pipes and wires 1 + ln 4.
    steel, other = (1 + math.log(2)) ** 2, (1 + math.log(4)) ** 2
    assert found.tolist() == pytest.approx([steel / (steel + other)] * 2 + [1.0, 1.0])


def test_a_later_year_changes_no_earlier_one():
    panel = random_texts(7)
    early = measure(panel[panel["year"] < 2012])["homogeneity_text"]
    pd.testing.assert_series_equal(measure(panel)["homogeneity_text"][early.index], early)


def test_columns_of_objects_are_read_like_text():
    panel = random_texts(3)
    plain = panel.assign(business_text=panel["business_text"].astype(object))
    pd.testing.assert_series_equal(measure(plain)["homogeneity_text"], measure(panel)["homogeneity_text"])


@few
@given(seeds, st.randoms(use_true_random=False))
def test_random_texts_agree_with_a_loop_in_any_order_of_rows(seed, random):
    panel = random_texts(seed)
    order = list(range(len(panel)))
    random.shuffle(order)
    found = measure(panel.iloc[order]).loc[panel.index, "homogeneity_text"]
    pd.testing.assert_series_equal(found, naive(panel), check_names=False, rtol=1e-9, atol=1e-12)
    assert found.dropna().between(0, 1).all()


@few
@given(seeds)
def test_the_same_firms_in_new_industries_and_new_names_change_nothing(seed):
    panel = random_texts(seed)
    copy = panel.assign(firm="copy of " + panel["firm"], industry="copy of " + panel["industry"])
    both, alone = (measure(part)["homogeneity_text"] for part in (pd.concat([panel, copy], ignore_index=True), panel))
    pd.testing.assert_series_equal(both[: len(panel)], alone, rtol=1e-9, atol=1e-12)
    pd.testing.assert_series_equal(both[len(panel) :].reset_index(drop=True), alone, rtol=1e-9, atol=1e-12)


def test_a_panel_without_texts_does_not_load_scikit_learn():
    code = (
        "import sys, pandas as pd, involution as inv\n"
        "inv.measure(pd.DataFrame({'firm': ['a'], 'year': [2010], 'industry': ['C33'], 'ipc_A01B': [1.0]}))\n"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0

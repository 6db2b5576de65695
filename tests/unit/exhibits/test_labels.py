"""What things are called, and the punctuation between Chinese characters."""

import csv
from importlib import resources

import pandas as pd
import pytest

from involution.exhibits.labels import Labels, fullwidth, labels_for
from involution.models.inference import KINDS
from involution.study.base import Bilingual


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("\u5220\u9664 3 \u884c(a_l1: 1,316, b: 2)", "\u5220\u9664 3 \u884c\uff08a_l1: 1,316, b: 2\uff09"),
        ("\u4f30\u8ba1:x, y", "\u4f30\u8ba1\uff1ax, y"),
        ("a:b, \u4f01\u4e1a; \u884c\u4e1a", "a:b\uff0c\u4f01\u4e1a\uff1b\u884c\u4e1a"),
        ("(N-1)/(N-K), 1,316", "(N-1)/(N-K), 1,316"),
    ],
)
def test_punctuation_beside_chinese_is_chinese(text, wide):
    assert fullwidth(text) == wide
    assert Labels("zh").said(text) == wide
    assert Labels("en").said(text) == text


def test_fixed_chinese_texts_have_chinese_punctuation():
    keys = []
    for file in (resources.files("involution.exhibits") / "texts").iterdir():
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            assert row["zh"] == fullwidth(row["zh"]), row["key"]
            keys.append(row["key"])
    assert len(keys) == len(set(keys)) > 250


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("read", "\u8bfb\u5165"),
        ("population years 2001-2007", "\u603b\u4f53 \u5e74\u4efd 2001-2007"),
        ("population drop_if a > b", "\u603b\u4f53 \u5254\u9664\u6761\u4ef6 a > b"),
        ("filter years > 3", "\u7b5b\u9009 years > 3"),
        ("min_years 3", "\u6700\u5c11\u5e74\u6570 3"),
        ("another", "another"),
    ],
)
def test_steps_are_named_in_the_language(step, shown):
    assert Labels("zh").step(step) == shown
    assert Labels("en").step(step) == step


def test_units_are_named_in_the_language():
    assert Labels("zh").unit("share points") == "\u6bd4\u7387\u4e4b\u5dee"
    assert Labels("zh").unit("0-1") == "0-1"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_covariance_that_a_model_may_have_is_named(language):
    labels = labels_for(language, {}, pd.DataFrame({"name": []}), pd.DataFrame())
    for kind in (*KINDS, "two_step", "windmeijer", "gmm", "akm", "permutation"):
        assert labels.text(f"vcov_{kind}", clusters="x")


def test_a_lag_in_a_formula_is_called_as_the_lagged_column():
    named = Labels("en", {"x": Bilingual(en="Width", zh="宽度")})
    assert [named.term(term) for term in ("lag(x)", "lag(x,2)", "lead(x, 1)", "lag(z)")] == [
        "Width, t-1", "Width, t-2", "Width, t+1", "lag(z)",
    ]  # fmt: skip
    assert Labels("en").column("stay_weight_leave") == "Weight of staying"

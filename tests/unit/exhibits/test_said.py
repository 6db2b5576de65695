"""Notes name columns by their labels and keep everything else."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.exhibits.labels import Labels
from involution.exhibits.said import said_in
from involution.models.notes import TEXTS, note
from involution.study.base import Bilingual

STUDY = {
    "rivalry": Bilingual(en="Rivalry", zh="竞争强度"), "innov": Bilingual(en="Innovation", zh="创新"),
    "leverage": Bilingual(en="Leverage", zh="资产负债率"),
}  # fmt: skip
COLUMNS = {"industry": ("Industry", "行业")}


def said(remark, language):
    frame = pd.DataFrame([{"code": remark.code, "text_en": remark.text("en"), "text_zh": remark.text("zh")}])
    (text,) = said_in(frame, Labels(language, STUDY, COLUMNS))
    return text


def test_columns_of_a_note_have_their_labels():
    lost = note("missing", count=826, columns="innov: 349, rivalry_l1: 473, I(rivalry_l1^2): 473, lag(leverage): 568")
    assert said(lost, "en") == (
        "826 rows removed because of missing values (Innovation: 349, Rivalry (t-1): 473, Rivalry (t-1)²: 473, "
        "Leverage (t-1): 568)"
    )
    assert said(lost, "zh").startswith("因缺失值删除 826 行（创新：349，竞争强度（t-1）：473，")


def test_a_list_is_parted_as_the_language_does():
    given_by = note("iv_model", treatment="rivalry_l1", instruments="leverage_l1, rivalry_l3")
    assert said(given_by, "en").endswith("Rivalry (t-1) instrumented by Leverage (t-1), Rivalry (t-3)")
    assert said(given_by, "zh") == "两阶段最小二乘，竞争强度（t-1）的工具变量为资产负债率（t-1）、竞争强度（t-3）"


def test_words_that_are_no_columns_stay():
    below = note("cluster_below", treatment="rivalry_l1", level="industry", cluster="firm")
    assert said(below, "en").startswith("Rivalry (t-1) is one value within each industry and year")
    assert "同一行业与年份" in said(below, "zh")
    failed = note("not_estimable", reason="innov and rivalry are words of a reason")
    assert said(failed, "en") == failed.text("en")


@given(code=st.sampled_from(sorted(TEXTS)), value=st.text("abc_123 ,()", min_size=1, max_size=12))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_labels_every_note_is_as_it_was(code, value, language):
    """What is read back from a note's text fills it again."""
    from string import Formatter

    names = {name for text in TEXTS[code] for _, name, _, _ in Formatter().parse(text) if name}
    remark = note(code, **dict.fromkeys(names, value))
    frame = pd.DataFrame([{"code": code, "text_en": remark.text("en"), "text_zh": remark.text("zh")}])
    (text,) = said_in(frame, Labels(language))
    # Chinese lists and punctuation have their own marks: words and numbers are the same.
    words = (re.sub(r"[^\w]", "", said).lower() for said in (text, Labels(language).said(remark.text(language))))
    assert next(words) == next(words)

"""What models say names columns by their labels, in either language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.exhibits.labels import Labels

COLUMNS = {
    "involution": ("Involution", "内卷指数"), "firm": ("Firm", "企业"), "industry": ("Industry", "行业"),
    "year": ("Year", "年份"), "ln_sales": ("ln(Sales)", "ln(营业收入)"), "a_c": ("A", "甲"), "b_c": ("B", "乙"),
}  # fmt: skip
ZH, EN = Labels("zh", {}, COLUMNS), Labels("en", {}, COLUMNS)


@pytest.mark.parametrize(
    ("raw", "zh"),
    [
        ("按 firm 聚类,低于 involution_l1 的变动层级 industry", "按企业聚类，低于内卷指数（t-1）的变动层级行业"),
        ("删除 9 行(involution_l1: 9, ln_sales_l1: 7)", "删除 9 行（内卷指数（t-1）：9, ln（营业收入）（t-1）：7）"),
        ("industry^year 有 3 个单元", "行业 × 年份有 3 个单元"),
        ("a_c:b_c 共线", "甲 × 乙共线"),
        ("标准误 crv3(industry+year)", "标准误 CRV3（行业 + 年份）"),
        ("I(involution^2) 呈 U 形", "内卷指数² 呈 U 形"),
        ("见 statistics.csv 与 t(G-1); p = 0.1", "见 statistics.csv 与 t(G-1)；p = 0.1"),
        ("排他性约束变量:ln_sales_f1(假定有效)", "排他性约束变量：ln（营业收入）（t+1）（假定有效）"),
        ("由 p25 变动至 p75:involution 0.1 → 0.5", "由 p25 变动至 p75：内卷指数 0.1 → 0.5"),
        ("|a_c-b_c|: 3", "|甲-乙|: 3"),
        ("firm/x 与 firm(3)", "firm/x 与 firm(3)"),
    ],
)  # fmt: skip
def test_chinese_sentences_have_labels(raw, zh):
    assert ZH.said(raw) == zh


def test_english_sentences_replace_names_that_are_no_words():
    assert EN.said("clustered by firm; ln_sales_l1: 7") == "clustered by firm; ln(Sales) (t-1): 7"


@given(st.text(alphabet="abcxyz_ :^[]()0123456789，。内卷\"'<>=", max_size=60))
def test_no_text_breaks_it_and_unknown_names_stay(text):
    nothing = Labels("en")
    assert nothing.said(text) == text
    assert isinstance(ZH.said(text), str)

"""Why a model will not be estimated, in English and Chinese."""

from __future__ import annotations

PROSPECT_TEXTS: dict[str, tuple[str, str]] = {
    "no_rows": ("no row of the sample fulfils its conditions", "样本中没有任何一行符合其条件"),
    "no_complete": (
        "no row has a value in every column of the model ({columns})",
        "没有任何一行在模型的所有列中都有取值（{columns}）",
    ),
    "all_singletons": (
        "every row is alone in one of the fixed effects ({effects})",
        "每一行都是某一固定效应（{effects}）中的唯一观测",
    ),
    "constant_outcome": ("the outcome {name} has one value in its rows", "结果变量 {name} 在所用各行只有一个值"),
    "constant_treatment": ("{name} has one value in its rows", "{name} 在所用各行只有一个值"),
    "absorbed": (
        "the fixed effects ({effects}) absorb {name}, whose effect is to be reported",
        "固定效应（{effects}）吸收了所要报告的 {name}",
    ),
    "one_cluster": (
        "its rows are of one cluster of {name}, and standard errors need two",
        "所用各行只属于一个 {name} 聚类，标准误至少需要两个",
    ),
    "too_few_rows": (
        "{rows:,} rows are not enough for {columns:,} coefficients and {levels:,} values of a fixed effect",
        "{rows:,} 行不足以估计 {columns:,} 个系数与 {levels:,} 个固定效应取值",
    ),
    "no_treated": (
        "no firm is first treated within the panel, after the first year in which it could be seen ({first}-{last})",
        "没有企业在面板年份内（{first}—{last}，首年之后）首次被处理",
    ),
    "no_comparison": (
        "every firm is treated from the panel's first year on: there is nothing to compare with",
        "所有企业从面板首年起均已被处理，没有可比对象",
    ),
}

"""What a test of a hypothesis found, in every language; merged into `involution.models.notes.TEXTS`."""

from __future__ import annotations

HYPOTHESES_TEXTS: dict[str, tuple[str, str]] = {
    "interval_supported": (
        "estimate {estimate}, 95 % interval {low} to {high}: it leaves out zero, with the stated sign",
        "估计值 {estimate}，95% 置信区间 {low} 至 {high}：不含零，符号与假设一致",
    ),
    "interval_opposite": (
        "estimate {estimate}, 95 % interval {low} to {high}: it leaves out zero, with the other sign",
        "估计值 {estimate}，95% 置信区间 {low} 至 {high}：不含零，符号与假设相反",
    ),
    "interval_not_supported": (
        "estimate {estimate}, 95 % interval {low} to {high}: it holds zero",
        "估计值 {estimate}，95% 置信区间 {low} 至 {high}：包含零",
    ),
    "sign_supported": (
        "estimate {estimate}: its sign, the only thing asked, is the stated one",
        "估计值 {estimate}：仅考察符号，与假设一致",
    ),
    "sign_not_supported": (
        "estimate {estimate}: its sign, the only thing asked, is not the stated one",
        "估计值 {estimate}：仅考察符号，与假设不一致",
    ),
    "p_value_supported": (
        "estimate {estimate}, {which} {p} below {level}, with the stated sign",
        "估计值 {estimate}，{which_zh} {p} 小于 {level}，符号与假设一致",
    ),
    "p_value_opposite": (
        "estimate {estimate}, {which} {p} below {level}, with the other sign",
        "估计值 {estimate}，{which_zh} {p} 小于 {level}，符号与假设相反",
    ),
    "p_value_not_supported": (
        "estimate {estimate}, {which} {p} not below {level}",
        "估计值 {estimate}，{which_zh} {p} 不小于 {level}",
    ),
    "ordered": ("estimates {values}: {order} throughout", "估计值 {values}：依次{order_zh}"),
    "not_ordered": ("estimates {values}: not {order} throughout", "估计值 {values}：并非依次{order_zh}"),
    "bound_met": ("{statistic} {value}: {bound} {limit}", "结果为 {value}：{bound_zh} {limit}"),
    "bound_not_met": ("{statistic} {value}: not {bound} {limit}", "结果为 {value}：并非{bound_zh} {limit}"),
    "no_model_rows": ("there is no result of the model {model}{nearest}", "没有模型 {model} 的结果{nearest_zh}"),
    "no_term": ("the model has no term {term}{nearest}", "模型中没有 {term}{nearest_zh}"),
    "no_statistic": ("the model has no statistic {term}{nearest}", "模型没有统计量 {term}{nearest_zh}"),
    "model_failed": ("{reason}", "{reason_zh}"),
    "undefined": ("{term} has no {what}", "{term} 没有{what_zh}"),
    "holm": (
        "Holm in place of Romano-Wolf: not all tests of the family have one and the same clusters",
        "以 Holm 法代替 Romano-Wolf 法：同一假设族的检验并非都有同一聚类",
    ),
}

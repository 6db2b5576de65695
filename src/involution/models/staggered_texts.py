"""What is said of the tools around staggered adoption, in English and Chinese."""

from __future__ import annotations

STAGGERED_TEXTS: dict[str, tuple[str, str]] = {
    "bacon_unbalanced": (
        "{firms} firms ({count} rows) without a value in each of the {years} years left out: a decomposition needs a "
        "balanced panel",
        "分解需要平衡面板:剔除未在全部 {years} 年均有观测的企业 {firms} 家({count} 行)",
    ),
    "bacon_plain": (
        "the coefficient of adoption with effects of firms and years alone, without controls and weights, taken apart",
        "分解的是仅含企业与年份固定效应、无控制变量与权重的采纳系数",
    ),
    "honest": (
        "bounds and breakdown values (Rambachan and Roth 2023) are of the average over years since adoption, each year "
        "weighing the same, with {leads} leads relative to event time {reference}",
        "敏感性界限与临界值(Rambachan 与 Roth 2023)针对采纳后各年效应的简单平均,以事件时间 {reference} 为基准,"
        "使用 {leads} 个处理前系数",
    ),
    "honest_no_reference": (
        "no bounds on drifts: leads are not relative to the last year before adoption",
        "不报告趋势偏离界限:处理前系数并非相对于采纳前最后一年",
    ),
    "honest_gaps": (
        "no bounds on drifts: they need a lead, an effect, and an estimate with a standard error in every year between",
        "不报告趋势偏离界限:需有处理前系数与处理效应,且其间各年均有估计值及标准误",
    ),
    "triple_unweighted": ("not weighted by {weights}", "未以 {weights} 加权"),
    "dose_status": (
        "effects by strength compare firms hit by events of different strength: causal if effects of an event of the "
        "same strength are alike among them",
        "按强度比较的是遭遇不同强度事件的企业:仅当同等强度事件对各企业的效应相同时,方可作因果解释",
    ),
    "dose_terciles": (
        "terciles of {strength} over {firms} adopting firms, cut at {values}",
        "按 {firms} 家采纳企业的 {strength} 三分位分组,分界点 {values}",
    ),
    "dose_values": (
        "groups are the values of {strength} over {firms} adopting firms: {values}",
        "以 {firms} 家采纳企业 {strength} 的取值分组:{values}",
    ),
    "dose_missing": (
        "{firms} adopting firms without {strength} left out of the averages",
        "求平均时剔除 {strength} 缺失的采纳企业 {firms} 家",
    ),
    "triple_slopes": (
        "slopes in {x} may differ by year, and between firms that adopt and firms that do not",
        "{x} 的斜率可随年份变化,亦可在采纳与未采纳企业间不同",
    ),
    "triple_did2s": (
        "two stages: slopes from untreated rows alone, effects regressed on {x} among rows the same number of years "
        "after adoption",
        "两阶段:斜率仅由未处理观测估计,并在采纳后年数相同的观测中将效应对 {x} 回归",
    ),
    "triple_twfe": (
        "two-way fixed effects, the effect of adoption at the mean of {x} over treated rows: rows treated before are "
        "compared with; biased where effects differ or grow",
        "双向固定效应(采纳效应取处理观测 {x} 的均值处):已处理观测亦充当对照;效应存在差异或随时间增长时有偏",
    ),
}

"""What models of the section endogeneity say of themselves, in English and Chinese."""

from __future__ import annotations

ENDOGENEITY_TEXTS: dict[str, tuple[str, str]] = {
    "endogeneity_leads": (
        "leads of the treatment stand for what has not happened yet: effects of theirs would point to reverse "
        "causality or to a cause of both",
        "处理变量的领先项为尚未发生之事:若其系数显著,则提示反向因果或存在共同原因",
    ),
    "iv_model": (
        "two-stage least squares, {treatment} instrumented by {instruments}",
        "两阶段最小二乘,{treatment} 的工具变量为 {instruments}",
    ),
    "iv_strength": (
        "effective F {value} against the critical value {critical} (bias at most {bias} of the worst case; Montiel "
        "Olea and Pflueger 2013)",
        "有效 F 为 {value},临界值 {critical}(偏误不超过最坏情形的 {bias};Montiel Olea 和 Pflueger 2013)",
    ),
    "iv_weak": (
        "the instruments are weak, the effective F below its critical value: the estimate is biased towards least "
        "squares and its interval does not hold; believe the Anderson-Rubin set",
        "工具变量较弱,有效 F 低于临界值:估计偏向最小二乘,其置信区间不可靠,应以 Anderson-Rubin 置信集为准",
    ),
    "iv_set_interval": (
        "95 % Anderson-Rubin set of {term}, valid with weak instruments: {set}",
        "{term} 的 95% Anderson-Rubin 置信集(弱工具变量下有效):{set}",
    ),
    "iv_set_intervals": (
        "95 % Anderson-Rubin set of {term}, valid with weak instruments, in several parts: {set}",
        "{term} 的 95% Anderson-Rubin 置信集(弱工具变量下有效)由若干段组成:{set}",
    ),
    "iv_set_unbounded": (
        "95 % Anderson-Rubin set of {term} has no bound: {set}; the instruments are too weak to bound it",
        "{term} 的 95% Anderson-Rubin 置信集无界:{set};工具变量过弱",
    ),
    "iv_set_line": (
        "95 % Anderson-Rubin set of {term} is every value: {set}; the instruments say nothing of it",
        "{term} 的 95% Anderson-Rubin 置信集为全部取值:{set};工具变量不含相关信息",
    ),
    "iv_set_empty": (
        "95 % Anderson-Rubin set of {term} is empty ({set}): the instruments contradict each other",
        "{term} 的 95% Anderson-Rubin 置信集为空({set}):工具变量相互矛盾",
    ),
    "iv_contradicted": (
        "over-identifying restrictions rejected (Hansen J, p = {p}): the instruments do not agree, and at least one "
        "has another way to the outcome or works on other firms",
        "过度识别约束被拒绝(Hansen J,p = {p}):工具变量结论不一,至少有一个另有影响渠道或作用于不同企业",
    ),
    "iv_crv3": (
        "crv3 in place of the wild bootstrap, which is built for least squares",
        "以 crv3 代替 wild 自助法(后者仅适用于最小二乘)",
    ),
    "iv_same_rows": ("on the rows of {model}", "样本与 {model} 相同"),
    "plausibly_exogenous": (
        "effect of one unit of {instrument} on the outcome past the treatment: from {low} to {high} (union of "
        "intervals), or normal with mean {mean} and standard deviation {sd} (local to zero; Conley, Hansen and Rossi "
        "2012); the estimate of the union is that of the middle of the range",
        "{instrument} 一单位对结果的直接效应:介于 {low} 与 {high}(置信区间之并),或服从均值 {mean}、标准差 {sd} "
        "的正态分布(局部趋零;Conley、Hansen 和 Rossi 2012);区间之并所列估计对应范围中点",
    ),
    "direct_effect_none": (
        "the interval holds zero without any direct effect of the instrument",
        "即使工具变量无直接效应,置信区间也包含零",
    ),
    "direct_effect_inside": (
        "the interval of {treatment} reaches zero at a direct effect of {value}, inside the range",
        "当直接效应达 {value} 时(位于所设范围内),{treatment} 的置信区间触及零",
    ),
    "direct_effect_outside": (
        "the interval of {treatment} reaches zero at a direct effect of {value}, outside the range",
        "当直接效应达 {value} 时(位于所设范围外),{treatment} 的置信区间触及零",
    ),
    "lewbel": (
        "for an appendix: instruments made of {names} and the heteroskedasticity that they explain (Lewbel 2012), "
        "valid only if they have nothing to do with the covariance of both equations' errors; Breusch-Pagan F {value}, "
        "p = {p}",
        "仅供附录:以 {names} 及其所解释的异方差构造工具变量(Lewbel 2012),前提是其与两方程误差的协方差无关;"
        "Breusch-Pagan F 为 {value},p = {p}",
    ),
    "lewbel_homoskedastic": (
        "no heteroskedasticity is found (Breusch-Pagan): instruments made of it say nothing",
        "未发现异方差(Breusch-Pagan):据此构造的工具变量不含信息",
    ),
    "lewbel_lost": (
        "no instruments are made of {names}, which do not vary within the fixed effects",
        "{names} 在固定效应内无变动,未用于构造工具变量",
    ),
}

"""What models of exposure to events say about themselves, in English and Chinese, by code."""

from __future__ import annotations

EXPOSURE_TEXTS: dict[str, tuple[str, str]] = {
    "exposure_demeaned": (
        "the product is of {treatment} less its firm's mean and exposure less the means of firm and year",
        "交互项为 {treatment} 对企业均值的离差与暴露对企业和年份均值的离差之积",
    ),
    "exposure_product": (
        "the product is of {treatment} and exposure as they are: firms whose slopes differ bias it",
        "交互项为 {treatment} 与暴露原值之积:企业斜率不同时有偏",
    ),
    "exposure_by_year": (
        "the slope of {treatment} may differ from year to year (effects of its own in each year, not shown): its "
        "coefficient is the slope in the average row",
        "{treatment} 的斜率可逐年不同(控制其与各年份的交互,未列示):其系数为样本平均斜率",
    ),
    "exposure_no_years": (
        "the slope of {treatment} is held to be the same in every year: drifting effects would pass for exposure",
        "假定 {treatment} 的斜率各年相同:效应随时间漂移会被当作暴露的作用",
    ),
    "exposure_recentred": (
        "exposure less its mean over all calendars in which {kind} events exchange {permuted} (Borusyak and Hull "
        "2023): who tends to be exposed is taken out; which event had which {permuted} must be as good as random",
        "暴露减去其在{kind_zh}事件互换{permuted_zh}的全部日历上的均值(Borusyak 和 Hull 2023),已剔除谁更易受暴露;"
        "须假定何事件对应何{permuted_zh}近似随机",
    ),
    "exposure_unadjusted": (
        "exposure as measured: who tends to be exposed is part of it",
        "暴露为原始测量值:含有谁更易受暴露的成分",
    ),
    "exposure_randomisation": (
        "randomisation: the slope estimated anew under {draws} permuted calendars beside the one as it was, seed "
        "{seed}; {distinct} calendars differ, the smallest p-value they allow is {smallest}; the hypothesis is that "
        "events change no firm's outcome",
        "随机化检验:在实际日历及 {draws} 个置换日历下重新估计斜率,种子 {seed};互不相同的日历 {distinct} 个,"
        "可达到的最小 p 值为 {smallest};原假设为事件不改变任何企业的结果",
    ),
    "exposure_randomisation_all": (
        "randomisation: the slope estimated anew under all {count} calendars that are possible; {distinct} differ, the "
        "smallest p-value they allow is {smallest}; the hypothesis is that events change no firm's outcome",
        "随机化检验:在全部 {count} 个可能日历下重新估计斜率;互不相同者 {distinct} 个,可达到的最小 p 值为 {smallest};"
        "原假设为事件不改变任何企业的结果",
    ),
    "exposure_unidentified": (
        "{count} permuted calendars leave nothing to estimate the slope from and do not count",
        "{count} 个置换日历无法估计斜率,不计入",
    ),
    "exposure_agreement": (
        "{events} events rated by {raters} raters; Krippendorff's alpha (ordinal): {alphas}",
        "{events} 个事件由 {raters} 名评分者评分;Krippendorff α(有序):{alphas_zh}",
    ),
    "exposure_one_rater": (
        "the {events} events have one rater: how far their strength is a matter of opinion cannot be known",
        "{events} 个事件仅有一名评分者:强度在多大程度上取决于个人判断无从得知",
    ),
    "exposure_outside": (
        "{count} events begin after the last year of the panel, or are over before the first ({names})",
        "{count} 个事件开始于面板末年之后,或在面板首年之前已结束({names})",
    ),
    "exposure_nowhere": (
        "no firm of the panel lies in these targets of events: {names}",
        "面板中无企业位于下列事件目标之内:{names}",
    ),
    "exposure_lead": (
        "{lead}: exposure in the year t+{ahead} to events that have not begun by t+{begun}, t the year of the row; it "
        "can have no effect unless firms foresee them or events follow outcomes",
        "{lead}:以 t 为该行年份,指在 t+{ahead} 年对截至 t+{begun} 年尚未开始的事件的暴露;"
        "除非企业预见事件或事件随结果而来,应无作用",
    ),
    "exposure_difference": (
        "difference: the coefficient of the product with passive exposure less that with active exposure, from one "
        "model",
        "difference:同一模型中被动事件暴露交互项系数减去主动事件暴露交互项系数",
    ),
    "exposure_sensitivity": (
        "the headline with one judgement changed at a time; [headline]: half-life {half_life} years, proximity {near} "
        "of a firm in a target industry or region alone",
        "每次只改变基准设定中的一项判断;[基准设定]:半衰期 {half_life} 年,仅在目标行业或目标地区的企业邻近度 {near}",
    ),
    "exposure_variant": ("{name} not estimated: {reason}", "{name} 未能估计:{reason}"),
}

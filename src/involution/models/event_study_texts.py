"""What event studies say about themselves, in English and Chinese, by code."""

from __future__ import annotations

EVENT_STUDY_TEXTS: dict[str, tuple[str, str]] = {
    "event_clock": (
        "event time is the clock: outcome and controls at the row's own year",
        "以事件时间为准:结果变量与控制变量均取当年值",
    ),
    "event_twfe": (
        "two-way fixed effects: years since adoption relative to event time {year}, all cohorts together, "
        "treated firms among those compared with; biased where effects differ between cohorts",
        "双向固定效应:以事件时间 {year} 为基准,各批次合并,已处理企业亦充当对照;批次间效应不同时有偏",
    ),
    "event_sun_abraham": (
        "interaction-weighted (Sun and Abraham 2021): each cohort relative to its event time {year}, "
        "averaged by rows, shares of cohorts taken as given",
        "交互加权估计(Sun 与 Abraham 2021):各批次以事件时间 {year} 为基准,按观测数加权,批次权重视为给定",
    ),
    "event_etwfe": (
        "extended two-way fixed effects (Wooldridge 2021): a coefficient per cohort and treated year, "
        "compared with all untreated rows, averaged by rows; leads from a second regression, relative to "
        "event time {year}",
        "扩展双向固定效应(Wooldridge 2021):每一批次与处理后年份各一系数,以全部未处理观测为对照,按观测数加权;"
        "处理前系数来自另一回归,以事件时间 {year} 为基准",
    ),
    "event_did2s": (
        "two stages (Gardner 2022): effects of firms and years from untreated rows alone; leads are mean residuals, "
        "relative to all untreated rows and not to event time {year}",
        "两阶段估计(Gardner 2022):企业与年份效应仅由未处理观测估计;处理前系数为平均残差,相对于全部未处理观测,"
        "而非事件时间 {year}",
    ),
    "event_imputation": (
        "imputation (Borusyak, Jaravel and Spiess 2024): conservative variance about the mean effects of cohorts and "
        "years; leads from a regression of untreated rows, relative to all earlier ones and not to event time {year}",
        "插补估计(Borusyak、Jaravel 与 Spiess 2024):以批次—年份平均效应为中心的保守方差;处理前系数来自未处理观测的回归,"
        "相对于更早的全部未处理观测,而非事件时间 {year}",
    ),
    "event_callaway_santanna": (
        "Callaway and Sant'Anna (2021): every cohort and year by a comparison of its own, averaged with the "
        "shares of firms in cohorts, which are estimated",
        "Callaway 与 Sant'Anna(2021):每一批次与年份单独比较,按各批次企业占比(估计所得)加权平均",
    ),
    "event_never_treated": ("compared with firms never treated", "对照组为从未处理的企业"),
    "event_not_yet_treated": ("compared with firms not yet treated", "对照组为尚未处理的企业"),
    "event_no_never": (
        "no firm is never treated: compared with firms not yet treated instead",
        "不存在从未处理的企业:改以尚未处理的企业为对照",
    ),
    "event_base_universal": (
        "universal base: leads and lags relative to event time {year}",
        "统一基期:处理前后系数均以事件时间 {year} 为基准",
    ),
    "event_base_varying": (
        "varying base: each lead is the change from the year before, and not comparable with leads relative to year "
        "{year}",
        "变动基期:处理前系数为较上一年的变化,不可与以事件时间 {year} 为基准的系数直接比较",
    ),
    "event_doubly_robust": (
        "doubly robust in {names} of the base year (Sant'Anna and Zhao 2020)",
        "双重稳健估计,协变量取基期值:{names}(Sant'Anna 与 Zhao,2020)",
    ),
    "event_regression": (
        "changes of the others predicted by {names} of the base year",
        "以基期 {names} 预测对照组的变化(回归调整)",
    ),
    "event_weighting": (
        "the others weighted by the odds of treatment given {names} of the base year",
        "以基期 {names} 估计的处理几率对对照组加权",
    ),
    "event_pairs": (
        "unbalanced panel: each comparison is of the firms seen in both of its years",
        "非平衡面板:每次比较仅用两个年份均有观测的企业",
    ),
    "event_anticipation": (
        "effects may show from event time {event} on: these years are no leads, and the reference lies before them",
        "允许自事件时间 {event} 起出现预期效应:这些年份不作为处理前检验,基准在其之前",
    ),
    "event_one_cohort": (
        "one cohort: Sun and Abraham's coefficients are those of two-way fixed effects",
        "仅有一个批次:Sun-Abraham 系数与双向固定效应相同",
    ),
    "event_always": (
        "{firms} firms treated from the first year on left out ({count} rows)",
        "剔除首年即已处理的企业 {firms} 家({count} 行)",
    ),
    "event_late": (
        "{count} firms adopt after {year}, the last year of the data: counted as never treated here",
        "{count} 家企业在数据末年 {year} 之后才采纳:此处视为从未处理",
    ),
    "event_few_never": (
        "never-treated firms in {count} clusters, fewer than {limit}: standard errors are not to be trusted",
        "从未处理的企业仅分布于 {count} 个聚类,少于 {limit} 个:标准误不可靠",
    ),
    "event_no_reference": (
        "cohorts {names} left out: no row at event time {year}",
        "剔除批次 {names}:缺少事件时间 {year}的观测",
    ),
    "event_last_cohort": (
        "no firm is never treated: cohort {cohort}, the last, is compared with, and years from its adoption "
        "on are left out",
        "不存在从未处理的企业:以最后批次 {cohort} 为对照,剔除其采纳之后的年份",
    ),
    "event_two_references": (
        "every firm adopts: event times {first} and {second} are both left out, so that a common trend is assumed away",
        "全部企业均采纳:同时省略事件时间 {first} 与 {second},即假定不存在共同线性趋势",
    ),
    "event_no_leads": ("no leads: {reason}", "无处理前系数:{reason}"),
    "event_cells_empty": (
        "{count} cohorts by year without firms to compare: {names}",
        "{count} 个批次—年份无可比企业:{names}",
    ),
    "event_cells_refused": ("not estimated, since {reason}: {names}", "未能估计({reason}):{names}"),
    "event_cells_few": (
        "{count} cohorts by year with fewer than {limit} firms on one side: their standard errors are not to "
        "be trusted",
        "{count} 个批次—年份某一侧少于 {limit} 家企业:其标准误不可靠",
    ),
    "event_trimmed": (
        "{count} untreated firms left out of comparisons for a probability of treatment of .995 or more",
        "因处理概率不低于 0.995 而在比较中剔除的未处理企业:{count} 家次",
    ),
    "event_leads_without_error": (
        "no joint test of leads: {names} have no standard error",
        "无法联合检验处理前系数:{names} 无标准误",
    ),
    "event_no_joint_test": (
        "no joint test of {count} leads with {clusters} clusters",
        "{count} 个处理前系数、{clusters} 个聚类,无法联合检验",
    ),
    "event_uniform": (
        "simultaneous bands over all years since adoption: {draws} draws of t vectors, seed {seed}",
        "各事件年份的同时置信带:{draws} 次 t 向量抽样,种子 {seed}",
    ),
    "event_level": (
        "clustered by {cluster}: {cohort} is the same within {level}",
        "按 {cluster} 聚类:{cohort} 在 {level} 内相同",
    ),
    "event_low_cluster": (
        "clustered by {cluster}, below {level}, at which {cohort} varies (allow_low_cluster)",
        "按 {cluster} 聚类,低于 {cohort} 的变动层级 {level}(allow_low_cluster)",
    ),
}

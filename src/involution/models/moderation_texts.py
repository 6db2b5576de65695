"""What moderated models say about themselves, in English and Chinese, by code."""

from __future__ import annotations

MODERATION_TEXTS: dict[str, tuple[str, str]] = {
    "moderation_headline": (
        "headline: products of the demeaned, and an effect of {treatment} in every year; {treatment}'s own coefficient "
        "is its mean over the years, at the firm's own level of the moderator",
        "主结果:交互项为去均值变量之乘积,并含 {treatment} 的逐年效应;"
        "{treatment} 自身系数为各年均值,对应调节变量处于企业自身水平",
    ),
    "moderation_product": (
        "plain products, with an effect of {treatment} in every year: misleads where firms' effects differ and go with "
        "the level of the moderator",
        "普通交互项,含 {treatment} 的逐年效应:若企业间效应不同且与调节变量水平相关,则有偏",
    ),
    "moderation_no_year": (
        "products of what is demeaned within firms alone, without effects of {treatment} by year: misleads where these "
        "drift and the moderator trends",
        "仅在企业内去均值变量之乘积,不含 {treatment} 的逐年效应:若效应随年份漂移且调节变量有趋势,则有偏",
    ),
    "moderation_plain": (
        "plain products without effects of {treatment} by year, as is usual: misleads where firms' effects go with the "
        "level of the moderator, and where effects drift and the moderator trends",
        "通常做法:普通交互项,不含 {treatment} 的逐年效应:若企业间效应与调节变量水平相关,"
        "或效应漂移且调节变量有趋势,则有偏",
    ),
    "moderation_interaction": (
        "pure interaction: the fixed effects have {treatment}'s own effect; its mean in each cell (not leaving the "
        "firm out) is interacted, both demeaned",
        "纯交互设计:{treatment} 的主效应被固定效应吸收;以其单元均值(不剔除本企业)构造交互项,两者均去均值",
    ),
    "moderation_within_firm": ("{names} demeaned within firms", "{names}:企业内去均值"),
    "moderation_within_both": ("{names} demeaned within firms and years", "{names}:企业与年份内去均值"),
    "moderation_within_year": (
        "{names} is constant within firms and demeaned within years alone",
        "{names} 在企业内不变,仅在年份内去均值",
    ),
    "moderation_rows": (
        "means are those of the rows used, without missing values and singletons",
        "均值取自实际使用的行(已剔除缺失值与单例观测)",
    ),
    "moderation_about": ("{treatment}'s own coefficient holds at {values}", "{treatment} 自身系数对应 {values}"),
    "moderation_main_absorbed": (
        "the fixed effects have the own effect of {names}: its interactions alone are reported",
        "{names} 的主效应被固定效应吸收,仅报告其交互项",
    ),
    "moderation_years_lost": (
        "{count} of the effects of {treatment} by year are not identified: its own coefficient is not the mean over "
        "all years",
        "{treatment} 的逐年效应有 {count} 个不可识别:其自身系数并非全部年份的均值",
    ),
    "moderation_region": (
        "{names} varies by region: cluster by {cluster} and region as well",
        "{names} 按地区变动:宜按 {cluster} 与地区双向聚类",
    ),
    "moderation_support": (
        "common support: {share} % of the rows have {names} outside the 1-99 % range of the lower or the upper half of "
        "{treatment}; the interaction rests on extrapolation there",
        "共同支撑:{share}% 的行其 {names} 落在 {treatment} 较低或较高一半的 1–99% 区间之外,该处交互效应依赖外推",
    ),
    "moderation_bins": (
        "bins of {names} on the rows used, with median and rows: {values}; the effect in each is that at its median",
        "{names} 的分组(取自实际使用的行),中位数与行数:{values};各组效应为其中位数处的效应",
    ),
    "moderation_thin_bins": (
        "too little to go by in the bins {bins} of {names}: the treatment hardly varies there, or there are fewer than "
        "{count} clusters",
        "{names} 的 {bins} 组信息不足:处理变量几乎不变,或聚类少于 {count} 个",
    ),
    "moderation_effects": (
        "effects from the model with plain products and effects of {treatment} by year, for the average year",
        "效应取自含普通交互项与 {treatment} 逐年效应的模型,对应平均年份",
    ),
    "moderation_others": (
        "where an effect names one moderator alone, the others are at {values}",
        "仅列出一个调节变量时,其余调节变量取 {values}",
    ),
    "moderation_response": (
        "effects on the expected outcome, averaged over the rows with everything else as it is",
        "对结果期望值的效应,其余变量取实际值,对各行取平均",
    ),
    "moderation_uniform": (
        "uniform band over {names}: {critical} standard errors, the sup-t quantile of {draws} draws, seed {seed}",
        "沿 {names} 的一致置信带:{critical} 倍标准误,sup-t 分位数,{draws} 次抽样,种子 {seed}",
    ),
    "moderation_kernel": (
        "local linear regressions over {names}, normal kernel cut off at four bandwidths, bandwidth {bandwidth} by "
        "leaving clusters out; without effects of the treatment by year; no correction for smoothing bias",
        "沿 {names} 的局部线性回归,正态核(截断于四倍带宽),带宽 {bandwidth}(逐一剔除聚类的交叉验证);"
        "不含处理变量逐年效应;未校正平滑偏差",
    ),
    "moderation_kernel_lost": (
        "no local regression at {count} of the {total} values of the grid",
        "网格 {total} 个取值中有 {count} 个无法进行局部回归",
    ),
}

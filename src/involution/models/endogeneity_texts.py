"""What models of the section endogeneity say of themselves, in English and Chinese."""

from __future__ import annotations

ENDOGENEITY_TEXTS: dict[str, tuple[str, str]] = {
    "endogeneity_leads": (
        "leads of the treatment, {first} and later, lie after the outcome's year and stand for what has not happened "
        "yet: effects of theirs would point to reverse causality or to a cause of both",
        "处理变量的领先项({first} 及以后)晚于被解释变量所在年份,为尚未发生之事:"
        "若其系数显著,则提示反向因果或存在共同原因",
    ),
    "endogeneity_between": (
        "neither lead nor lag, and in neither test, since the treatment may act up to the outcome's year: {names}",
        "{names} 为不晚于被解释变量所在年份的处理变量,可即时发挥作用,既非领先项亦非滞后项,不纳入上述检验",
    ),
    "joint_too_few_clusters": (
        "no joint F of {names}: {count} coefficients cannot be tested together with {clusters} clusters",
        "未报告 {names} 的联合 F 检验:仅 {clusters} 个聚类,无法联合检验 {count} 个系数",
    ),
    "joint_no_error": (
        "no joint F of {names}: one of them has no standard error",
        "未报告 {names} 的联合 F 检验:其中某一系数无标准误",
    ),
    "dynamic_instruments": (
        "{count} instruments for {clusters} clusters; earlier values of {lags} (years before the row's)",
        "工具变量 {count} 个,聚类 {clusters} 个;取自较早年份的变量及阶数(相对于观测年份):{lags}",
    ),
    "dynamic_rows": (
        "{missing} rows lack a column of the model; the other {rows} give {count} rows of the transformed equation",
        "{missing} 行缺少模型所需变量;其余 {rows} 行构成变换方程的 {count} 行",
    ),
    "dynamic_unknown": (
        "instruments with missing values, which count as zero, and the rows of the model in which they are: {names}",
        "含缺失值的工具变量(缺失按零处理)及其在模型样本中的缺失行数:{names}",
    ),
    "dynamic_collapsed": (
        "instruments collapsed: one for each lag, not for each lag and year",
        "工具变量已合并(collapse):每一滞后阶一个,而非每一滞后阶与年份各一个",
    ),
    "dynamic_orthogonal": (
        "firm effects removed by forward orthogonal deviations, not by differences",
        "以前向正交离差而非差分消除企业效应",
    ),
    "dynamic_more_than_clusters": (
        "{count} instruments are more than {clusters} clusters: no second step, no Hansen test",
        "工具变量({count} 个)多于聚类({clusters} 个):无法进行第二步估计与 Hansen 检验",
    ),
    "dynamic_singular": (
        "the covariance of the {count} moments has rank {rank}: a generalised inverse weighs them, and tests of "
        "overidentification are approximate",
        "{count} 个矩条件的协方差矩阵秩为 {rank}:以广义逆加权,过度识别检验为近似",
    ),
    "dynamic_ar2": (
        "differenced errors are correlated at the second order (p = {p_value}): values from two years before are no "
        "valid instruments then",
        "差分误差存在二阶序列相关(p = {p_value}):此时滞后两期的变量不是有效工具变量",
    ),
    "dynamic_hansen_high": (
        "Hansen p = {p_value} with {count} instruments: so many weaken the test; close to one it says nothing",
        "Hansen 检验 p = {p_value},工具变量 {count} 个:工具变量过多会削弱该检验,接近 1 的 p 值不说明问题",
    ),
    "dynamic_few_clusters": (
        "{count} effective clusters, fewer than {limit}: the weight of the second step, its errors and the Hansen test "
        "rest on so many",
        "有效聚类数为 {count},少于 {limit}:第二步权重、标准误与 Hansen 检验均以此为基础",
    ),
    "dynamic_bounds": (
        "firm effects bias the coefficient of the lagged outcome: upwards without them in the model, downwards within "
        "firms over few years; a credible one lies between",
        "企业效应使滞后被解释变量的系数有偏:不含企业效应时偏高,年份较少的组内估计偏低;可信的系数介于两者之间",
    ),
    "dynamic_outside": (
        "the coefficient of the lagged outcome ({found}) lies outside the bounds of within and pooled least squares "
        "({low} to {high})",
        "滞后被解释变量的系数({found})超出组内估计与混合最小二乘估计的界限({low} 至 {high})",
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
    "hansen_few_clusters": (
        "no Hansen J: {clusters} clusters are no more than the {count} moments (instruments and exogenous regressors), "
        "and their covariance has no inverse; Sargan's test takes rows as independent",
        "无法计算 Hansen J:聚类数({clusters})不多于矩条件数({count},即工具变量与外生变量),其协方差矩阵不可逆;"
        "Sargan 检验视各观测相互独立",
    ),
    "iv_tests_clustered": (
        "tests of the instruments ({tests}) are clustered by {cluster}, the estimate's own error is {vcov}",
        "工具变量检验({tests})按 {cluster} 聚类,估计值标准误则为 {vcov}",
    ),
    "iv_variances": (
        "effective F and Anderson-Rubin rest on crv1, the F of the instruments in first stage and reduced form on "
        "{vcov}: with one instrument the effective F and that of the first stage, and Anderson-Rubin and the F of the "
        "reduced form, test the same and differ by the variance alone",
        "有效 F 与 Anderson-Rubin 检验基于 crv1,第一阶段与简约式的工具变量 F 基于 {vcov}:仅有一个工具变量时,有效 F 与"
        "第一阶段 F、Anderson-Rubin 检验与简约式 F 所检验的假设相同,差别仅来自方差估计",
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
    "shift_share": (
        "{treatment} instrumented by the sum of shares times {size}, {count} shocks",
        "{treatment} 的工具变量为份额与 {size} 乘积之和,共 {count} 类冲击",
    ),
    "shift_share_akm": (
        "standard error by shocks (Adão, Kolesár and Morales 2019), normal interval; 95 % set with the null imposed "
        "(AKM0): {set}",
        "标准误按冲击计算(Adão、Kolesár 和 Morales 2019),正态置信区间;施加原假设的 95% 置信集(AKM0):{set}",
    ),
    "shift_share_projection": (
        "more shocks than units can tell apart: shocks about their weighted means stand for the instrument's "
        "coefficients on the shares",
        "冲击种类过多,无法由各单位份额识别:以去加权均值后的冲击代替工具变量对份额的回归系数",
    ),
    "shift_share_effective": (
        "effective number of shocks {shocks}, of groups of shocks {groups} (one over the sum of squared weights)",
        "有效冲击数 {shocks},有效冲击组数 {groups}(权重平方和之倒数)",
    ),
    "shift_share_few": (
        "fewer than {limit} effective groups of shocks: errors by shocks may be too small; the AKM0 set is "
        "the safer one",
        "有效冲击组数少于 {limit}:按冲击计算的标准误可能偏小,AKM0 置信集更稳妥",
    ),
    "shift_share_control": (
        "shares add up to between {least} and {most}: their sum by year is a control (Borusyak, Hull and Jaravel 2022)",
        "份额之和介于 {least} 与 {most}:已控制份额之和与年份的交互项(Borusyak、Hull 和 Jaravel 2022)",
    ),
    "shift_share_omitted": (
        "shares add up to between {least} and {most} and their sum is left out, as asked: units with larger sums see "
        "larger shocks on average, and the estimate may be biased by that",
        "份额之和介于 {least} 与 {most},按要求未予控制:份额之和较大的单位平均冲击也较大,估计可能因此有偏",
    ),
    "shift_share_years": (
        "no fixed effect of years: indicators of years are controls, since shocks have means of their own each year",
        "未设年份固定效应:因各年冲击均值不同,已控制年份虚拟变量",
    ),
    "shift_share_years_omitted": (
        "neither fixed effects nor indicators of years are in the model: the mean shock of a year is part of the "
        "instrument",
        "模型不含年份固定效应或虚拟变量:各年平均冲击成为工具变量的一部分",
    ),
    "shift_share_without": (
        "{count} shocks with shares but without a size are left out of the shares: {names}",
        "{count} 类冲击有份额而无数值,已从份额中剔除:{names}",
    ),
    "shift_share_controls": ("controls: {names}", "控制变量:{names}"),
    "shift_share_regression": (
        "regression of shocks: one row a shock and year, outcome and treatment, less their projection on controls and "
        "fixed effects, as means with the shares as weights, the shock as the instrument (Borusyak, Hull and Jaravel "
        "2022)",
        "冲击层面回归:每类冲击每年一行,结果与处理变量先剔除控制变量与固定效应,再以份额加权求均值,以冲击为工具变量"
        "(Borusyak、Hull 和 Jaravel 2022)",
    ),
    "rotemberg": (
        "the {count} shocks of {total} with the largest Rotemberg weights, which add up to one over all, shocks about "
        "their means; the estimate of each is two-stage with its part of the instrument alone (Goldsmith-Pinkham, "
        "Sorkin and Swift 2020)",
        "{total} 类冲击中 Rotemberg 权重最大的 {count} 类(全部权重之和为一,冲击已去均值);"
        "各自估计仅以该冲击对应部分为工具变量(Goldsmith-Pinkham、Sorkin 和 Swift 2020)",
    ),
    "shift_share_balance": (
        "columns decided before the shocks regressed on the instrument, controls and fixed effects, with errors by "
        "shocks: an instrument as good as random moves none of them",
        "以冲击之前已确定的变量对工具变量回归(含控制变量与固定效应),标准误按冲击计算:若冲击近似随机,则均不显著",
    ),
}

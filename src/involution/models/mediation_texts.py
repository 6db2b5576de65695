"""What mediations say about themselves, in English and Chinese, by code."""

from __future__ import annotations

MEDIATION_TEXTS: dict[str, tuple[str, str]] = {
    "mediation_sample": (
        "all equations on the same {count} rows, complete in every one of them",
        "所有方程使用同一样本:各方程变量均齐全的 {count} 行",
    ),
    "mediation_status": (
        "associational: reads as causal only if, given controls and fixed effects, nothing unobserved moves treatment "
        "and outcome together, treatment and mediators together, or mediators and outcome together (sequential "
        "ignorability)",
        "关联性分解:仅当给定控制变量与固定效应后,不存在同时影响处理与结果、处理与中介、或中介与结果的未观测因素"
        "(序贯可忽略性)时,方可作因果解释",
    ),
    "mediation_impure": (
        "{treatment} holds a part of {names}: no total, direct effect or share is given (allow_mechanical)",
        "{treatment} 含有 {names} 的成分:不报告总效应、直接效应与占比(allow_mechanical)",
    ),
    "mediation_monte_carlo": (
        "indirect effects: intervals from {draws} Monte Carlo draws of the joint distribution of all coefficients, "
        "seed {seed}",
        "间接效应:置信区间来自全部系数联合分布的 {draws} 次蒙特卡洛抽样,种子 {seed}",
    ),
    "mediation_delta": ("indirect effects: delta method", "间接效应:delta 方法"),
    "mediation_jackknife": (
        "all effects: standard errors over clusters left out in turn, t(G-1)",
        "全部效应:逐一剔除聚类的刀切标准误,t(G-1)",
    ),
    "mediation_bootstrap": (
        "all effects: percentile intervals of the cluster bootstrap, {draws} exact draws, seed {seed}",
        "全部效应:聚类自助法百分位区间,{draws} 次精确抽样,种子 {seed}",
    ),
    "mediation_bca": (
        "all effects: bias-corrected and accelerated intervals of the cluster bootstrap, {draws} exact draws, seed "
        "{seed}",
        "全部效应:聚类自助法偏差校正加速(BCa)区间,{draws} 次精确抽样,种子 {seed}",
    ),
    "mediation_studentized": (
        "all effects: studentised intervals of the cluster bootstrap, {draws} exact draws, seed {seed}",
        "全部效应:聚类自助法学生化区间,{draws} 次精确抽样,种子 {seed}",
    ),
    "mediation_rows": (
        "no cluster is named: covariance robust to heteroskedasticity alone",
        "未指定聚类:协方差仅对异方差稳健",
    ),
    "mediation_absorbed_anew": (
        "the effects that cross the clusters have too many levels for columns: they are absorbed anew for every draw",
        "跨聚类的固定效应水平过多,无法作为列保留:每次抽样重新吸收",
    ),
    "mediation_moderators": (
        "effects without a condition hold at {values}; every equation has the products of treatment and moderators",
        "未加条件的效应为 {values} 处的效应;各方程均含处理与调节变量的交互项",
    ),
    "mediation_sum": (
        "the total effect is the sum of direct and indirect effects at these values of the moderators, since the "
        "second stage is moderated",
        "第二阶段受调节,总效应为上述调节变量取值处直接效应与间接效应之和",
    ),
    "potential_outcomes": (
        "effects by potential outcomes, means over the rows (Imai, Keele and Tingley 2010): indirect[m] is what moving "
        "the mediator alone does, direct what moving the treatment alone does, each the mean of x=0 and x=1; "
        "equations: {equations}",
        "效应按潜在结果定义,对样本各行取平均(Imai、Keele 和 Tingley 2010):indirect[m] 为仅变动中介的效应,"
        "direct 为仅变动处理的效应,均为 x=0 与 x=1 两种情形的平均;方程:{equations}",
    ),
    "potential_levels": (
        "treatment {treatment}: {low} is x=0, {high} is x=1",
        "处理 {treatment}:x=0 取 {low},x=1 取 {high}",
    ),
    "potential_half_deviations": (
        "treatment {treatment}: x=0 is half a standard deviation below its mean ({low}), x=1 half above it ({high})",
        "处理 {treatment}:x=0 为均值减半个标准差({low}),x=1 为均值加半个标准差({high})",
    ),
    "potential_each": (
        "treatment {treatment}: {high} against {low}",
        "处理 {treatment}:{high} 与 {low} 相比",
    ),
    "potential_several": (
        "mediators do not affect one another; each is moved with the others as they are at x; indirect[interaction] is "
        "what their own effects leave of indirect[total]",
        "各中介互不影响;变动某一中介时,其余中介取 x 处的值;"
        "indirect[interaction] 为 indirect[total] 减去各中介自身效应之和",
    ),
    "potential_residuals": (
        "{names}: distributed about the mean as the residuals are, no normality assumed",
        "{names}:围绕均值的分布取残差分布,不假设正态",
    ),
    "potential_counts": ("{names}: Poisson distributed about the mean", "{names}:围绕均值服从泊松分布"),
    "potential_unusable": (
        "{count} rows dropped from all equations because they are singletons or separated in one of them",
        "{count} 行在某一方程中为单例或被完全分离,已从所有方程中删除",
    ),
    "potential_monte_carlo": (
        "all effects: intervals from {draws} draws of the joint distribution of all coefficients, seed {seed}; rows, "
        "residuals and fixed effects as given",
        "全部效应:置信区间来自全部系数联合分布的 {draws} 次抽样,种子 {seed};样本行、残差与固定效应视为给定",
    ),
    "potential_jackknife": (
        "all effects: clusters left out in turn, t(G-1), with residuals and the levels of effects that "
        "cross the clusters "
        "as given; few clusters make these standard errors too small",
        "全部效应:逐一剔除聚类的刀切法,t(G-1);残差与跨聚类固定效应的水平视为给定;聚类较少时标准误偏小",
    ),
    "potential_delta": (
        "all effects: delta method; rows, residuals and fixed effects as given",
        "全部效应:delta 方法;样本行、残差与固定效应视为给定",
    ),
    "share_not_meaningful": (
        "shares are not meaningful: the total effect cannot be told from zero",
        "中介占比无意义:总效应与零无显著差异",
    ),
    "share_not_meaningful_of": (
        "shares of {contrast} are not meaningful: the total effect cannot be told from zero",
        "{contrast} 的中介占比无意义:总效应与零无显著差异",
    ),
    "share_not_meaningful_signs": (
        "shares are not meaningful: direct and indirect effects have different signs",
        "中介占比无意义:直接效应与间接效应符号不同",
    ),
    "share_not_meaningful_signs_of": (
        "shares of {contrast} are not meaningful: direct and indirect effects have different signs",
        "{contrast} 的中介占比无意义:直接效应与间接效应符号不同",
    ),
    "mediation_controls": ("controls of every equation: {names}", "各方程的控制变量:{names}"),
    "mechanism_moderated": (
        "the effect of {treatment} alone holds where {names} is zero; the decomposition takes it about its mean or the "
        "value named",
        "{treatment} 单独的系数为 {names} 等于零时的效应;分解则取其均值或指定值处",
    ),
    "mediation_serial": (
        "chain {chain}: the equation of each later mediator holds the earlier ones; direct and all indirect effects "
        "add up to the total",
        "链式中介 {chain}:后一中介的方程包含其前的中介;直接效应与全部间接效应之和等于总效应",
    ),
    "mediation_instruments": (
        "two-stage least squares in every equation ({instruments}), with all instruments and exogenous columns in "
        "every first stage; instruments of mediators stand as controls in the mediators' equations and in that of the "
        "total",
        "各方程均用两阶段最小二乘({instruments}),每个第一阶段均含全部工具变量与外生变量;"
        "中介的工具变量在中介方程与总效应方程中作为控制变量",
    ),
    "identified_all": (
        "total, direct and indirect effects read as causal if the instruments are valid and effects are the same for "
        "all: those of the treatment move mediators and outcome through the treatment alone, those of the mediators "
        "move the outcome through the mediators alone",
        "若工具变量有效且效应同质,总效应、直接效应与间接效应均可作因果解释:处理的工具变量仅经由处理影响中介与结果,"
        "中介的工具变量仅经由中介影响结果",
    ),
    "identified_treatment": (
        "total and a read as causal if the treatment's instruments are valid; b, direct and indirect effects need "
        "besides that nothing unobserved moves {names} and the outcome together",
        "若处理的工具变量有效,总效应与 a 可作因果解释;b、直接效应与间接效应还要求不存在"
        "同时影响 {names} 与结果的未观测因素",
    ),
    "identified_mediators": (
        "b of {names} reads as causal if the mediators' instruments are valid and unrelated to the treatment; a, "
        "total, direct and indirect effects need besides that nothing unobserved moves the treatment together with "
        "mediators or outcome",
        "若中介的工具变量有效且与处理无关,{names} 的 b 可作因果解释;a、总效应、直接效应与间接效应还要求不存在"
        "同时影响处理与中介或处理与结果的未观测因素",
    ),
    "mediators_free": (
        "without instruments, {names}: nothing unobserved may move them and the outcome together",
        "{names} 无工具变量:须不存在同时影响其与结果的未观测因素",
    ),
    "mediation_remainder": (
        "more instruments than needed: total, direct and indirect effects are three two-stage estimates that need not "
        "add up; what is left is the remainder",
        "工具变量过度识别:总效应、直接效应与间接效应为三个两阶段估计,未必相加,其差列为余项",
    ),
    "weak_instruments": (
        "weak instruments, first-stage F below {limit}: {names}",
        "弱工具变量,第一阶段 F 低于 {limit}:{names}",
    ),
    "mediation_wild": (
        "paths, direct and total effects: restricted wild cluster bootstrap; indirect effects: intervals from {draws} "
        "Monte Carlo draws of the joint distribution of all coefficients, seed {seed}",
        "路径系数、直接效应与总效应:受限 wild 聚类自助法;间接效应:置信区间来自全部系数联合分布的 {draws} "
        "次蒙特卡洛抽样,种子 {seed}",
    ),
    "mediation_wild_paths": (
        "wild[...] and joint_significance_wild[...]: restricted wild cluster bootstrap of each path, {draws} draws, "
        "seed {seed}",
        "wild[...] 与 joint_significance_wild[...]:各路径的受限 wild 聚类自助法,{draws} 次抽样,种子 {seed}",
    ),
    "no_wild": ("no wild cluster bootstrap of the paths: {reason}", "未做路径的 wild 聚类自助法:{reason}"),
    "feedback": (
        "next year's {names} is significant in the outcome's equation (lead_test in statistics.csv): the outcome moves "
        "it, or it acts within the year; either way b rests on more than strict exogeneity grants",
        "下一年的 {names} 在结果方程中显著(statistics.csv 的 lead_test):结果影响中介,或中介在当年即起作用;"
        "两种情形下 b 均不满足严格外生性",
    ),
    "sensitivity_rho": (
        "rho is the correlation of the errors of a mediator and of the outcome given treatment, controls, fixed "
        "effects and the other mediators; at rho_star the indirect effect is zero",
        "rho 为给定处理、控制变量、固定效应与其他中介后,中介误差与结果误差的相关系数;在 rho_star 处间接效应为零",
    ),
    "sensitivity_jackknife": (
        "intervals over rho: clusters left out in turn, t(G-1); that of rho_star on Fisher's scale",
        "rho 的置信区间:逐一剔除聚类的刀切法,t(G-1);rho_star 的区间采用 Fisher 变换",
    ),
    "sensitivity_rows": (
        "intervals over rho: delta method, robust to heteroskedasticity alone; that of rho_star on Fisher's scale",
        "rho 的置信区间:delta 方法,仅对异方差稳健;rho_star 的区间采用 Fisher 变换",
    ),
    "sensitivity_no_interval": (
        "no interval over rho where the variance over the clusters is not positive",
        "聚类方差非正之处,rho 无置信区间",
    ),
    "sensitivity_robustness": (
        "robustness values (statistics.csv): the share of what is left of both ends of a path that an "
        "omitted variable must explain to "
        "take it to zero (alpha: to 5 % insignificance); the standard error is taken to change as that of least "
        "squares would",
        "稳健性值(statistics.csv):遗漏变量须解释路径两端剩余变异的多大份额,方能使该路径归零"
        "(alpha:使其在 5% 水平不显著);假定标准误的变化与最小二乘法下相同",
    ),
    "sensitivity_bounds": (
        "bounds (statistics.csv): an omitted variable as strong as the control named, uncorrelated with "
        "it given the others; for an "
        "indirect effect one such variable for each of its paths",
        "界(statistics.csv):遗漏变量与所列控制变量同样强,且给定其他变量后与之不相关;间接效应的两条路径各有一个此类变量",
    ),
    "sensitivity_strong": (
        "no bound, since a variable so strong would explain all that is left of the treatment or mediator: {names}",
        "无法给出界,因如此强的变量将解释处理或中介的全部剩余变异:{names}",
    ),
    "sensitivity_capped": (
        "the omitted variable is taken to explain all that is left of the mediator or outcome: {names}",
        "遗漏变量的解释份额取上限,即解释中介或结果的全部剩余变异:{names}",
    ),
}

"""What threshold models and response surfaces say of themselves, in English and Chinese."""

from __future__ import annotations

THRESHOLD_TEXTS: dict[str, tuple[str, str]] = {
    "threshold_search": (
        "threshold in {threshold} by least squares over {searched} of its {values} values, at least {trim} of the rows "
        "in each regime (Hansen 1999)",
        "以最小二乘在 {threshold} 的 {values} 个取值中搜索 {searched} 个门槛值,每一区制至少含 {trim} 的观测"
        "(Hansen 1999)",
    ),
    "threshold_interval": (
        "interval of the threshold: values whose likelihood ratio is at most 7.35, with all values between the outer "
        "two; it assumes independent errors of equal variance, also where standard errors are clustered",
        "门槛值置信区间为似然比不超过 7.35 的取值及其间全部取值;该区间假定误差独立同方差,标准误聚类时亦然",
    ),
    "threshold_bootstrap": (
        "the tests of the number of thresholds are fixed-regressor wild bootstraps with the null imposed: the "
        "residuals of each of {count} clusters ({cluster}) are multiplied by one random number (a sign; one of "
        "six with fewer than 12 clusters) and thresholds are searched again; {draws} draws, seed {seed}",
        "门槛个数检验采用施加原假设、固定回归元的 wild 自助法:{count} 个聚类({cluster})的残差各乘一个随机数"
        "(符号;聚类少于 12 个时取六点分布),每次抽样重新搜索门槛;{draws} 次抽样,种子 {seed}",
    ),
    "threshold_slopes": (
        "standard errors and intervals of slopes take the threshold as known; whether there is one, the bootstrap test "
        "says",
        "斜率的标准误与置信区间视门槛值为已知;门槛是否存在以自助法检验为准",
    ),
    "threshold_level": (
        "the level may change at the threshold as the slope does, and the test is of both together; the slopes do not "
        "depend on where the treatment is zero",
        "截距与斜率均可在门槛处变化,检验针对二者联合;斜率不依赖处理变量的零点",
    ),
    "threshold_one_level": (
        "only the slope changes at the threshold, as in Hansen (1999): the estimates depend on where the treatment is "
        "zero, and a jump of the level at a value of {threshold} would count as one of the slope",
        "按 Hansen(1999)仅斜率在门槛处变化:估计依赖处理变量的零点,{threshold} 某值处的截距跳跃会被计为斜率变化",
    ),
    "threshold_one_cluster": (
        "the bootstrap takes one clustering: {cluster}",
        "自助法仅采用一个聚类维度:{cluster}",
    ),
    "threshold_open": (
        "the interval of {names} reaches the end of the values searched: it is not bounded there",
        "{names} 的置信区间触及搜索范围的端点:在该端并无界限",
    ),
    "surface_about": (
        "surface about {x} = {first} and {z} = {second}: there the lines of congruence (both equally far from it) and "
        "of incongruence (as far on opposite sides) cross (Edwards and Parry 1993)",
        "响应面以 {x} = {first}、{z} = {second} 为原点:一致线(二者偏离相等)与不一致线(二者偏离相反)在此相交"
        "(Edwards 和 Parry 1993)",
    ),
    "surface_delta": (
        "standard errors of the stationary point and of the principal axes by the delta method: where the curvature is "
        "not far from zero they say little",
        "驻点与主轴的标准误用 delta 法:曲率接近零时参考价值有限",
    ),
    "surface_maximum_inside": ("its top lies at {x}, {z}, within the data", "最高点位于 {x}、{z},在数据范围内"),
    "surface_maximum_outside": ("its top lies at {x}, {z}, outside the data", "最高点位于 {x}、{z},在数据范围外"),
    "surface_minimum_inside": ("its bottom lies at {x}, {z}, within the data", "最低点位于 {x}、{z},在数据范围内"),
    "surface_minimum_outside": ("its bottom lies at {x}, {z}, outside the data", "最低点位于 {x}、{z},在数据范围外"),
    "surface_saddle_inside": ("its saddle point lies at {x}, {z}, within the data", "鞍点位于 {x}、{z},在数据范围内"),
    "surface_saddle_outside": ("its saddle point lies at {x}, {z}, outside the data", "鞍点位于 {x}、{z},在数据范围外"),
    "surface_effect": (
        "the surface is that of the effect of {treatment}: the terms a1 to p21 are made of its products with the two "
        "columns, their squares and their product",
        "响应面为 {treatment} 的效应:a1 至 p21 由其与两列、平方项及交叉项的乘积计算",
    ),
    "surface_by_year": (
        "the effect of {treatment} may differ by year (not shown); its own term is the mean over the rows where both "
        "columns are at their origin",
        "{treatment} 的效应允许逐年不同(未列出);其主项为两列处于原点时各观测的平均效应",
    ),
    "surface_balance": (
        "absolute difference of {first} and {second} in place of squares and product",
        "以 {first} 与 {second} 之差的绝对值代替平方项与交叉项",
    ),
    "moderation_iv": (
        "two-stage least squares: {moderator} and its product with {treatment} are both instrumented, by {instruments} "
        "and their products with {treatment}, all demeaned as in the headline",
        "两阶段最小二乘:{moderator} 及其与 {treatment} 的交互项均为内生,工具变量为 {instruments} 及其与 {treatment} "
        "的乘积,去均值方式同主结果",
    ),
    "moderation_iv_growth": (
        "the products of {names} with {moderator} are taken as exogenous",
        "{names} 与 {moderator} 的乘积视为外生",
    ),
    "moderation_iv_strength": (
        "first-stage F of each given the other (Sanderson and Windmeijer 2016), clustered: {values}",
        "各内生变量在给定另一内生变量时的第一阶段 F(Sanderson 和 Windmeijer 2016,聚类稳健):{values}",
    ),
    "anderson_rubin_one_cluster": (
        "the Anderson-Rubin sets and the strength of the instruments take one clustering: {cluster}",
        "Anderson-Rubin 置信集与工具变量强度仅采用一个聚类维度:{cluster}",
    ),
    "anderson_rubin_few_clusters": (
        "{clusters} clusters for {count} instruments, fewer than ten each: the Anderson-Rubin tests, with F({count}, "
        "clusters less one), may reject the truth too often and their sets be too small, whatever the strength of the "
        "instruments",
        "{clusters} 个聚类对 {count} 个工具变量,每个工具变量不足十个聚类:Anderson-Rubin 检验"
        "(参照 F({count}, 聚类数减一))可能过度拒绝真值,置信集可能偏小,与工具变量强弱无关",
    ),
    "anderson_rubin_interval": (
        "95 % Anderson-Rubin set of {term}, by projection, valid with weak instruments: {set}",
        "{term} 的 95% Anderson-Rubin 置信集(投影法,弱工具变量下有效):{set}",
    ),
    "anderson_rubin_intervals": (
        "95 % Anderson-Rubin set of {term}, by projection, valid with weak instruments, in several parts: {set}",
        "{term} 的 95% Anderson-Rubin 置信集(投影法,弱工具变量下有效)由若干段组成:{set}",
    ),
    "anderson_rubin_unbounded": (
        "95 % Anderson-Rubin set of {term}, by projection, has no bound: {set}; the instruments are too "
        "weak to bound it",
        "{term} 的 95% Anderson-Rubin 置信集(投影法)无界:{set};工具变量过弱",
    ),
    "anderson_rubin_line": (
        "95 % Anderson-Rubin set of {term}, by projection, is every value: {set}; the instruments say nothing of it",
        "{term} 的 95% Anderson-Rubin 置信集(投影法)为全部取值:{set};工具变量不含相关信息",
    ),
    "anderson_rubin_empty": (
        "95 % Anderson-Rubin set of {term}, by projection, is empty ({set}): the instruments contradict each other",
        "{term} 的 95% Anderson-Rubin 置信集(投影法)为空({set}):工具变量相互矛盾",
    ),
}

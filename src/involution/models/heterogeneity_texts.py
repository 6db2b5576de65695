"""What groups, their comparisons and quantile regressions say of themselves, in English and Chinese."""

from __future__ import annotations

HETEROGENEITY_TEXTS: dict[str, tuple[str, str]] = {
    "heterogeneity_first": (
        "groups by {by} as first known of each firm, which the treatment cannot have moved since",
        "按企业首个已知的 {by} 取值分组,此后处理变量无法使企业换组",
    ),
    "heterogeneity_row": (
        "groups by {by} of each row: firms may change group, also because of the treatment",
        "按每一观测的 {by} 分组:企业可能换组,也可能因处理变量而换组",
    ),
    "heterogeneity_quantiles_firms": (
        "{by} parted at {cuts}, quantiles over the firms of the sample, each counted once ({groups})",
        "{by} 的分界值为 {cuts},即样本企业(每家计一次)的分位数({groups})",
    ),
    "heterogeneity_quantiles_rows": (
        "{by} parted at {cuts}, quantiles over the rows of the sample ({groups})",
        "{by} 的分界值为 {cuts},即样本观测的分位数({groups})",
    ),
    "heterogeneity_without": (
        "{count} rows left out that are in none of the groups compared (by {by})",
        "{count} 行不属于所比较的组别({by}),予以剔除",
    ),
    "heterogeneity_few_clusters": (
        "{group}: {count} clusters, fewer than {fewest}; its standard error is little more than a guess",
        "{group}:仅 {count} 个聚类,少于 {fewest} 个,其标准误不可靠",
    ),
    "heterogeneity_interaction": (
        "treatment by group of {by} in one regression; controls and fixed effects are common to all groups",
        "同一回归中处理变量与 {by} 组别交互;控制变量与固定效应各组相同",
    ),
    "heterogeneity_stacked": (
        "every regressor and every fixed effect is the group's own (by {by}): the slopes are those of the groups' own "
        "regressions, with the covariance that groups have through clusters they share",
        "全部回归元与固定效应均按 {by} 组别取各自系数:斜率与分组回归一致,并计入各组因共享聚类而产生的协方差",
    ),
    "heterogeneity_permutation_cluster": (
        "groups are permuted among {level}, each of which lies in one group (Fisher's test); {draws} draws, "
        "seed {seed}",
        "在 {level} 层面(每个单元仅属一组)随机置换组别(费舍尔检验);{draws} 次抽样,种子 {seed}",
    ),
    "heterogeneity_permutation_within_cluster": (
        "groups are permuted among the firms of the same {cluster} (Fisher's test), so that shocks common to one "
        "{cluster} cannot pass for a difference; it tests for a difference inside {cluster}; {draws} draws, "
        "seed {seed}",
        "组别仅在同一 {cluster} 的企业之间随机置换(费舍尔检验),{cluster} 层面的冲击不会被误认为组间差异;"
        "检验的是 {cluster} 内部的差异;{draws} 次抽样,种子 {seed}",
    ),
    "heterogeneity_permutation_firm": (
        "groups are permuted among all firms (Fisher's test); {draws} draws, seed {seed}",
        "组别在全部企业之间随机置换(费舍尔检验);{draws} 次抽样,种子 {seed}",
    ),
    "heterogeneity_movers": (
        "a firm that changes {cluster} is counted, in the permutation, in the one of most of its rows",
        "置换检验中,更换 {cluster} 的企业按其观测最多者归类",
    ),
    "heterogeneity_studentised": (
        "its two-sided p-values count draws at least as far from the mean of all draws as the difference found, in "
        "clustered standard errors, which groups with different variances do not upset (Chung and Romano 2013); that "
        "mean is not zero where the groups are spread unevenly, so that a small difference may have a small p-value "
        "and a large one a large p-value",
        "其双侧 p 值为偏离全部抽样均值不小于实际差异的抽样比例,以聚类标准误为单位,组间方差不等时仍然有效"
        "(Chung 和 Romano 2013);各组分布不均时该均值不为零,故差异较小而 p 值较小、差异较大而 p 值较大均有可能",
    ),
    "heterogeneity_permutation_ignores": (
        "permuted over firms whatever their {cluster}: where groups are spread unevenly over {cluster}, shocks common "
        "to one {cluster} pass for a difference and the test rejects too often",
        "在企业层面置换而不考虑 {cluster}:若各组在 {cluster} 间分布不均,{cluster} 冲击会被误认为组间差异,"
        "检验会过度拒绝",
    ),
    "heterogeneity_paths": (
        "firms change group: their whole paths of groups are exchanged, years without a row having the group of the "
        "last one before",
        "企业会换组:以企业的整条组别路径为单位置换,缺失年份沿用此前最近一年的组别",
    ),
    "heterogeneity_reabsorbed": (
        "fixed effects absorbed anew in every draw, since they are too many for cross-products or firms change group",
        "固定效应过多或企业换组,每次抽样均重新吸收固定效应",
    ),
    "heterogeneity_lost_draws": (
        "{count} draws left out in which a group has no variation of the treatment",
        "剔除 {count} 次某组处理变量无变动的抽样",
    ),
    "heterogeneity_few_assignments": (
        "only {count} assignments of groups differ: p-values cannot be below {least}",
        "仅有 {count} 种不同的组别分配:p 值不可能低于 {least}",
    ),
    "heterogeneity_no_permutation": (
        "no permutation test: it is built for least squares",
        "未做组合检验:该检验仅适用于最小二乘",
    ),
    "quantile_moments": (
        "quantiles by moments: location by least squares, scale by least squares of absolute residuals on the same "
        "columns and fixed effects, quantiles of the standardised error (Machado and Santos Silva 2019)",
        "矩量分位数回归:位置参数用最小二乘,尺度参数用绝对残差对相同变量与固定效应的最小二乘,再取标准化误差的分位数"
        "(Machado 和 Santos Silva 2019)",
    ),
    "quantile_scale": (
        "the fitted scale of {share} of the rows is not positive, which the model rules out",
        "{share} 的观测拟合尺度不为正,与模型设定不符",
    ),
    "quantile_short": (
        "{years} rows a firm: with firm effects in the scale, slopes away from the mean are biased in short panels",
        "每家企业平均 {years} 行:尺度方程含企业效应,面板较短时偏离均值处的斜率有偏",
    ),
}

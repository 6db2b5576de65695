"""What models of the section endogeneity say of themselves, in English and Chinese."""

from __future__ import annotations

ENDOGENEITY_TEXTS: dict[str, tuple[str, str]] = {
    "endogeneity_leads": (
        "leads of the treatment stand for what has not happened yet: effects of theirs would point to reverse "
        "causality or to a cause of both",
        "处理变量的领先项为尚未发生之事:若其系数显著,则提示反向因果或存在共同原因",
    ),
    "dynamic_instruments": (
        "{count} instruments for {clusters} clusters; earlier values of {lags} (years before the row's)",
        "工具变量 {count} 个,聚类 {clusters} 个;取自较早年份的变量及阶数(相对于观测年份):{lags}",
    ),
    "dynamic_rows": (
        "{missing} rows lack a column of the model; the other {rows} give {count} rows of the transformed equation",
        "{missing} 行缺少模型所需变量;其余 {rows} 行构成变换方程的 {count} 行",
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
}

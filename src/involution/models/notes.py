"""What a model says about itself, in every language, from one table."""

from __future__ import annotations

from dataclasses import dataclass

from involution.models.balancing_texts import BALANCING_TEXTS
from involution.models.breakthrough_texts import BREAKTHROUGH_TEXTS
from involution.models.endogeneity_texts import ENDOGENEITY_TEXTS
from involution.models.event_study_texts import EVENT_STUDY_TEXTS
from involution.models.exposure_texts import EXPOSURE_TEXTS
from involution.models.heterogeneity_texts import HETEROGENEITY_TEXTS
from involution.models.hypotheses_texts import HYPOTHESES_TEXTS
from involution.models.mediation_texts import MEDIATION_TEXTS
from involution.models.moderation_texts import MODERATION_TEXTS
from involution.models.placebo_texts import PLACEBO_TEXTS
from involution.models.rehearsal_texts import REHEARSAL_TEXTS
from involution.models.robustness_texts import ROBUSTNESS_TEXTS
from involution.models.specification_texts import SPECIFICATION_TEXTS
from involution.models.staggered_texts import STAGGERED_TEXTS
from involution.models.threshold_texts import THRESHOLD_TEXTS

TEXTS: dict[str, tuple[str, str]] = {
    "missing": (
        "{count} rows removed because of missing values ({columns})",
        "因缺失值删除 {count} 行({columns})",
    ),
    "singletons": ("{count} singleton rows dropped", "删除 {count} 个单例观测"),
    "separated": ("{count} separated rows dropped", "删除 {count} 个被完全分离的观测"),
    "perfectly_predicted": (
        "{count} rows are predicted perfectly by a combination of regressors, whose estimate is not finite",
        "{count} 行被回归元的某一组合完全预测:起分离作用的系数不存在有限估计",
    ),
    "flat": (
        "{count} rows are fitted as zero by combinations of fixed effects alone and carry no information",
        "{count} 行仅由固定效应组合即被拟合为零,不提供信息",
    ),
    "absorbed": ("dropped because the fixed effects absorb them: {names}", "被固定效应吸收而删除:{names}"),
    "collinear": ("dropped because of collinearity: {names}", "因共线性删除:{names}"),
    "one_cluster_alone": (
        "no clustered standard error for {names}: one cluster alone identifies it",
        "{names} 无聚类标准误:其系数仅由单一聚类识别",
    ),
    "jackknife_unidentified": (
        "no crv3 standard error for {names}: not identified when some cluster is left out",
        "{names} 无 crv3 标准误:剔除某一聚类后系数不可识别",
    ),
    "jackknife_reweighted": (
        "without some cluster a cohort by year has nothing to compare; {names} average the others then (crv3)",
        "剔除某一聚类后,部分批次—年份无企业或无可比对象,{names} 仅对其余批次—年份求平均(crv3)",
    ),
    "not_positive": (
        "the two-way covariance was not positive definite; its negative eigenvalues were set to zero, as reghdfe and "
        "fixest do: errors are then often too small and joint tests have no meaning; prefer crv3",
        "双向聚类协方差矩阵非正定,负特征值已置零(与 reghdfe、fixest 一致):"
        "此时标准误往往偏小,联合检验无意义,建议使用 crv3",
    ),
    "not_subtracted": (
        "the two-way covariance by inclusion and exclusion was not positive definite: what both clusterings count is "
        "not subtracted, so that no variance is less than that of either",
        "按容斥法得到的双向聚类协方差矩阵非正定,故不减去两个维度的交叉部分,任一方差均不小于单向聚类方差",
    ),
    "few_clusters": (
        "few clusters: {count} effective ones, fewer than {limit}; prefer {prefer}",
        "有效聚类数较少({count},低于 {limit}),建议使用 {prefer}",
    ),
    "few_clusters_jackknife": (
        "{count} effective clusters, fewer than {limit}: errors by the jackknife are uncertain themselves",
        "有效聚类数仅 {count},少于 {limit}:刀切法标准误本身亦不可靠",
    ),
    "few_treated_clusters": (
        "treated rows in {count} clusters, fewer than {limit}: however many clusters there are, cluster-robust errors "
        "are then too small, and far too small with one to three (true zeros rejected at 5 % with crv1, simulated: .65 "
        "of samples with 1 treated cluster of 20, .35 with 2 of 60; MacKinnon and Webb 2017, 2018)",
        "仅 {count} 个聚类含已处理观测,少于 {limit} 个:无论聚类总数多少,聚类稳健标准误均偏小,仅一至三个时严重偏小"
        "(模拟中 crv1 在 5% 水平上拒绝真实零效应的比例:20 个聚类中 1 个受处理时为 0.65,60 个中 2 个受处理时为 0.35;"
        "MacKinnon 和 Webb 2017、2018)",
    ),
    "iv_r2": (
        "R2 is that of the second stage, with the treatment as its instruments predict it, as fixest has it: no "
        "measure of fit of the model itself",
        "R² 为第二阶段(以工具变量预测的处理变量)的 R²,与 fixest 一致,不代表模型本身的拟合优度",
    ),
    "joint_few_clusters": (
        "{clusters} clusters for a joint test of {count} terms, fewer than ten each: with F({count}, clusters less "
        "one) it may reject the truth too often",
        "{clusters} 个聚类检验 {count} 个系数的联合显著性,每个系数不足十个聚类:"
        "参照 F({count}, 聚类数减一)的检验可能过度拒绝",
    ),
    "wild": (
        "p-values and intervals from the restricted wild cluster bootstrap, {draws} draws, seed {seed}; standard "
        "errors, and tests of several coefficients or of functions of them, by crv1",
        "p 值与置信区间来自受限 wild 聚类自助法,{draws} 次抽样,种子 {seed};标准误以及多个系数或其函数的检验基于 crv1",
    ),
    "driscoll_kraay": (
        "Driscoll-Kraay covariance, Bartlett kernel, {lags} lags, {periods} periods",
        "Driscoll-Kraay 协方差,Bartlett 核,滞后 {lags} 期,共 {periods} 期",
    ),
    "conley": (
        "Conley (1999) covariance: rows of one year within {cutoff} km of each other may be correlated, "
        "{kernel} kernel, {locations} places",
        "Conley(1999)协方差:同一年份相距 {cutoff} 公里以内的观测可相关,{kernel} 核,共 {locations} 个地点",
    ),
    "conley_lags": (
        "and those of a firm up to {lags} years apart (Bartlett kernel)",
        "同一企业相隔至多 {lags} 年的观测亦可相关(Bartlett 核)",
    ),
    "conley_no_lags": (
        "a firm's rows of different years are taken as uncorrelated (conley.lags: 0)",
        "同一企业不同年份的观测视为不相关(conley.lags: 0)",
    ),
    "conley_not_positive": (
        "the spatial covariance was not positive definite; its negative eigenvalues were set to zero",
        "空间协方差矩阵非正定,负特征值已置零",
    ),
    "default_cluster": (
        "clustered by {level}, the level at which {term} varies, since no cluster is named",
        "未指定聚类,按 {term} 的变动层级 {level} 聚类",
    ),
    "cluster_below": (
        "{treatment} is one value within each {level} and year of the data: with {cluster} standard errors may be too "
        "small; cluster by {level}",
        "{treatment} 在数据中同一 {level} 与年份内取值相同:按 {cluster} 聚类时标准误可能过小,宜按 {level} 聚类",
    ),
    "low_cluster": (
        "clustered by {cluster}, below {level}, the level at which {term} varies (allow_low_cluster)",
        "按 {cluster} 聚类,低于 {term} 的变动层级 {level}(allow_low_cluster)",
    ),
    "log_count": (
        "{outcome} is the logarithm of one plus a count: its units decide the answer, prefer Poisson",
        "{outcome} 为计数加一取对数:结果取决于计量单位;应以泊松估计为主",
    ),
    "cells": (
        "{effect}: {least} to {most} industries per cell (median {median}); {term} leaves the firm itself out",
        "{effect}:每单元 {least} 至 {most} 个行业(中位数 {median});{term} 为剔除本企业的指标",
    ),
    "few_per_cell": (
        "{count} cells of {effect} hold fewer than six industries: the estimate of {term} may be biased",
        "{effect} 有 {count} 个单元少于六个行业:{term} 的估计可能有偏",
    ),
    "mechanical": (
        "{outcome} shares an ingredient with {term} ({shared}); allowed by allow_mechanical",
        "{outcome} 与 {term} 含有相同成分({shared});allow_mechanical 已允许",
    ),
    "coverage_partial": (
        "{names}: measured on the firms of this panel only, not on the whole industry (coverage: partial)",
        "{names}:仅由本面板企业计算,并非全行业(覆盖范围:部分)",
    ),
    "random_effects": ("random effects by Swamy and Arora's variance components", "随机效应,Swamy-Arora 方差分量"),
    "dummies": ("{effect} entered as {count} indicator variables", "{effect} 以 {count} 个虚拟变量进入"),
    "mundlak": (
        "firm effects by the firm's means of the regressors over the rows of the sample and the number of its years "
        "(Mundlak 1978; Wooldridge 2019)",
        "企业效应以回归元的企业均值(取自估计样本)及企业观测年数代替(Mundlak 1978;Wooldridge 2019)",
    ),
    "mundlak_hazard": (
        "firm effects by the firm's means of the regressors over all its rows in which these are known (Mundlak 1978)",
        "企业效应以回归元的企业均值(取自该企业回归元非缺失的全部观测)代替(Mundlak 1978)",
    ),
    "weights": ("weighted by {weights}", "以 {weights} 加权"),
    "stay_weights": (
        "weighted by the inverse probability of staying given {predictors}; weights held at their {low} and {high} "
        "quantiles ({trimmed} rows of the population); {unpredicted} rows of it have no prediction, and the firm keeps "
        "there the weight that it had the year before (one in its first year)",
        "以给定 {predictors} 的留存概率倒数加权;权重截于 {low} 与 {high} 分位(总体中 {trimmed} 行);"
        "总体中 {unpredicted} 行无预测值,企业在该年沿用上一年的权重(首年为 1)",
    ),
    "unidentified": (
        "{count} rows removed whose fixed effects no untreated observation identifies",
        "删除 {count} 行:其固定效应无法由未处理观测识别",
    ),
    "rows_without_slope": (
        "{count} treated rows removed whose slope no untreated observation identifies",
        "删除 {count} 行已处理观测:其斜率无法由未处理观测识别",
    ),
    "slope_unidentified": (
        "controls left out, since they vary among treated rows alone (the effects and other controls taken out) and no "
        "untreated observation identifies their slopes: {names}",
        "控制变量 {names} 仅在已处理观测中变动(剔除固定效应及其他控制变量后),未处理观测无法识别其斜率,故删除",
    ),
    "short_panels": (
        "{count} rows of firms with fewer than {years} years left out",
        "剔除不足 {years} 年的企业 {count} 行",
    ),
    "one_sided_years": (
        "{count} rows of years after which no firm or every firm leaves left out",
        "剔除无企业退出或全部企业退出的年份,共 {count} 行",
    ),
    "compared_by": ("groups by {column}, one against zero", "按 {column} 分组,取 1 者与取 0 者相比"),
    "compared_population": (
        "rows of the whole population, within years that have both groups",
        "取自全部总体,限于两组均有观测的年份",
    ),
    "not_compared": ("{column} is not compared: {reason}", "{column} 未作比较:{reason}"),
    "turning_u": (
        "U shape in {column}: extremum at {extremum}, range {low} to {high}; Lind-Mehlum test p = {p_value}",
        "{column} 呈 U 形:极值点 {extremum},取值范围 {low} 至 {high};Lind-Mehlum 检验 p = {p_value}",
    ),
    "turning_inverted": (
        "inverted U in {column}: extremum at {extremum}, range {low} to {high}; Lind-Mehlum test p = {p_value}",
        "{column} 呈倒 U 形:极值点 {extremum},取值范围 {low} 至 {high};Lind-Mehlum 检验 p = {p_value}",
    ),
    "turning_u_unshown": (
        "no U shape in {column} is shown at 5 %: Lind-Mehlum test p = {p_value}; the fitted curve has its extremum at "
        "{extremum}, range {low} to {high}",
        "在 5% 水平上未证实 {column} 呈 U 形:Lind-Mehlum 检验 p = {p_value};拟合曲线的极值点为 {extremum},"
        "取值范围 {low} 至 {high}",
    ),
    "turning_inverted_unshown": (
        "no inverted U in {column} is shown at 5 %: Lind-Mehlum test p = {p_value}; the fitted curve has its extremum "
        "at {extremum}, range {low} to {high}",
        "在 5% 水平上未证实 {column} 呈倒 U 形:Lind-Mehlum 检验 p = {p_value};拟合曲线的极值点为 {extremum},"
        "取值范围 {low} 至 {high}",
    ),
    "fieller_outside": (
        "no Fieller interval of the extremum in {column}: the square may be zero, and what is not rejected is all "
        "values outside an interval",
        "{column} 的极值点无 Fieller 区间:平方项可能为零,未被拒绝的取值为某一区间之外的全部数值",
    ),
    "economic_size": (
        "one standard deviation of {treatment} ({sd}; {within} with the fixed effects taken out) goes with {effect} of "
        "{outcome}, {means} of its mean and {sds} of its standard deviation",
        "{treatment} 变动一个标准差({sd};剔除固定效应后为 {within})对应 {outcome} 变动 {effect},为其均值的 {means}、"
        "标准差的 {sds} 倍",
    ),
    "economic_size_count": (
        "one standard deviation of {treatment} ({sd}; {within} with the fixed effects taken out) goes with {effect} of "
        "the expected {outcome}",
        "{treatment} 变动一个标准差({sd};剔除固定效应后为 {within})对应 {outcome} 的期望变动 {effect}",
    ),
    "economic_size_hazard": (
        "one standard deviation of {treatment} ({sd}; {within} with the fixed effects taken out) goes with {effect} of "
        "the hazard of {outcome}",
        "{treatment} 变动一个标准差({sd};剔除固定效应后为 {within})对应 {outcome} 的风险率变动 {effect}",
    ),
    "empty_cells": ("no row for {names}", "无观测可估计 {names}"),
    "not_estimable": ("not estimated: {reason}", "未能估计:{reason}"),
    **ROBUSTNESS_TEXTS,
    **ENDOGENEITY_TEXTS,
    **BALANCING_TEXTS,
    **MEDIATION_TEXTS,
    **MODERATION_TEXTS,
    **THRESHOLD_TEXTS,
    **EXPOSURE_TEXTS,
    **PLACEBO_TEXTS,
    **SPECIFICATION_TEXTS,
    **EVENT_STUDY_TEXTS,
    **STAGGERED_TEXTS,
    **BREAKTHROUGH_TEXTS,
    **HETEROGENEITY_TEXTS,
    **HYPOTHESES_TEXTS,
    **REHEARSAL_TEXTS,
}


@dataclass(frozen=True)
class Note:
    """One sentence about a model: a code of `TEXTS` and the values it is filled with."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    def text(self, language: str = "en") -> str:
        """The sentence in English or Chinese."""
        return TEXTS[self.code][language == "zh"].format(**dict(self.values))


def note(code: str, **values: object) -> Note:
    """Make a note; integers are written with thousands separators."""
    shown = {key: f"{value:,}" if isinstance(value, int) else str(value) for key, value in values.items()}
    return Note(code, tuple(shown.items()))

"""What omitted variables, matching, balancing and selection say of themselves, in English and Chinese."""

from __future__ import annotations

BALANCING_TEXTS: dict[str, tuple[str, str]] = {
    "omitted_within": (
        "shares (R2) are of what the fixed effects and the other controls leave: the omitted variable varies within "
        "them; a robustness value is the share of treatment and of outcome that it has to explain to take away "
        "{reduce} of the estimate (Cinelli and Hazlett 2020)",
        "R2 均指剔除固定效应及其他控制变量后的份额,遗漏变量在其内部变动;稳健值为遗漏变量须同时解释的处理变量与"
        "被解释变量的份额,方能抵消估计值的 {reduce}(Cinelli 和 Hazlett 2020)",
    ),
    "omitted_errors": (
        "their standard errors are those of least squares: the one of the model is taken as changing by the same "
        "factor, degrees of freedom unchanged",
        "其标准误基于经典最小二乘;此处设定本模型标准误按相同倍数变化,自由度不变",
    ),
    "omitted_errors_wild": (
        "their standard errors are those of least squares: the clustered one is taken as changing by the same factor, "
        "degrees of freedom unchanged, and adjusted intervals are not of the wild bootstrap",
        "其标准误基于经典最小二乘;此处设定聚类标准误按相同倍数变化,自由度不变,调整后的区间并非来自 wild 自助法",
    ),
    "omitted_benchmarks": (
        "bounds are for an omitted variable that has nothing to do with the control given the others, as many times "
        "as strong as it with treatment and outcome",
        "界限对应的遗漏变量:在其他控制变量给定时与该控制变量不相关,其对处理变量与被解释变量的解释力为该控制变量的若干倍",
    ),
    "omitted_strong": (
        "no omitted variable can be so strong: {names}",
        "不存在如此强的遗漏变量:{names}",
    ),
    "omitted_capped": (
        "taken to explain all that is left of the outcome, since the bound is beyond: {names}",
        "界限超过上限,按解释被解释变量全部剩余变动处理:{names}",
    ),
    "omitted_no_controls": (
        "no controls beside the base ones: nothing to compare an omitted variable with, and no delta of Oster (2019)",
        "除基础控制变量外无其他控制变量:无可比照的基准,亦无法计算 Oster (2019) 的 δ",
    ),
    "oster": (
        "Oster (2019), exact solution, R2 with everything in {r_max}: the effect at delta = {delta}, and the delta at "
        "which the effect would be zero; R2 is within",
        "Oster (2019) 精确解,给出 δ = {delta} 时的效应以及使效应为零的 δ 值,R2(组内)上限为 {r_max}",
    ),
    "oster_r_max_usual": (
        "that R2 is 1.3 times the one with controls, at most one",
        "该上限取含控制变量回归 R2 的 1.3 倍(不超过 1)",
    ),
    "oster_r_max_named": ("that R2 is the study's own", "该上限由研究者设定"),
    "oster_turned": (
        "no root is on the side to which the controls moved the estimate (assumption 3 of Oster 2019): the effect "
        "shown supposes that what is not observed biases the other way, and is not to be relied on",
        "无解位于控制变量使估计值移动的一侧(Oster 2019 假设 3):所示效应意味着不可观测因素的偏误方向相反,不宜采信",
    ),
    "oster_error": (
        "its standard error is the cluster jackknife of all steps, the limit of R2 among them",
        "其标准误来自包含全部步骤(含 R2 上限)的聚类刀切法",
    ),
    "oster_no_error": (
        "no standard error of the adjusted effect: there is not one clustering, or a cluster decides whether there is "
        "a solution, or whether anything is left of the treatment",
        "调整后效应无标准误:非单一聚类,或剔除某一聚类后无解,或剔除某一聚类后处理变量无剩余变动",
    ),
    "oster_unsteady": (
        "without {count} of the {clusters} clusters, one at a time, the controls move the estimate the other way, or "
        "the root lies on another side: a single cluster decides on the direction of the adjustment",
        "逐一剔除聚类时,{clusters} 个聚类中有 {count} 个使控制变量对估计值的影响方向或解所在一侧发生改变:"
        "调整方向取决于个别聚类",
    ),
    "treated_as_is": ("treated rows are those of the treatment's own indicator", "处理组由处理变量本身(0/1)界定"),
    "treated_median_year": (
        "the treatment is a matter of degree: rows above the median of their year count as treated",
        "处理变量为连续变量:高于当年中位数者归入处理组",
    ),
    "treated_median": (
        "the treatment is a matter of degree: rows above the median of all rows count as treated",
        "处理变量为连续变量:高于全样本中位数者归入处理组",
    ),
    "treated_above": (
        "the treatment is a matter of degree: rows above {limit} count as treated",
        "处理变量为连续变量:高于 {limit} 者归入处理组",
    ),
    "match": (
        "each treated row is matched to its {k} nearest untreated ones by a logit propensity score",
        "按 Logit 倾向得分,为每个处理组观测匹配 {k} 个最近邻对照观测",
    ),
    "match_among": (
        "matched among the {count} rows of the regression before",
        "在匹配前回归的 {count} 个观测中匹配",
    ),
    "match_by_year": ("scores and matches year by year", "逐年估计得分并匹配"),
    "match_pooled": ("one score model for all years, matches across years", "各年合并估计得分并跨年匹配"),
    "match_exact": ("matches have {names} in common", "匹配对象的 {names} 相同"),
    "match_replace": ("with replacement", "有放回"),
    "match_once": ("without replacement, the highest score choosing first", "无放回,得分最高者先选"),
    "match_caliper_probability": ("caliper {caliper} of the score", "得分卡尺 {caliper}"),
    "match_caliper_logit": (
        "caliper {caliper} standard deviations of the score's logit (Austin 2011)",
        "卡尺为得分对数几率标准差的 {caliper} 倍(Austin 2011)",
    ),
    "match_no_caliper": ("no caliper", "不设卡尺"),
    "match_given": (
        "treated rows outside the range of the untreated rows' scores are left out; standard errors take scores and "
        "matches as given",
        "剔除得分超出对照组得分范围的处理组观测;标准误将得分与匹配视为给定",
    ),
    "match_years_lost": (
        "no score model in {years}: their rows are left out",
        "{years} 年无法估计得分模型,相应观测已剔除",
    ),
    "score_pooled": (
        "over all years with year effects; the matches rest on one logit a year",
        "全部年份合并并含年份效应;匹配依据逐年 Logit",
    ),
    "balance": (
        "entropy balancing for a treatment of degrees (Tuebbicke 2022; Vegetabile et al. 2021): the weights keep the "
        "means of covariates and treatment and take their covariances to zero, moments up to {moments}",
        "连续处理变量的熵平衡(Tübbicke 2022、Vegetabile 等 2021):权重保持协变量与处理变量均值,并使其协方差为零,"
        "阶数至 {moments}",
    ),
    "balance_groups": (
        "entropy balancing (Hainmueller 2012): untreated rows are weighted to the treated rows' moments up to "
        "{moments}",
        "熵平衡(Hainmueller 2012):对照组加权后与处理组的前 {moments} 阶矩一致",
    ),
    "balance_by_year": ("in each year", "逐年平衡"),
    "balance_pooled": ("over all years at once", "各年合并平衡"),
    "balance_given": ("standard errors take the weights as given", "标准误将权重视为给定"),
    "heckman": (
        "Heckman's two steps: one probit of reporting over all years, without year effects in it (by_year: false), its "
        "inverse Mills ratio beside the regressors",
        "Heckman 两步法:先合并各年估计披露的 Probit(by_year: false,不含年份效应),再将逆米尔斯比率加入回归",
    ),
    "heckman_by_year": (
        "two steps: a probit of reporting in each year, its inverse Mills ratio beside the regressors with one "
        "coefficient (Heckman 1979; Semykina and Wooldridge 2010); the ratio is zero in years in which all report",
        "两步法:逐年估计披露的 Probit,再将逆米尔斯比率加入回归,系数各年相同(Heckman 1979、Semykina 和 Wooldridge 2010);"
        "全部披露年份的比率取零",
    ),
    "heckman_exclusion_still": (
        "without variation beside the years and the other regressors, and of no help: {names}",
        "除年份与其他解释变量外无自身变异、不起作用的排除变量:{names}",
    ),
    "heckman_exclusion": (
        "what moves reporting and not the outcome is said to be {names}: the correction is as good as that is true",
        "排他性约束变量:{names}(假定影响披露而不直接影响被解释变量),修正的可靠性取决于该假定",
    ),
    "heckman_means": (
        "firm means of all explanatory columns, reported rows and others, stand for the firm effects, since the within "
        "estimator does not remove selection (Semykina and Wooldridge 2010); they are not shown",
        "以全部解释变量的企业均值(含未披露观测)代替企业固定效应,因组内估计无法消除选择偏误"
        "(Semykina 和 Wooldridge 2010);均值系数从略",
    ),
    "heckman_lost_year": (
        "no standard errors: without {clusters} ({column}) the probit of {years} has no maximum, since a regressor "
        "then tells perfectly who reports; `by_year: false` takes one probit of all years",
        "无标准误:剔除 {clusters}({column})后,{years} 年的 Probit 似然函数无最大值,此时某一解释变量可完全预测是否披露;"
        "可设 by_year: false,以全部年份估计一个 Probit",
    ),
    "heckman_lost": (
        "no standard errors: without {clusters} ({column}) the probit has no maximum, since a regressor then tells "
        "perfectly who reports; cluster at another level, or name another exclusion",
        "无标准误:剔除 {clusters}({column})后,Probit 似然函数无最大值,此时某一解释变量可完全预测是否披露;"
        "可改用其他聚类层级,或另选排他性约束变量",
    ),
    "heckman_jackknife": (
        "standard errors by leaving each cluster out of both steps, the firm means as they are",
        "标准误来自两步同时剔除各聚类的刀切法(企业均值视为给定)",
    ),
    "heckman_two_step": (
        "standard errors by Heckman's formula for both steps, rows taken as independent",
        "标准误按 Heckman 两步公式计算,视各观测相互独立",
    ),
    "heckman_pooled_probit": (
        "over all years with year effects; the correction rests on one probit a year",
        "全部年份合并并含年份效应;修正依据逐年 Probit",
    ),
    "heckman_no_years": (
        "over all years without year effects (by_year: false), as the correction takes it",
        "全部年份合并且不含年份效应(by_year: false),与修正所用 Probit 一致",
    ),
    "match_weighted": ("weighted by how often a row was matched", "按匹配权重(被匹配次数)加权"),
    "balance_weighted": ("weighted by the balancing weights", "按平衡权重加权"),
    "times_own_weights": ("times {weights}", "并乘以 {weights}"),
    "match_within": (
        "matching makes the two groups alike; within each the degree of treatment may still go with the covariates, "
        "which `balance` takes out",
        "匹配仅使两组可比;组内处理强度仍可能与协变量相关,可用 balance(连续处理变量的熵平衡)消除",
    ),
    "match_once_each": (
        "every matched row counts once, however often it was taken: the balance shown is that of the weights, not of "
        "these rows",
        "每个匹配观测仅计一次(不论被选用次数):所示平衡性对应匹配权重,而非该样本",
    ),
}

"""What rehearsals say of themselves, in English and Chinese."""

from __future__ import annotations

REHEARSAL_TEXTS: dict[str, tuple[str, str]] = {
    "rehearsal_signs": (
        "rehearsed on {draws} drawn outcomes: the outcome's residual from fixed effects, treatment and controls, "
        "all residuals of a cluster times one random sign ({count} clusters, {cluster}), plus the planted effect; "
        "no estimate of the real effect is made; seed {seed}",
        "以 {draws} 个抽取的结果变量演练:取结果变量对固定效应、处理变量与控制变量的残差,同一聚类({cluster},共 "
        "{count} 个)的残差同乘一个随机符号,再加入设定效应;不估计真实效应;种子 {seed}",
    ),
    "rehearsal_all_signs": (
        "rehearsed on all {draws} patterns of signs of {count} clusters ({cluster}): the outcome's residual from "
        "fixed effects, treatment and controls, all residuals of a cluster times one sign, plus the planted "
        "effect; no estimate of the real effect is made",
        "以 {count} 个聚类({cluster})的全部 {draws} 种符号组合演练:取结果变量对固定效应、处理变量与控制变量的残差,"
        "同一聚类的残差同乘一个符号,再加入设定效应;不估计真实效应",
    ),
    "rehearsal_poisson": (
        "Poisson to first order: scores at the fitted means, their signs drawn (Kline and Santos 2012)",
        "泊松回归按一阶近似:在拟合均值处的得分,其符号随机抽取(Kline 和 Santos 2012)",
    ),
    "rehearsal_few_carry": (
        "the treatment's estimate rests on {carried} effective clusters, fewer than {limit}: sizes found in one "
        "panel are then rough (MacKinnon and Webb 2017)",
        "处理变量的估计仅依赖 {carried} 个有效聚类(少于 {limit}):由单一面板得到的检验水平较为粗略(MacKinnon 和 Webb"
        " 2017)",
    ),
    "rehearsal_one_cluster": (
        "two clusterings are planned, rehearsed is one: {cluster}",
        "计划采用双向聚类,演练仅采用一个维度:{cluster}",
    ),
    "rehearsal_low_cluster": (
        "signs are drawn by {cluster}, the level at which the treatment varies, above the planned clusters ({planned})",
        "符号按处理变量的变动层级 {cluster} 抽取,高于计划的聚类层级({planned})",
    ),
    "rehearsal_no_wild": (
        "wild bootstrap not rehearsed: {count} columns cross the clusters",
        "未演练 wild 自助法:跨聚类的列共 {count} 个",
    ),
    "rehearsal_mediation": (
        "each path of size {path} is that many standard deviations of the residual of what it leads to, per "
        "standard deviation of the treatment or of the mediator's residual; mediators' residuals of a cluster have "
        "one random sign, the outcome's another; the direct effect and moderated paths are zero; {draws} outcomes "
        "drawn, each with intervals by {method}, {within} draws",
        "设定路径大小 {path}:以处理变量标准差(或中介变量残差标准差)为单位,路径终点残差的标准差倍数;同一聚类内中介变"
        "量残差同乘一个随机符号,结果变量残差另乘一个;直接效应与被调节路径为零;抽取 {draws} 次,每次区间由 {method} "
        "计算({within} 次抽样)",
    ),
    "rehearsal_method": (
        "planned are intervals by {planned}; rehearsed are those by {method}, which cost less",
        "计划采用 {planned} 区间;为节省计算,演练采用 {method}",
    ),
    "rehearsal_reliability": (
        "split-half reliability of the index on these rows and fixed effects {value}: an effect of what it "
        "measures has to be larger by one over this to be found as often",
        "该样本与固定效应下指数的分半信度为 {value}:所测构念的效应须按其倒数放大,才能以同样概率被发现",
    ),
}

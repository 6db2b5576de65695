"""What placebo tests say of themselves, in English and Chinese."""

from __future__ import annotations

PLACEBO_TEXTS: dict[str, tuple[str, str]] = {
    "placebo_paths": (
        "{draws} permutations, seed {seed}: each {level} gets the whole path of {treatment} of another, {first} to "
        "{last}, so that its course over time stays as it is",
        "{draws} 次置换,种子 {seed}:每个 {level} 换得另一 {level} 在 {first} 至 {last} 年的整条 {treatment} 路径,"
        "时序结构不变",
    ),
    "placebo_units": (
        "{moving} of {units} units of {level} exchange paths, with those whose paths cover the same years; {fixed} "
        "keep their own for want of another ({share} of the rows)",
        "{units} 个 {level} 单位中 {moving} 个在路径覆盖年份相同者之间互换;{fixed} 个因无同类而保留自身路径"
        "(占观测的 {share})",
    ),
    "placebo_mostly_fixed": (
        "fewer than half of the rows lie in units that exchange their paths: the test has little power",
        "不足一半的观测属于互换路径的单位:检验功效较低",
    ),
    "placebo_leave_out": (
        "{treatment} leaves the firm itself out; the path that another {level} gets is the mean over all firms of the "
        "donor, none of which is its own (within {level} and year lies {share} of the variance)",
        "{treatment} 为剔除本企业的指标;其他 {level} 换得的路径是来源方全部企业的均值,其中不含本企业"
        "({level}—年份内方差占 {share})",
    ),
    "placebo_own": (
        "{share} of the variance of {treatment} lies within {level} and year: means of {level} and year are exchanged, "
        "and each row keeps its own deviation from them",
        "{treatment} 的方差有 {share} 在 {level}—年份之内:互换的是 {level}—年份均值,各观测对均值的偏离保留不变",
    ),
    "placebo_p": (
        "p-values are (1 + permutations at least as far from zero)/(1 + permutations), of the coefficient and of the t "
        "statistic ({vcov})",
        "p 值为(1 + 离零不近于实际值的置换次数)/(1 + 置换次数),分别针对系数与 t 统计量({vcov})",
    ),
    "placebo_few": (
        "only {count} permutations are possible: no p-value is below {smallest}",
        "可能的置换仅 {count} 种:p 值不会低于 {smallest}",
    ),
    "placebo_unidentified": (
        "{count} permutations leave nothing to estimate from and are left out",
        "{count} 次置换无法估计,予以剔除",
    ),
    "placebo_again": (
        "each permutation is estimated anew, since clusters cut through units of {level} or the effects that cross "
        "them are too many",
        "因聚类切分了 {level} 单位或跨单位的固定效应过多,每次置换均重新估计",
    ),
}

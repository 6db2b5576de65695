"""What specification curves say of themselves, in English and Chinese."""

from __future__ import annotations

SPECIFICATION_TEXTS: dict[str, tuple[str, str]] = {
    "curve_of": (
        "{count} specifications, all combinations of the choices ({parts}); standard errors {vcov}",
        "{count} 种设定,为各项选择的全部组合({parts_zh});标准误 {vcov}",
    ),
    "curve_failed": (
        "{count} specifications could not be estimated: they are in no statistic of the curve, and their rows say why",
        "{count} 种设定无法估计,不计入曲线的任何统计量,原因见各行",
    ),
    "curve_no_error": (
        "{count} specifications have no standard error, since without some cluster they are not identified: they count "
        "as not significant and are in no average z",
        "{count} 种设定无标准误(剔除某一聚类后系数不可识别):计为不显著,不计入平均 z 值",
    ),
    "curve_units_of_outcomes": (
        "estimates are in the units of their outcomes; signs, significance and z values can be compared, medians over "
        "several outcomes with care",
        "各估计值以各自被解释变量的单位计;符号、显著性与 z 值可比,跨被解释变量的中位数须谨慎解读",
    ),
    "curve_joint": (
        "joint tests (Simonsohn, Simmons and Nelson 2020): {draws} permutations, seed {seed}, in each of which a unit "
        "of {level} gets the whole paths of all treatments of another; {moving} of {units} units exchange theirs with "
        "those whose paths cover the same years, {fixed} keep their own",
        "联合检验(Simonsohn、Simmons 和 Nelson 2020):{draws} 次置换,种子 {seed},每次各 {level} 单位换得另一单位全部处理"
        "变量的整条路径;{units} 个单位中 {moving} 个在路径覆盖年份相同者之间互换,{fixed} 个保留自身路径",
    ),
    "curve_leave_out": (
        "of an index that leaves the firm itself out, another {level} gets the mean over all firms of the donor",
        "对剔除本企业的指标,其他 {level} 换得的是来源方全部企业的均值",
    ),
    "curve_no_joint": ("no joint test: {reason}", "未做联合检验:{reason}"),
    "curve_not_permuted": (
        "no joint test: {count} specifications are estimated alone, since clusters cut through units of {level} or the "
        "effects that cross them are too many",
        "未做联合检验:因聚类切分了 {level} 单位或跨单位的固定效应过多,有 {count} 种设定须单独估计",
    ),
    "curve_choices": ("{en}", "{zh}"),
    "curve_rows": (
        "left out: {missing} rows with missing values, {singletons} singletons",
        "剔除:缺失值 {missing} 行,单例 {singletons} 个",
    ),
}

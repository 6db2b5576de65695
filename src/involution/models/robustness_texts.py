"""What variations of the baseline say of themselves, in English and Chinese."""

from __future__ import annotations

ROBUSTNESS_TEXTS: dict[str, tuple[str, str]] = {
    "variation": ("{en}", "{zh}"),
    "placebo_outcome": (
        "no effect is expected of this outcome: one would cast doubt on the others",
        "预期该结果变量不受影响:若系数显著,则其他结果亦存疑",
    ),
    "units_decide": (
        "a logarithm or an inverse hyperbolic sine of an outcome with zeros has no effect in percent: its units decide "
        "the estimate (Chen and Roth 2024)",
        "含零值的结果变量取对数或反双曲正弦后,系数不可解释为百分比:其大小取决于计量单位(Chen 和 Roth 2024)",
    ),
    "leave_out": (
        "without each of the {groups} values of {column} in turn the estimate lies between {least} (without {low}) and "
        "{most} (without {high}); without {share} of them it keeps its sign and is significant at 5 %",
        "逐一剔除 {column} 的 {groups} 个取值后,估计值介于 {least}(剔除 {low})与 {most}(剔除 {high})之间;"
        "剔除其中 {share} 后仍与全样本同号且在 5% 水平上显著",
    ),
    "leave_out_insignificant": (
        "without each of the {groups} values of {column} in turn the estimate lies between {least} (without {low}) and "
        "{most} (without {high}); on all rows it is not significant at 5 %, so that there is no significance to keep; "
        "without {share} of them it is significant with the sign that it has on all rows",
        "逐一剔除 {column} 的 {groups} 个取值后,估计值介于 {least}(剔除 {low})与 {most}(剔除 {high})之间;"
        "全样本估计本身在 5% 水平上即不显著,故不涉及显著性能否保持;剔除其中 {share} 后显著且与全样本同号",
    ),
    "leave_out_lost": (
        "without {count} of the values of {column} the model cannot be estimated: the finding rests on them",
        "剔除 {column} 的 {count} 个取值后模型无法估计:结论依赖于这些取值",
    ),
}

"""What is said of the tools around staggered adoption, in English and Chinese."""

from __future__ import annotations

STAGGERED_TEXTS: dict[str, tuple[str, str]] = {
    "bacon_unbalanced": (
        "{firms} firms ({count} rows) without a value in each of the {years} years left out: a decomposition needs a "
        "balanced panel",
        "分解需要平衡面板:剔除未在全部 {years} 年均有观测的企业 {firms} 家({count} 行)",
    ),
}

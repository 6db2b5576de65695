"""What models of the section endogeneity say of themselves, in English and Chinese."""

from __future__ import annotations

ENDOGENEITY_TEXTS: dict[str, tuple[str, str]] = {
    "endogeneity_leads": (
        "leads of the treatment stand for what has not happened yet: effects of theirs would point to reverse "
        "causality or to a cause of both",
        "处理变量的领先项为尚未发生之事:若其系数显著,则提示反向因果或存在共同原因",
    ),
}

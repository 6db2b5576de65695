"""The sections of a proposal after its data: variables, index, design and the blocks of a chapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from involution.intake.allowed import MEDIATORS, Allowed
from involution.intake.mapping import Mapped
from involution.study.timing import dated

OWNERSHIP = (
    "where(starts_with(ownership, '11') or ownership in ['141', '143', '151'], 'state', "
    "where(starts_with(ownership, '17'), 'private', "
    "where(starts_with(ownership, '2') or starts_with(ownership, '3'), 'abroad', 'other')))"
)
"""Classes of the codes of registration (关于划分企业登记注册类型的规定): state, private, Hong Kong to foreign, other."""
MOST_LEADS, MOST_LAGS = 4, 5
MOST_LEFT_OUT = 100
Item = dict[str, Any]


@dataclass(frozen=True)
class Chapter:
    """The sections in the order of the file, and for those that are missing the key of the reason."""

    sections: dict[str, Any]
    absent: dict[str, str] = field(default_factory=dict)


def _titled(name: str, en: str, zh: str, **more: Any) -> Item:
    return {"name": name, "title": {"en": en, "zh": zh}, **more}


def chapter(data: Mapped, can: Allowed) -> Chapter:
    """Everything that the data at hand support."""
    absent: dict[str, str] = {}
    sections: dict[str, Any] = {"population": {"drop_if": ["revenue <= 0"]} if can.has("revenue") else {}}
    sections["accounting"] = _accounting(data, can)
    sections["index"] = _index(can)
    controls, variables = _variables(can)
    sections["variables"] = variables
    made = _sample(can)
    sections["sample"] = made
    design = _design(can, controls)
    sections["design"] = design
    sections["robustness"] = _robustness(can, design, controls)
    sections["endogeneity"] = _endogeneity(can, controls)
    sections["mediation"] = _mediation(can)
    sections["moderation"] = _moderation(can)
    sections["event_study"] = _event_study(data, can)
    sections["heterogeneity"] = _heterogeneity(can)
    sections["placebo"] = [{"name": "permuted"}] if can.treatment else []
    sections["hypotheses"] = _hypotheses(can, sections)
    sections["tables"] = _tables(can)
    sections["labels"] = _labels(can, variables)
    for name, reason in (
        ("mediation", "no_mediation"), ("moderation", "no_moderation"), ("event_study", "no_event_study"),
        ("heterogeneity", "no_heterogeneity"),
    ):  # fmt: skip
        if not sections[name]:
            absent[name] = reason
    return Chapter({name: section for name, section in sections.items() if section}, absent)


def _accounting(data: Mapped, can: Allowed) -> list[Item]:
    """Where Chinese accounts have R&D: inside administrative expense before 2018, in a line of its own since."""
    if not can.has("admin_expense", "rd_expensed"):
        return []
    first, last = can.years
    rules = []
    if first < 2018 or data.panel.table.dialect == "compustat":
        end = last if data.panel.table.dialect in ("compustat", "asif") else min(last, 2017)
        rules.append({"years": [first, end], "rd_expensed": "inside"})
        first = end + 1
    if first <= last:
        rules.append({"years": [first, last], "rd_expensed": "beside"})
    return rules


def _index(can: Allowed) -> Item:
    return {"families": can.families, "level": can.level, "min_firms": 10} if can.families else {}


def _variables(can: Allowed) -> tuple[list[str], dict[str, str]]:
    """Controls, and the columns that are made for them and for groups."""
    made: dict[str, str] = {}
    if can.has("total_assets"):
        made["ln_assets"] = "log(total_assets)"
    elif can.has("employees"):
        made["ln_employees"] = "log(employees)"
    if can.has("liabilities", "total_assets"):
        made["debt_ratio"] = "liabilities / total_assets"
    if can.has("birth_year"):
        made["ln_age"] = "log1p(max(year - birth_year, 0))"
    controls = list(made)
    if can.has("digital_finance"):
        made["finance"] = "digital_finance / 100"
    if can.has("gdp_per_capita"):
        made["ln_gdp"] = "log(gdp_per_capita)"
    if can.registered and can.groups:
        made["owner"] = OWNERSHIP
    if can.has("opportunity_identification"):
        made["opportunity"] = "initial(opportunity_identification)"
    if can.has("operation_management"):
        made["management"] = "initial(operation_management)"
    if not can.treatment and can.has("revenue"):
        made["ln_revenue"] = "log(revenue)"
    return controls, made


def _sample(can: Allowed) -> Item:
    """Extremes of what is a ratio set to quantiles."""
    ratios = [name for name in ("rd_intensity", "gross_margin", "new_product_share", "constraint") if can.has(name)]
    more = ["debt_ratio"] if can.has("liabilities", "total_assets") else []
    columns = [*ratios, *more]
    return {"winsorize": {"columns": columns, "limits": [0.01, 0.99]}} if columns else {}


def timing(can: Allowed) -> dict[str, int]:
    """The usual years; a short panel has the outcome in the mediator's year."""
    if can.span >= 6:
        return {"treatment": -1, "mediator": 0, "moderator": -1, "outcome": 1, "controls": -2}
    return {"treatment": -1, "mediator": 0, "moderator": -1, "outcome": 0, "controls": -1}


def outcome(can: Allowed) -> str:
    """The first outcome: of innovation, else the margin, or turnover where the margin is in the index."""
    if can.outcomes:
        return can.outcomes[0]
    in_index = "squeeze" in can.families
    choices = ["asset_turnover", "gross_margin"] if in_index else ["gross_margin", "asset_turnover"]
    return next((name for name in choices if can.has(name)), "")


def _design(can: Allowed, controls: Sequence[str]) -> Item:
    if not can.treatment or not outcome(can):
        return {}
    design: Item = {
        "outcomes": can.outcomes or [outcome(can)],
        "treatment": can.treatment,
        "timing": timing(can),
        "controls": list(controls),
        "fixed_effects": ["firm", "year"],
        "cluster": [can.level],
    }
    return design | {"quadratic": True}


def _robustness(can: Allowed, design: Item, controls: Sequence[str]) -> list[Item]:
    if not design:
        return []
    out: list[Item] = []
    if can.families:
        out.append(_titled("critic", "CRITIC weights", "CRITIC 权重", treatment="involution_critic"))
        names = {"squeeze": ("Without the squeeze of margins", "剔除利润挤压维度"),
                 "effort": ("Without futile effort", "剔除无效投入维度"),
                 "crowding": ("Without crowding", "剔除同质拥挤维度")}  # fmt: skip
        for family in can.families:
            out.append(_titled(f"no_{family}", *names[family], treatment=f"involution_no_{family}"))
    if can.families and can.has("hhi_loo"):
        out.append(_titled("fragmented", "Fragmentation alone", "仅用市场分散度", treatment="fragmentation_loo"))
    if can.span >= 7:
        out.append(_titled("lag_two", "Two years before", "滞后两期", timing={"treatment": -2}))
    if can.has("rd_to_assets") and "rd_intensity" in can.outcomes:
        out.append(_titled("rd_over_assets", "R&D over assets", "研发资产比", outcome="rd_to_assets"))
    if can.has("rd_spend"):
        out.append(_titled("reports_rd", "Whether there is R&D", "是否有研发", outcome="rd_spend", transform="any"))
    patents = next((name for name in can.outcomes if name.startswith("patents")), None)
    if patents:
        out.append(_titled("patents_log", "ln(1 + patents)", "ln(1 + 专利)", outcome=patents, transform="log1p"))
    out += _other_rows(can)
    out.append(_titled("winsorised", "Winsorised at 5 %", "上下 5% 缩尾", winsorize={"limits": [0.05, 0.95]}))
    if can.has("province"):
        effects = ["firm", "province^year"]
        out.append(_titled("province_years", "Province × year", "控制省份 × 年份", fixed_effects=effects))
    if can.has("region"):
        out.append(_titled("two_way", "Clusters of industry and place", "行业与地区双向聚类", cluster=[can.level, "region"]))
    out.append(_titled("wild", "Wild cluster bootstrap", "wild 聚类自助法", vcov="wild"))
    leave_out = can.level if can.industries <= MOST_LEFT_OUT else "industry2"
    out.append(_titled("each_industry", "Without each industry", "逐一剔除行业", leave_out=leave_out))
    if can.has("patents_utility") and patents == "patents_invention":
        out.append(_titled("utility_models", "Utility models", "实用新型专利", outcome="patents_utility", placebo=True))
    return out


def _other_rows(can: Allowed) -> list[Item]:
    """Variations of the sample."""
    out = []
    if _sized(can):
        out.append(_titled("smallest", "Micro and small firms alone", "仅小微企业", where="firm_size in ['micro', 'small']"))
    if can.has("province"):
        drop = ["province in ['11', '12', '31', '50']"]
        out.append(_titled("no_municipalities", "Without municipalities", "剔除直辖市", drop_if=drop))
    if can.complete >= 0.2:
        out.append(_titled("balanced_panel", "Balanced panel", "平衡面板", balanced=True))
    return out


def _sized(can: Allowed) -> bool:
    """Whether firms have a size class."""
    return can.has("industry", "employees", "revenue", "total_assets")


def _endogeneity(can: Allowed, controls: Sequence[str]) -> list[Item]:
    if not can.treatment or not outcome(can):
        return []
    out: list[Item] = []
    if can.span >= 7:
        out.append({"name": "ahead", "leads_lags": {"leads": 1, "lags": 1}})
    if controls:
        out.append({"name": "unobserved", "omitted": {}})
        out.append({"name": "matched", "match": {"on": list(controls)}})
        out.append({"name": "balanced", "balance": {"on": list(controls)}})
    return out


def _mechanism(can: Allowed) -> str:
    """A treatment that no mediator is part of."""
    return "involution_mechanism" if can.mechanism else "fragmentation_loo" if can.treatment else ""


def _mediation(can: Allowed) -> list[Item]:
    mediators = [name for name in MEDIATORS if can.has(name)]
    if not can.outcomes or not mediators or not _mechanism(can) or can.span < 5:
        return []
    block: Item = {"name": "channels", "outcome": can.outcomes[0], "treatment": _mechanism(can), "mediators": mediators}
    if can.has("digital_finance") and "constraint" in mediators:
        block["moderators"] = {"constraint": {"by": "finance", "stage": "first"}}
    return [block]


def _moderation(can: Allowed) -> list[Item]:
    if not can.treatment or not outcome(can):
        return []
    rival: Item = {"with_moderator": ["ln_gdp"]} if can.has("gdp_per_capita") else {}
    out: list[Item] = []
    if can.has("digital_finance"):
        out.append({"name": "digital_finance", "outcome": outcome(can), "moderator": "finance", **rival})
        if can.has("constraint") and can.mechanism:
            clock = timing(can) | {"outcome": 0}
            item = {"name": "finance_constraint", "outcome": "constraint", "treatment": _mechanism(can)}
            out.append({**item, "moderator": "finance", "timing": clock, **rival})
    for name, needed in (("opportunity", "opportunity_identification"), ("management", "operation_management")):
        if can.outcomes and can.has(needed):
            out.append({"name": f"by_{name}", "outcome": outcome(can), "moderator": {"by": name, "years": 0}})
    return out


def _event_study(data: Mapped, can: Allowed) -> list[Item]:
    out: list[Item] = []
    for name, source in data.cohorts.items():
        years = source.table.frame[source.section["first_year"]].dropna().astype(float)
        inside = years[(years > can.years[0]) & (years <= can.years[1])]
        if inside.empty or not outcome(can):
            continue
        block: Item = {"name": name if not out else f"{name}s", "outcome": outcome(can), "cohort": name}
        block["leads"] = min(MOST_LEADS, int(inside.max()) - can.years[0])
        block["lags"] = min(MOST_LAGS, can.years[1] - int(inside.min()))
        out.append(block | ({"triple": can.treatment} if can.treatment == "involution" else {}))
    return out


def _heterogeneity(can: Allowed) -> list[Item]:
    if not can.treatment or not outcome(can):
        return []
    out: list[Item] = []
    if can.groups:
        out.append({"name": "ownership", "by": "owner" if can.registered else "ownership", "groups": can.groups})
    if _sized(can):
        out.append({"name": "size", "by": "firm_size", "groups": ["micro", "small"]})
    if can.has("total_assets"):
        out.append({"name": "size_halves", "by": "ln_assets", "quantiles": 2})
    return out


def _hypotheses(can: Allowed, sections: dict[str, Any]) -> list[Item]:
    """What the literature expects, for the user to keep or change before anything is estimated."""
    if not sections["design"] or not can.outcomes:
        return []
    clock = timing(can)
    treatment = dated(can.treatment, clock["treatment"])
    tests = [{"model": f"baseline_{name}", "term": treatment, "sign": "negative"} for name in can.outcomes[:2]]
    out = [_stated("H1", "Involution lowers innovation", "内卷式竞争抑制企业创新", tests)]
    for block in sections["mediation"]:
        signs = {"gross_margin": ("H2a", "narrower margins", "压缩利润空间"),
                 "short_termism": ("H2b", "a shorter horizon", "加剧短视行为"),
                 "constraint": ("H2c", "tighter resources", "加剧资源约束")}  # fmt: skip
        for mediator in block["mediators"]:
            number, en, zh = signs[mediator]
            test = {"model": block["name"], "term": f"indirect[{mediator}]", "sign": "negative"}
            out.append(_stated(number, f"Involution lowers innovation through {en}", f"内卷式竞争通过{zh}抑制创新", [test]))
    for block in sections["moderation"]:
        if block["name"] == "digital_finance":
            test = {"model": "digital_finance", "term": f"{treatment}:{dated('finance', clock['moderator'])}"}
            test["sign"] = "positive"
            out.append(_stated("H3", "Digital finance softens the harm", "数字金融缓解内卷式竞争的抑制作用", [test]))
    for block in sections["event_study"][:1]:
        test = {"model": f"{block['name']}_callaway_santanna", "term": "att[overall]", "sign": "positive"}
        out.append(_stated("H4", "The pilot policy raises innovation", "试点政策促进企业创新", [test]))
    return out


def _stated(name: str, en: str, zh: str, tests: list[Item]) -> Item:
    return {"name": name, "statement": {"en": en, "zh": zh}, "tests": tests}


def _tables(can: Allowed) -> list[Item]:
    first = can.outcomes or [name for name in [outcome(can)] if name]
    wanted = [*first, can.treatment, *(name for name in MEDIATORS if name not in first), "finance", "ln_assets",
              "debt_ratio", "ln_age"]  # fmt: skip
    made = _variables(can)[1]
    columns = [name for name in wanted if name and (can.has(name) or name in made or name == can.treatment)]
    return [
        _titled("descriptives", "Descriptive statistics", "描述性统计", kind="descriptives", columns=columns),
        _titled("correlation", "Correlations", "相关系数矩阵", kind="correlation", vif=True, columns=columns),
    ]


_LABELS = {
    "ln_assets": ("ln(Assets)", "ln(总资产)"), "ln_employees": ("ln(Employees)", "ln(员工人数)"),
    "debt_ratio": ("Debt ratio", "资产负债率"), "ln_age": ("ln(1 + age)", "ln(1 + 企业年龄)"),
    "finance": ("Digital finance (hundreds of points)", "数字金融(百点)"), "ln_gdp": ("ln(GDP per capita)", "ln(人均生产总值)"),
    "owner": ("Ownership", "所有制"), "opportunity": ("Opportunity identification, first seen", "机会识别能力(期初)"),
    "management": ("Operation management, first seen", "运营管理能力(期初)"), "ln_revenue": ("ln(Revenue)", "ln(营业收入)"),
    "involution": ("Involution index", "内卷指数"), "pilot": ("Pilot", "试点"),
    "state": ("State-owned", "国有"), "private": ("Private", "民营"), "abroad": ("Hong Kong, Macao, Taiwan, foreign", "港澳台及外资"),
    "other": ("Other", "其他"),
}  # fmt: skip


def _labels(can: Allowed, variables: dict[str, str]) -> Item:
    groups = can.groups if can.registered else []
    wanted = [*variables, *groups, *(["involution"] if can.families else []), *(["pilot"] if can.has("pilot") else [])]
    return {name: {"en": _LABELS[name][0], "zh": _LABELS[name][1]} for name in wanted if name in _LABELS}

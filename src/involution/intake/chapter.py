"""The sections of a proposal after its data: variables, index, design and the blocks of a chapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from involution.intake.allowed import MEDIATORS, Allowed
from involution.intake.mapping import Mapped
from involution.intake.texts import in_both
from involution.intake.variations import Item, endogeneity, heterogeneity, robustness, titled
from involution.study.timing import dated

OWNERSHIP = (
    "where(starts_with(ownership, '11') or ownership in ['141', '143', '151'], 'state', "
    "where(starts_with(ownership, '17'), 'private', "
    "where(starts_with(ownership, '2') or starts_with(ownership, '3'), 'abroad', 'other')))"
)
"""Classes of the codes of registration (关于划分企业登记注册类型的规定): state, private, Hong Kong to foreign."""
_CHANNELS = {"gross_margin": "H2a", "short_termism": "H2b", "constraint": "H2c"}
MOST_LEADS, MOST_LAGS = 4, 5


@dataclass(frozen=True)
class Chapter:
    """The sections in the order of the file, and for those that are missing the key of the reason."""

    sections: dict[str, Any]
    absent: dict[str, str] = field(default_factory=dict)


def chapter(data: Mapped, can: Allowed) -> Chapter:
    """Everything that the data at hand support."""
    absent: dict[str, str] = {}
    sections: dict[str, Any] = {"population": {"drop_if": ["revenue <= 0"]} if can.has("revenue") else {}}
    sections["size_standard"] = "us_susb" if data.industries.kind in ("sic", "naics") else ""
    sections["accounting"] = _accounting(data, can)
    sections["index"] = _index(can)
    controls, variables = _variables(can)
    sections["variables"] = variables
    made = _sample(can)
    sections["sample"] = made
    design = _design(can, controls)
    sections["design"] = design
    sections["robustness"] = robustness(can, design)
    sections["endogeneity"] = endogeneity(can, controls)
    sections["mediation"] = _mediation(can)
    sections["moderation"] = _moderation(can)
    sections["event_study"] = _event_study(data, can)
    sections["heterogeneity"] = heterogeneity(can)
    sections["placebo"] = [{"name": "permuted"}] if can.treatment else []
    sections["attrition"] = _attrition(can)
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
    if can.outcomes and can.has("opportunity_identification"):
        made["opportunity"] = "initial(opportunity_identification)"
    if can.outcomes and can.has("operation_management"):
        made["management"] = "initial(operation_management)"
    if _attrition(can):
        made["left"] = f"where(isna(lead(revenue)) and year < {can.years[1]}, 1, 0)"
    if not can.treatment and can.has("revenue"):
        made["ln_revenue"] = "log(revenue)"
    return controls, made


def _sample(can: Allowed) -> Item:
    """Extremes of what is a ratio set to quantiles."""
    ratios = [name for name in ("rd_intensity", "gross_margin", "new_product_share", "constraint") if can.has(name)]
    more = ["debt_ratio"] if can.has("liabilities", "total_assets") else []
    columns = [*ratios, *more]
    return {"winsorize": {"columns": columns, "limits": [0.01, 0.99]}} if columns else {}


def _design(can: Allowed, controls: Sequence[str]) -> Item:
    if not can.treatment or not can.outcome:
        return {}
    design: Item = {
        "outcomes": can.outcomes or [can.outcome],
        "treatment": can.treatment,
        "timing": can.timing,
        "controls": list(controls),
        "fixed_effects": ["firm", "year"],
        "cluster": [can.level],
    }
    return design | {"quadratic": True}


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
    if not can.treatment or not can.outcome:
        return []
    rival: Item = {"with_moderator": ["ln_gdp"]} if can.has("gdp_per_capita") else {}
    out: list[Item] = []
    if can.has("digital_finance"):
        out.append({"name": "digital_finance", "outcome": can.outcome, "moderator": "finance", **rival})
        if can.has("constraint") and can.mechanism:
            clock = can.timing | {"outcome": 0}
            item = {"name": "finance_constraint", "outcome": "constraint", "treatment": _mechanism(can)}
            out.append({**item, "moderator": "finance", "timing": clock, **rival})
    for name, needed in (("opportunity", "opportunity_identification"), ("management", "operation_management")):
        if can.outcomes and can.has(needed):
            out.append({"name": f"by_{name}", "outcome": can.outcome, "moderator": {"by": name, "years": 0}})
    return out


def _event_study(data: Mapped, can: Allowed) -> list[Item]:
    out: list[Item] = []
    for name, source in data.cohorts.items():
        years = source.table.frame[source.section["first_year"]].dropna().astype(float)
        inside = years[(years > can.years[0]) & (years <= can.years[1])]
        if inside.empty or not can.outcome:
            continue
        block: Item = {"name": name if not out else f"{name}s", "outcome": can.outcome, "cohort": name}
        block["leads"] = min(MOST_LEADS, int(inside.max()) - can.years[0])
        block["lags"] = min(MOST_LAGS, can.years[1] - int(inside.min()))
        out.append(block | ({"triple": can.treatment} if can.treatment == "involution" else {}))
    return out


def _attrition(can: Allowed) -> list[Item]:
    """Firms that are gone a year later, where the panel is long and firms do leave."""
    if not can.has("rd_reported") or not can.outcomes or not can.treatment or can.span < 6 or can.complete > 0.9:
        return []
    needed = {"ln_assets": "total_assets", "gross_margin": "gross_margin"}
    size = [name for name, column in needed.items() if can.has(column)]
    if not size:
        return []
    model = f"baseline_{can.outcomes[0]}"
    return [{"name": "stay", "exit": "left", "predictors": size, "models": [model]}]


def _hypotheses(can: Allowed, sections: dict[str, Any]) -> list[Item]:
    """What the literature expects, for the user to keep or change before anything is estimated."""
    if not sections["design"] or not can.outcomes:
        return []
    clock = can.timing
    treatment = dated(can.treatment, clock["treatment"])
    main = {"term": treatment, "sign": "negative", "by": "romano_wolf"}
    tests = [{"model": f"baseline_{name}", **main} for name in can.outcomes[:2]]
    out = [{**_stated("H1", "baseline", tests), "family": "main"}]
    for block in sections["mediation"]:
        for mediator in block["mediators"]:
            test = {"model": block["name"], "term": f"indirect[{mediator}]", "sign": "negative"}
            out.append(_stated(_CHANNELS[mediator], mediator, [test]))
    for block in sections["moderation"]:
        if block["name"] == "digital_finance":
            test = {"model": "digital_finance", "term": f"{treatment}:{dated('finance', clock['moderator'])}"}
            out.append(_stated("H3", "digital_finance", [{**test, "sign": "positive"}]))
    for block in sections["event_study"][:1]:
        test = {"model": f"{block['name']}_callaway_santanna", "term": "att[overall]", "sign": "positive"}
        out.append(_stated("H4", "pilot", [test]))
    return out


def _stated(name: str, key: str, tests: list[Item]) -> Item:
    return {"name": name, "statement": in_both(f"hypothesis_{key}"), "tests": tests}


def _tables(can: Allowed) -> list[Item]:
    first = can.outcomes or [name for name in [can.outcome] if name]
    wanted = [*first, can.treatment, *(name for name in MEDIATORS if name not in first), "finance", "ln_assets",
              "debt_ratio", "ln_age"]  # fmt: skip
    made = _variables(can)[1]
    columns = [name for name in wanted if name and (can.has(name) or name in made or name == can.treatment)]
    return [
        titled("descriptives", kind="descriptives", columns=columns),
        titled("correlation", kind="correlation", vif=True, columns=columns),
    ]


def _labels(can: Allowed, variables: dict[str, str]) -> Item:
    groups = can.groups if can.registered else []
    wanted = [*variables, *groups, *(["involution"] if can.families else []), *(["pilot"] if can.has("pilot") else [])]
    return {name: in_both(f"label_{name}") for name in wanted}

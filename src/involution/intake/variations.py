"""The baseline looked at again: robustness, endogeneity, groups, as far as a panel allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from involution.intake.allowed import Allowed
from involution.intake.texts import in_both

Item = dict[str, Any]
MOST_LEFT_OUT = 100
"""Industries that are left out one by one; where there are more, their divisions are."""


def titled(name: str, **more: Any) -> Item:
    """An item with the title that is kept for its name."""
    return {"name": name, "title": in_both(f"title_{name}"), **more}


def robustness(can: Allowed, design: Item) -> list[Item]:
    """The baseline with one thing changed at a time."""
    if not design:
        return []
    out: list[Item] = []
    if can.families:
        out.append(titled("critic", treatment="involution_critic"))
        for family in can.families:
            out.append(titled(f"no_{family}", treatment=f"involution_no_{family}"))
    if can.families and can.has("hhi_loo"):
        out.append(titled("fragmented", treatment="fragmentation_loo"))
    if can.span >= 7:
        out.append(titled("lag_two", timing={"treatment": -2}))
    if can.has("rd_to_assets") and "rd_intensity" in can.outcomes:
        out.append(titled("rd_over_assets", outcome="rd_to_assets"))
    if can.has("rd_spend"):
        out.append(titled("reports_rd", outcome="rd_spend", transform="any"))
    patents = next((name for name in can.outcomes if name.startswith("patents")), None)
    if patents:
        out.append(titled("patents_log", outcome=patents, transform="log1p"))
    out += _other_rows(can)
    out.append(titled("winsorised", winsorize={"limits": [0.05, 0.95]}))
    if can.has("province"):
        effects = ["firm", "province^year"]
        out.append(titled("province_years", fixed_effects=effects))
    if can.has("region"):
        out.append(titled("two_way", cluster=[can.level, "region"]))
    out.append(titled("wild", vcov="wild"))
    leave_out = can.level if can.industries <= MOST_LEFT_OUT else "industry2"
    out.append(titled("each_industry", leave_out=leave_out))
    if can.has("patents_utility") and patents == "patents_invention":
        out.append(titled("utility_models", outcome="patents_utility", placebo=True))
    return out


def _other_rows(can: Allowed) -> list[Item]:
    """Variations of the sample."""
    out = []
    if can.sized:
        out.append(titled("smallest", where="firm_size in ['micro', 'small']"))
    if can.municipalities:
        listed = ", ".join(f"'{name}'" for name in can.municipalities)
        out.append(titled("no_municipalities", drop_if=[f"province in [{listed}]"]))
    if can.complete >= 0.2:
        out.append(titled("balanced_panel", balanced=True))
    return out


def endogeneity(can: Allowed, controls: Sequence[str]) -> list[Item]:
    """Leads, omitted variables, matching, balancing."""
    if not can.treatment or not can.outcome:
        return []
    out: list[Item] = []
    if can.span >= 7:
        out.append({"name": "ahead", "leads_lags": {"leads": 1, "lags": 1}})
    if controls:
        out.append({"name": "unobserved", "omitted": {}})
        out.append({"name": "matched", "match": {"on": list(controls)}})
        out.append({"name": "balanced", "balance": {"on": list(controls)}})
    return out


def heterogeneity(can: Allowed) -> list[Item]:
    """Groups by owner and size."""
    if not can.treatment or not can.outcome:
        return []
    out: list[Item] = []
    if can.groups:
        out.append({"name": "ownership", "by": "owner" if can.registered else "ownership", "groups": can.groups})
    if can.sized:
        out.append({"name": "size", "by": "firm_size", "groups": ["micro", "small"]})
    if can.has("total_assets"):
        out.append({"name": "size_halves", "by": "ln_assets", "quantiles": 2})
    return out

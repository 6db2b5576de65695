"""What a study did about each threat to its finding, and what that showed: read from its results alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from involution.exhibits.columns import Results
from involution.exhibits.content import decimal, shown_p_value
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import said_by
from involution.exhibits.threats_read import DIGITS, LEVEL, Evidence, Read, interval, of_models, of_statistic
from involution.models.group_differences import ESTIMATOR as COMPARISON
from involution.models.hypotheses_texts import HYPOTHESES_TEXTS

_READ = ("baseline", "attrition", "robustness", "placebo", "endogeneity", "specification_curve", "rehearsal")
_SECTIONS = {
    "reverse_causality": ("endogeneity",),
    "omitted_variables": ("endogeneity", "robustness"),
    "measurement_error": ("robustness", "rehearsal"),
    "selection": ("attrition", "endogeneity"),
    "few_clusters": ("baseline",),
    "single_groups": ("robustness",),
    "bad_controls": ("baseline",),
    "many_tests": ("specification_curve",),
}
"""By threat, the sections whose models speak to it."""
MOST = 4
"""Models of one kind of evidence that are told of; how many more there are is said."""


def _instrumented(results: Results, labels: Labels) -> list[Evidence]:
    """Second stages, those of the study's own columns before any other; of weak ones that they are."""
    models = results.statistics.loc[results.statistics["statistic"] == "effective_f_critical", "model"]
    found = of_models("instrumented", dict.fromkeys(models.astype(str)), results, labels)
    weak = set(results.notes.loc[results.notes["code"] == "iv_weak", "model"])
    return [
        replace(item, shown=labels.text("threat_weak", shown=item.shown)) if model in weak else item
        for model, item in zip(dict.fromkeys(models.astype(str)), found, strict=True)
    ]


def _shares(results: Results, labels: Labels) -> list[Evidence]:
    """Second stages of shift-share instruments."""
    models = results.statistics.loc[results.statistics["statistic"] == "first_stage_f_akm", "model"]
    return of_models("shift_share", dict.fromkeys(models.astype(str)), results, labels)


def _alike(results: Results, labels: Labels) -> list[Evidence]:
    """Estimates among firms made alike, by matching or by weights."""
    rows = results.statistics["statistic"].isin(["n_treated_matched", "effective_rows"])
    return of_models("alike", dict.fromkeys(results.statistics.loc[rows, "model"].astype(str)), results, labels)


def _corrected(results: Results, labels: Labels) -> list[Evidence]:
    """Estimates corrected for outcomes that are not reported."""
    models = results.estimates.loc[results.estimates["term"] == "inverse_mills", "model"]
    return of_models("corrected", dict.fromkeys(models.astype(str)), results, labels)


def _dynamic(results: Results, labels: Labels) -> list[Evidence]:
    """The treatment's effect beside the outcome's own past."""
    rows = results.estimates[results.estimates["estimator"].isin(["difference_gmm", "system_gmm"])]
    out = []
    for model, part in rows.groupby("model", sort=False):
        known = part[part["estimate"].notna() & ~part["term"].astype(str).isin(_past(part))]
        if len(known):
            row = known.iloc[0]
            out.append(Evidence(labels.text("threat_dynamic", model=str(model)), interval(row)))
    return out


def _past(part: pd.DataFrame) -> list[str]:
    """Terms of a dynamic panel that are its outcome in an earlier year."""
    stem = _undated(str(part["outcome"].iloc[0]))
    return [str(term) for term in part["term"] if _undated(str(term)) == stem]


def _rehearsed(term: str) -> Read:
    """What the rehearsal found of a term: a rate."""

    def read(results: Results, labels: Labels) -> list[Evidence]:
        rows = results.estimates[(results.estimates["block"] == "rehearsal") & (results.estimates["term"] == term)]
        known = rows[rows["estimate"].notna()]
        return [
            Evidence(labels.text(f"threat_{term}", model=str(model)), decimal(float(value), DIGITS))
            for model, value in zip(known["model"], known["estimate"], strict=True)
        ]

    return read


def _placebo_outcomes(results: Results, labels: Labels) -> list[Evidence]:
    models = results.notes.loc[results.notes["code"] == "placebo_outcome", "model"]
    names = list(dict.fromkeys(models))
    out = []
    for name, item in zip(names, of_models("placebo_outcome", names, results, labels), strict=True):
        column = results.column(name)
        if column.failed:
            out.append(item)
            continue
        meaning = labels.text(f"threat_placebo_{_excludes_zero(column.headline)}".lower())
        out.append(replace(item, shown=labels.text("threat_meant", shown=item.shown, meaning=meaning)))
    return out


def _excludes_zero(row: pd.Series) -> bool:
    return float(row["ci_low"]) > 0 or float(row["ci_high"]) < 0


def _left_out(results: Results, labels: Labels) -> list[Evidence]:
    """How many estimates without a group keep sign and significance; that there is none to keep where there is none."""
    found = of_statistic("leave_out_significant", results, labels)
    names = results.statistics.loc[results.statistics["statistic"] == "leave_out_significant", "model"]
    kept = [_excludes_zero(results.column(str(name)).headline) for name in dict.fromkeys(names)]
    without = labels.text("threat_nothing_to_keep")
    return [
        item if keeps else replace(item, shown=labels.text("threat_meant", shown=item.shown, meaning=without))
        for item, keeps in zip(found, kept, strict=True)
    ]


def _weighted(results: Results, labels: Labels) -> list[Evidence]:
    """Models weighted for those who left."""
    models = results.notes.loc[results.notes["code"] == "stay_weights", "model"]
    return of_models("stay_weights", dict.fromkeys(models), results, labels)


def _built_up(results: Results, labels: Labels) -> list[Evidence]:
    """The steps that build up to the baseline beside it."""
    steps = {baseline: results.steps(baseline) for baseline in results.baselines()}
    models = [name for baseline, before in steps.items() if before for name in (*before, baseline)]
    return of_models("built_up", models, results, labels)


def _measured_otherwise(results: Results, labels: Labels) -> list[Evidence]:
    """The effect of one standard deviation by the baseline's measure of the treatment and by others of it."""
    every = [results.column(name) for name in [*results.baselines(), *results.models("robustness")]]
    known = [column for column in every if not column.failed]
    if not known or known[0].model not in results.baselines():
        return []
    effects: dict[str, float] = {}
    for column in known:
        size = column.statistic("effect_of_sd_in_sds")
        if str(column.first["outcome"]) == str(known[0].first["outcome"]) and size == size:
            effects.setdefault(_undated(str(column.headline["term"])), size)
    if len(effects) < 2:
        return []
    shown = {end: decimal(pick(effects.values()), DIGITS) for end, pick in (("low", min), ("high", max))}
    return [Evidence(labels.text("threat_measures", count=len(effects)), labels.text("threat_range", **shown))]


def _undated(name: str) -> str:
    """A column's name without the years that it is taken at."""
    return re.sub(r"_[fl]\d+$", "", name)


def _clusters(results: Results, labels: Labels) -> list[Evidence]:
    """How many clusters the baseline rests on."""
    out = []
    for name in results.baselines():
        column = results.column(name)
        if not column.failed and column.clusters:
            effective = decimal(column.statistic("effective_clusters"), 1)
            count = f"{column.statistic('n_clusters'):.0f}"
            shown = labels.text("threat_clusters_shown", count=count, effective=effective)
            out.append(
                Evidence(labels.text("threat_clusters", model=name, vcov=labels.said(str(column.first["vcov"]))), shown)
            )
    return out


def _wild(results: Results, labels: Labels) -> list[Evidence]:
    """Models of the baseline and its variations with bootstrapped p-values."""
    models = [name for block in ("baseline", "robustness") for name in results.models(block)]
    columns = [column for column in map(results.column, models) if str(column.first["vcov"]).startswith("wild")]
    out = []
    for column in columns:
        p_value = float(column.headline["p_value"])
        key = "threat_p" if p_value == p_value else "threat_not_computed"
        shown = labels.text(key, p=shown_p_value(p_value, DIGITS))
        out.append(Evidence(labels.text("threat_wild", model=column.model), shown, p_value == p_value))
    return out


def _mechanical(results: Results, labels: Labels) -> list[Evidence]:
    """Models whose outcome is inside their treatment, which the study allowed."""
    models = results.notes.loc[results.notes["code"] == "mechanical", "model"]
    allowed = of_models("mechanical_allowed", dict.fromkeys(models), results, labels)
    return allowed or [Evidence(labels.text("threat_mechanical"), labels.text("threat_mechanical_shown"))]


def _families(results: Results, labels: Labels) -> list[Evidence]:
    """Hypotheses that were tested together, and how many hold at 5 % once that is allowed for."""
    if results.hypotheses.empty:
        return []
    tested = results.hypotheses[results.hypotheses["p_romano_wolf"].notna()]
    out = []
    for family, rows in tested.groupby("family", sort=False):
        p_values = rows["p_romano_wolf"].astype(float)
        shown = labels.text("threat_family_shown", count=int((p_values < LEVEL).sum()), of=len(rows))
        # Tests without clusters in common are stepped down by Holm, which their reasons say.
        holm = rows["reason"].astype(str).str.contains(HYPOTHESES_TEXTS["holm"][0], regex=False).any()
        key = "threat_family_holm" if holm else "threat_family"
        out.append(Evidence(labels.text(key, family=str(family)), shown))
    return out


def failed(results: Results, labels: Labels, blocks: Sequence[str] = _READ) -> list[Evidence]:
    """Models of sections that threats read which could not be estimated, and why."""
    columns = [results.column(name) for block in blocks for name in results.models(block)]
    return [
        Evidence(column.model, _why(column.model, results, labels))
        for column in columns
        if column.failed and str(column.first["estimator"]) != COMPARISON
    ]


def _why(model: str, results: Results, labels: Labels) -> str:
    said = said_by(model, results, labels, ["not_estimable"])
    return labels.text("separator").join(said) if said else labels.text("not_estimated")


def undone(threat: str, results: Results, labels: Labels) -> str:
    """What is to be said of a threat that nothing is known about: what to ask for, or that it could not be had."""
    key = f"threat_undone_{threat}"
    if threat in ("few_clusters", "bad_controls"):
        known = [column for column in map(results.column, results.baselines()) if not column.failed]
        if not known:
            return labels.text("threat_undone_no_baseline")
        if threat == "bad_controls" and any(len(set(column.terms) - {"(Intercept)"}) > 1 for column in known):
            return labels.text("threat_undone_steps")
        return labels.text(key)
    if asked_in_vain(threat, results, labels):
        return labels.text("threat_undone_or_failed", text=labels.text(key))
    return labels.text(key)


def asked_in_vain(threat: str, results: Results, labels: Labels) -> bool:
    """Whether a model of the sections that speak to a threat could not be estimated."""
    return bool(failed(results, labels, _SECTIONS[threat])) if threat in _SECTIONS else False


def shortened(found: Sequence[Evidence], labels: Labels) -> list[Evidence]:
    """The first few; how many more there are."""
    more = len(found) - MOST
    return list(found) if more < 2 else [*found[:MOST], Evidence(labels.text("threat_more", count=more), "")]


def _statistic(name: str, block: str = "") -> Read:
    return lambda results, labels: of_statistic(name, results, labels, block)


EVIDENCE: dict[str, tuple[Read, ...]] = {
    "reverse_causality": (_statistic("leads_f"), _dynamic, _statistic("ar2")),
    "omitted_variables": (
        _statistic("robustness_value_alpha", "endogeneity"),
        _statistic("oster_delta", "endogeneity"),
        _instrumented,
        _statistic("hansen_j", "endogeneity"),
        _shares,
        _alike,
        _placebo_outcomes,
    ),
    "measurement_error": (_rehearsed("reliability"), _measured_otherwise),
    "selection": (_weighted, _corrected),
    "mechanical": (_mechanical, _statistic("placebo_p_t")),
    "few_clusters": (_clusters, _wild, _rehearsed("size")),
    "single_groups": (_left_out,),
    "bad_controls": (_built_up,),
    "many_tests": (_families, _statistic("median_estimate"), _statistic("share_significant")),
}
"""By threat, what is looked for in the results."""

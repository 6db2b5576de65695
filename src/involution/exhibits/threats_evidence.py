"""What a study did about each threat to its finding, and what that showed: read from its results alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import decimal, shown_p_value
from involution.exhibits.labels import Labels

DIGITS = 3
_READ = ("baseline", "robustness", "placebo", "endogeneity", "specification_curve", "rehearsal")
MOST = 4
"""Models of one kind of evidence that are told of; how many more there are is said."""


@dataclass(frozen=True)
class Evidence:
    """One thing done about a threat.

    Attributes
    ----------
    done : str
        What, and in which model.
    shown : str
        What it came to.
    """

    done: str
    shown: str


Read = Callable[[Results, Labels], list[Evidence]]


def of_statistic(name: str, results: Results, labels: Labels, block: str = "") -> list[Evidence]:
    """Every model, of one block where it is named, that has a statistic: its value, and its p-value where it tests."""
    base = results.statistics["statistic"].astype(str).str.partition("[")[0]
    wanted = (base == name) & ((results.statistics["block"] == block) if block else True)
    rows = results.statistics[wanted].drop_duplicates("model")
    return [
        Evidence(
            labels.text(f"threat_{name}", model=str(row["model"])),
            _value(name, float(row["value"]), float(row["p_value"]), labels),
        )
        for row in rows.to_dict("records")
    ]


def _value(name: str, value: float, p_value: float, labels: Labels) -> str:
    shown = decimal(value, DIGITS)
    if p_value != p_value or p_value == value:
        return shown if p_value != p_value else labels.text("threat_p", p=shown_p_value(value, DIGITS))
    return labels.text("threat_tested", value=shown, p=shown_p_value(p_value, DIGITS))


def estimate_of(column: Column, labels: Labels) -> str:
    """A model's first estimate with its interval; that there is none where it failed."""
    if column.failed:
        return labels.text("not_estimated")
    return _interval(column.headline)


def _interval(row: pd.Series) -> str:
    low, high = (decimal(float(row[name]), DIGITS) for name in ("ci_low", "ci_high"))
    return f"{decimal(float(row['estimate']), DIGITS)} [{low}, {high}]"


def of_models(key: str, models: Iterable[str], results: Results, labels: Labels) -> list[Evidence]:
    """The first estimate of each model, under one kind of evidence."""
    return [
        Evidence(labels.text(f"threat_{key}", model=model), estimate_of(results.column(model), labels))
        for model in models
    ]


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
            out.append(Evidence(labels.text("threat_dynamic", model=str(model)), _interval(row)))
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
    return of_models("placebo_outcome", dict.fromkeys(models), results, labels)


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
    columns = [results.column(name) for name in [*results.baselines()[:1], *results.models("robustness")]]
    known = [column for column in columns if not column.failed]
    if not known or known[0] is not columns[0]:
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
    for name in results.baselines()[:1]:
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
    rows = results.estimates[results.estimates["block"].isin(["baseline", "robustness"])].drop_duplicates("model")
    wild = rows[rows["vcov"].astype(str).str.startswith("wild")]
    return [
        Evidence(
            labels.text("threat_wild", model=str(row["model"])),
            labels.text("threat_p", p=shown_p_value(float(row["p_value"]), DIGITS)),
        )
        for row in wild.to_dict("records")
    ]


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
        shown = labels.text("threat_family_shown", count=int((p_values < 0.05).sum()), of=len(rows))
        out.append(Evidence(labels.text("threat_family", family=str(family)), shown))
    return out


def failed(results: Results, labels: Labels) -> list[Evidence]:
    """Models of the sections that threats read which could not be estimated."""
    names = [name for block in _READ for name in results.models(block) if results.column(name).failed]
    return [Evidence(name, labels.text("not_estimated")) for name in names]


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
    "single_groups": (_statistic("leave_out_significant"),),
    "bad_controls": (_built_up,),
    "many_tests": (_families, _statistic("median_estimate"), _statistic("share_significant")),
}
"""By threat, what is looked for in the results."""

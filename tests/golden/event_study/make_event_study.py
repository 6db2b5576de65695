"""Simulate a small panel with staggered adoption and estimate it with other packages (seed fixed).

Run in this folder with moderndid 0.2.0 and diff-diff 3.13.0: ``python make_event_study.py`` writes panel.csv and
event_study.csv.
"""

import warnings

import moderndid
import numpy as np
import pandas as pd
from diff_diff import CallawaySantAnna, ImputationDiD, SunAbraham, WooldridgeDiD

FIRMS, YEARS = 160, np.arange(2010, 2017)
COHORTS = (0, 0, 2012, 2014, 2015)
METHODS = {"doubly_robust": "dr", "regression": "reg", "weighting": "ipw"}


def panel() -> pd.DataFrame:
    """160 firms of twenty industries; treatment likelier where `size` is large; forty rows are not `kept`."""
    draws = np.random.default_rng(20_261_125)
    firm, year = np.repeat(np.arange(FIRMS), len(YEARS)), np.tile(YEARS, FIRMS)
    cohort = np.array(COHORTS)[np.arange(FIRMS) % 5][firm]
    size = (draws.normal(size=FIRMS) + 0.3 * (np.arange(FIRMS) % 5 > 1))[firm]
    treated = (cohort > 0) & (year >= cohort)
    effect = np.where(treated, 0.4 + 0.2 * (year - cohort) + 0.1 * (cohort == 2014), 0.0)
    shock = draws.normal(0, 0.2, (20, len(YEARS)))[firm % 20, year - YEARS[0]]
    drift = (0.1 + 0.05 * size) * (year - YEARS[0])
    outcome = draws.normal(size=FIRMS)[firm] + drift + shock + effect + draws.normal(0, 0.5, len(firm))
    kept = np.ones(len(firm), dtype=int)
    kept[draws.choice(len(firm), 40, replace=False)] = 0
    made = {"firm": firm + 1, "year": year, "industry": firm % 20, "cohort": cohort, "size": size, "y": outcome}
    return pd.DataFrame({**made, "kept": kept})


def of_moderndid(data: pd.DataFrame) -> list[tuple[object, ...]]:
    """Callaway and Sant'Anna on the whole panel: cells and four aggregations, with analytic standard errors."""
    rows = []
    asked = [(c, b, "none", 0) for c in ("nevertreated", "notyettreated") for b in ("varying", "universal")]
    asked += [("nevertreated", "universal", method, 0) for method in METHODS]
    asked += [("notyettreated", "universal", "none", 1), ("notyettreated", "universal", "doubly_robust", 0)]
    for control, base, method, ahead in asked:
        found = moderndid.att_gt(
            data, "y", "year", "firm", "cohort", xformla=None if method == "none" else "~ size",
            est_method=METHODS.get(method, "dr"), control_group=control, base_period=base, anticipation=ahead,
        )  # fmt: skip
        about = ("moderndid", "callaway_santanna", "whole", control, base, method, ahead, "firm")
        cells = zip(found.groups, found.times, found.att_gt, found.se_gt, strict=True)
        rows += [(*about, f"att[g={g:g},t={t}]", effect, error) for g, t, effect, error in cells]
        for kind, name in (("dynamic", "e"), ("group", "g"), ("calendar", "t")):
            part = moderndid.aggte(found, type=kind)
            each = zip(part.event_times, part.att_by_event, part.se_by_event, strict=True)
            rows += [(*about, f"att[{name}={at:g}]", effect, error) for at, effect, error in each]
        simple = moderndid.aggte(found, type="simple")
        rows.append((*about, "att[overall]", simple.overall_att, simple.overall_se))
    return [row for row in rows if np.isfinite(row[-1])]


def of_diff_diff(data: pd.DataFrame) -> list[tuple[object, ...]]:
    """The other estimators, and cells of Callaway and Sant'Anna where rows are missing."""
    rows = []
    keys = ("y", "firm", "year", "cohort")
    for name, part in (("whole", data), ("kept", data[data["kept"] == 1])):
        for cluster in ("firm", "industry"):
            own = None if cluster == "firm" else cluster
            found = CallawaySantAnna(cluster=own).fit(part, *keys, aggregate="all")
            about = ("diff_diff", "callaway_santanna", name, "nevertreated", "varying", "none", 0, cluster)
            cells = found.group_time_effects.items()
            rows += [(*about, f"att[g={g},t={t}]", cell["effect"], cell["se"]) for (g, t), cell in cells]
            found = SunAbraham(cluster=own).fit(part, *keys)
            about = ("diff_diff", "sun_abraham", name, "", "", "none", 0, cluster)
            events = found.event_study_effects.items()
            rows += [(*about, f"att[e={e}]", event["effect"], event["se"]) for e, event in events if event["se"] > 0]
            found = WooldridgeDiD(cluster=own).fit(part, *keys)
            about = ("diff_diff", "etwfe", name, "", "", "none", 0, cluster)
            rows.append((*about, "att[overall]", found.overall_att, found.overall_se))
            cells = found.group_time_effects.items()
            rows += [(*about, f"att[g={g:g},t={t:g}]", cell["att"], cell["se"]) for (g, t), cell in cells]
        for ahead in (0, 1):
            found = ImputationDiD(anticipation=ahead).fit(part, *keys, aggregate="event_study")
            about = ("diff_diff", "imputation", name, "", "", "none", ahead, "firm")
            events = found.event_study_effects.items()
            rows += [(*about, f"att[e={e}]", event["effect"], event["se"]) for e, event in events if event["se"] > 0]
            rows.append((*about, "att[overall]", found.overall_att, found.overall_se))
    return rows


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    made = panel()
    made.to_csv("panel.csv", index=False, float_format="%.17g", lineterminator="\n")
    columns = ["program", "estimator", "rows", "control", "base", "method", "anticipation", "cluster", "term"]
    found = pd.DataFrame([*of_moderndid(made), *of_diff_diff(made)], columns=[*columns, "estimate", "std_error"])
    found.to_csv("event_study.csv", index=False, float_format="%.17g", lineterminator="\n")

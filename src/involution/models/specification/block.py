"""The block `specification_curve` of a study."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from involution.models.blocks import Run, spawned_seed
from involution.models.distributions import critical_value, t_p_values
from involution.models.groupings import Floats
from involution.models.notes import Note, note
from involution.models.permutation.paths import LEAST_UNITS, Paths, too_few
from involution.models.reported import Row
from involution.models.specification.estimate import Curve, estimated
from involution.models.specification.setting import KEY, Setting, settings_of
from involution.models.specification.summary import choice_rows, joint_rows, scores
from involution.models.tidy import ESTIMATES, BlockResult, gathered, no_curves, note_rows, statistic_rows
from involution.study.sections import Blocks
from involution.study.specification_curve import FACTORS, Choice

BLOCK, ESTIMATOR, MEDIAN = KEY, "ols", "median"
MOST_DRAWS = 500
"""Permutations of the joint test where a section names none and the run has more draws."""
CURVE, NULL, NUMBER, CHOICE = "specifications", "under_permutation", "number", "choice"
"""Curves over the rank of a specification by its estimate: estimates with intervals; quantiles of the permuted ones of
that rank; the specification's number; ``choice[factor=name]`` the estimates of those that make it."""
_WORDS = {
    "outcome": ("outcome", "被解释变量"),
    "treatment": ("treatment", "处理变量"),
    "years": ("years of the treatment", "处理变量年份"),
    "controls": ("controls", "控制变量"),
    "fixed_effects": ("fixed effects", "固定效应"),
    "sample": ("sample", "样本"),
    "winsorize": ("winsorised", "缩尾"),
    "weights": ("weights", "权重"),
}


def run_specification_curve(study: Blocks, data: pd.DataFrame, run: Run) -> BlockResult:
    """Estimate each specification curve of a study.

    Parameters
    ----------
    study : Blocks
    data : DataFrame
        The analysis panel, all rows of the population.
    run : Run

    Raises
    ------
    InputError
        For columns that do not exist and specifications that a rule refuses, those of all curves together.
    """
    parts = [_curve(setting, run) for setting in settings_of(study, data, run)]
    return gathered(parts, study=run.study, block=BLOCK)


def check_specification_curve(study: Blocks, data: pd.DataFrame, run: Run) -> list[Setting]:
    """Every curve on the data; an InputError for what `run_specification_curve` would refuse."""
    return settings_of(study, data, run)


def _curve(setting: Setting, run: Run) -> BlockResult:
    asked, whole = setting.asked, setting.specifications()
    seed = spawned_seed(run.seed, asked.name)
    wanted = run.draws_of(asked.draws, MOST_DRAWS)
    enough = len(whole.paths.moving) >= LEAST_UNITS
    curve, slopes, errors = estimated(whole, wanted if enough else 0, seed, run.workers)
    known = ~np.isnan(curve.estimate)
    testable = bool(len(slopes) and known.any()) and not set(curve.alone) - set(curve.reasons)
    actual = scores(curve.estimate[None], curve.std_error[None], curve.degrees)
    slopes[:, ~known], errors[:, ~known] = np.nan, np.nan
    joint = scores(slopes, errors, curve.degrees) if testable else None
    rows = joint_rows(actual, joint)
    remarks = _remarks(setting, curve, whole.paths, wanted, seed, testable=testable)
    statistics = [*rows, *_details(curve, whole.paths, len(slopes) if testable else 0)]
    statistics += choice_rows(_varying(setting), curve.estimate, curve.std_error, curve.degrees)
    estimates = pd.concat([_summary(setting, curve, rows, remarks), _rows(setting, curve)], ignore_index=True)
    return BlockResult(
        estimates[[name for name in ESTIMATES if name in estimates]],
        statistic_rows(asked.name, statistics),
        pd.concat([note_rows(asked.name, remarks), _notes(setting, curve)], ignore_index=True),
        _curves(setting, curve, slopes if testable else slopes[:0]).assign(model=asked.name),
    )


def _varying(setting: Setting) -> dict[str, list[str]]:
    """What each specification chooses of the factors that have more than one choice."""
    chosen = {factor: [str(getattr(one, factor)) for one in setting.choices] for factor in FACTORS}
    return {factor: names for factor, names in chosen.items() if len(set(names)) > 1}


def _details(curve: Curve, paths: Paths, draws: int) -> list[Row]:
    known = curve.estimate[~np.isnan(curve.estimate)]
    values = {
        "specifications": float(len(curve.estimate)),
        "specifications_failed": float(len(curve.reasons)),
        "lowest_estimate": float(known.min()) if len(known) else np.nan,
        "highest_estimate": float(known.max()) if len(known) else np.nan,
        "curve_draws": float(draws),
        "curve_units": float(paths.n_units),
        "curve_units_moving": float(len(paths.moving)),
    }
    return [(name, value, np.nan, np.nan) for name, value in values.items() if not np.isnan(value)]


def _remarks(setting: Setting, curve: Curve, paths: Paths, wanted: int, seed: int, *, testable: bool) -> list[Note]:
    asked, total = setting.asked, len(curve.estimate)
    parts = [f"{len(dict.fromkeys(names))} {_WORDS[factor][0]}" for factor, names in _varying(setting).items()]
    parts_zh = [f"{_WORDS[factor][1]} {len(dict.fromkeys(names))}" for factor, names in _varying(setting).items()]
    said = [
        note(
            "curve_of",
            count=total,
            parts=", ".join(parts) or "one",
            parts_zh="、".join(parts_zh) or "1",
            vcov=_label(setting),
        )
    ]
    if curve.reasons:
        said.append(note("curve_failed", count=len(curve.reasons)))
    without = int((~np.isnan(curve.estimate) & np.isnan(curve.std_error)).sum())
    said += [note("curve_no_error", count=without)] if without else []
    if len(asked.outcomes) > 1:
        said.append(note("curve_units_of_outcomes"))
    if testable:
        moving = len(paths.moving)
        said.append(
            note(
                "curve_joint", draws=wanted, seed=str(seed), level=setting.level, moving=moving, units=paths.n_units,
                fixed=paths.n_units - moving,
            )
        )  # fmt: skip
        if any(paths.leaves_out):
            said.append(note("curve_leave_out", level=setting.level))
    elif wanted and len(paths.moving) < LEAST_UNITS:
        said.append(note("curve_no_joint", reason=too_few(paths)))
    elif wanted:
        said.append(note("curve_not_permuted", count=len(set(curve.alone) - set(curve.reasons)), level=setting.level))
    return [*said, *setting.said]


def _label(setting: Setting) -> str:
    return f"{setting.asked.vcov}({'+'.join(setting.design.cluster)})"


def _summary(setting: Setting, curve: Curve, rows: Sequence[Row], remarks: Sequence[Note]) -> pd.DataFrame:
    """The median of the curve, with its joint p-value, as the row of the curve itself."""
    outcomes = dict.fromkeys(setting.shown_outcome(one) for one in setting.choices)
    found = next(row for row in rows if row[0] == "median_estimate")
    text = "; ".join(remark.text() for remark in remarks)
    row: dict[str, object] = dict.fromkeys(ESTIMATES, np.nan)
    row |= {
        "model": setting.asked.name, "estimator": ESTIMATOR, "outcome": ", ".join(outcomes), "term": MEDIAN,
        "estimate": found[1], "p_value": found[3], "fixed_effects": "", "vcov": "", "note": text,
    }  # fmt: skip
    if np.isnan(found[1]):
        row |= {
            "term": "",
            "note": f"{note('not_estimable', reason='no specification could be estimated').text()}; {text}",
        }
    return pd.DataFrame([row])


def _rows(setting: Setting, curve: Curve) -> pd.DataFrame:
    """A row for each specification."""
    asked, size = setting.asked, range(len(setting.choices))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = curve.estimate / np.where(curve.std_error > 0, curve.std_error, np.nan)
    reach = np.array([critical_value(degrees) for degrees in curve.degrees]) * curve.std_error
    failed = np.isnan(curve.estimate)
    counts = {name: np.where(failed, np.nan, getattr(curve, name)) for name in ("n_obs", "n_firms", "n_clusters")}
    terms = [asked.treatment_of(one) for one in setting.choices]
    return pd.DataFrame(
        {
            "model": [asked.numbered(k + 1) for k in size],
            "estimator": ESTIMATOR,
            "outcome": [setting.shown_outcome(one) for one in setting.choices],
            "term": ["" if lost else term for term, lost in zip(terms, failed, strict=True)],
            "estimate": curve.estimate,
            "std_error": curve.std_error,
            "statistic": statistic,
            "p_value": [float(t_p_values(*pair)) for pair in zip(statistic, curve.degrees, strict=True)],
            "ci_low": curve.estimate - reach,
            "ci_high": curve.estimate + reach,
            **counts,
            "fixed_effects": [" + ".join(asked.fixed_effects[one.fixed_effects]) for one in setting.choices],
            "vcov": ["" if lost else _label(setting) for lost in failed],
            "r2": np.nan,
            "r2_within": np.nan,
            "note": ["; ".join(remark.text() for remark in _said(setting, curve, k)) for k in size],
        }
    )


def _said(setting: Setting, curve: Curve, k: int) -> list[Note]:
    """What a specification chooses, which rows it leaves out, and why it has no estimate."""
    one: Choice = setting.choices[k]
    texts = [
        ", ".join(f"{_WORDS[factor][language]}: {getattr(one, factor)}" for factor in FACTORS) for language in (0, 1)
    ]
    reason = [note("not_estimable", reason=curve.reasons[k])] if k in curve.reasons else []
    counts = {"missing": int(curve.missing[k]), "singletons": int(curve.singletons[k])}
    return [*reason, note("curve_choices", en=texts[0], zh=texts[1]), note("curve_rows", **counts)]


def _notes(setting: Setting, curve: Curve) -> pd.DataFrame:
    asked = setting.asked
    parts = [note_rows(asked.numbered(k + 1), _said(setting, curve, k)) for k in range(len(setting.choices))]
    return pd.concat(parts, ignore_index=True)


def _curves(setting: Setting, curve: Curve, permuted: Floats) -> pd.DataFrame:
    """Specifications by rank, what each chooses, and the quantiles of permuted curves at each rank."""
    order = np.argsort(curve.estimate, kind="stable")
    order = order[~np.isnan(curve.estimate[order])]
    if not len(order):
        return no_curves()
    rank = np.arange(1, len(order) + 1, dtype=float)
    missing = np.full(len(order), np.nan)
    reach = np.array([critical_value(degrees) for degrees in curve.degrees[order]]) * curve.std_error[order]
    middle = curve.estimate[order]
    parts = [
        _named(CURVE, rank, middle, middle - reach, middle + reach),
        _named(NUMBER, rank, (order + 1).astype(float), missing, missing),
    ]
    if len(permuted):
        by_rank = np.sort(permuted[:, order], axis=1)
        quantiles: Floats = np.asarray(np.nanpercentile(by_rank, [2.5, 50, 97.5], axis=0), dtype=float)
        parts.append(_named(NULL, rank, quantiles[1], quantiles[0], quantiles[2]))
    for factor, names in _varying(setting).items():
        chosen = np.array(names)[order]
        for name in dict.fromkeys(names):
            at = chosen == name
            parts.append(_named(f"{CHOICE}[{factor}={name}]", rank[at], middle[at], missing[at], missing[at]))
    return pd.concat(parts, ignore_index=True)


def _named(name: str, x: Floats, estimate: Floats, low: Floats, high: Floats) -> pd.DataFrame:
    return pd.DataFrame({"curve": name, "x": x, "estimate": estimate, "ci_low": low, "ci_high": high})

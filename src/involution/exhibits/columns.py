"""The tidy results, and one model of them as a column of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from involution.exhibits.content import split_group
from involution.files import read_json
from involution.models.tidy import no_adjusted, no_curves, no_hypotheses

SHOWN_APART = (
    "mediation", "moderation", "threshold", "response_surface", "exposure", "event_study", "breakthrough",
    "endogeneity", "robustness", "heterogeneity", "quantile_regression", "rehearsal", "placebo", "specification_curve",
)  # fmt: skip
"""Blocks with tables and figures of their own: no part of what shows all regressions of a study."""
_NO_REGRESSION = ("comparison",)


def regressions(estimates: pd.DataFrame) -> pd.DataFrame:
    """Rows of what no table or figure of its own shows."""
    apart = estimates["block"].isin(SHOWN_APART) | estimates["estimator"].isin(_NO_REGRESSION)
    return estimates[~apart]


@dataclass(frozen=True)
class Results:
    """The tidy results of a study, as its files hold them."""

    estimates: pd.DataFrame
    statistics: pd.DataFrame
    notes: pd.DataFrame
    truth: pd.DataFrame
    sample: Mapping[str, object]
    curves: pd.DataFrame = field(default_factory=no_curves)
    hypotheses: pd.DataFrame = field(default_factory=no_hypotheses)
    adjusted: pd.DataFrame = field(default_factory=no_adjusted)

    def models(self, block: str, estimators: Sequence[str] = ()) -> list[str]:
        """Names of a block's models, in order; those of some estimators where any is named."""
        rows = self.estimates[self.estimates["block"] == block]
        chosen = rows[rows["estimator"].isin(estimators)] if estimators else rows
        return list(dict.fromkeys(chosen["model"].astype(str)))

    def baselines(self) -> list[str]:
        """Models of the baseline that are no step to another one of their outcome and no shape of one."""
        names = self.models("baseline")
        return [name for name in names if not any(self._around(name, other) for other in names)]

    def steps(self, baseline: str) -> list[str]:
        """Models that build up to one of the baseline, in order: they stand before it."""
        names = self.models("baseline")
        return [name for name in names[: names.index(baseline)] if self._around(name, baseline)]

    def _around(self, name: str, baseline: str) -> bool:
        """Whether a model is a step to one of the baseline, or a shape of it: named by it, of the same outcome."""
        if not name.startswith(f"{baseline}_"):
            return False
        one, other = (self.column(model).first["outcome"] for model in (name, baseline))
        return bool(one == other)

    def column(self, model: str) -> Column:
        """A model by its name, which is no other's in any block; without rows where there is none."""
        estimates, statistics = (frame[frame["model"] == model] for frame in (self.estimates, self.statistics))
        return Column(model, estimates, statistics)


def read_estimates(path: str) -> pd.DataFrame:
    """Estimates from their CSV file; only an empty cell is missing, a column may be called NA."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


class Files(Protocol):
    """Paths of result files by name, as a mapping or the named inputs of a rule."""

    def __getitem__(self, name: str, /) -> str: ...


def read_results(files: Files) -> Results:
    """Results from their files.

    Parameters
    ----------
    files : Files
        With estimates, statistics, notes, truth, sample, curves, hypotheses and adjusted.
    """
    return Results(
        read_estimates(files["estimates"]),
        pd.read_csv(files["statistics"]),
        pd.read_csv(files["notes"], keep_default_na=False, dtype=str),
        read_estimates(files["truth"]),
        read_json(files["sample"]),
        read_estimates(files["curves"]),
        read_estimates(files["hypotheses"]),
        read_estimates(files["adjusted"]),
    )


@dataclass(frozen=True)
class Column:
    """One model as a column."""

    model: str
    rows: pd.DataFrame
    statistics: pd.DataFrame

    @property
    def failed(self) -> bool:
        """Whether the model could not be estimated."""
        return bool(self.rows["estimate"].isna().all())

    @property
    def group(self) -> str:
        """The group that the model was fitted on; empty for a model of all rows."""
        return split_group(self.model)[1] or ""

    @property
    def first(self) -> pd.Series:
        """What all rows of the model share."""
        return self.rows.iloc[0]

    @property
    def headline(self) -> pd.Series:
        """The first term beside the constant: a section's models have their treatment there."""
        slopes = self.rows[self.rows["term"] != "(Intercept)"]
        return slopes.iloc[0] if len(slopes) else self.first

    @property
    def terms(self) -> list[str]:
        """Terms in the model's order."""
        return [] if self.failed else self.rows["term"].tolist()

    @property
    def effects(self) -> list[str]:
        """Fixed effects."""
        text = self.first["fixed_effects"]
        return str(text).split(" + ") if isinstance(text, str) and text else []

    @property
    def clusters(self) -> list[str]:
        """Names of the clusters, from the variance's label."""
        label = str(self.first["vcov"])
        return label[label.index("(") + 1 : -1].split("+") if "(" in label else []

    def inside(self, *statistics: str) -> str:
        """What the brackets of the first statistic of these names hold: ``x`` of ``sd_treatment[x]``; else empty."""
        opening = tuple(f"{name}[" for name in statistics)
        named = [str(name) for name in self.statistics["statistic"] if str(name).startswith(opening)]
        return named[0].partition("[")[2][:-1] if named else ""

    def p_value(self, name: str) -> float:
        """The p-value of a statistic, found as `statistic` finds its value."""
        return self._entry(name, "p_value")

    def statistic(self, name: str) -> float:
        """A statistic of the model; NaN where there is none.

        Of several of a kind, such as ``first_stage_f[x]``, it is the first.
        """
        if name in ("n_obs", "n_firms", "n_clusters", "r2", "r2_within") and not self.failed:
            value = self.first[name]
            return float("nan") if pd.isna(value) else float(value)
        return self._entry(name, "value")

    def _entry(self, name: str, what: str) -> float:
        names = self.statistics["statistic"]
        found = self.statistics.loc[(names == name) | names.str.startswith(f"{name}["), what]
        return float(found.iloc[0]) if len(found) else float("nan")

"""The tidy frames between estimation and display: what every block of a study hands on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

from involution.models.influence import INFLUENCE, influence_rows, no_influence, united
from involution.models.notes import Note, note
from involution.models.recorded import Recorded
from involution.models.recording import recorded
from involution.models.result import Fit

ESTIMATES = (
    "study", "block", "model", "estimator", "outcome", "term", "estimate", "std_error", "statistic", "p_value",
    "ci_low", "ci_high", "n_obs", "n_firms", "n_clusters", "fixed_effects", "vcov", "r2", "r2_within", "note",
)  # fmt: skip
STATISTICS = ("study", "block", "model", "statistic", "value", "df", "p_value")
CURVES = ("study", "block", "model", "curve", "x", "estimate", "ci_low", "ci_high")
NOTES = ("study", "block", "model", "code", "text_en", "text_zh")
HYPOTHESES = (
    "study", "hypothesis", "family", "test", "model", "term", "sign", "by", "estimate", "std_error", "ci_low",
    "ci_high", "p_value", "p_romano_wolf", "verdict_of_test", "verdict", "reason", "reason_zh", "statement",
    "statement_zh", "rule", "level", "one_sided", "exploratory", "stated",
)  # fmt: skip
ADJUSTED = (
    "study", "table", "model", "term", "p_value", "p_romano_wolf", "q_by", "q_bky", "family_size", "stepdown",
)  # fmt: skip
_TEXT_ADJUSTED = ("study", "table", "model", "term", "stepdown")
_COUNTS = ("n_obs", "n_firms", "n_clusters")


def no_curves() -> pd.DataFrame:
    """Curves of a model that has none."""
    return pd.DataFrame({name: pd.Series(dtype=float if name in CURVES[4:] else str) for name in CURVES})


def no_hypotheses() -> pd.DataFrame:
    """The scoreboard of a study that states no hypotheses."""
    numbers = ("test", "level", *HYPOTHESES[8:14])
    return pd.DataFrame({name: pd.Series(dtype=float if name in numbers else str) for name in HYPOTHESES})


def no_adjusted() -> pd.DataFrame:
    """The adjusted p-values of a study whose tables ask for none."""
    return pd.DataFrame({name: pd.Series(dtype=str if name in _TEXT_ADJUSTED else float) for name in ADJUSTED})


@dataclass(frozen=True)
class BlockResult:
    """Tidy results of a block, or of one model of it.

    Attributes
    ----------
    estimates, statistics, notes : DataFrame
        Columns `ESTIMATES`, `STATISTICS`, `NOTES`; one row per model and term, statistic, sentence.
    curves : DataFrame
        Columns `CURVES`: effects as functions, one row per point.
    influence : DataFrame
        Columns `INFLUENCE`: how much each cluster moves each estimate, one row per term and cluster; none of models
        without clusters or with two clusterings.
    recorded : tuple of Recorded
        The regressions among the models, for programs that repeat them.
    """

    estimates: pd.DataFrame
    statistics: pd.DataFrame
    notes: pd.DataFrame
    curves: pd.DataFrame = field(default_factory=no_curves)
    influence: pd.DataFrame = field(default_factory=no_influence)
    recorded: tuple[Recorded, ...] = ()


def gathered(parts: Iterable[BlockResult], *, study: str, block: str) -> BlockResult:
    """The results of several models as those of one block, in their order."""
    parts = list(parts)
    frames = zip(*((part.estimates, part.statistics, part.notes, part.curves) for part in parts), strict=True)
    whole = [pd.concat(frame, ignore_index=True).assign(study=study, block=block) for frame in frames]
    estimates, statistics, notes, curves = (
        frame[list(columns)] for frame, columns in zip(whole, (ESTIMATES, STATISTICS, NOTES, CURVES), strict=True)
    )
    named = {name: pd.Categorical([text]) for name, text in (("study", study), ("block", block))}
    influence = united([part.influence for part in parts])
    influence = influence.assign(**{name: text.repeat(len(influence)) for name, text in named.items()})
    counted = estimates.astype(dict.fromkeys(_COUNTS, "Int64"))
    asked = tuple(model for part in parts for model in part.recorded)
    return BlockResult(counted, statistics, notes, curves, influence[list(INFLUENCE)], asked)


class Estimated(Protocol):
    """What the rows of an estimate say of its sample, whatever was estimated."""

    @property
    def n_obs(self) -> int: ...
    @property
    def n_firms(self) -> int | None: ...
    @property
    def n_clusters(self) -> int | None: ...
    @property
    def fixed_effects(self) -> tuple[str, ...]: ...
    @property
    def vcov_label(self) -> str: ...


def estimate_rows(
    name: str, terms: pd.DataFrame, found: Estimated, remarks: Sequence[Note], *, estimator: str, outcome: str
) -> pd.DataFrame:
    """Terms with what they are of and how many they rest on; R2 is missing."""
    return terms.assign(
        model=name,
        estimator=estimator,
        outcome=outcome,
        n_obs=found.n_obs,
        n_firms=np.nan if found.n_firms is None else found.n_firms,
        n_clusters=np.nan if found.n_clusters is None else found.n_clusters,
        fixed_effects=" + ".join(found.fixed_effects),
        vcov=found.vcov_label,
        r2=np.nan,
        r2_within=np.nan,
        note="; ".join(remark.text() for remark in remarks),
    )


def of_fit(name: str, fit: Fit) -> BlockResult:
    """One fitted model."""
    estimates = estimate_rows(name, fit.tidy(), fit, fit.remarks, estimator=fit.estimator, outcome=fit.outcome).assign(
        r2=fit.r2, r2_within=fit.r2_within
    )
    return BlockResult(
        estimates,
        fit.statistics.assign(model=name),
        note_rows(name, fit.remarks),
        influence=influence_rows(name, fit.cluster_influence, fit.terms),
        recorded=(recorded(name, fit),),
    )


def of_failure(name: str, reason: str, *, estimator: str, outcome: str, fixed_effects: Sequence[str]) -> BlockResult:
    """A model that could not be estimated: a row without an estimate, and why."""
    said = note("not_estimable", reason=reason)
    row: dict[str, object] = dict.fromkeys(ESTIMATES, np.nan)
    row |= {
        "model": name,
        "estimator": estimator,
        "outcome": outcome,
        "term": "",
        "fixed_effects": " + ".join(fixed_effects),
        "vcov": "",
        "note": said.text(),
    }
    return BlockResult(pd.DataFrame([row]), statistic_rows(name, ()), note_rows(name, [said]))


def statistic_rows(name: str, rows: Sequence[tuple[str, float, float, float]]) -> pd.DataFrame:
    """Statistic, value, degrees of freedom and p-value of one model."""
    frame = pd.DataFrame(rows, columns=["statistic", "value", "df", "p_value"])
    return frame.astype({"statistic": str, "value": float, "df": float, "p_value": float}).assign(model=name)


def note_rows(name: str, remarks: Sequence[Note]) -> pd.DataFrame:
    """What one model says of itself, in both languages."""
    rows = [(name, remark.code, remark.text("en"), remark.text("zh")) for remark in remarks]
    return pd.DataFrame(rows, columns=["model", "code", "text_en", "text_zh"], dtype=str)

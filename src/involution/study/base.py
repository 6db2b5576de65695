"""What every section of a study file shares: strict keys, plain words for what was expected, checked expressions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from involution.study.expressions import ExpressionError, parse_expression

LANGUAGES = ("en", "zh")


class Section(BaseModel):
    """A section of a study file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False, allow_inf_nan=False)


class Bilingual(Section):
    """A text in English, in Chinese, or in both."""

    en: str | None = Field(None, description="The text in English.")
    zh: str | None = Field(None, description="The text in Chinese.")

    def get(self, language: str) -> str:
        """The text in `language`, else in the other one."""
        texts = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return next((text for text in texts if text), "")


def _bilingual(value: Any) -> Any:
    return {"en": value, "zh": value} if isinstance(value, str) else value


Text = Annotated[
    Bilingual,
    BeforeValidator(_bilingual, json_schema_input_type=str | Bilingual),
]
"""One string for every language, or ``{en: ..., zh: ...}``."""


def _expression(value: str) -> str:
    try:
        parse_expression(value)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return value


def _as_text(value: Any) -> Any:
    """A column name or an expression that YAML read as a number (``columns: {year: 2005}``) is text."""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else value


def _in_order(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] > value[1]:
        raise ValueError(f"the first year is after the last, found {list(value)}")
    return value


Expression = Annotated[str, BeforeValidator(_as_text), AfterValidator(_expression)]
"""Text of the safe expression language, checked when the file is read."""

Name = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80), BeforeValidator(_as_text)
]
"""A name that becomes a file: letters, digits, _ and -, so that nothing leaves the results folder."""

ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_as_text)]
"""The name of a column."""

FileColumn = Annotated[str, StringConstraints(min_length=1, max_length=2_000), BeforeValidator(_as_text)]
"""A column of a file by its exact name, or an expression of its columns; which it is, the file decides."""

Names = Annotated[list[ColumnName], BeforeValidator(_listed, json_schema_input_type=ColumnName | list[ColumnName])]
"""A list of column names; a single one stands for a list of one."""

Expressions = Annotated[
    list[Expression], BeforeValidator(_listed, json_schema_input_type=Expression | list[Expression])
]
"""A list of expressions; a single one stands for a list of one."""

Years = Annotated[tuple[int, int], AfterValidator(_in_order), Field(description="First and last year, both included.")]
"""Two years, the earlier first."""

Level = Literal["firm", "industry", "region"]


def spoken(name: str) -> str:
    """A name in words: without its underscores."""
    return name.replace("_", " ")

"""What every section of a study file shares: strict keys, plain words for what was expected, checked expressions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from involution.study.expressions import ExpressionError, parse_expression

LANGUAGES = ("en", "zh")


class Section(BaseModel):
    """A section of a study file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


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


Expression = Annotated[str, BeforeValidator(_as_text), AfterValidator(_expression)]
"""Text of the safe expression language, checked when the file is read."""

Name = Annotated[
    str, BeforeValidator(_as_text), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)
]
"""A name that becomes a file: letters, digits, _ and -, so that nothing leaves the results folder."""

ColumnName = Annotated[str, BeforeValidator(_as_text), StringConstraints(min_length=1, max_length=200)]
"""The name of a column."""

FileColumn = Annotated[str, BeforeValidator(_as_text), StringConstraints(min_length=1, max_length=2_000)]
"""A column of a file by its exact name, or an expression of its columns; which it is, the file decides."""

Names = Annotated[list[ColumnName], BeforeValidator(_listed)]
"""A list of column names; a single one stands for a list of one."""

Expressions = Annotated[list[Expression], BeforeValidator(_listed)]
"""A list of expressions; a single one stands for a list of one."""

Years = Annotated[tuple[int, int], Field(description="First and last year, both included.")]

Level = Literal["firm", "industry", "region"]

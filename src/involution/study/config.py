"""Run-wide settings: `config.yaml` and what the command line overrides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from involution.errors import InputError
from involution.study.base import Section, _listed
from involution.study.problems import problems_of

Format = Literal["tex", "docx", "html", "md", "csv", "xlsx"]
Language = Literal["en", "zh"]
FULL_DRAWS = 9_999
FORMATS: tuple[Format, ...] = ("tex", "docx", "html", "md", "csv", "xlsx")


def _strings(value: Any) -> Any:
    """A list, or one text; commas separate (``formats=tex,docx``)."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if not value.endswith((".yaml", ".yml")) else [value]
    return _listed(value)


def _folder(value: str) -> str:
    """Characters that Snakemake reads as wildcards, or that no file system has, are not part of a folder's name."""
    named = [symbol for symbol in ("{", "}", "<", ">", "\x00") if symbol in value]
    if named:
        shown = " and ".join(repr(symbol) for symbol in named)
        raise ValueError(f"found {value!r}; a folder of results may not hold {shown}")
    if not value:
        raise ValueError("expected the name of a folder, found an empty text")
    return value


class Config(Section):
    """Settings of a run."""

    studies: Annotated[list[str], BeforeValidator(_strings, json_schema_input_type=str | list[str])] = Field(
        min_length=1, description="Study files to build."
    )
    results: Annotated[str, AfterValidator(_folder)] = Field(
        "results",
        description="Folder of the results, without { } < >.",
        json_schema_extra={"pattern": r"^[^{}<>\x00]+$"},
    )
    seed: int = Field(20_260_101, ge=0, description="Seed of every random draw; each task spawns its own.")
    draws: Annotated[int, Field(ge=99, le=1_000_000)] | Literal["full"] = Field(
        FULL_DRAWS,
        description=f"Draws of bootstraps and permutations unless a section names its own; slow ones take fewer, as "
        f"their sections say, unless this is `full`: {FULL_DRAWS:,} everywhere.",
    )
    formats: Annotated[list[Format], BeforeValidator(_strings, json_schema_input_type=str | list[Format])] = Field(
        default_factory=lambda: [*FORMATS],
        min_length=1,
        description="Formats of the tables; xlsx is one workbook of all.",
    )
    languages: Annotated[list[Language], BeforeValidator(_strings, json_schema_input_type=str | list[Language])] = (
        Field(
            default_factory=lambda: list[Language](["en"]),
            min_length=1,
            description="Languages; the first goes to tables/ and figures/ itself.",
        )
    )

    @property
    def number_of_draws(self) -> int:
        """Draws where a section names none and takes no fewer."""
        return FULL_DRAWS if self.draws == "full" else self.draws


def load_config(values: Mapping[str, Any], where: str = "configuration") -> Config:
    """Check the settings of a run.

    Raises
    ------
    InputError
        For unknown keys (with the nearest known one) and values of the wrong kind, all together.
    """
    try:
        return Config.model_validate(dict(values))
    except ValidationError as error:
        raise InputError(problems_of(error, Config, where)) from None

"""The command `involution dictionary`: the canonical columns and the measures, searchable."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from involution.commands.terminal import Language, say
from involution.errors import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["table", "csv", "md"]


def dictionary(
    word: Annotated[
        str | None, typer.Argument(metavar="[WORD]", help="in a name, label, definition or dialect")
    ] = None,
    language: Annotated[Language, typer.Option(help="of labels and heads")] = "en",
    fmt: Annotated[Format, typer.Option("--format", help="of what is printed")] = "table",
) -> None:
    """List the canonical columns and the measures: what each is, its unit, and what files call it."""
    from involution.intake.glossary import glossary, matching

    table = glossary(language)
    found = table if word is None else matching(table, word)
    if found.empty:
        raise InputError(Problem("dictionary", f"nothing holds '{word}'", mend="involution dictionary lists all"))
    say(_written(found, fmt))


def _written(table: pd.DataFrame, fmt: Format) -> str:
    if fmt == "csv":
        text: str = table.to_csv(index=False, lineterminator="\n")
        return text.removesuffix("\n")
    if fmt == "md":
        heads = ["| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns)]
        cells = [[str(cell).replace("|", "\\|") for cell in row] for row in table.itertuples(index=False)]
        return "\n".join([*heads, *("| " + " | ".join(row) + " |" for row in cells)])
    return "\n\n".join(_entry(row) for row in table.astype(str).to_dict("records"))


def _entry(row: Mapping[Hashable, str]) -> str:
    """An entry as lines: name and label first, what else is known below."""
    keys = list(row)
    name, label = row[keys[0]], row[keys[1]]
    below = [f"  {key}: {row[key]}" for key in keys[2:] if row[key]]
    return "\n".join([f"{name}  {label}", *below])

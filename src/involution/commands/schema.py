"""The command `involution schema`: files of the source tree that are written from the code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from involution.commands.terminal import say
from involution.errors import InputError


def schema(
    check: Annotated[bool, typer.Option("--check", help="only say whether they are up to date")] = False,
    folder: Annotated[str, typer.Option(help="root of the source tree")] = ".",
) -> None:
    """Write the JSON Schemas and the generated pages."""
    root = Path(folder)
    stale = []
    for name, content in generated().items():
        path = root / name
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
    if check and stale:
        raise InputError(f"not up to date: {', '.join(stale)}; run `make docs`")
    say("\n".join(f"written: {name}" for name in stale) or "all up to date")


def generated() -> dict[str, str]:
    """Files that are written from the code, by their place in the source tree."""
    from involution.measures.pages import columns_page, measures_page
    from involution.panel.suspicions.pages import suspicions_page
    from involution.study.schema import documentation, json_schema

    return {
        "workflow/schemas/study.schema.json": json_schema("study"),
        "workflow/schemas/config.schema.json": json_schema("config"),
        "docs/study-file.md": documentation(),
        "docs/measures.md": measures_page(),
        "docs/suspicions.md": suspicions_page(),
        "data/README.md": columns_page(),
    }

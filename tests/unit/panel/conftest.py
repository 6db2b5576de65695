"""A folder of data files and the panel that a study would build from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from involution.errors import InputError
from involution.panel import Built as PanelBuilt
from involution.panel import build_panel, built
from involution.study.data import Data
from involution.study.population import Population

KEYS = {"firm": "id", "year": "year"}
Built = tuple[pd.DataFrame, dict[str, Any]]


class Folder:
    """A study's folder: files are written into it, and panels are built from them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, content: str | bytes, encoding: str = "utf-8") -> str:
        """Write a file; text in the encoding named."""
        (self.path / name).write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return name

    def build(
        self,
        source: str | Sequence[str],
        columns: Mapping[str, str] | None = None,
        *,
        join: Sequence[Mapping[str, Any]] = (),
        cohorts: Mapping[str, Any] | None = None,
        derive: Mapping[str, str] | None = None,
        population: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Built:
        """The panel of a file whose keys are `id` and `year`, with further columns and options."""
        panel = {"source": source, "columns": {**KEYS, **(columns or {})}, **options}
        data = Data.model_validate({"panel": panel, "join": list(join), "cohorts": cohorts or {}})
        settings = Population.model_validate(population or {})
        return build_panel(data, derive or {}, settings, lambda name: str(self.path / name))

    def events(self, source: str | Sequence[str], panel: str, places: Mapping[str, str], **options: Any) -> PanelBuilt:
        """The data of a study with events and a panel."""
        sections = {"panel": {"source": panel, "columns": {**KEYS, **places}}, "events": {"source": source, **options}}
        return built(Data.model_validate(sections), {}, Population(), lambda name: str(self.path / name))

    def refused(self, *arguments: Any, **options: Any) -> str:
        """The message of the error that building ends in."""
        with pytest.raises(InputError) as caught:
            self.build(*arguments, **options)
        return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder."""
    return Folder(tmp_path)

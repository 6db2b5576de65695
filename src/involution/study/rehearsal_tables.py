"""The table of a study's rehearsal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from involution.study.tables import Table

if TYPE_CHECKING:
    from involution.study.study import Exhibits


def tables(study: Exhibits) -> list[Table]:
    """One table of all rehearsals, under the title of its kind.

    Parameters
    ----------
    study : Exhibits
    """
    return [Table(name="rehearsal", kind="rehearsal")] if study.rehearsal is not None else []

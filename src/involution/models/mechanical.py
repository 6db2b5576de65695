"""What an outcome and its treatment have in common by construction, where the study allows it: said of the model."""

from __future__ import annotations

from collections.abc import Collection

from involution.models.notes import Note, note
from involution.study.mechanical import Regressed, shared_ingredients
from involution.study.sections import Blocks


def mechanical_notes(study: Blocks, regressed: Regressed, columns: Collection[str]) -> tuple[Note, ...]:
    """One note for each regressor that the outcome is made of, or that is made of the outcome.

    Parameters
    ----------
    study : Blocks
    regressed : Regressed
    columns : collection of str
        Of the panel.
    """
    outcome = ", ".join(regressed.outcome)
    return tuple(
        note("mechanical", outcome=outcome, term=found.column, shared=found.component or found.outcome)
        for found in shared_ingredients(study, regressed, columns)
    )

"""The one clock of all blocks: which year of each column a row of the panel uses."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from involution.study.base import Section


class Timing(Section):
    """Years from the row's own at which columns are taken: -1 is the year before, 1 the year after."""

    treatment: int = Field(-1, ge=-10, le=10, description="Of the treatment.")
    mediator: int = Field(0, ge=-10, le=10, description="Of the mediators.")
    moderator: int = Field(-1, ge=-10, le=10, description="Of the moderators.")
    outcome: int = Field(1, ge=-10, le=10, description="Of the outcome.")
    controls: int = Field(-2, ge=-10, le=10, description="Of the controls.")


def dated(name: str, years: int) -> str:
    """The name of a column taken `years` from the row's own: ``x_l1`` for the year before, ``x_f1`` for the next.

    Examples
    --------
    >>> dated("involution", -1), dated("rd_intensity", 1), dated("margin", 0)
    ('involution_l1', 'rd_intensity_f1', 'margin')
    """
    return name if not years else f"{name}_{'l' if years < 0 else 'f'}{abs(years)}"


def dated_definitions(pairs: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Expressions of the dated columns, in the language of `variables`; columns of the row's own year need none."""
    return {
        dated(name, years): f"{'lag' if years < 0 else 'lead'}({name}, {abs(years)})" for name, years in pairs if years
    }

"""The section `population`: which firms make up an industry."""

from __future__ import annotations

from pydantic import Field

from involution.study.base import Expressions, Section, Years


class Population(Section):
    """Firm-years on which industry measures are computed."""

    years: Years | None = Field(None, description="First and last year, both included.")
    drop_if: Expressions = Field(default_factory=list, description="Rows for which one of these holds are removed.")

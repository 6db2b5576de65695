"""Draws of the long run, collected tier by tier, and the page that they make."""

from __future__ import annotations

import os

import pytest

from tests.acceptance.draws import SLOW, drawn, summary
from tests.acceptance.page import PAGE, page_text
from tests.acceptance.tiers import TIERS

DRAWS = int(os.environ.get("ACCEPTANCE_DRAWS", SLOW))
PROCESSES = int(os.environ.get("ACCEPTANCE_PROCESSES", 2))


@pytest.fixture(scope="session")
def tier_draws():
    """From the name of a tier to its draws. Once every tier was drawn, the page is written."""
    tiers, summaries = {tier.name: tier for tier in TIERS}, {}

    def draws(name: str):
        found = drawn(tiers[name], DRAWS, PROCESSES)
        summaries[name] = summary(found)
        return found

    yield draws
    if list(summaries) == list(tiers):
        PAGE.write_text(page_text(summaries, {tier.name: tier.title for tier in TIERS}), encoding="utf-8")

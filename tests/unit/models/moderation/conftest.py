"""A panel with gaps for the tests of moderated effects."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.moderation import worlds

from involution.models.threads import single_threaded


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Many small regressions by hand: threads would cost more than they save."""
    with single_threaded():
        yield


@pytest.fixture(scope="session")
def data() -> pd.DataFrame:
    """Rows out of order, some missing, some firms left with one year."""
    random = np.random.default_rng(11)
    frame = worlds.plain(seed=4, firms=96, years=6, industries=16)
    frame["weight"] = random.uniform(0.5, 2.0, len(frame))
    frame.loc[random.choice(len(frame), 40, replace=False), "w"] = np.nan
    frame.loc[random.choice(len(frame), 20, replace=False), "y"] = np.nan
    lonely = frame["firm"].isin(["f003", "f010"]) & (frame["year"] > 2001)
    return frame[~lonely].sample(frac=1, random_state=2).reset_index(drop=True)

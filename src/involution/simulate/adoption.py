"""Who adopts when: the passive events of a simulation as a staggered treatment, and what each event does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from involution.simulate import Simulated

if TYPE_CHECKING:
    import pandas as pd


def adoption(simulated: Simulated) -> pd.DataFrame:
    """Cohort of each firm-year and the planted effect of its event.

    Parameters
    ----------
    simulated : Simulated

    Returns
    -------
    DataFrame
        Rows of the accounts. ``cohort`` is the year of the first passive event that aims at both the firm's city and
        its industry, zero without one; ``strength`` is that event's mean rating from zero to one, zero without one;
        ``effect`` is what the event adds to latent innovation in the year.

    Notes
    -----
    The effect is ``dose x strength x (1 + dose_growth x years since onset)`` from the onset on. Its mean over treated
    rows is the average effect on the treated, its mean by years since onset that of the event study. A city is the
    target of one event at most, so a firm has one.
    """
    import pandas as pd

    accounts, effects = simulated.accounts, simulated.settings.planted
    cohort, strength = np.zeros(len(accounts)), np.zeros(len(accounts))
    rated = simulated.events[simulated.events["passive"] == 1].groupby("event_id", sort=False)
    onset = rated["date_start"].first().str[:4].astype(int).sort_values(ascending=False, kind="stable")
    for event, start in onset.items():
        rows = rated.get_group(str(event))
        aimed = np.ones(len(accounts), dtype=bool)
        for place in ("region", "industry"):
            aimed &= accounts[place].isin(rows[f"scope_{place}"].iloc[0].split(";")).to_numpy()
        ratings = rows[["novelty", "disruption", "criticality"]].to_numpy()
        # The latest events come first, so that the earliest stands.
        cohort[aimed], strength[aimed] = start, (ratings.mean() - 1) / 4
    tenure = accounts["year"].to_numpy() - cohort
    treated = (cohort > 0) & (tenure >= 0) & simulated.settings.dose
    effect = np.where(treated, effects.dose * strength * (1 + effects.dose_growth * tenure), 0.0)
    made = {"cohort": cohort.astype(np.int64), "strength": strength, "effect": effect}
    return pd.DataFrame(made, index=accounts.index)

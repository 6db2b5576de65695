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

    accounts = simulated.accounts
    places = accounts[["region", "industry"]].merge(simulated.pilots, how="left", validate="many_to_one")
    cohort, strength = (places[name].fillna(0).to_numpy() for name in ("first_year", "strength"))
    made = {"cohort": cohort.astype(np.int64), "strength": strength, "effect": accounts["latent_event_effect"]}
    return pd.DataFrame(made, index=accounts.index)

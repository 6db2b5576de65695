"""What the estimates should find on the latent columns, computed from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from involution.simulate.settings import Effects, Settings

if TYPE_CHECKING:
    import pandas as pd

MEDIATORS = ("margin", "short_termism", "constraint")


def planted_effects(settings: Settings) -> dict[str, float]:
    """Effects on latent innovation, at digital finance, capabilities and exposure of zero.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    dict of str to float
        ``a[m]``, ``b[m]``, ``indirect[m]`` for the three mediators, ``indirect[total]``, ``direct``, ``total``,
        ``index_moderated_mediation[constraint]``, the interactions with pressure, ``poisson_total`` (on the logarithm
        of expected invention patents), ``rd_total`` (on R&D intensity in percentage points, before censoring) and the
        direct effect of the invalid instrument.

    Notes
    -----
    ``indirect[m] = a_m b_m`` and ``total = direct + sum of indirect``; digital finance changes the constraint's path
    by ``index_moderated_mediation = a_W b``. Where innovation feeds back on margins these are the effects of one step.

    Examples
    --------
    >>> round(planted_effects(Settings())["total"], 3)
    -0.365
    """
    effects = settings.planted
    first = {name: getattr(effects, f"pressure_{name}") for name in MEDIATORS}
    second = {name: getattr(effects, name) for name in MEDIATORS}
    indirect = {name: first[name] * second[name] for name in MEDIATORS}
    total = effects.direct + sum(indirect.values())
    return {
        **{f"a[{name}]": value for name, value in first.items()},
        **{f"b[{name}]": value for name, value in second.items()},
        **{f"indirect[{name}]": value for name, value in indirect.items()},
        "indirect[total]": sum(indirect.values()),
        "direct": effects.direct,
        "total": total,
        **_moderation(effects),
        "poisson_total": effects.patents_slope * total,
        "rd_total": effects.rd_slope * total,
        "direct effect of instrument_invalid": _direct(settings),
    }


def _direct(settings: Settings) -> float:
    """Slope of innovation on the invalid instrument with pressure held fixed: what no exclusion would have."""
    noise = settings.noise
    return noise.instrument_invalid * noise.innovation_shock[1] / (1 - noise.instrument**2)


def _moderation(effects: Effects) -> dict[str, float]:
    return {
        "index_moderated_mediation[constraint]": effects.finance_pressure_constraint * effects.constraint,
        "pressure:opportunity": effects.opportunity,
        "pressure:management": effects.management,
        "pressure:exposure": effects.exposure,
    }


def truth_table(settings: Settings) -> pd.DataFrame:
    """Planted effects as a frame with the columns name and truth."""
    import pandas as pd

    return pd.DataFrame(list(planted_effects(settings).items()), columns=["name", "truth"])

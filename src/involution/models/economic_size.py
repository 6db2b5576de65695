r"""How large an effect is, in words that a reader can weigh: what one standard deviation of the treatment goes with.

The standard deviation over all rows of the sample mixes differences between firms, which fixed effects take out, with
changes within them; a change as large as it may never be seen (Mummolo and Peterson 2018, *Political Science Research
and Methods* 6: 829-835). So both are told: of the sample, by which the effect is scaled, and of what fixed effects
leave.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from involution.errors import NotEstimable
from involution.models.design import Design
from involution.models.notes import Note, note
from involution.models.reported import Row
from involution.models.result import Fit
from involution.models.weighted import deviation

_LOG_LINKS = ("poisson", "cloglog")
_LINEAR = ("ols", "iv", "random_effects")


def with_economic_size(fit: Fit, design: Design, treatment: str) -> Fit:
    """A model with what one standard deviation of its treatment goes with, as statistics and in a sentence.

    Parameters
    ----------
    fit : Fit
        With the treatment as one of its regressors.
    design : Design
        That it was estimated on.
    treatment : str

    Returns
    -------
    Fit
        Statistics ``sd_treatment``, ``sd_treatment_within`` (fixed effects taken out), ``effect_of_sd`` in units of the
        outcome (of Poisson and the complementary log-log: change of the expected count or of the hazard as a share;
        of other models of shares and probabilities: the average marginal effect times the standard deviation), and for
        the linear and the marginal ones ``effect_of_sd_in_means`` and ``effect_of_sd_in_sds``, shares of the outcome's
        mean and standard deviation over the rows.

    Raises
    ------
    NotEstimable
        When the treatment was dropped, since fixed effects or other regressors take it up: what is left in the model
        must not be read as its effect.
    """
    require_term(fit, treatment)
    slope = _slope(fit, treatment)
    if np.isnan(slope):
        return fit
    rows = fit.rows
    weights = None if design.weights is None else design.data[design.weights].to_numpy(dtype=float)[rows]
    sd = deviation(design.data[treatment].to_numpy(dtype=float)[rows], weights)
    within = deviation(design.within(treatment, rows), weights)
    details: list[Row] = [_row("sd_treatment", sd), _row("sd_treatment_within", within)]
    if fit.estimator in _LOG_LINKS:
        effect = float(np.expm1(slope * sd))
        details.append(_row("effect_of_sd", effect))
        return _told(fit, details, _log_note(fit, treatment, sd, within, effect))
    effect = slope * sd
    known = {name: value for name, value, *_ in fit.details}
    in_means, in_sds = _over(effect, known["mean_outcome"]), _over(effect, known["sd_outcome"])
    details += [_row("effect_of_sd", effect), _row("effect_of_sd_in_means", in_means)]
    details.append(_row("effect_of_sd_in_sds", in_sds))
    said = note(
        "economic_size", treatment=treatment, sd=_shown(sd), within=_shown(within), outcome=fit.outcome,
        effect=_signed(effect), means=_percent(in_means), sds=_signed(in_sds),
    )  # fmt: skip
    return _told(fit, details, said)


def require_term(fit: Fit, treatment: str) -> None:
    """Raise NotEstimable where the treatment is no term of the model."""
    if treatment not in fit.terms:
        effects = " + ".join(fit.fixed_effects) or "the constant"
        raise NotEstimable(f"{effects} and the other regressors absorb {treatment}, which is to be reported")


def _slope(fit: Fit, treatment: str) -> float:
    """The coefficient, or the average marginal effect where coefficients are not in units of the outcome."""
    if fit.estimator in (*_LOG_LINKS, *_LINEAR):
        return float(fit.estimate[fit.terms.index(treatment)])
    if fit.average_effects is None:
        return np.nan
    effects = fit.average_effects.set_index("term")["estimate"]
    return float(effects.get(treatment, np.nan))


def _log_note(fit: Fit, treatment: str, sd: float, within: float, effect: float) -> Note:
    code = "economic_size_count" if fit.estimator == "poisson" else "economic_size_hazard"
    values = {"treatment": treatment, "sd": _shown(sd), "within": _shown(within), "outcome": fit.outcome}
    return note(code, **values, effect=_percent(effect))


def _told(fit: Fit, details: list[Row], said: Note) -> Fit:
    return replace(fit, details=(*fit.details, *details), remarks=(*fit.remarks, said))


def _row(name: str, value: float) -> Row:
    return name, float(value), np.nan, np.nan


def _over(effect: float, scale: float) -> float:
    return effect / abs(scale) if scale else np.nan


def _shown(value: float) -> str:
    return f"{value:.3g}"


def _signed(value: float) -> str:
    return f"{value:+.3g}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:+.3g} %".replace("-", "−")

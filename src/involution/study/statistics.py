"""Names of statistics, without what stands in brackets: what a misspelt one may have been meant to be."""

from __future__ import annotations

import difflib

STATISTICS = frozenset(
    (
        "about", "adjusted_r2", "akm0_high", "akm0_low", "alpha", "ame", "ame_se", "anderson_rubin",
        "anderson_rubin_high", "anderson_rubin_low", "anticipation", "ar1", "ar2", "average_z", "bandwidth",
        "bin_high", "bin_low", "bin_median", "bin_rows", "bin_variation", "block_a", "block_b", "block_indirect",
        "bound", "breakdown_m", "breakdown_smoothness", "breusch_pagan", "contrasts", "correlation",
        "curve_draws", "curve_units", "curve_units_moving", "degrees_of_freedom", "deviance", "difference_hansen",
        "difference_t", "direct_effect_high", "direct_effect_low", "direct_effect_mean", "direct_effect_sd",
        "direct_effect_slope", "direct_effect_zero", "dose_equal", "dropped_missing", "dropped_separated",
        "dropped_short", "dropped_singletons", "dropped_unidentified", "dropped_unusable", "effect_of_sd",
        "effect_of_sd_in_means", "effect_of_sd_in_sds", "effective_clusters", "effective_clusters_treatment",
        "effective_f", "effective_f_critical", "effective_groups", "effective_rows", "effective_shocks",
        "equal_effects", "equal_offsets", "equal_quantiles", "equal_slopes", "events_active",
        "events_outside_years", "events_passive", "ever_moved", "exclusion_f", "extremum", "extremum_ci_high",
        "extremum_ci_low", "first_stage_f", "first_stage_f_akm", "first_stage_f_robust", "groups", "half_panel",
        "hansen_j", "highest_estimate", "instruments_f", "johnson_neyman", "joint_significance",
        "joint_significance_wild", "lags_f", "largest_match_weight", "largest_weight", "lead_test", "leads_f",
        "leave_out_groups", "leave_out_least", "leave_out_lost", "leave_out_most", "leave_out_significant",
        "level", "likelihood_ratio_critical", "lind_mehlum", "linearity", "linearity_all", "log_likelihood",
        "lowest_estimate", "mde_coefficient", "mde_effect", "mde_mean", "mde_reliability", "mde_sd", "mean",
        "mean_control", "mean_group", "mean_others", "mean_outcome", "mean_treated", "median", "median_estimate",
        "mediator_correlation", "move", "n_beyond_caliper", "n_clusters", "n_cohorts", "n_control",
        "n_control_matched", "n_firms", "n_group", "n_instruments", "n_never_firms", "n_obs", "n_off_support",
        "n_others", "n_reported", "n_shocks", "n_specifications", "n_transformed", "n_treated",
        "n_treated_clusters", "n_treated_firms", "n_treated_matched", "n_unreported", "n_untreated",
        "normalised_difference", "oster_approximate", "oster_delta", "oster_other_root", "oster_r2",
        "oster_r2_short", "oster_r_max", "oster_short", "outside_common_support", "p10", "p25", "p75", "p90",
        "partial_r2", "permutation", "permutation_draws", "permutation_mean", "permutation_one_sided",
        "permutation_plain", "permutation_units", "placebo_draws", "placebo_mean", "placebo_p", "placebo_p_t",
        "placebo_percentile", "placebo_rejected", "placebo_rows_moving", "placebo_sd", "placebo_units",
        "placebo_units_moving", "placebo_within_share", "pre_trend", "pre_trend_bias_80", "pre_trend_cells",
        "pre_trend_slope_50", "pre_trend_slope_80", "pseudo_r2", "quantile", "r2", "r2_outcome", "r2_treatment",
        "r2_within", "randomisation_calendars", "randomisation_distinct", "randomisation_mean", "randomisation_p",
        "randomisation_sd", "randomisation_smallest_p", "raters", "reference", "rehearsal_draws",
        "residual_ratio", "rho_star", "robustness_value", "robustness_value_alpha", "rotemberg_f",
        "rotemberg_negative", "rotemberg_shown", "rotemberg_weight", "sanderson_windmeijer_f",
        "sanderson_windmeijer_f_robust", "sargan", "scale_not_positive", "score_r2", "sd_outcome", "sd_residual",
        "sd_treatment", "sd_treatment_within", "second_order_f", "selection_rho", "selection_sigma", "share",
        "share_dominant", "share_negative", "share_positive", "share_significant", "share_sum_least",
        "share_sum_mean", "slope_high", "slope_low", "small_sample_clusters", "small_sample_factor",
        "small_sample_k", "small_sample_observations", "specifications", "specifications_failed",
        "standardised_difference", "stationary", "strength", "surface", "surface_f", "theta_mean", "threshold_f",
        "threshold_f1_critical", "threshold_values", "threshold_variance", "underidentification",
        "uniform_critical", "uniform_critical_value", "variance_ratio", "variance_share_firm", "variants", "wald",
        "weight", "wild", "within_share", "wu_hausman", "wu_hausman_robust",
    )
)  # fmt: skip
"""Those that the blocks write into statistics.csv, whatever the model."""
_CLOSE = 0.8


def meant(statistic: str) -> str | None:
    """The name that a statistic is a misspelling of; None for one that is known, and for one that is near to none.

    Examples
    --------
    >>> meant("averagez")
    'average_z'
    >>> meant("lind_mehlum[x_l1]") is None
    True
    """
    name = statistic.split("[")[0]
    near = [] if name in STATISTICS else difflib.get_close_matches(name, sorted(STATISTICS), n=1, cutoff=_CLOSE)
    return near[0] if near else None

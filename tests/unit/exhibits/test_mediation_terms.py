"""Terms of a mediation: taken apart, in words, and as names of macros."""

import re

import pandas as pd
import pytest

from involution.exhibits.labels import Labels
from involution.exhibits.mediation_terms import MediationTerm, mediation_label, parsed_term
from involution.exhibits.numbers import macros
from involution.study.base import Bilingual

OWN = {
    "m1": Bilingual(en="Margin", zh="利润率"),
    "m2": Bilingual(en="Myopia", zh="短视"),
    "w": Bilingual(en="Finance", zh="数字金融"),
}


@pytest.mark.parametrize(
    ("term", "parts"),
    [
        ("a[m1]", MediationTerm("a", ("m1",))),
        ("b[m1]:w", MediationTerm("b", ("m1",), "", "w")),
        ("d[m2,m1]", MediationTerm("d", ("m2", "m1"), ",")),
        ("indirect[m1+m2]", MediationTerm("indirect", ("m1", "m2"), "+")),
        ("indirect[m1>m2]", MediationTerm("indirect", ("m1", "m2"), ">")),
        ("indirect[m1,w=p90-p10]", MediationTerm("indirect", ("m1",), "", "w", "p90-p10")),
        ("direct[w=p10]", MediationTerm("direct", (), "", "w", "p10")),
        ("contrast[m1-m2]", MediationTerm("contrast", ("m1", "m2"), "-")),
        ("total", None),
        ("x1:x2", None),
        ("att[e=-3]", None),
    ],
)
def test_terms_are_taken_apart(term, parts):
    assert parsed_term(term) == parts


@pytest.mark.parametrize(
    ("term", "english", "chinese"),
    [
        ("a[m1]", "Effect of treatment on Margin", "处理变量对利润率的效应"),
        ("b[m1]:w", "Effect of Margin on outcome × Finance", "利润率对结果变量的效应 × 数字金融"),
        ("d[m2,m1]", "Effect of Margin on Myopia", "利润率对短视的效应"),
        ("indirect[m1]", "Indirect effect through Margin", "经由利润率的间接效应"),
        ("indirect[total]", "Total indirect effect", "总间接效应"),
        ("indirect[m1>m2]", "Indirect effect through Margin → Myopia", "经由利润率 → 短视的间接效应"),
        ("indirect[m1+m2]", "Joint indirect effect through Margin, Myopia", "经由利润率、短视的联合间接效应"),
        (
            "indirect[m1,w=p90-p10]",
            "Indirect effect through Margin, Finance = P90 − P10",
            "经由利润率的间接效应，数字金融 = P90 − P10",
        ),
        ("share[total]", "Share of the total effect through all mediators", "全部中介的效应占比"),
        (
            "index_moderated_mediation[m1]",
            "Index of moderated mediation through Margin",
            "经由利润率的有调节的中介指数",
        ),
    ],
)
def test_terms_have_words_in_both_languages(term, english, chinese):
    assert Labels("en", OWN).term(term) == english
    assert Labels("zh", OWN).term(term) == chinese


def test_treatment_and_outcome_stand_in_the_words_where_they_are_known():
    assert mediation_label("a[m1]", Labels("en", OWN), "Pressure", "R&D") == "Effect of Pressure on Margin"
    assert mediation_label("direct:w", Labels("en", OWN)) == "Direct effect × Finance"


def test_a_column_called_total_is_a_column_in_a_regression():
    assert Labels("en").term("total") == "total"


def test_the_label_that_a_study_gives_a_term_comes_first():
    assert Labels("en", {"a[m1]": Bilingual(en="Own", zh="Own")}).term("a[m1]") == "Own"


def test_macros_of_a_mediation_are_readable_and_differ_without_letters_at_the_end():
    terms = {
        "total": "Total",
        "a[m]": "AM",
        "a[m]:w": "AMTimesW",
        "d[m,n]": "DMFromN",
        "indirect[latent_margin]": "IndirectLatentMargin",
        "indirect[m+n]": "IndirectMPlusN",
        "indirect[m>n]": "IndirectMThenN",
        "contrast[m-n]": "ContrastMMinusN",
        "indirect[m,w=p10]": "IndirectMAtWPOneZero",
        "indirect[m,w=p90-p10]": "IndirectMAtWPNineZeroMinusPOneZero",
        "direct:w": "DirectW",
        "direct[w=p10]": "DirectAtWPOneZero",
        "rho_star[m]": "RhoStarM",
    }
    rows = [("s", "oracle", term, -0.5, 0.1) for term in terms]
    text = macros(pd.DataFrame(rows, columns=["study", "model", "term", "estimate", "std_error"]), {}).decode()
    found = [name for name in re.findall(r"\\newcommand\{\\([^}]*)\}", text) if not name.endswith("SE")]
    assert found == [f"involutionSOracle{name}" for name in terms.values()]

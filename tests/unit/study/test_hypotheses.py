"""The section hypotheses: what a test may say, names that do not exist, and the digest of what was stated."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pydantic import ValidationError

from involution.errors import InputError
from involution.study import load_study
from involution.study.hypotheses import Evidence, Hypothesis, statement_digest

STUDY = """
name: s
data: {panel: {source: a.csv, columns: {firm: f, year: t, industry: i, revenue: r}}}
design: {outcomes: [rd_intensity], treatment: involution, controls: [age]}
mediation:
  - {name: channels, outcome: rd_intensity, mediators: [gross_margin, constraint]}
models:
  - {name: base, formula: "y ~ x + z + x:z | firm + year", cluster: firm}
  - {name: shares, formula: "y ~ x + i(year, ref=2003) | firm", cluster: firm, by: size}
hypotheses:
  - name: H1
    statement: {en: Involution lowers innovation, zh: 内卷抑制创新}
    tests:
      - {model: base, term: x, sign: negative}
      - {model: base, term: "x:z", sign: positive, by: romano_wolf}
      - {model: "shares[1]", term: "year::2004", sign: nonzero}
      - {model: baseline_rd_intensity, term: involution_l1, sign: negative}
      - {model: channels, term: "indirect[gross_margin]", sign: negative}
      - {model: channels, term: "index_moderated_mediation[constraint]", sign: positive}
      - {model: base, statistic: r2, at_least: 0.1}
"""


def parsed(old: str = "", new: str = ""):
    assert old in STUDY
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s.yaml"
        path.write_text(STUDY.replace(old, new) if old else STUDY, encoding="utf-8")
        return load_study(path)


def test_a_study_states_hypotheses():
    (asked,) = parsed().hypotheses
    assert (asked.family, asked.rule, asked.level, asked.one_sided) == ("main", "all", 0.05, False)
    assert asked.tests[0].by == "interval"
    assert [table.kind for table in parsed().all_tables if table.name == "hypotheses"] == ["scoreboard"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{model: base, term: x,", "{model: bas, term: x,", "there is no model 'bas'; the nearest is 'base'"),
        ("term: x, sign", "term: xx, sign", r"hypotheses\[0\].tests\[0\].term: the model 'base' has no term 'xx'"),
        ('"x:z", sign', '"x:w", sign', "the nearest is 'x:z'"),
        ("involution_l1, sign", "involution, sign", "the nearest is 'involution_l1'"),
        ("indirect[gross_margin]", "indirect[gros_margin]", r"the nearest is 'indirect\[gross_margin\]'"),
        ("sign: negative", "signs: negative", "the nearest known key is 'sign'"),
        ("- name: H1", "- {name: H1, statement: a, tests: [{model: base, term: x, sign: negative}]}\n  - name: H1",
         "the name 'H1' stands twice"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_when_the_file_is_read(old, new, message):
    with pytest.raises(InputError, match=message):
        parsed(old, new)


def test_a_term_that_data_make_is_not_refused():
    assert parsed("year::2004", "year::2999").hypotheses[0].tests[2].term == "year::2999"


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ({}, "one of term, terms and statistic, found none"),
        ({"term": "x", "statistic": "r2"}, "found term and statistic"),
        ({"term": "x"}, "takes sign"),
        ({"term": "x", "sign": "negative", "at_least": 1}, "found sign, at_least"),
        ({"term": "x", "at_least": 1}, "takes sign"),
        ({"statistic": "r2", "sign": "negative"}, "takes at_least or at_most"),
        ({"statistic": "r2", "at_least": 1, "p_below": 0.1}, "one of them"),
        ({"terms": ["x", "z"]}, "takes monotone"),
        ({"statistic": "r2", "at_least": 1, "by": "romano_wolf"}, "decides on a term"),
        ({"terms": ["x"], "monotone": "increasing"}, "at least 2"),
        ({"term": "x", "sign": "less"}, "'positive', 'negative' or 'nonzero'"),
    ],
)
def test_a_test_asks_for_one_thing(test, message):
    with pytest.raises(ValidationError, match=message):
        Evidence(model="base", **test)


def test_intervals_have_one_level():
    tests = [{"model": "base", "term": "x", "sign": "negative"}]
    with pytest.raises(ValidationError, match="cover 95 %"):
        Hypothesis(name="H1", statement="s", tests=tests, level=0.1)
    assert Hypothesis(name="H1", statement="s", tests=[{**tests[0], "by": "p_value"}], level=0.1).level == 0.1


def test_the_digest_is_of_canonical_json_and_of_nothing_else():
    said = [
        {
            "name": "H1",
            "statement": {"en": "Down", "zh": "下降"},
            "tests": [{"model": "base", "term": "x", "sign": "negative"}],
        }
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert statement_digest([Hypothesis(**said[0])]) == expected
    assert statement_digest([Hypothesis(**dict(reversed(said[0].items())), family="main")]) == expected
    assert statement_digest([]) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [("sign: negative", "sign: positive"), ("at_least: 0.1", "at_least: 0.2"), ("内卷抑制创新", "内卷促进创新")],
)
def test_any_change_of_what_is_stated_changes_the_digest(old, new):
    assert statement_digest(parsed(old, new).hypotheses) != statement_digest(parsed().hypotheses)
    assert statement_digest(parsed("name: base,", "name: base, vcov: crv3,").hypotheses) == statement_digest(
        parsed().hypotheses
    )

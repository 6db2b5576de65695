"""Two languages, each without words of the other: the label tables, what models say, and why they are not estimated."""

import ast
import csv
import json
import re
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest

import involution
from involution.exhibits.labels import Labels, fixed_texts
from involution.exhibits.reasons import reason_in_chinese
from involution.measures.catalogue import catalogue
from involution.models.notes import TEXTS
from involution.panel.columns import canonical_columns
from involution.study.tables import Statistic

SOURCE = Path(involution.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
SLOT = re.compile(r"\{[^{}]*\}")
CODE = re.compile(r"`[^`]*`")
WORD = re.compile(r"(?<![A-Za-zÀ-ž])[a-z][a-z'’]+(?![A-Za-zÀ-ž])")
SYMBOLS = {
    "asinh", "bdiff", "crv", "csv", "delta", "exp", "ln", "max", "p", "rho", "sup", "wild", "star", "test", "by", "ab",
    "statistics", "hypotheses", "estimates", "indirect", "direct", "total", "significance", "joint", "difference",
    "plain", "product", "crowding", "lead", "year", "no", "alpha", "bca", "de",
    "fixest", "reghdfe", "ivreghdfe", "ivreg", "ppmlhdfe", "csdid", "regress", "do", "singleton", "separation",
}  # fmt: skip
"""Functions, names of statistics, terms and files, names of methods and of commands of Stata and R that
Chinese papers write in Latin letters."""


def study_file_words():
    """Keys and values of a study file: what a user writes there stands as it is."""
    schema = json.loads((resources.files("involution").parents[1] / "workflow/schemas/study.schema.json").read_text())
    words = set(get_args(Statistic))

    def collect(node):
        if isinstance(node, dict):
            words.update(node.get("properties", {}))
            words.update(str(value) for value in node.get("enum", ()))
            words.update([str(node["const"])] if "const" in node else [])
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(schema)
    return {piece for word in words for piece in re.split(r"[_^:]", word)}


def stray_english(text, known):
    return [word for word in WORD.findall(SLOT.sub(" ", CODE.sub(" ", text))) if word not in known]


@pytest.fixture(scope="module")
def known():
    return SYMBOLS | study_file_words() | {"true", "false"}


def pairs():
    labels = {
        f"{file.name}: {row['key']}": (row["en"], row["zh"])
        for file in (resources.files("involution.exhibits") / "texts").iterdir()
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    }
    return {**labels, **{f"notes: {code}": texts for code, texts in TEXTS.items()}}


def test_no_english_text_has_chinese_and_no_chinese_text_has_english(known):
    every = pairs()
    assert len(every) > 1_300
    assert {key: en for key, (en, _) in every.items() if CHINESE.search(SLOT.sub("", en))} == {}
    strays = {key: stray_english(zh, known) for key, (_, zh) in every.items()}
    assert {key: words for key, words in strays.items() if words} == {}


@pytest.mark.parametrize("text", ["按 firm 聚类 of the rows", "not estimated", "企业 and 年份"])
def test_stray_english_is_found(text, known):
    assert stray_english(text, known)


def test_texts_of_both_languages_have_the_same_slots():
    # Words that differ by language are handed over twice: {which} and {which_zh}.
    def slots(text):
        return {name.removesuffix("_zh").removesuffix("_en") for name in re.findall(r"\{(\w+)", text)} - {"en", "zh"}

    own = {"stars_note", "bound_met", "bound_not_met"}
    differ = {
        key: (slots(en) ^ slots(zh))
        for key, (en, zh) in pairs().items()
        if slots(en) != slots(zh) and key.rpartition(": ")[2] not in own and not key.startswith("reasons.csv")
    }
    assert differ == {}


def test_columns_and_measures_have_labels_in_both_languages():
    for row in (*canonical_columns().itertuples(), *catalogue()):
        assert not CHINESE.search(row.label_en)
        assert row.label_zh


def templates(node):
    """The texts that an expression may be, with {} for what is filled in."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)]
    if isinstance(node, ast.IfExp):
        return [*templates(node.body), *templates(node.orelse)]
    return []


def reasons():
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("NotEstimable", "NotAvailable")
            if named and node.args:
                yield from templates(node.args[0])


def filled(text):
    """A message with words in its slots; what ends it, and the verb of one of them, may be another."""
    whole = text.replace("{}", "x9")
    return [whole, text.removesuffix("{}").replace("{}", "x9"), whole.replace("x9 x9 no", "x9 has no")]


def test_every_reason_is_known_in_chinese():
    found = sorted({text for text in reasons() if SLOT.sub("", text).strip(" :")})
    assert len(found) > 150
    assert [text for text in found if not any(map(CHINESE.search, map(reason_in_chinese, filled(text))))] == []


def test_a_reason_is_told_with_the_labels_of_what_it_names():
    labels = Labels("zh", {}, {"short_termism": ("Short-termism", "短期主义"), "rd": ("R&D", "研发投入")})
    said = labels.said("short_termism 未作比较:no year has 'short_termism' of both groups of rd_x")
    assert said == "短期主义未作比较：没有任何年份的rd_x两组均有短期主义的观测"
    nested = "no observations left: no row has a value in every column of the model"
    assert labels.reason(nested) == "没有剩余观测：没有一行在模型的各变量上均有值"
    assert Labels("en").reason(nested) == nested
    assert labels.reason("what nobody says") == "what nobody says"


def test_the_texts_of_a_style_stand_in_for_plain_ones():
    own = [key for key in fixed_texts() if ":" in key]
    assert own
    assert all(key.split(":", 1)[1] in fixed_texts() for key in own)

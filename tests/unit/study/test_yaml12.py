"""Reading YAML: numbers as version 1.2 has them, plain data only, every mistake with its line."""

import contextlib
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from involution.errors import InputError
from involution.study.yaml12 import MAXIMUM_BYTES, load_yaml


@pytest.fixture
def read(tmp_path):
    def _read(text):
        path = tmp_path / "file.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_yaml(path)

    return _read


def mistake(read, text):
    with pytest.raises(InputError) as caught:
        read(text)
    assert len(caught.value.problems) == 1
    assert "Traceback" not in str(caught.value)
    return caught.value.problems[0].what


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e6", 1e6), ("1E+6", 1e6), ("+1.5e-3", 0.0015), (".5", 0.5), ("-.5", -0.5), ("1.", 1.0), ("5.e3", 5000.0),
        ("12", 12), ("-12", -12), ("+12", 12), ("0", 0), ("0x1F", 31), ("0o17", 15), ("9" * 30, int("9" * 30)),
        ("true", True), ("True", True), ("FALSE", False), ("~", None), ("null", None), ("Null", None), ("", None),
        (".inf", math.inf), ("-.Inf", -math.inf),
    ],
)  # fmt: skip
def test_plain_values_that_are_not_text(read, text, value):
    found = read(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


def test_not_a_number(read):
    assert math.isnan(read("a: .nan")["a"])


@pytest.mark.parametrize(
    "text",
    ["1_000", "yes", "no", "on", "off", "Yes", "NO", "y", "n", "12:30", "1:30:00", "2020-01-01", "=", "0b11", "0xZZ",
     "001", "000001", "-001", "010", "00.5", "1.5.2", "1e", "e5", "+", ".", "nan", "inf", "tRUE", "研发"],
)  # fmt: skip
def test_plain_values_that_are_text(read, text):
    assert read(f"a: {text}") == {"a": text}


@pytest.mark.parametrize("quoted", ["'1e6'", '"1e6"', "|-\n  1e6", ">-\n  1e6"])
def test_what_is_quoted_is_text(read, quoted):
    assert read(f"a: {quoted}") == {"a": "1e6"}


def test_keys_are_text(read):
    assert read("1: a\ntrue: b\nnull: c\n001: d") == {"1": "a", "true": "b", "null": "c", "001": "d"}


def test_a_merge_key_is_a_key_like_another(read):
    assert read("<<: {a: 1}") == {"<<": {"a": 1}}


def test_a_byte_order_mark_is_no_part_of_the_first_key(read):
    assert read(b"\xef\xbb\xbfname: x") == {"name": "x"}


@pytest.mark.parametrize(
    ("text", "line", "first"),
    [("a: 1\nb: 2\na: 3", 3, 1), ("x:\n  b: 1\n  b: 1", 3, 2), ("x: {b: 1, b: 2}", 1, 1), ("1: a\n'1': b", 2, 1),
     ("- {k: 1,\n   k: 1}", 2, 1)],
)  # fmt: skip
def test_duplicate_keys_are_refused(read, text, line, first):
    said = mistake(read, text)
    assert said.startswith(f"line {line}: ")
    assert "stands twice" in said
    assert f"(first on line {first})" in said


@pytest.mark.parametrize(
    "tagged",
    ["!!python/object/apply:os.system ['touch /tmp/x']", "!!python/name:os.system", "!!python/object/new:os.system []",
     "!!python/none ''", "!!binary aGk=", "!!set {a}", "!!omap [a: 1]", "!!timestamp 2020-01-01", "!local x",
     "!!int '3'", "!!str 001", "! 12", "!<tag:yaml.org,2002:float> 5"],
)  # fmt: skip
def test_tags_are_refused_at_their_line(read, tagged):
    said = mistake(read, f"a: 1\nb: {tagged}")
    assert said.startswith("line 2: the tag !")
    assert "not allowed" in said


def test_a_tag_runs_nothing(read, tmp_path):
    canary = tmp_path / "canary"
    mistake(read, f"a: !!python/object/apply:pathlib.Path.touch\n  - !!python/object/apply:pathlib.Path ['{canary}']")
    assert not canary.exists()


def test_aliases_and_so_alias_bombs_are_refused(read):
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    said = mistake(read, "\n".join(bomb))
    assert said.startswith("line 2: aliases")
    assert "aliases" in mistake(read, "a: &a [*a]")


@pytest.mark.parametrize("text", ["[" * 200, "[" * 50_000, "{a: " * 200, "- " * 500 + "x"])
def test_deep_nesting_is_refused(read, text):
    assert "nested too deep" in mistake(read, text)


def test_long_files_are_refused(read):
    assert "too long" in mistake(read, "[" + "1," * 100_001 + "1]")
    assert "bytes" in mistake(read, "#" * (MAXIMUM_BYTES + 1))


def test_a_number_of_thousands_of_digits_is_refused_with_its_line(read):
    assert mistake(read, "a: 1\nb: " + "9" * 5_000).startswith("line 2: this number is too long")


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("name: x\nmodels: [1, 2\n", 3, "expected ',' or ']'"),
        ("name: x\nb: c: d", 2, "mapping values are not allowed"),
        ("name: x\n\tb: 1", 2, "'\\t'"),
        ("name: x\nb: @y", 2, "'@'"),
        ("name: x\nb: 'open", 2, "end of stream"),
        ("name: x\n- b", 2, "expected <block end>"),
        ("name: x\nb: a\x07b", 2, "U+0007"),
        ("name: x\n? [1, 2]\n: y", 2, "a key is a plain text"),
        ("name: x\n---\nname: y", 2, "single document"),
    ],
)
def test_what_does_not_parse_is_named_with_its_line(read, text, line, word):
    said = mistake(read, text)
    assert said.startswith(f"line {line}: "), said
    assert word in said


def test_the_place_is_shown_with_a_caret(read):
    _, shown, caret = mistake(read, "name: x\nb: @y").split("\n")
    assert shown == "    b: @y"
    assert caret == "       ^"


def test_files_that_cannot_be_read(tmp_path, read):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(InputError) as caught:
            load_yaml(path)
        assert caught.value.problems[0].where == str(path)
        assert "cannot be read" in caught.value.problems[0].what
    assert "not UTF-8 at byte 6" in mistake(read, "name: 研发".encode("gb18030"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?\n\t 01.e", max_size=80))
def test_garbage_is_plain_data_or_one_clear_mistake(read, text):
    with contextlib.suppress(InputError):
        found = read(text.encode(errors="replace"))
        assert isinstance(found, (dict, list, str, int, float, bool, type(None)))


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("variables: {f2: lag(x, 2), b: 1}", '"lag(x, 2)"'),
        ("models: [{formula: y ~ lag(x, 2) | firm}]", '"y ~ lag(x, 2) | firm"'),
        ("drop_if: [lag(x, 2) > 0]", '"lag(x, 2) > 0"'),
    ],
)
def test_a_comma_that_cuts_an_expression_asks_for_quotes(tmp_path, text, quoted):
    file = tmp_path / "a.yaml"
    file.write_text(f"name: a\n{text}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_yaml(file)
    assert f"line 2: the comma ends this value; quote it, as {quoted}" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["a: {x: 'lag(y, 2)', b: }", "a: {x: lag(y), b: }", "a: {x: n (, b: 1}", "a: ['f(', b]"]
)
def test_other_commas_are_left_alone(tmp_path, text):
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    assert set(load_yaml(file)) == {"a"}

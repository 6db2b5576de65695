"""What is written is what the loader reads, whatever the words."""

import hypothesis.strategies as st
from hypothesis import given, settings

from involution.intake.yaml_text import WIDTH, block
from involution.study.yaml12 import load_yaml

ODD = [
    "true",
    "null",
    "1e6",
    "007",
    "a: b",
    "# c",
    "- d",
    "R&D",
    "../数据/企业.csv",
    "~",
    "[x]",
    "where(a, b)",
    "",
    " x",
]
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp"))
WORDS = st.text(LETTERS, max_size=30) | st.sampled_from(ODD)
SCALARS = WORDS | st.integers(-9999, 9999) | st.booleans() | st.floats(0, 1, width=32).filter(lambda x: x > 1e-3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS.filter(bool), inner, min_size=1, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), VALUES, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_reading_back_gives_what_was_written(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text("\n".join(block(value, 0)) + "\n", encoding="utf-8")
    assert load_yaml(path) == value


def test_long_mappings_are_broken():
    lines = block({"columns": {f"column_{i}": f"header_{i}" for i in range(40)}}, 4)
    assert len(lines) > 5
    assert max(map(len, lines)) <= WIDTH

"""What the page for users of Stata tells them to write is a sound study."""

import re

import pytest

from involution.study import parse_study
from tests.test_documentation import ROOT, blocks, parsed

PAGE = "docs/stata.md"
COMMANDS = (
    "reghdfe", "ppmlhdfe", "ivreghdfe", "sgmediation", "csdid", "esttab", "winsor2", "bdiff", "utest", "xthreg",
)  # fmt: skip
PANEL = {
    "source": "panel.csv",
    "columns": {"firm": "id", "year": "t", "industry": "sector"},
    "keep": ["y", "x", "c", "w", "m", "q", "soe", "size", "z1", "z2", "adopted", "sales"],
}
ANY = {"models": [{"name": "any", "formula": "y ~ x"}]}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_line_in_the_table_and_a_snippet(command):
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert re.search(rf"^\| .*`.*\b{command}\b.*`", text, flags=re.M)
    assert re.search(rf"# .*\b{command}\b", "\n".join(blocks(PAGE, "yaml")))


@pytest.mark.parametrize("text", blocks(PAGE, "yaml"))
def test_snippets_are_sound(text):
    piece = parsed(text)
    # Columns made and winsorised are asked for by some model.
    whole = {**(ANY if "variables" in piece else {}), **piece}
    assert parse_study({"name": "mine", "data": {"panel": PANEL}, **whole}).blocks

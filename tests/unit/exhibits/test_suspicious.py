"""What is suspicious in the data stands in the report, in its language and as text."""

import pytest

from involution.exhibits.labels import Labels
from involution.exhibits.suspicious import suspicious

FOUND = {
    "name": "constant_column", "severity": "note", "count": 1, "columns": ["<b>one</b>"], "rows": [], "values": {},
}  # fmt: skip


@pytest.mark.parametrize(("language", "said"), [("en", "one value throughout in"), ("zh", "全程只有一个值")])
def test_findings_are_told_in_the_language_of_the_report(language, said):
    shown = suspicious({"suspicious": [FOUND]}, Labels(language))
    assert said in shown
    assert "&lt;b&gt;one&lt;/b&gt;" in shown


def test_a_panel_without_findings_or_of_an_older_run_has_no_part():
    assert suspicious({"suspicious": []}, Labels("en")) == suspicious({}, Labels("en")) == ""

"""Figures and tables of models that their kind cannot show are told when the file is read."""

from __future__ import annotations

import pytest

from involution.errors import InputError
from involution.study import parse_study

STUDY = {
    "name": "s",
    "data": {"panel": {"source": "a.csv", "columns": {"firm": "f", "year": "y"}}},
    "design": {"outcomes": ["rd_intensity"]},
    "moderation": [
        {"name": "finance", "outcome": "rd_intensity", "moderator": "digital_finance"},
        {"name": "plain", "outcome": "rd_intensity", "moderator": "digital_finance", "kernel": False},
    ],
    "event_study": [{"name": "pilots", "outcome": "rd_intensity", "cohort": "pilot"}],
}


@pytest.mark.parametrize(
    "figure",
    [
        {"kind": "marginal", "model": "finance"},
        {"kind": "kernel"},
        {"kind": "honest", "model": "pilots_sun_abraham"},
        {"kind": "bacon", "model": "pilots_bacon"},
        {"kind": "event_study", "models": ["pilots_did2s", "pilots_twfe"]},
    ],
)
def test_what_a_kind_can_show_is_accepted(figure):
    parse_study({**STUDY, "figures": [{"name": "f", **figure}]})


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ({"kind": "marginal", "model": "baseline_rd_intensity"}, "the kind marginal shows no 'baseline_rd_intensity'"),
        ({"kind": "kernel", "model": "plain"}, "the kind kernel shows no 'plain'; it has finance"),
        ({"kind": "honest", "model": "pilots_did2s"}, "the kind honest shows no 'pilots_did2s'"),
        ({"kind": "dose"}, "the study has nothing that the kind dose shows"),
        ({"kind": "paths"}, "nothing that the kind paths shows"),
    ],
)
def test_what_it_cannot_show_is_refused_by_name(figure, said):
    with pytest.raises(InputError, match=said):
        parse_study({**STUDY, "figures": [{"name": "f", **figure}]})


@pytest.mark.parametrize(
    "table", [{"kind": "moderation", "models": ["baseline_rd_intensity"]}, {"kind": "mediation"}, {"kind": "threshold"}]
)
def test_tables_are_held_to_the_same(table):
    with pytest.raises(InputError, match="the kind"):
        parse_study({**STUDY, "tables": [{"name": "t", **table}]})


def test_a_lever_and_a_surface_are_not_the_treatment():
    levers = {"name": "l", "outcome": "rd_intensity", "levers": {"a": "involution", "b": "digital_finance"}}
    surface = {"name": "c", "outcome": "rd_intensity", "treatment": "design", "columns": ["involution", "w"]}
    with pytest.raises(InputError, match="'involution' is the treatment") as refused:
        parse_study({**STUDY, "breakthrough": [levers], "response_surface": [surface]})
    assert len(refused.value.problems) == 2

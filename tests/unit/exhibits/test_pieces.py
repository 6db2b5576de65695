"""Long tables in pieces: every row once and in order, none parted from what it belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from involution.exhibits.content import Cell, Header, Part, Row, TableContent
from involution.exhibits.render.align import halves, rooms
from involution.exhibits.render.pieces import pieces

KINDS = st.lists(st.sampled_from(["pair", "statistic", "heading"]), min_size=1, max_size=60)


def part(kinds):
    rows = []
    for k, kind in enumerate(kinds):
        if kind == "pair":
            rows += [Row("estimate", f"x{k}", (Cell("1.0"),)), Row("uncertainty", "", (Cell("(0.1)"),))]
        else:
            rows.append(Row(kind, f"r{k}", (Cell("" if kind == "heading" else "5"),)))
    return Part("P", (Header("", (("(1)", 1),)),), tuple(rows))


@given(st.lists(KINDS, min_size=1, max_size=4), st.integers(12, 40), st.integers(0, 4_000))
def test_pieces_hold_every_row_once_and_keep_what_belongs_together(parts, limit, letters):
    notes = ("a " * (letters // 2),) if letters else ()
    whole = TableContent("t", "T", "en", 1, tuple(map(part, parts)), notes)
    found = pieces(whole, limit)
    assert [row for piece in found for block in piece.parts for row in block.rows] == [
        row for block in whole.parts for row in block.rows
    ]
    assert [piece.notes for piece in found] == [False] * (len(found) - 1) + [True]
    for piece in found:
        for block in piece.parts:
            assert block.headers == whole.parts[0].headers
            assert block.rows[0].kind != "uncertainty"
            last = block.rows[-1]
            assert last.kind != "estimate"
            assert last.kind != "heading" or last in [p.rows[-1] for p in whole.parts]


@given(st.floats(-1e6, 1e6), st.integers(0, 6), st.booleans())
def test_halves_of_a_number_are_the_number(value, digits, inside):
    text = f"({value:,.{digits}f})" if inside else f"{value:,.{digits}f}"
    before, behind = halves(Cell(text))
    assert (before + behind).replace("−", "-") == text
    assert behind.startswith(".") == (digits > 0)


@pytest.mark.parametrize("text", ["", "Yes", "0.1 [0.2]", "2001-2007", "−∞", "[0.1, 0.2]"])
def test_texts_have_no_halves(text):
    assert halves(Cell(text)) is None


def test_counts_below_coefficients_do_not_push_the_point_aside():
    with_count = TableContent("t", "T", "en", 1, (part(["pair", "statistic"]),), ())
    assert rooms(with_count) == rooms(TableContent("t", "T", "en", 1, (part(["pair"]),), ()))

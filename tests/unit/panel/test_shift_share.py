"""Shares and shocks: read from files as they come, every mistake with its rows."""

import pytest

from involution.errors import InputError
from involution.panel import built
from involution.study.data import Data
from involution.study.population import Population

COLUMNS = {"firm": "id", "year": "t", "industry": "ind"}
PANEL = "id,t,ind\n1,2010,0261\n2,2010,0261\n3,2010,0391\n"
SHARES = "code,product,s\n261,a,0.4\n261,b,0.5\n391,b,1\n999,a,1\n391,a,0\n"
SHOCKS = "product,t,g,kind\na,2010,0.5,x\nb,2010,-1,x\na,2009,,x\n"
ASKED = {
    "shares": {"source": "shares.csv", "keys": {"industry": "code"}, "shock": "product", "share": "s",
               "pad": {"industry": 4}},
    "shocks": {"source": "shocks.csv", "shock": "product", "year": "t", "columns": {"growth": "g"}},
}  # fmt: skip


def read(folder, shares=SHARES, shocks=SHOCKS, group=None):
    folder.write("panel.csv", PANEL)
    folder.write("shares.csv", shares)
    folder.write("shocks.csv", shocks)
    asked = {**ASKED, "shocks": {**ASKED["shocks"], "group": group}}
    return of_data(folder, shift_share=asked)


def of_data(folder, **further):
    data = Data.model_validate({"panel": {"source": "panel.csv", "columns": COLUMNS}, **further})
    return built(data, {}, Population(), lambda name: str(folder.path / name))


def test_shares_and_shocks_are_read_under_names_of_their_own(folder):
    found = read(folder)
    assert found.shares.to_dict("list") == {
        "industry": ["0261", "0261", "0391", "0999"], "shock": ["a", "b", "b", "a"], "share": [0.4, 0.5, 1.0, 1.0],
    }  # fmt: skip
    assert found.shocks.columns.tolist() == ["shock", "year", "group", "growth"]
    assert found.shocks["group"].tolist() == ["a", "a", "b"]
    report = found.report["shift_share"]
    assert (report["units"], report["unmatched_units"], report["panel_units_without_shares"]) == (3, 1, 0)
    assert {source["source"] for source in found.report["sources"]} == {"panel.csv", "shares.csv", "shocks.csv"}


def test_shocks_of_a_group_go_together(folder):
    assert read(folder, group="kind").shocks["group"].tolist() == ["x", "x", "x"]
    with pytest.raises(InputError, match="shocks in several groups"):
        read(folder, shocks=SHOCKS.replace("a,2009,,x", "a,2009,,y"), group="kind")


def test_a_study_without_them_has_tables_without_rows(folder):
    folder.write("panel.csv", PANEL)
    found = of_data(folder)
    assert found.shares.empty
    assert found.shocks.empty
    assert found.report["shift_share"] == {}


@pytest.mark.parametrize(
    ("files", "message", "row"),
    [
        ({"shares": SHARES + "261,a,0.1\n"}, "share unit and shock with another", "shares.csv line 2"),
        ({"shares": SHARES + "391,c,0.2\n"}, "add up to over one", "shares.csv line 4"),
        ({"shares": SHARES + "391,c,-0.2\n"}, "shares are below zero", "shares.csv line 7"),
        ({"shares": SHARES + ",c,0.2\n"}, "no unit, shock or share", "shares.csv line 7"),
        ({"shocks": SHOCKS + "a,2010,3,x\n"}, "share shock and year with another", "shocks.csv line 2"),
        ({"shocks": SHOCKS + ",2010,3,x\n"}, "no shock, year or group", "shocks.csv line 5"),
        ({"shocks": "product,t,g,kind\nz,2010,1,x\n"}, "no shock of the shares is among the shocks", None),
        ({"shares": "code,product,s\n77,a,1\n"}, "no unit of the file is in the panel", None),
    ],
)
def test_every_mistake_is_told_with_its_rows(folder, files, message, row):
    with pytest.raises(InputError, match=message) as caught:
        read(folder, **files)
    if row is not None:
        assert any(row in shown for problem in caught.value.problems for shown in problem.rows)

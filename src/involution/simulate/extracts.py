"""A simulation as the files of a researcher: accounts under the names of the industrial survey, an index, a list.

Three files that say nothing of the process: the accounts in thousand yuan (CSV in GB18030, names of the Annual Survey
of Industrial Firms), digital finance by the names of provinces (Excel), pilot cities by name with their first year
(CSV in GB18030). Places are real ones, so that names and codes have to be brought together; what happens there is not.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from involution.simulate import Simulated
from involution.simulate.accounts import region_codes

if TYPE_CHECKING:
    import pandas as pd

ACCOUNTS, INDEX, PILOTS = "工业企业.csv", "数字普惠金融指数_省级.xlsx", "试点城市.csv"
THOUSAND = 1_000.0

_ACCOUNTS = {
    "firm": "法人代码", "year": "年份", "region": "省地县码", "industry": "行业代码", "ownership": "登记注册类型",
    "birth_year": "开业时间(年)", "employees": "从业人员年平均人数", "new_product_sales": "新产品产值",
    "revenue": "主营业务收入", "cogs": "主营业务成本", "taxes_surcharges": "主营业务税金及附加",
    "selling_expense": "营业费用", "admin_expense": "管理费用", "interest": "利息支出", "op_profit": "营业利润",
    "total_profit": "利润总额", "wages": "应付工资", "depreciation": "本年折旧", "inventory": "存货",
    "receivables": "应收账款净额", "current_assets": "流动资产合计", "fixed_assets": "固定资产净值",
    "intangibles": "无形资产", "total_assets": "资产总计", "current_liabilities": "流动负债合计",
    "liabilities": "负债合计", "rd_spend": "研究开发费", "patents_invention": "发明专利申请数",
    "patents_utility": "实用新型专利申请数",
}  # fmt: skip
"""Columns of the accounts, with the survey's names; patents are those of firms matched to it."""

_OWNERS = {"soe": "110", "private": "173", "foreign": "330"}
"""Codes of registration: state-owned, private limited company, wholly foreign-owned."""

_INDEX = {
    "digital_finance": "数字普惠金融指数", "digital_coverage": "覆盖广度", "digital_depth": "使用深度",
    "digital_digitization": "数字化程度",
}  # fmt: skip


def write_extracts(simulated: Simulated, folder: str | Path) -> list[Path]:
    """Write the three files.

    Parameters
    ----------
    simulated : Simulated
    folder : str or Path
        Made if need be; files of the same names are replaced.

    Returns
    -------
    list of Path
    """
    from involution.files import write_bytes

    where = _real_places(simulated.settings.cities)
    contents = {
        ACCOUNTS: _csv(accounts_extract(simulated, where)),
        INDEX: _sheet(index_extract(simulated, where), "省级"),
        PILOTS: _csv(pilots_extract(simulated, where)),
    }
    for name, content in contents.items():
        write_bytes(Path(folder) / name, content)
    return [Path(folder) / name for name in contents]


def _real_places(cities: int) -> dict[str, str]:
    """First four digits of a prefecture for each simulated city: the first of every province, then the second."""
    from involution.panel.places import places

    table = places()
    codes = [str(code) for code in table.index[table["level"] == "prefecture"]]
    by_province: dict[str, list[str]] = {}
    for code in codes:
        by_province.setdefault(code[:2], []).append(code)
    rounds = max(map(len, by_province.values()))
    ordered = [held[place] for place in range(rounds) for held in by_province.values() if place < len(held)]
    return dict(zip(region_codes(cities), ordered, strict=False))


def accounts_extract(simulated: Simulated, where: dict[str, str]) -> pd.DataFrame:
    """The accounts in thousand yuan under the survey's names; a firm's place is a county, as there."""
    import pandas as pd

    from involution.panel.columns import kind

    accounts = simulated.accounts
    made = {}
    for name, shown in _ACCOUNTS.items():
        values = accounts[name]
        made[shown] = (values / THOUSAND).round(5) if kind(name) == "money" else values
    county = (accounts["firm"].astype(int) % 2 + 2).map("{:02d}".format)
    made["省地县码"] = accounts["region"].map(where) + county
    made["行业代码"] = accounts["industry"].str.removeprefix("C") + "0"
    made["登记注册类型"] = accounts["ownership"].map(_OWNERS)
    made["法人代码"] = accounts["firm"].radd("70")
    return pd.DataFrame(made)


def index_extract(simulated: Simulated, where: dict[str, str]) -> pd.DataFrame:
    """Digital finance by province and year: the mean of its cities."""
    from involution.panel.places import place_name

    regions = simulated.regions
    names = regions["region"].map(where).map(lambda code: place_name(code, 2))
    table = regions.groupby([names.rename("省份"), regions["year"].rename("年份")])[list(_INDEX)].mean().round(4)
    return table.rename(columns=_INDEX).reset_index()


def pilots_extract(simulated: Simulated, where: dict[str, str]) -> pd.DataFrame:
    """Cities at which a passive event aimed, and the first year of it."""
    from involution.panel.places import place_name

    first = simulated.pilots.groupby("region")["first_year"].min()
    table = first.reset_index().rename(columns={"first_year": "试点年份"})
    table.insert(0, "城市", table.pop("region").map(where).map(lambda code: place_name(code, 4)))
    return table.sort_values(["试点年份", "城市"], ignore_index=True)


def _csv(table: pd.DataFrame) -> bytes:
    text: str = table.to_csv(index=False, lineterminator="\n")
    return text.encode("gb18030")


def _sheet(table: pd.DataFrame, name: str) -> bytes:
    """The table as an Excel file, the same bytes each time: the clock is taken out of its properties and archive."""
    written, stored = io.BytesIO(), io.BytesIO()
    table.to_excel(written, sheet_name=name, index=False, engine="openpyxl")
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(stored, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)
    return stored.getvalue()

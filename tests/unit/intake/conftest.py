"""Small files as researchers have them, in four dialects, all of one simulated panel."""

import pandas as pd
import pytest

from involution.simulate import simulate
from involution.simulate.extracts import write_extracts
from involution.simulate.write import sized


@pytest.fixture(scope="package")
def world():
    return simulate(sized(600), seed=7)


@pytest.fixture(scope="package")
def extracts(world, tmp_path_factory):
    """Accounts with names of the industrial survey, an index of provinces, a list of pilots."""
    return write_extracts(world, tmp_path_factory.mktemp("我的 数据"))


INCOME = {
    "revenue": ("B001101000", "营业收入"), "cogs": ("B001201000", "营业成本"), "op_profit": ("B001300000", "营业利润"),
    "selling_expense": ("B001209000", "销售费用"), "admin_expense": ("B001210000", "管理费用"),
    "taxes_surcharges": ("B001207000", "税金及附加"), "net_profit": ("B002000000", "净利润"),
}  # fmt: skip
BALANCE = {
    "total_assets": ("A001000000", "资产总计"), "fixed_assets": ("A001212000", "固定资产净额"),
    "inventory": ("A001123000", "存货净额"), "cash": ("A001101000", "货币资金"),
    "current_assets": ("A001100000", "流动资产合计"), "current_liabilities": ("A002100000", "流动负债合计"),
    "liabilities": ("A002000000", "负债合计"), "receivables": ("A001111000", "应收账款净额"),
}  # fmt: skip


def statement(accounts, columns):
    """An export: codes, a line of labels, one of units; consolidated and parent, mid-year and end of year."""
    year_end = accounts[["firm", "year", *columns]].copy()
    year_end["Accper"] = year_end["year"].astype(str) + "-12-31"
    mid = year_end.assign(Accper=year_end["year"].astype(str) + "-06-30")
    both = pd.concat([year_end.assign(Typrep="A"), mid.assign(Typrep="A"), year_end.assign(Typrep="B")])
    both = both.sort_values(["firm", "Accper", "Typrep"])
    both.insert(0, "Stkcd", both.pop("firm").astype(int).astype(str))
    both = both.drop(columns="year").astype(str)
    codes = {name: code for name, (code, _) in columns.items()}
    head = {"Stkcd": "证券代码", "Accper": "截止日期", "Typrep": "报表类型"}
    labels = pd.DataFrame([head | {name: label for name, (_, label) in columns.items()}])
    units = pd.DataFrame([dict.fromkeys(head, "没有单位") | dict.fromkeys(columns, "元")])
    return pd.concat([labels, units, both])[["Stkcd", "Accper", "Typrep", *columns]].rename(columns=codes)


@pytest.fixture(scope="package")
def csmar(world, tmp_path_factory):
    """Statements, a file of companies, one of R&D and one of patents with several rows a year."""
    folder = tmp_path_factory.mktemp("csmar")
    accounts = world.accounts
    statement(accounts, INCOME).to_csv(folder / "FS_Comins.csv", index=False, encoding="utf-8-sig")
    statement(accounts, BALANCE).to_csv(folder / "FS_Combas.csv", index=False, encoding="gb18030")
    first = accounts.drop_duplicates("firm")
    company = pd.DataFrame(
        {
            "Stkcd": first["firm"],
            "Nnindcd": first["industry"].str[:3],
            "PROVINCE": first["region"].str[:2].map({"11": "北京市", "33": "浙江省"}).fillna("江苏省"),
            "Estbdt": first["birth_year"].astype(str) + "-05-01",
            "EquityNature": first["ownership"].map({"soe": "国企", "private": "民企", "foreign": "外资"}),
        }
    )
    company.to_csv(folder / "TRD_Co.csv", index=False)
    dates = accounts["year"].astype(str) + "-12-31"
    research = pd.DataFrame({"Symbol": accounts["firm"], "EndDate": dates, "RDSpendSum": accounts["rd_spend"]})
    research.assign(RDExpenses=accounts["rd_expensed"]).to_csv(folder / "PT_LCRDSPENDING.csv", index=False)
    halves = pd.concat([accounts, accounts])[["firm", "year", "patents_invention"]]
    halves.columns = ["Symbol", "year", "发明专利申请数"]
    halves.to_csv(folder / "patents.csv", index=False)
    return sorted(folder.iterdir())


@pytest.fixture(scope="package")
def compustat(world, tmp_path_factory):
    """Fundamentals in millions and thousand employees, as a Stata file."""
    path = tmp_path_factory.mktemp("compustat") / "funda.dta"
    names = {"revenue": "sale", "cogs": "cogs", "op_profit": "oiadp", "admin_expense": "xsga", "rd_spend": "xrd",
             "total_assets": "at", "fixed_assets": "ppent", "inventory": "invt", "cash": "che",
             "current_assets": "act", "current_liabilities": "lct", "liabilities": "lt", "capex": "capx",
             "cfo": "oancf", "interest": "xint"}  # fmt: skip
    accounts = world.accounts
    frame = pd.DataFrame({"gvkey": accounts["firm"], "fyear": accounts["year"]})
    frame["sic"] = accounts["industry"].str[1:] + "0"
    for name, code in names.items():
        frame[code] = accounts[name] / 1e6
    frame["emp"] = accounts["employees"] / 1e3
    frame["dv"] = (accounts["dividends_interest"] - accounts["interest"]) / 1e6
    frame.to_stata(path, write_index=False)
    return [path]


@pytest.fixture(scope="package")
def english(world, tmp_path_factory):
    """A spreadsheet with English headers and their units, and a sheet of notes before it."""
    path = tmp_path_factory.mktemp("english") / "panel.xlsx"
    accounts = world.accounts
    frame = pd.DataFrame(
        {
            "Firm ID": accounts["firm"],
            "Year": accounts["year"],
            "Industry": accounts["industry"],
            "Sales (RMB million)": accounts["revenue"] / 1e6,
            "Cost of goods sold (RMB million)": accounts["cogs"] / 1e6,
            "Total assets (RMB million)": accounts["total_assets"] / 1e6,
            "Number of employees": accounts["employees"],
            "Inventory stock (RMB million)": accounts["inventory"] / 1e6,
        }
    )
    frame = frame[frame["Firm ID"].astype(int) % 2 == 0]
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"Notes": ["Read me"]}).to_excel(book, sheet_name="Notes", index=False)
        frame.to_excel(book, sheet_name="Panel", index=False)
    return [path]

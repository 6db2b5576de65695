"""The simulated tables as files, as a user would have them; the same bytes for the same seed."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl

from involution.errors import InputError, Problem
from involution.simulate import DEFAULT_SEED, Simulated, simulate
from involution.simulate.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

Format = Literal["csv", "parquet"]
Headers = Literal["en", "zh"]
TABLES = ("accounts", "regions", "industries", "events", "pilots", "instruments", "shares", "shocks", "truth")
SCHEME = "simulate:"
THOUSAND = 1_000.0
"""With Chinese headers amounts are in thousand yuan, as in the surveys of industrial firms."""

_CHINESE = {
    "latent_rd_intensity": "预期研发强度",
    "latent_pressure": "潜在内卷压力", "latent_margin": "潜在利润率", "latent_short_termism": "潜在短视",
    "latent_constraint": "潜在资源约束", "latent_innovation": "潜在创新", "latent_opportunity": "潜在机会识别",
    "latent_management": "潜在运营管理", "latent_exposure": "潜在事件暴露",
    "latent_event_effect": "潜在事件效应", "first_year": "首次年份", "strength": "强度", "event_id": "事件编号",
    "title": "事件名称",
    "issuer": "发布机构", "date_start": "开始日期", "date_end": "结束日期", "passive": "被动事件", "rater": "评分者",
    "novelty": "新颖性", "disruption": "颠覆性", "criticality": "关键性", "scope_region": "目标地区",
    "scope_industry": "目标行业", "origin_level": "发布层级", "source_url": "来源", "name": "名称", "truth": "真值",
    "instrument": "工具变量", "instrument_invalid": "无效工具变量", "market": "市场", "share": "份额", "shock": "冲击",
}  # fmt: skip


def write_simulated(
    simulated: Simulated, folder: str | Path, fmt: Format = "csv", headers: Headers = "en"
) -> list[Path]:
    """Write every table of a simulation.

    Parameters
    ----------
    simulated : Simulated
    folder : str or Path
        Made if need be; files of the same names are replaced.
    fmt : {"csv", "parquet"}
    headers : {"en", "zh"}
        With ``zh`` columns have Chinese names, amounts are in thousand yuan, and csv files are in GB18030.

    Returns
    -------
    list of Path
        The files, in the order of `TABLES`.
    """
    from involution.files import write_bytes

    paths = []
    for name in TABLES:
        path = Path(folder) / f"{name}.{fmt}"
        write_bytes(path, table_bytes(getattr(simulated, name), fmt, headers))
        paths.append(path)
    return paths


def table_bytes(table: pd.DataFrame, fmt: Format, headers: Headers = "en") -> bytes:
    """A table as the content of a file."""
    shown = chinese(table) if headers == "zh" else table
    if fmt == "csv":
        text: str = shown.to_csv(index=False, lineterminator="\n")
        return text.encode("gb18030" if headers == "zh" else "utf-8")
    stream = io.BytesIO()
    shown.to_parquet(stream, index=False, compression="zstd")
    return stream.getvalue()


def chinese(table: pd.DataFrame) -> pd.DataFrame:
    """The table with Chinese names and amounts in thousand yuan."""
    from involution.panel.columns import canonical_columns, kind

    amounts = [name for name in table.columns if kind(name) == "money"]
    shown = table.copy()
    shown[amounts] = (shown[amounts] / THOUSAND).round(5)
    labels = {str(name): str(label) for name, label in canonical_columns()["label_zh"].items()}
    return shown.rename(columns=_CHINESE | labels)


def source_bytes(source: str) -> bytes:
    """Content of a study's source ``simulate:<table>?seed=<whole number>&firms=<whole number>``, as Parquet.

    Raises
    ------
    InputError
        For a table or an option that does not exist.
    """
    name, _, query = source.removeprefix(SCHEME).partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    expected = f"{SCHEME}<{'|'.join(TABLES)}>[?seed=N&firms=N]"
    if name not in TABLES or set(options) - {"seed", "firms"} or not all(v.isdigit() for v in options.values()):
        raise InputError(Problem(source, f"not a simulated table; expected {expected}"))
    firms, seed = int(options.get("firms", Settings.firms)), int(options.get("seed", DEFAULT_SEED))
    return table_bytes(getattr(_simulated(sized(firms), seed), name), "parquet")


def sized(firms: int) -> Settings:
    """Settings for a number of firms.

    Raises
    ------
    InputError
        When there are too few for eight in each industry.
    """
    least = 8 * Settings.industries
    if firms < least:
        mend = f"name {least} or more: eight in each of {Settings.industries} industries"
        raise InputError(Problem("firms", f"{firms:,} are too few", mend=mend))
    return Settings(firms=firms)


@lru_cache(maxsize=1)
def _simulated(settings: Settings, seed: int) -> Simulated:
    """One simulation serves all the tables of a study."""
    return simulate(settings, seed)

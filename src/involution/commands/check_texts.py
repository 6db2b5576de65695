"""What `involution check` says beside findings, in English and Chinese."""

from __future__ import annotations

CHECK_TEXTS: dict[str, tuple[str, str]] = {
    "study": ("{path}: study '{name}'", "{path}：研究 '{name}'"),
    "found": ("Found", "数据概况"),
    "suspicious": ("Suspicious", "可疑之处"),
    "unavailable": ("Not available", "不可用的指标"),
    "models": ("Models", "模型"),
    "rows": (
        "{read:,} rows read, {population:,} in the population, {sample:,} in the sample",
        "读入 {read:,} 行，总体 {population:,} 行，样本 {sample:,} 行",
    ),
    "shape": (
        "{firms:,} firms, {first}-{last}, {models:,} models",
        "{firms:,} 家企业，{first}—{last} 年，{models:,} 个模型",
    ),
    "source": ("{source}: {rows:,} rows{encoding}", "{source}：{rows:,} 行{encoding}"),
    "encoding": (", {encoding}", "，{encoding}"),
    "joined": (
        "joined {source}: {matched:,} rows matched, {panel:,} of the panel and {file:,} of the file not",
        "并入 {source}：匹配 {matched:,} 行，面板未匹配 {panel:,} 行，文件未匹配 {file:,} 行",
    ),
    "recoded": (
        "{source}: region codes of {rows:,} rows changed ({codes})",
        "{source}：{rows:,} 行的地区代码已更换（{codes}）",
    ),
    "events": ("{events:,} events, {raters:,} raters", "{events:,} 个事件，{raters:,} 位评分者"),
    "measures": (
        "{available:,} measures available, {unavailable:,} not",
        "可用指标 {available:,} 个，不可用 {unavailable:,} 个",
    ),
    "small_cells": (
        "{rows:,} rows, in {cells:,} industry-years of fewer than {min_firms} firms, have no index",
        "{rows:,} 行属于企业少于 {min_firms} 家的 {cells:,} 个行业—年份，没有指数",
    ),
    "mistake": ("mistake", "错误"),
    "doubt": ("doubt", "存疑"),
    "note": ("note", "提示"),
    "finding": ("{severity}: {what} [{name}]", "{severity}：{what} [{name}]"),
    "told": ("{severity}: {what}", "{severity}：{what}"),
    "why": ("why: {text}", "原因：{text}"),
    "mend": ("do: {text}", "处理：{text}"),
    "nothing": ("nothing", "无"),
    "needs": ("needs {names}", "缺少 {names}"),
    "or": (" or ", " 或 "),
    "no_component": (
        "no component of the family '{family}' is left ({parts})",
        "指标族 '{family}' 没有可用的组成部分（{parts}）",
    ),
    "component": ("{name}: {reason}", "{name}：{reason}"),
    "semicolon": ("; ", "；"),
    "coverage": (
        "{names} known in {share} of the rows, fewer than {least}",
        "{names} 仅在 {share} 的行中有值，低于 {least}",
    ),
    "unavailable_for": ("{reason}: {names}", "{reason}：{names}"),
    "will": (
        "{count:,} of {whole:,} main models will be estimated",
        "{whole:,} 个主要模型中将估计 {count:,} 个",
    ),
    "section": ("{section}: {count:,}; {sizes}", "{section}：{count:,} 个；{sizes}"),
    "size_rows": ("{range} rows", "{range} 行"),
    "size_firms": ("{range} firms", "{range} 家企业"),
    "size_clusters": ("{range} clusters", "{range} 个聚类"),
    "size_treated": ("{range} firms treated within the panel", "{range} 家企业在面板内被处理"),
    "will_not": ("not estimated: {section}, {model}: {reason}", "不予估计：{section}，{model}：{reason}"),
    "refused": ("refused: {text}", "拒绝：{text}"),
    "repeat": (
        "{count:,} more repeat or combine these: {sections}",
        "另有 {count:,} 个模型重复或组合上述模型：{sections}",
    ),
    "strict": (
        "{count} suspicions that are mistakes or doubts; --accept NAME lets one pass",
        "{count} 项错误或存疑；用 --accept NAME 可放行已核实者",
    ),
    "comma": (", ", "、"),
}
"""Sections of a study file keep their names: they are what the user has to look for."""

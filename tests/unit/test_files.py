"""Result files appear complete or not at all, and a failed job says why in its log."""

import os
import stat

import numpy as np
import pandas as pd
import pytest

from involution.errors import InputError, NotEstimable, Problem
from involution.files import MARK, read_json, reported, sha256, write_bytes, write_csv, write_json, write_parquet


class Interrupted(Exception):
    """Whatever stops a run in the middle."""


def test_bytes_are_written_where_they_belong(tmp_path):
    path = tmp_path / "结果 folder" / "deep" / "file.txt"
    write_bytes(path, b"one")
    write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize("step", ["fsync", "replace", "write"])
def test_an_interrupted_write_leaves_what_was_there_and_nothing_else(tmp_path, monkeypatch, step):
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_bytes(b"old")

    def fail(*_):
        raise Interrupted

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    elif step == "replace":
        monkeypatch.setattr(os, "replace", fail)
        monkeypatch.setattr("pathlib.Path.replace", fail)
    content = 5 if step == "write" else b"new"
    for path in (old, new):
        with pytest.raises((Interrupted, TypeError)):
            write_bytes(path, content)
    assert list(tmp_path.iterdir()) == [old]
    assert old.read_bytes() == b"old"


def test_a_reader_never_sees_half_a_file(tmp_path, monkeypatch):
    path = tmp_path / "file.txt"
    write_bytes(path, b"old")
    seen = []
    synchronise = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (seen.append(path.read_bytes()), synchronise(handle)))
    write_bytes(path, b"new and longer")
    assert seen == [b"old"]
    assert path.read_bytes() == b"new and longer"


def test_an_interrupt_by_the_user_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "file.txt", b"x")
    assert list(tmp_path.iterdir()) == []


def test_json_is_read_back_and_keeps_its_order(tmp_path):
    path = tmp_path / "a.json"
    content = {"b": [1, None, 0.1], "a": {"研发": True}}
    write_json(path, content)
    assert read_json(path) == content
    assert path.read_text(encoding="utf-8").endswith("\n")
    assert path.read_text(encoding="utf-8").index('"b"') < path.read_text(encoding="utf-8").index('"a"')
    assert "研发" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [{"a": float("nan")}, {"a": float("inf")}, {"a": {1, 2}}])
def test_json_that_is_none_writes_no_file(tmp_path, content):
    with pytest.raises((ValueError, TypeError)):
        write_json(tmp_path / "a.json", content)
    assert list(tmp_path.iterdir()) == []


def test_csv_gives_back_the_numbers_to_the_last_digit(tmp_path):
    random = np.random.default_rng(1)
    values = np.r_[0.1, 1 / 3, 1e-300, -2.5e17, np.pi, random.normal(size=200) * 10.0 ** random.integers(-20, 20, 200)]
    path = tmp_path / "a.csv"
    write_csv(path, pd.DataFrame({"value": values, "code": ["001"] * len(values), "name": ['研发, "a"'] * len(values)}))
    read = pd.read_csv(path, dtype={"code": str}, float_precision="round_trip")
    assert read["value"].to_numpy().tobytes() == values.tobytes()
    assert set(read["code"]) == {"001"}
    assert set(read["name"]) == {'研发, "a"'}
    assert b"\r" not in path.read_bytes()


def test_parquet_gives_back_the_frame_and_the_same_bytes(tmp_path):
    frame = pd.DataFrame({"firm": ["001", "002"], "x": [0.1, np.nan]}, index=[5, 6])
    for name in ("a.parquet", "b.parquet"):
        write_parquet(tmp_path / name, frame)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), frame.reset_index(drop=True))
    assert sha256(tmp_path / "a.parquet") == sha256(tmp_path / "b.parquet")


def test_sha256_is_the_standard_one(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_job_that_succeeds_has_an_empty_log(tmp_path):
    log = tmp_path / "logs" / "job.log"
    with reported(log):
        assert log.parent.is_dir()
    assert log.read_text(encoding="utf-8") == ""


def test_a_users_mistake_is_one_message_without_traceback(tmp_path):
    log = tmp_path / "logs" / "job.log"
    with pytest.raises(SystemExit) as ended, reported(log):
        raise InputError([Problem("企业.csv: revenue", "a duplicate", ("line 3",), "remove it"), "and another"])
    assert ended.value.code == 1
    assert log.read_text(encoding="utf-8") == (
        f"{MARK}企业.csv: revenue: a duplicate\n    line 3\n  mend: remove it\nand another\n"
    )


@pytest.mark.parametrize("error", [ValueError("a defect"), NotEstimable("a defect"), KeyError("a defect")])
def test_a_defect_keeps_its_traceback(tmp_path, error):
    log = tmp_path / "job.log"
    with pytest.raises(SystemExit) as ended, reported(log):
        raise error
    assert ended.value.code == 1
    said = log.read_text(encoding="utf-8")
    assert said.startswith(f"{MARK}an internal error")
    assert "Traceback" in said
    assert "a defect" in said


def test_an_older_message_does_not_survive_a_success(tmp_path):
    log = tmp_path / "job.log"
    log.write_text("involution: old", encoding="utf-8")
    with reported(log):
        pass
    assert log.read_text(encoding="utf-8") == ""


def test_problems_travel_between_processes_and_read_well():
    import pickle

    error = InputError([Problem("a.csv", "wrong", ("row 1", "row 2"), "mend it"), Problem("", "alone")])
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
    assert str(again) == "a.csv: wrong\n    row 1\n    row 2\n  mend: mend it\nalone"

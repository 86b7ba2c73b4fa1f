"""`rabta demo`: a part of each city's file through a whole suite, twice, and its report."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.cli.demo.replay import Replay, replay
from deploy.cli.demo.report import sentences
from deploy.cli.demo.rows import read_file
from deploy.cli.place import RunningSuite
from deploy.local.home import ROOT
from deploy.local.suite import Suite
from tests.unit.cli.city_files import BOSTON, NYC, boston_row, nyc_row, write_file

DUPLICATE = "Case Closed. Closed date : 2022-01-03 06:44:23.4 Duplicate of Existing Case "
NOTED = "Case Closed. Closed date : Mon Jan 03 05:59:50 EST 2022 Noted "


def boston_cut(folder: Path) -> Path:
    """Twenty rows of Boston: one open, one of another department, one duplicate, one of few words, one unusable."""
    rows = [boston_row(n, type="Needle Pickup" if n % 3 else "Sign Repair") for n in range(1, 17)]
    rows += [
        boston_row(17, case_status="Open", closed_dt=" ", closure_reason=" ", target_dt=" "),
        boston_row(18, department="BTDT", type="Sign Repair", latitude="42.3594", longitude="-71.0587"),
        boston_row(19, closure_reason=DUPLICATE),
        boston_row(20, closure_reason=NOTED, location=" "),
        boston_row(21, open_dt="some day"),
    ]
    return write_file(folder / "boston cut.csv", BOSTON, rows, blank=" ")


def nyc_cut(folder: Path) -> Path:
    """Twenty rows of New York: half of them open, two agencies, two that are alike but for the id."""
    rows = [nyc_row(n) for n in range(1, 9)] + [nyc_row(9, **{"Unique Key": "99000001"})]
    rows += [
        nyc_row(n, **{"Status": "In Progress", "Closed Date": "", "Resolution Description": ""}) for n in range(9, 19)
    ]
    other = {"Agency": "TLC", "Agency Name": "Taxi and Limousine Commission", "Complaint Type": "Taxi Complaint"}
    return write_file(folder / "nyc-cut.csv", NYC, [*rows, nyc_row(19, **other)])


async def run(suite: Suite, home: Path, file: Path) -> Replay:
    """The demo, in this process."""
    return await replay(RunningSuite(suite.environment, home), read_file(file))


async def command(suite: Suite, home: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command of `rabta`."""
    environment: Mapping[str, str] = {**os.environ, **suite.environment, "RABTA_HOME": str(home), "COLUMNS": "120"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.local", *arguments,
        cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home folder for all runs of this module, so that credentials are created once."""
    return tmp_path_factory.mktemp("demo")


async def test_rows_of_boston_arrive_once_and_a_second_run_finds_them(suite: Suite, demo_home: Path) -> None:
    file = boston_cut(demo_home)
    first = await run(suite, demo_home, file)

    assert first.is_good, sentences(first)
    assert [filed.before for filed in first.ledger.filed.values()] == [False] * 20
    assert [reason for _, reason in first.file.unusable] == ["open_dt is no date: 'some day'"]
    states = first.ledger.requests
    for filed in first.ledger.filed.values():
        assert states[filed.number]["state"] == ("resolved" if filed.row.is_closed else "routed")
    outcomes = [states[f.number]["outcome"] for f in first.ledger.filed.values() if "Duplicate" in f.row.words]
    assert outcomes == ["not_granted"]
    departments = {states[f.number]["department"] for f in first.ledger.filed.values()}
    assert departments == {"boston-public-works", "boston-transportation"}

    code, printed = await command(suite, demo_home, "demo", str(file))
    assert code == 0, printed
    assert "20 (20 already filed)" in printed
    assert "line 22 cannot be used: open_dt is no date: 'some day'" in printed


async def test_open_rows_of_new_york_stay_open(suite: Suite, demo_home: Path) -> None:
    outcome = await run(suite, demo_home, nyc_cut(demo_home))

    assert outcome.is_good, sentences(outcome)
    states = [outcome.ledger.requests[number]["state"] for number in outcome.ledger.filed]
    assert (states.count("resolved"), states.count("routed")) == (10, 10)
    assert len(outcome.ledger.waits()) == 20
    assert all(wait < 30 for wait in outcome.ledger.waits())


async def test_an_unreadable_file_is_reported_in_one_line(suite: Suite, demo_home: Path) -> None:
    file = demo_home / "strange.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")

    code, printed = await command(suite, demo_home, "demo", str(file))
    assert code == 1
    assert printed.startswith("rabta: no mapping fits this header line")

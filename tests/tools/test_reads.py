"""Short `rabta bench reads`: it prints its table, and every read gets the right answer; no times."""

from contextlib import suppress

import pytest

from tools.load import reads

SMALL = ["--small", "60", "--large", "120", "--seconds", "0.05", "--rounds", "1", "--own", "14"]


def test_bench_reads_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):  # that it is not flat is no matter here
        reads.main(SMALL)
    said = capsys.readouterr().out
    assert "among 60" in said
    assert "flat (every ratio" in said
    for name in ("track by number", "known already", "by date and service", "proof", "updates", "officer's list"):
        assert name in said

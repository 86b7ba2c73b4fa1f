"""The secrets of a suite: created once, long enough, and readable by their owner only."""

import base64
from pathlib import Path

from deploy.local.keys import load_keys


def test_keys_are_created_once(tmp_path: Path) -> None:
    assert load_keys(tmp_path) == load_keys(tmp_path)


def test_keys_have_32_bytes_and_differ(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    assert len(base64.b64decode(keys.data_key)) == len(base64.b64decode(keys.index_key)) == 32
    assert keys.data_key != keys.index_key


def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    load_keys(home)
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in home.iterdir()] == ["secrets.json"]

"""Rotating the data key of a home folder: the previous one opens until it is removed."""

from pathlib import Path

import pytest

from deploy.cli.keys import forget_old
from deploy.local.errors import LocalError
from deploy.local.keys import forget_old_data_keys, load_keys, rotate_data_key


def test_the_previous_key_opens_until_it_is_removed(tmp_path: Path) -> None:
    before = load_keys(tmp_path)
    assert before.old_data_keys == ""
    rotate_data_key(tmp_path)
    after = load_keys(tmp_path)
    assert after.data_key != before.data_key
    assert after.old_data_keys == before.data_key
    assert (after.index_key, after.admin_password) == (before.index_key, before.admin_password)
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    with pytest.raises(LocalError, match="not finished"):
        rotate_data_key(tmp_path)
    forget_old_data_keys(tmp_path)
    assert load_keys(tmp_path).old_data_keys == ""
    assert load_keys(tmp_path).data_key == after.data_key
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


def test_old_keys_are_kept_while_the_suite_still_seals_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RABTA_HOME", str(tmp_path))
    monkeypatch.setenv("RABTA_DATA_KEY", load_keys(tmp_path).data_key)
    monkeypatch.setattr("deploy.cli.keys._reseal", lambda service, dry_run: 0)
    rotate_data_key(tmp_path)
    rotated = load_keys(tmp_path)
    with pytest.raises(LocalError, match="restart"):
        forget_old()
    assert load_keys(tmp_path) == rotated
    monkeypatch.setenv("RABTA_DATA_KEY", rotated.data_key)
    forget_old()
    assert load_keys(tmp_path).old_data_keys == ""

"""Settings that identity refuses in production."""

from typing import Any

import pytest

from services.identity.accounts.hashing import MEMORY_KIB
from services.identity.settings import IdentitySettings

KEYS: dict[str, Any] = {"data_key": "ZA==", "index_key": "aQ=="}


def test_production_refuses_cheap_password_hashes() -> None:
    with pytest.raises(ValueError, match="RABTA_HASH_MEMORY_KIB must be at least"):
        IdentitySettings(env="production", hash_memory_kib=MEMORY_KIB - 1, **KEYS)
    assert IdentitySettings(env="test", hash_memory_kib=8, **KEYS).hash_memory_kib == 8

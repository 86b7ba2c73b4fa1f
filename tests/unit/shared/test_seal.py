"""Sealed text opens only with its key and in its place, and tells nothing."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.seal import KeyRing, SealBrokenError
from tests.builders import KEYS

OTHER = KeyRing(data_key=b"x" * 32, index_key=b"y" * 32)


@given(st.text())
def test_what_was_sealed_comes_back(plain: str) -> None:
    sealed = KEYS.seal(plain, "citizen.mobile")
    assert KEYS.unseal(sealed, "citizen.mobile") == plain
    assert sealed.isascii()
    assert len(plain) < 4 or plain not in sealed


def test_each_sealing_is_another_text() -> None:
    assert KEYS.seal("03001234567", "citizen.mobile") != KEYS.seal("03001234567", "citizen.mobile")


def test_a_sealed_value_is_bound_to_its_place() -> None:
    sealed = KEYS.seal("03001234567", "citizen.mobile")
    with pytest.raises(SealBrokenError, match="another place"):
        KEYS.unseal(sealed, "citizen.name")


def test_every_altered_byte_is_noticed() -> None:
    sealed = KEYS.seal("03001234567", "citizen.mobile")
    key_id, _, text = sealed.partition(".")
    box = base64.urlsafe_b64decode(text)
    for place in range(len(box)):
        altered = bytes([*box[:place], box[place] ^ 1, *box[place + 1 :]])
        with pytest.raises(SealBrokenError):
            KEYS.unseal(f"{key_id}.{base64.urlsafe_b64encode(altered).decode()}", "citizen.mobile")


@pytest.mark.parametrize("text", ["", ".", "no dot", f"{KEYS.key_id}.", f"{KEYS.key_id}.AAAA", f"{KEYS.key_id}.é"])
def test_what_is_not_a_sealed_value_is_refused(text: str) -> None:
    with pytest.raises(SealBrokenError):
        KEYS.unseal(text, "citizen.mobile")


def test_another_key_does_not_open_it() -> None:
    sealed = KEYS.seal("03001234567", "citizen.mobile")
    with pytest.raises(SealBrokenError, match="unknown key"):
        OTHER.unseal(sealed, "citizen.mobile")
    forged = f"{OTHER.key_id}.{sealed.partition('.')[2]}"
    with pytest.raises(SealBrokenError):
        OTHER.unseal(forged, "citizen.mobile")


def test_blind_indexes_find_equal_values_of_one_place_and_key() -> None:
    index = KEYS.blind("3520212345671", "citizen.cnic")
    assert index == KEYS.blind("3520212345671", "citizen.cnic")
    others = {
        KEYS.blind("3520212345672", "citizen.cnic"),
        KEYS.blind("3520212345671", "citizen.mobile"),
        OTHER.blind("3520212345671", "citizen.cnic"),
    }
    assert index not in others
    assert len(others) == 3


def test_keys_are_two_different_ones_of_32_bytes() -> None:
    long, other, short = (base64.b64encode(key).decode() for key in (b"a" * 32, b"b" * 32, b"c" * 16))
    assert KeyRing.from_base64(long, other).data_key == b"a" * 32
    for pair in [(long, long), (short, other), (long, short), ("", other)]:
        with pytest.raises(ValueError, match="32-byte keys"):
            KeyRing.from_base64(*pair)


def test_an_older_key_opens_and_never_seals() -> None:
    sealed = KEYS.seal("03001234567", "citizen.mobile")
    rotated = KeyRing(data_key=b"n" * 32, index_key=KEYS.index_key, old_data_keys=(KEYS.data_key,))
    assert rotated.unseal(sealed, "citizen.mobile") == "03001234567"
    anew = rotated.reseal(sealed, ("citizen.name", "citizen.mobile"))
    only_new = KeyRing(data_key=b"n" * 32, index_key=KEYS.index_key)
    assert only_new.unseal(anew, "citizen.mobile") == "03001234567"
    with pytest.raises(SealBrokenError):
        KEYS.unseal(anew, "citizen.mobile")
    with pytest.raises(SealBrokenError, match="among these"):
        rotated.reseal(sealed, ("citizen.name",))


def test_old_keys_are_read_with_commas_between_and_must_differ() -> None:
    new, index, old, older = (base64.b64encode(letter * 32).decode() for letter in (b"n", b"i", b"o", b"p"))
    assert KeyRing.from_base64(new, index, f"{old},{older}").old_data_keys == (b"o" * 32, b"p" * 32)
    for wrong in (new, index, f"{old},{old}", "c2hvcnQ="):
        with pytest.raises(ValueError, match="different 32-byte keys"):
            KeyRing.from_base64(new, index, wrong)

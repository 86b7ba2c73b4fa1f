"""A sealed text opens only with its key, purpose and owner, and reveals nothing."""

import base64
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.seal import KeyRing, SealBrokenError, SealPurpose
from tests.builders import CITIZEN, KEYS

OTHER = KeyRing(data_key=b"x" * 32, index_key=b"y" * 32)
PURPOSE, MOBILE = SealPurpose.CITIZEN_MOBILE, "03001234567"
PURPOSES = st.sampled_from(SealPurpose)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def a_mobile() -> str:
    """A citizen's mobile, sealed."""
    return KEYS.seal(MOBILE, PURPOSE, owner=CITIZEN)


@given(st.text(), PURPOSES, NAMES)
def test_sealed_value_opens(plain: str, purpose: SealPurpose, owner: str) -> None:
    sealed = KEYS.seal(plain, purpose, owner=owner)
    assert KEYS.unseal(sealed, purpose, owner=owner) == plain
    assert sealed.isascii()
    assert len(plain) < 4 or plain not in sealed


def test_each_sealing_is_another_text() -> None:
    assert a_mobile() != a_mobile()


@given(PURPOSES, NAMES, PURPOSES, NAMES)
def test_it_opens_for_the_same_purpose_and_owner_and_no_other(
    purpose: SealPurpose, owner: str, purpose2: SealPurpose, owner2: str
) -> None:
    sealed = KEYS.seal(MOBILE, purpose, owner=owner)
    if (purpose, owner) == (purpose2, owner2):
        assert KEYS.unseal(sealed, purpose2, owner=owner2) == MOBILE
        return
    with pytest.raises(SealBrokenError, match="another purpose or owner") as broken:
        KEYS.unseal(sealed, purpose2, owner=owner2)
    assert (broken.value.purpose, broken.value.owner) == (purpose2, owner2)
    assert MOBILE not in str(broken.value)


@given(st.text(st.sampled_from("ab:1\0."), min_size=2, max_size=6), st.data())
def test_boundary_between_purpose_and_owner_is_unambiguous(both: str, data: st.DataObject) -> None:
    cuts = st.integers(1, len(both) - 1)
    one, other = data.draw(cuts), data.draw(cuts)
    sealed = KEYS.seal(MOBILE, cast(SealPurpose, both[:one]), owner=both[one:])
    if one != other:
        with pytest.raises(SealBrokenError):
            KEYS.unseal(sealed, cast(SealPurpose, both[:other]), owner=both[other:])


def test_nothing_is_sealed_without_an_owner() -> None:
    with pytest.raises(ValueError, match="needs an owner"):
        KEYS.seal(MOBILE, PURPOSE, owner="")
    with pytest.raises(SealBrokenError):
        KEYS.unseal(a_mobile(), PURPOSE, owner="")


def test_every_altered_byte_is_noticed() -> None:
    key_id, _, text = a_mobile().partition(".")
    box = base64.urlsafe_b64decode(text)
    for index in range(len(box)):
        altered = bytes([*box[:index], box[index] ^ 1, *box[index + 1 :]])
        with pytest.raises(SealBrokenError):
            KEYS.unseal(f"{key_id}.{base64.urlsafe_b64encode(altered).decode()}", PURPOSE, owner=CITIZEN)


@pytest.mark.parametrize("text", ["", ".", "no dot", f"{KEYS.key_id}.", f"{KEYS.key_id}.AAAA", f"{KEYS.key_id}.é"])
def test_unsealed_value_is_refused(text: str) -> None:
    with pytest.raises(SealBrokenError):
        KEYS.unseal(text, PURPOSE, owner=CITIZEN)


def test_another_key_does_not_open_it() -> None:
    sealed = a_mobile()
    with pytest.raises(SealBrokenError, match="unknown key"):
        OTHER.unseal(sealed, PURPOSE, owner=CITIZEN)
    forged = f"{OTHER.key_id}.{sealed.partition('.')[2]}"
    with pytest.raises(SealBrokenError):
        OTHER.unseal(forged, PURPOSE, owner=CITIZEN)


def test_blind_indexes_find_equal_values_of_one_purpose_and_key() -> None:
    index = KEYS.blind("3520212345671", SealPurpose.CITIZEN_CNIC)
    assert index == KEYS.blind("3520212345671", SealPurpose.CITIZEN_CNIC)
    others = {
        KEYS.blind("3520212345672", SealPurpose.CITIZEN_CNIC),
        KEYS.blind("3520212345671", SealPurpose.CITIZEN_MOBILE),
        OTHER.blind("3520212345671", SealPurpose.CITIZEN_CNIC),
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
    sealed = a_mobile()
    rotated = KeyRing(data_key=b"n" * 32, index_key=KEYS.index_key, old_data_keys=(KEYS.data_key,))
    assert rotated.unseal(sealed, PURPOSE, owner=CITIZEN) == MOBILE
    anew = rotated.reseal(sealed, ("citizen-2", CITIZEN))
    only_new = KeyRing(data_key=b"n" * 32, index_key=KEYS.index_key)
    assert only_new.unseal(anew, PURPOSE, owner=CITIZEN) == MOBILE
    with pytest.raises(SealBrokenError):
        only_new.unseal(anew, PURPOSE, owner="citizen-2")
    with pytest.raises(SealBrokenError):
        KEYS.unseal(anew, PURPOSE, owner=CITIZEN)
    for owners in [("citizen-2",), ()]:
        with pytest.raises(SealBrokenError, match="another owner"):
            rotated.reseal(sealed, owners)


def test_old_keys_are_read_with_commas_between_and_must_differ() -> None:
    new, index, old, older = (base64.b64encode(letter * 32).decode() for letter in (b"n", b"i", b"o", b"p"))
    assert KeyRing.from_base64(new, index, f"{old},{older}").old_data_keys == (b"o" * 32, b"p" * 32)
    for wrong in (new, index, f"{old},{old}", "c2hvcnQ="):
        with pytest.raises(ValueError, match="different 32-byte keys"):
            KeyRing.from_base64(new, index, wrong)

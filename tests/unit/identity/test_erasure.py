"""Erasing an account: no personal data stays, and CNIC and mobile are free."""

from collections.abc import Sequence
from dataclasses import fields

import pytest

from services.identity.accounts.models.citizen import Citizen
from services.identity.citizens.models.changes import KEPT, erase
from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.password_check import PasswordWrongError
from services.identity.sessions.service.sessions import LoginFailedError
from shared.errors import NotFoundError, TooManyRequestsError, UnauthenticatedError
from shared.events import CitizenErased
from shared.records import PLUMBING
from tests.unit.identity.fakes import FakeCitizens
from tests.unit.identity.world import PASSWORD, World


def documents(world: World) -> FakeCitizens:
    """The stored accounts."""
    assert isinstance(world.stores.citizens, FakeCitizens)
    return world.stores.citizens


async def somebody(world: World) -> tuple[Registration, str, str]:
    """A citizen with a session: the form, the id, a refresh token."""
    form = await world.verified()
    granted = await world.logged_in(form)
    return form, granted.account, granted.refresh_token


async def test_nothing_of_the_person_stays_in_the_account(world: World) -> None:
    _, citizen, _ = await somebody(world)
    await world.erasure.erase(citizen, PASSWORD)
    document = documents(world).documents[citizen]
    empty = Citizen(id=citizen)
    for field in fields(Citizen):
        if field.name not in KEPT | PLUMBING | {"cnic_index", "mobile_index"}:
            assert document[field.name] == getattr(empty, field.name), field.name
    assert document["cnic_index"] == document["mobile_index"] == f"erased:{citizen}"
    assert document["events"][-1]["type"] == CitizenErased.type


async def test_events_with_personal_data_are_marked_for_erasure(world: World) -> None:
    _, citizen, _ = await somebody(world)
    account = await world.stores.citizens.get(citizen)
    assert account is not None
    last_seq = account.seq
    assert erase(account, world.clock())
    assert (account.forget_to, account.seq) == (last_seq, last_seq + 1)
    assert not erase(account, world.clock())


async def test_nobody_can_log_in_any_more_and_sessions_are_over(world: World) -> None:
    form, citizen, refresh = await somebody(world)
    await world.erasure.erase(citizen, PASSWORD)
    for login in (form.cnic, form.mobile):
        with pytest.raises(LoginFailedError):
            await world.logins.login(login, PASSWORD)
    with pytest.raises(UnauthenticatedError):
        await world.logins.refresh(refresh)
    assert world.trail.forgotten == [citizen]
    with pytest.raises(NotFoundError):
        await world.erasure.erase(citizen, PASSWORD)


async def test_the_same_person_may_register_anew_and_gets_another_account(world: World) -> None:
    form, citizen, _ = await somebody(world)
    await world.erasure.erase(citizen, PASSWORD)
    await world.verified(form)
    assert (await world.logged_in(form)).account != citizen


async def test_a_wrong_password_erases_nothing_and_is_counted(world: World) -> None:
    form, citizen, _ = await somebody(world)
    for _ in range(5):
        with pytest.raises(PasswordWrongError):
            await world.erasure.erase(citizen, "not the password")
    with pytest.raises(TooManyRequestsError):
        await world.erasure.erase(citizen, PASSWORD)
    world.clock.forward(minutes=16)
    assert await world.logged_in(form)


async def test_a_session_opened_meanwhile_and_all_that_a_crash_left_end_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, citizen, _ = await somebody(world)
    save, late = documents(world).save_many, []

    async def overtaken(records: Sequence[Citizen]) -> set[str]:
        monkeypatch.undo()
        late.append((await world.logged_in(form)).refresh_token)
        assert not await save(records)
        raise ConnectionError

    monkeypatch.setattr(documents(world), "save_many", overtaken)
    with pytest.raises(ConnectionError):
        await world.erasure.close(citizen)
    assert await world.ends.sweep() == 1
    with pytest.raises(UnauthenticatedError):
        await world.logins.refresh(late[0])
    assert (await world.ends.running(citizen), await world.devices.of_account(citizen)) == ([], [])


async def test_change_is_retried_until_it_is_saved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, citizen, _ = await somebody(world)
    store, races = documents(world), iter((True, True))
    save = store.save_many

    async def racing(records: Sequence[Citizen]) -> set[str]:
        return {record.id for record in records} if next(races, False) else await save(records)

    monkeypatch.setattr(store, "save_many", racing)
    await world.erasure.close(citizen)
    assert store.documents[citizen]["erased_at"] == world.clock()

"""Opens accounts. The answer does not reveal whether a CNIC or a mobile is already registered."""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.challenge import ANY_WAY, BY_SMS
from services.identity.accounts.models.citizen import Citizen, Language, SealedPerson
from services.identity.accounts.models.proof import has_both, note_only, prove, yields_to
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.citizens.models.changes import erase
from services.identity.codes.service.codes import CodeRequest, Codes, Pending
from services.identity.sessions.service.own_sessions import OwnSessions
from shared.changing import ContendedError, attempts
from shared.clock import Clock
from shared.seal import BlindPurpose, KeyRing, SealPurpose

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Registration:
    """The details of a new citizen in their normal spelling. An empty password is set later, by a reset.

    `instead_of` is the id of an unproven registration that this one corrects and replaces.
    """

    name: str = field(repr=False)
    cnic: str = field(repr=False)
    mobile: str = field(repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    language: Language = "en"
    instead_of: str | None = None

    @property
    def at_counter(self) -> bool:
        """Whether a clerk registers a citizen at a counter."""
        return not self.password


@dataclass(frozen=True, slots=True)
class Registrations:
    """The use case. Every branch hashes the password, reads and writes equally often, so that time reveals nothing."""

    citizens: CitizenStore
    codes: Codes
    ends: OwnSessions
    hasher: Hasher
    keys: KeyRing
    clock: Clock

    async def register(self, form: Registration, address: str = "", idempotency_key: str | None = None) -> Pending:
        """Register a citizen, or tell the owner of an existing account about the attempt.

        The same Idempotency-Key with the same CNIC, mobile, email and password gives the same id, so that a caller who
        lost the answer can ask again. Raises TooManyRequestsError when the mobile or the address has had too many
        codes, ContendedError.
        """
        password = await self.hasher.hash(form.password) if form.password else ""
        indexes = (
            self.keys.blind(form.cnic, SealPurpose.CITIZEN_CNIC),
            self.keys.blind(form.mobile, SealPurpose.CITIZEN_MOBILE),
        )
        code_request = CodeRequest("register", indexes[1], indexes[1], address, ways=ANY_WAY if form.email else BY_SMS)
        pending = await self.codes.open(code_request, self._id_for(form, indexes, idempotency_key))
        async for _ in attempts():
            owners = await self.citizens.owners(*indexes)
            now = self.clock()
            holding = [owner for owner in owners if not owner.makes_room(form.instead_of, now)]
            free = [owner for owner in owners if owner not in holding]
            citizen = _to_open([*free, *holding], indexes[0])
            person = self._sealed(form, indexes, citizen.id)  # also if unused, so that it takes as long
            if any(owner.waits_for(pending.id, now) for owner in holding):
                return pending  # the same registration, sent again
            if not holding:
                done = await self._take(citizen, free, person, password, pending)
            elif all(yields_to(owner, *indexes) for owner in holding):
                done = await self._offer(holding[0], free, person, password, pending)
            elif form.at_counter and all(has_both(owner, *indexes) for owner in holding):
                done = await self._prove_again(holding[0], pending)
            elif all(owner.cnic_index != indexes[0] for owner in holding) and (form.email or form.at_counter):
                # The owner is told, except at a counter, where the owner reads out the code; both in one go, so that
                # it takes as long as one write.
                take = self._take(citizen, free, person, password, pending, held=True)
                done, _ = await asyncio.gather(take, self._tell(holding if password else []))
            else:
                done = await self._tell(holding)
            if done:
                return pending
        raise ContendedError

    async def verify(self, registration: str, code: str, address: str = "") -> Citizen:
        """Open the account: a code by SMS also proves the mobile, one by email does not.

        Raises CodeFailedError, TooManyRequestsError, ContendedError.
        """
        citizen = await self.codes.answer(
            "register", registration, code, lambda known, at: prove(known, registration, at), address
        )
        await self.ends.settle(citizen)
        log.info("citizen.verified", citizen=citizen.id)
        return citizen

    async def _prove_again(self, owner: Citizen, pending: Pending) -> bool:
        """Let a citizen at a counter prove the mobile again, so that reset codes can go there."""
        self.codes.issue(owner, "register", pending)
        return not await self.citizens.save_many([owner])

    async def _take(
        self,
        citizen: Citizen,
        lapsed: Sequence[Citizen],
        person: SealedPerson,
        password: str,
        pending: Pending,
        *,
        held: bool = False,
    ) -> bool:
        """Open the account in place of lapsed registrations; False if another writer was faster."""
        if not await self._free(owner for owner in lapsed if owner is not citizen):
            return False
        citizen.register(person, password, pending.id, self.clock())
        if held:
            note_only(citizen)
        self.codes.issue(citizen, "register", pending)
        if citizen.stored:
            taken = not await self.citizens.save_many([citizen])
        else:
            taken = await self.citizens.insert_many([citizen]) == [None]
        if taken:
            log.info("citizen.registered", citizen=citizen.id)
        return taken

    async def _offer(
        self, owner: Citizen, others: Sequence[Citizen], person: SealedPerson, password: str, pending: Pending
    ) -> bool:
        """Let a registration take over the account with its CNIC by proving the account's unproven mobile."""
        if not await self._free(others):
            return False
        owner.note_repeat(self.clock(), anew=True)
        self.codes.issue_anew(owner, pending, person, password)
        return not await self.citizens.save_many([owner])

    async def _free(self, lapsed: Iterable[Citizen]) -> bool:
        """Erase lapsed registrations; False if another writer was faster."""
        gone = list(lapsed)
        for citizen in gone:
            erase(citizen, self.clock())
        return not (gone and await self.citizens.save_many(gone))

    async def _tell(self, owners: Sequence[Citizen]) -> bool:
        """Tell the owners; False if a message that was due could not be written."""
        now = self.clock()
        due = {owner.id for owner in owners if owner.note_repeat(now)}
        return not due & await self.citizens.save_many(owners)

    def _id_for(self, form: Registration, indexes: tuple[str, str], key: str | None) -> str:
        """With a key, the same id for the same person, email and password: a key alone could be guessed."""
        if key is None:
            return secrets.token_hex(20)
        identifying = "\0".join((key, *indexes, form.email, form.password))
        return self.keys.blind(identifying, BlindPurpose.REGISTRATION_ID)[:40]

    def _sealed(self, form: Registration, indexes: tuple[str, str], citizen_id: str) -> SealedPerson:
        sealed = {
            name: self.keys.seal(getattr(form, name), SealPurpose(f"citizen.{name}"), owner=citizen_id)
            for name in ("name", "cnic", "mobile", "email", "address")
        }
        return SealedPerson(**sealed, cnic_index=indexes[0], mobile_index=indexes[1], language=form.language)


def _to_open(owners: Sequence[Citizen], cnic_index: str) -> Citizen:
    """The account for a registration: the one with its CNIC, or a new one."""
    by_cnic = (owner for owner in owners if owner.cnic_index == cnic_index)
    return next(by_cnic, None) or Citizen(id=secrets.token_hex(16))

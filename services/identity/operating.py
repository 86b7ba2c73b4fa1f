"""What an operator does on the machine, and nobody can do over the network: `python -m services.identity.operating`.

- `confirm LOGIN` confirms a proposed administrator when there is no second one yet.
- `enable LOGIN` enables a disabled account, for example when two administrators disabled each other.
- `totp-reset LOGIN` removes the second factor of a member who lost the phone.
- `password-reset LOGIN` gives a start password.
- `audit-verify` proves that no act of the audit was altered or deleted.
- `rotate-signing` makes a new key for access tokens.
"""

import asyncio
import sys
from argparse import ArgumentParser

import structlog

from services.identity.accounts.hashing import Hasher
from services.identity.keys.tokens import Tokens
from services.identity.settings import IdentitySettings
from services.identity.staff.service.accounts import OPERATOR
from services.identity.staff.service.services import StaffServices
from services.identity.staff.store.staff import StaffStore
from services.identity.stores import IdentityStores
from services.identity.wiring import staff_services
from shared.clock import utc_now
from shared.errors import Problem, say
from shared.mongo import OUTAGES, ServerClock, connect

ALONE = ("audit-verify", "rotate-signing")
COMMANDS = ("confirm", "enable", "totp-reset", "password-reset", *ALONE)


class OperatingError(Exception):
    """It could not be done; the words are for the operator."""


async def operate(settings: IdentitySettings, command: str, login: str | None) -> str:
    """Do it; what there is to say, in one line. Raises OperatingError."""
    url = settings.mongo_url.get_secret_value()
    try:
        async with connect(url, f"{settings.mongo_prefix}_identity") as database:
            stores = IdentityStores.on(database, ServerClock(database), settings)
            if command == "rotate-signing":
                days, issuer = settings.key_days, settings.issuer
                tokens = Tokens(stores.keys, settings.keys, utc_now, issuer=issuer, days=days, outages=OUTAGES)
                if not await tokens.rotate():
                    raise OperatingError(
                        "the newest signing key is not 20 minutes old: wait, or somebody is logged out"
                    )
                return "a new signing key is published, and signs from two minutes on; nobody is logged out"
            if command == "audit-verify":
                return await _verify(staff_of(settings, stores))
            return await _act(staff_of(settings, stores), stores.staff, command, login or "")
    except Problem as problem:
        raise OperatingError(say(problem.problem_code, "title", "en", problem.params)) from None
    except OUTAGES as error:
        raise OperatingError(f"the database does not answer ({type(error).__name__})") from None


def staff_of(settings: IdentitySettings, stores: IdentityStores) -> StaffServices:
    """The use cases of staff; operators choose nobody's password."""
    return staff_services(stores, settings, Hasher(settings.keys, workers=1, queue=1), chosen_passwords=False)


async def _verify(staff: StaffServices) -> str:
    entries, broken_at = await staff.audit.verify()
    if broken_at is not None:
        raise OperatingError(f"the audit is broken at entry {broken_at}: it was altered, deleted or put elsewhere")
    return f"the audit holds: {entries} entries, none altered, none missing"


async def _act(staff: StaffServices, store: StaffStore, command: str, login: str) -> str:
    member = await store.by_login(login)
    if member is None:
        raise OperatingError(f"nobody here has the login {login}")
    if command == "confirm":
        await staff.accounts.confirm(member.id, by=OPERATOR)
        return f"{login} is an administrator"
    if command == "enable":
        await staff.accounts.change(member.id, {"disabled": False}, by=OPERATOR)
        return f"{login} may log in again"
    if command == "password-reset":
        started = await staff.accounts.reset_password(member.id, by=OPERATOR)
        return f"the start password of {login}, good for three days and for choosing another: {started.start_password}"
    await staff.factors.reset(member.id, by=OPERATOR, even_administrators=True)
    return f"{login} has no second factor any more, and no session"


def main(arguments: list[str]) -> int:
    """Run one command; the exit code."""
    parser = ArgumentParser(prog="python -m services.identity.operating", description="Acts of an operator on staff.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("login", nargs="?", help="the member's login; not for audit-verify and rotate-signing")
    given = parser.parse_args(arguments)
    if (given.login is None) != (given.command in ALONE):
        parser.error("confirm, enable, totp-reset and password-reset need a login, the others take none")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        print(asyncio.run(operate(IdentitySettings(), given.command, given.login)))
    except OperatingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

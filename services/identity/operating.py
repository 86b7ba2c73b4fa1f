"""Commands for the operator of the machine, not available over the network: `python -m services.identity.operating`.

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
from services.identity.accounts.service.accounts import Accounts
from services.identity.accounts.store.staff import StaffStore
from services.identity.keys.tokens import Tokens
from services.identity.settings import IdentitySettings
from services.identity.staff.service.accounts import OPERATOR
from services.identity.staff.service.services import StaffServices
from services.identity.stores import IdentityStores
from services.identity.wiring import staff_services
from shared.clock import utc_now
from shared.errors import Problem, say
from shared.mongo import OUTAGES, ServerClock, connect

WITHOUT_LOGIN = ("audit-verify", "rotate-signing")
COMMANDS = ("confirm", "enable", "totp-reset", "password-reset", *WITHOUT_LOGIN)


class OperatingError(Exception):
    """The command failed; the message is for the operator."""


async def operate(settings: IdentitySettings, command: str, login: str | None) -> str:
    """Run the command and return its result in one line. Raises OperatingError."""
    url = settings.mongo_url.get_secret_value()
    try:
        async with connect(url, f"{settings.mongo_prefix}_identity") as database:
            stores = IdentityStores(database, ServerClock(database), settings)
            if command == "rotate-signing":
                days, issuer = settings.key_days, settings.issuer
                tokens = Tokens(stores.keys, settings.keys, utc_now, issuer=issuer, days=days)
                if not await tokens.rotate():
                    raise OperatingError(
                        "the newest signing key is less than 20 minutes old; rotating now would log people out"
                    )
                return "published a new signing key, which signs in two minutes; nobody is logged out"
            if command == "audit-verify":
                return await _verify(staff_of(settings, stores))
            return await _act(staff_of(settings, stores), stores.staff, command, login or "")
    except Problem as problem:
        raise OperatingError(say(problem.problem_code, "title", "en", problem.params)) from None
    except OUTAGES as error:
        raise OperatingError(f"the database does not answer ({type(error).__name__})") from None


def staff_of(settings: IdentitySettings, stores: IdentityStores) -> StaffServices:
    """The use cases of staff. Operators cannot choose passwords of others."""
    keys = settings.keys
    accounts = Accounts(stores.citizens, stores.staff, keys)
    hasher = Hasher(keys, workers=1, queue=1, memory_kib=settings.hash_memory_kib)
    totp = settings.needs_totp
    return staff_services(stores, accounts, hasher, keys, utc_now, totp_required=totp, chosen_passwords=False)


async def _verify(staff: StaffServices) -> str:
    entries, broken_at = await staff.audit.verify()
    if broken_at is not None:
        raise OperatingError(f"the audit is broken at entry {broken_at}: it was altered, deleted or moved")
    return f"the audit is complete: {entries} entries, none altered, none missing"


async def _act(staff: StaffServices, store: StaffStore, command: str, login: str) -> str:
    member = await store.by_login(login)
    if member is None:
        raise OperatingError(f"no member of staff has the login {login}")
    if command == "confirm":
        await staff.accounts.confirm(member.id, by=OPERATOR)
        return f"{login} is an administrator"
    if command == "enable":
        await staff.accounts.change(member.id, {"disabled": False}, by=OPERATOR)
        return f"{login} may log in again"
    if command == "password-reset":
        started = await staff.accounts.reset_password(member.id, by=OPERATOR)
        return f"the start password of {login}, to be changed within three days: {started.start_password}"
    await staff.factors.reset(member.id, by=OPERATOR, even_administrators=True)
    return f"removed the second factor of {login} and ended all sessions"


def main(arguments: list[str]) -> int:
    """Run one command; the exit code."""
    parser = ArgumentParser(prog="python -m services.identity.operating", description="Commands for an operator.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("login", nargs="?", help="the member's login; not for audit-verify and rotate-signing")
    given = parser.parse_args(arguments)
    if (given.login is None) != (given.command in WITHOUT_LOGIN):
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

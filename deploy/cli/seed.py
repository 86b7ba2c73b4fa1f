"""`python -m deploy.cli.seed` fills a demo: people, departments' credentials, sample requests. Idempotent.

It uses the public API only.
"""

import asyncio
import sys

from deploy.cli import client
from deploy.cli.book import Book
from deploy.cli.client import SignedInAccount
from deploy.cli.departments import (
    MEMBERS,
    OF_NO_DEPARTMENT,
    authorities,
    ensure_department,
    ensure_officer,
    entries,
    works,
)
from deploy.cli.desks import ensure_public, ensure_reply_texts, ensure_rule_draft, ensure_teamwork
from deploy.cli.people import DemoCitizen, ensure_citizen
from deploy.cli.place import RunningSuite, find_place
from deploy.cli.samples import ensure_samples
from deploy.cli.transport import Transport, transport
from deploy.local.errors import LocalError

CITIZENS = (1, 2)


async def seed(place: RunningSuite) -> str:
    """Add what is missing; returns a summary in one line. Raises LocalError."""
    place.refuse_production()
    async with transport(place.url) as http:
        await client.catalogue(http)
        working = await _still_working(http, place)
        login, password = place.admin
        admin = client.person(http, login, password)
        _keep_people(place)
        citizens, _ = await asyncio.gather(_citizens(http, place.book), _departments(http, admin, place, working))
        officers: dict[str, SignedInAccount] = {}

        def officer(code: str, role: str = "officer") -> SignedInAccount:
            login = f"{role}.{code}"
            if login not in officers:
                entry = place.book.account(login)
                if entry is None:
                    raise LocalError(f"the demo has no {login}")
                officers[login] = client.person(http, entry["login"], entry["password"])
            return officers[login]

        filed = await ensure_samples(citizens, officer)
        await ensure_public(admin, citizens, officer)
        await ensure_reply_texts(lambda code: officer(code, "head"))
        await ensure_teamwork(officer)
        await ensure_rule_draft(admin)
    book = place.book
    return f"{len(book.departments())} departments, {len(book.accounts())} accounts, {filed} sample requests"


async def _still_working(http: Transport, place: RunningSuite) -> set[str]:
    """The departments whose stored credentials work. If the data was reset, so that nothing works, empties the book."""
    book = place.book
    kept = book.departments()
    good = await asyncio.gather(*(works(http, entry) for entry in kept))
    if kept and not any(good):
        book.forget()
    return {entry["code"] for entry, is_good in zip(kept, good, strict=True) if is_good}


async def _citizens(http: Transport, book: Book) -> dict[int, SignedInAccount]:
    people = [DemoCitizen(n) for n in CITIZENS]
    accounts = await asyncio.gather(*(ensure_citizen(http, person, book) for person in people))
    return {person.n: account for person, account in zip(people, accounts, strict=True)}


async def _departments(http: Transport, admin: SignedInAccount, place: RunningSuite, working: set[str]) -> None:
    """Create departments one after the other, and their people meanwhile."""
    book, known = place.book, entries()

    async def people() -> None:
        for entry in known:
            for role, number in MEMBERS:
                await ensure_officer(admin, book, role, entry["code"], number)
        for code in sorted(authorities(known)):
            await ensure_officer(admin, book, "appellate", code)
        for role in OF_NO_DEPARTMENT:
            await ensure_officer(admin, book, role)

    async def departments() -> None:
        for entry in known:
            if entry["code"] not in working:
                await ensure_department(http, admin, book, entry)

    await asyncio.gather(people(), departments())


def _keep_people(place: RunningSuite) -> None:
    login, password = place.admin
    place.book.keep_account("admin", login, password)
    for n in CITIZENS:
        person = DemoCitizen(n)
        place.book.keep_account("citizen", person.cnic, person.password)


def main() -> None:
    """Seed the suite in the environment."""
    try:
        print(asyncio.run(seed(find_place())))
    except LocalError as error:
        print(f"seed: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()

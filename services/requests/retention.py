"""`python -m services.requests.retention [--dry-run]` anonymises overdue requests and prints how many."""

import argparse
import asyncio

from services.requests.settings import RequestsSettings
from services.requests.stores import Stores
from services.requests.wiring import retention_of
from shared.log import configure
from shared.mongo import ServerClock, connect


async def main(*, dry_run: bool) -> None:
    """Print the overdue requests by service; unless it is a dry run, anonymise them."""
    configure("retention")
    settings = RequestsSettings()
    async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_requests") as database:
        clock = ServerClock(database)
        await clock.measure()
        stores = Stores(database, clock, settings)
        retention = retention_of(stores, settings, clock)
        overdue = await retention.overdue()
        for one in overdue:
            print(f"{one.service:<40} {one.ended:<10} {one.count:>9}  oldest {one.oldest:%Y-%m-%d}")
        count = sum(one.count for one in overdue)
        if dry_run:
            print(f"{count} requests would be anonymised")
        else:
            print(f"{sum((await retention.run('command')).values())} requests anonymised")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="rabta retention", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="only print what would be done")
    asyncio.run(main(dry_run=parser.parse_args().dry_run))

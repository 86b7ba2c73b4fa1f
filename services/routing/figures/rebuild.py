"""`python -m services.routing.figures.rebuild`: make all figures anew; the published ones can be read meanwhile."""

import asyncio

from services.routing.directory import Directory
from services.routing.figures.service import PublicFigures
from services.routing.settings import RoutingSettings
from services.routing.stores import RoutingStores
from shared.mongo import ServerClock, connect

TRIES = 600


async def rebuild(settings: RoutingSettings) -> bool:
    """Make the figures anew, after a sweep that may be going on; False if that did not end within ten minutes."""
    async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_routing") as database:
        stores = RoutingStores(database, ServerClock(database), settings)
        await stores.figures.create_indexes()
        figures = PublicFigures(stores.figures, Directory(stores.departments, stores.services))
        for _ in range(TRIES):
            if await figures.rebuild():
                return True
            await asyncio.sleep(1)
        return False


def main() -> None:
    """Rebuild the figures of the database in the environment."""
    if not asyncio.run(rebuild(RoutingSettings())):
        raise SystemExit("another process has been at the figures for ten minutes; try again later")
    print("the figures were made anew")


if __name__ == "__main__":
    main()

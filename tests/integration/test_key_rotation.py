"""After a rotation every sealed value of every database opens with the new key alone, to the same text."""

import asyncio
import os
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.keys import SERVICES
from deploy.local.home import ROOT
from deploy.local.keys import load_keys
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from services.requests import resealing as requests
from services.requests.request.models import chain
from shared.mongo import connect
from shared.mongo.client import Database, Document
from shared.mongo.resealing import Resealed, Resealing, no_dependent_changes, owners_in, texts
from shared.seal import SEALED, KeyRing, SealPurpose
from tests.journeys.test_main_job import LAMP
from tests.personal_data import opened_as
from tools.portal import Portal

NEW = secrets.token_bytes(32)


@pytest.fixture(scope="session")
def keys(home: Path) -> KeyRing:
    """The keys of the suite."""
    kept = load_keys(home)
    return KeyRing.from_base64(kept.data_key, kept.index_key)


@pytest.fixture
async def work(portal: Portal) -> str:
    """A request with texts of citizen and department, so that every service has sealed values."""
    citizen = await portal.register()
    await portal.file(citizen, {**LAMP, "confidential": True})
    number: str = (await portal.file(citizen, LAMP))["number"]
    request = await portal.reaches(citizen, number, "routed")
    officer = await portal.officer(request["department"])
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "progress", note="We are on our way.")
    await portal.reaches(citizen, number, "in_progress")
    return number


@asynccontextmanager
async def copy_of(servers: Servers, service: str) -> AsyncIterator[Database]:
    """A copy of a service's database, for a key that the running suite does not have."""
    name = f"rotated_{secrets.token_hex(4)}_{service}"
    async with connect(servers.mongo_url, f"rabta_{service}") as source, connect(servers.mongo_url, name) as target:
        for collection in await source.list_collection_names():
            documents = await source[collection].find({}).to_list(None)
            if documents and not collection.endswith(".chunks"):
                await target[collection].insert_many(documents)
        yield target
        await target.client.drop_database(name)


async def everything(database: Database) -> dict[tuple[str, str], dict[str, Any]]:
    """Every document."""
    found = {}
    for collection in await database.list_collection_names():
        for document in await database[collection].find({}).to_list(None):
            found[collection, str(document["_id"])] = document
    return found


def unsealed(document: Mapping[str, Any], ring: KeyRing, key_ids: Counter[str]) -> dict[str, str]:
    """The texts of a document's sealed values, by path; counts their key ids."""
    plain: dict[str, str] = {}
    owners = list(owners_in(document))
    for path, text in texts(document):
        for match in SEALED.finditer(text):
            key_ids[match[1]] += 1
            found = opened_as(match[0], owners, ring)
            assert found is not None, "nothing opens it"
            plain[f"{path}@{len(plain)}"] = ": ".join(found)
    return plain


@pytest.mark.parametrize("service", SERVICES)
async def test_everything_opens_with_the_new_key_alone(
    service: str, portal: Portal, servers: Servers, keys: KeyRing, work: str
) -> None:
    ring = KeyRing(NEW, keys.index_key, (keys.data_key,))
    only_new = KeyRing(NEW, keys.index_key)
    dependent_changes = requests.chained(ring) if service == "requests" else no_dependent_changes
    async with copy_of(servers, service) as database:
        before = await everything(database)
        resealing = Resealing(database, ring, dependent_changes)
        counted = await resealing.run(dry=True)
        assert counted.resealed == 0
        assert set(counted.found) == {keys.key_id}
        done = await resealing.run()
        assert (done.unknown, done.busy) == (0, 0)
        assert done.resealed > 0
        after = await everything(database)
        assert before.keys() == after.keys()
        old_ids: Counter[str] = Counter()
        new_ids: Counter[str] = Counter()
        for key, document in before.items():
            assert unsealed(document, keys, old_ids) == unsealed(after[key], only_new, new_ids), key
        assert set(old_ids) == {keys.key_id}
        assert set(new_ids) == {only_new.key_id}
        assert old_ids.total() == new_ids.total()
        for (collection, number), document in after.items():
            if (service, collection) == ("requests", "requests"):
                assert chain.breaks(number, document["history"], only_new) == []
        assert (await resealing.run()).resealed == 0


async def test_resealing_does_not_undo_a_concurrent_write(database: Database, keys: KeyRing) -> None:
    ring = KeyRing(NEW, keys.index_key, (keys.data_key,))
    old = [
        {"_id": n, "text": keys.seal(f"first {n}", SealPurpose.REQUEST_NOTE, owner=str(n)), "rev": 0}
        for n in range(300)
    ]
    await database["notes"].insert_many(old)

    async def writes() -> None:
        for n in range(0, 300, 3):
            text = keys.seal(
                f"second {n}", SealPurpose.REQUEST_NOTE, owner=str(n)
            )  # by a replica that still has the old key
            await database["notes"].update_one({"_id": n}, {"$set": {"text": text}, "$inc": {"rev": 1}})

    resealing = Resealing(database, ring)
    await asyncio.gather(writes(), resealing.run())
    await resealing.run()
    only_new = KeyRing(NEW, keys.index_key)
    for document in await database["notes"].find({}).to_list(None):
        n = document["_id"]
        expected = f"second {n}" if n % 3 == 0 else f"first {n}"
        assert only_new.unseal(document["text"], SealPurpose.REQUEST_NOTE, owner=str(n)) == expected


class Overtaken(Resealing):
    """A replica that writes back an earlier version of a document after it was resealed, `times` times."""

    times = 1

    async def _document(self, collection: str, document: Document, done: Resealed, dry: bool) -> None:
        await super()._document(collection, document, done, dry)
        if document["_id"] == 1 and self.times:
            self.times -= 1
            await self.database[collection].update_one({"_id": 1}, {"$set": {"text": document["text"]}})


async def test_a_run_ends_when_a_whole_pass_found_nothing_old(database: Database, keys: KeyRing) -> None:
    ring = KeyRing(NEW, keys.index_key, (keys.data_key,))
    old = [{"_id": n, "text": keys.seal(f"words {n}", SealPurpose.REQUEST_NOTE, owner=str(n))} for n in range(3)]
    await database["notes"].insert_many(old)
    resealing = Overtaken(database, ring)
    done = await resealing.run()
    assert (done.resealed, done.old(ring.key_id)) == (4, 0)
    [first] = await database["notes"].find({"_id": 1}).to_list(None)
    assert KeyRing(NEW, keys.index_key).unseal(first["text"], SealPurpose.REQUEST_NOTE, owner="1") == "words 1"

    await database["notes"].update_one({"_id": 1}, {"$set": {"text": old[1]["text"]}})
    resealing.times = 1000  # somebody was not restarted, and seals with the old key all the time
    done = await resealing.run()
    assert done.old(ring.key_id) == 1


async def test_a_value_that_no_key_opens_is_reported_and_kept(database: Database, keys: KeyRing) -> None:
    lost = KeyRing(b"z" * 32, keys.index_key).seal("lost", SealPurpose.REQUEST_NOTE, owner="1")
    kept, swapped = (keys.seal("kept", SealPurpose.REQUEST_NOTE, owner=of) for of in ("1", "2"))
    await database["notes"].insert_one({"_id": 1, "text": f"{lost} and {kept}", "other": swapped})
    done = await Resealing(database, KeyRing(NEW, keys.index_key, (keys.data_key,))).run()
    assert done.unknown == 2
    [document] = await database["notes"].find({}).to_list(None)
    assert document["text"].startswith(f"{lost} and {KeyRing(NEW, keys.index_key).key_id}.")
    assert document["other"] == swapped


@pytest.mark.parametrize("service", SERVICES)
async def test_the_command_runs_beside_the_suite_and_finds_nothing_to_do(
    service: str, suite: Suite, work: str, keys: KeyRing
) -> None:
    module = ("services.requests.resealing",) if service == "requests" else ("shared.mongo.resealing", service)
    command = (sys.executable, "-m", *module)
    environment = {**os.environ, **suite.environment, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert process.returncode == 0
    assert f"{keys.key_id}: " in told.decode()
    assert "0 resealed, 0 that no key opens, 0 busy" in told.decode()

"""Metrics of the running suite: what each process exports, and what it costs the database."""

import aiohttp
from bson.codec_options import CodecOptions, DatetimeConversion
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from shared.mongo import connect
from shared.mongo.client import Document
from shared.mongo.records import MAX_COUNTED, MAX_EXAMINED, WAITING
from tests.integration.plans import stages_of
from tests.journeys.test_main_job import LAMP, at_department
from tools.portal import Portal, until

STREAMS = {
    "identity": "citizen",
    "requests": "request@requests",
    "routing": "request@routing",
}


async def exported(url: str) -> dict[tuple[str, str], float]:
    """The samples of a process, by name and stream."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
        return {(s.name, s.labels.get("stream", "")): s.value for family in families for s in family.samples}


async def test_each_service_reports_its_published_and_waiting_events(portal: Portal, suite: Suite) -> None:
    citizen = await portal.register()
    await at_department(portal, citizen, LAMP)
    for service, stream in STREAMS.items():
        url = suite.told_by(service)

        async def told(url: str = url, stream: str = stream) -> bool | None:
            samples = await exported(url)
            waits = samples["rabta_outbox_records", stream], samples["rabta_outbox_oldest_seconds", stream]
            published = samples["rabta_events_published_total", stream]
            assert ("rabta_settlement_driven_again_total", stream) in samples
            return True if published > 0 and waits == (0, 0) else None

        await until(told, f"the metrics of {service}")


async def test_waiting_events_are_counted_from_the_index(suite: Suite, servers: Servers) -> None:
    anytime: CodecOptions[Document] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
    count = {"count": "requests", "query": WAITING, "limit": MAX_COUNTED}
    oldest = {"find": "requests", "filter": WAITING, "sort": {"relay_after": 1}, "limit": MAX_EXAMINED}
    async with connect(servers.mongo_url, "rabta_requests") as database:
        counted = await database.command("explain", count, codec_options=anytime)
        found = await database.command("explain", oldest, codec_options=anytime)
    assert "COUNT_SCAN" in stages_of(counted["queryPlanner"]["winningPlan"])
    stages = stages_of(found["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in stages
    assert not stages & {"COLLSCAN", "SORT"}

"""Short `rabta bench messages`: each message once although the notifier is killed or a provider hangs."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from tools.gateways.running import StandIn, sms_gateway
from tools.load.messages import SECRET, Run, prepared
from tools.suites import own_vhost

QUICK = {"courier_lease": "4", "retry_delays": "[0.5, 1, 3]"}
PATIENCE = 1.0
LONG = 20.0
"""The share of 60 s with a shorter patience; 5 s pass between the call and each of two questions, with any patience."""
RATE = 150.0


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[StandIn]:
    """A gateway that allows `RATE` messages a second, and sends some receipts to nobody."""
    with sms_gateway(tmp_path, "first", secret=SECRET, rate=RATE, receipts="never") as running:
        yield running


async def alone(servers: Servers, environment: dict[str, str]) -> dict[str, str]:
    """Settings of a notifier with its own database and virtual host."""
    vhost = await own_vhost(environment, "messages-alone")
    return {
        **QUICK,
        "send_patience": str(PATIENCE),
        "mongo_prefix": f"messages{secrets.token_hex(4)}",
        "amqp_url": vhost,
    }


async def test_each_message_is_sent_once_although_the_notifier_is_killed(
    tmp_path: Path, servers: Servers, environment: dict[str, str], gateway: StandIn
) -> None:
    await gateway.behave(faults="swallow=0.05,error=0.03,busy=0.01")
    async with prepared(tmp_path, servers, [gateway], 500, RATE, **await alone(servers, environment)) as run:
        figures = await run.go(kills=2, patience=150)
        asked = (await gateway.counts())["asked"]
    print(figures.told(), asked)
    assert (figures.missing, figures.twice) == (0, 0)
    assert asked["swallow"] > 10
    assert asked.get("rate", 0) == 0


async def test_few_messages_wait_while_a_provider_does_not_respond(
    tmp_path: Path, servers: Servers, environment: dict[str, str], gateway: StandIn
) -> None:
    await gateway.behave(faults="hang=1")
    with sms_gateway(tmp_path, "second", secret=SECRET, receipts="never") as second:
        own = await alone(servers, environment)
        async with prepared(tmp_path, servers, [gateway, second], 1000, None, **own) as run:
            figures = await run.go(kills=0, patience=150)
            assert await first_is_out(run)
    print(figures.told())
    assert (figures.missing, figures.twice) == (0, 0)
    assert figures.later_than(LONG) < 0.02


async def first_is_out(run: Run) -> bool:
    """Whether the notifier reports that the first provider is out."""
    return 'rabta_message_provider_out{provider="sms"} 1.0' in await run.metrics()

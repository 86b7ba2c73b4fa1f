"""`rabta bench messages`: many notices at the provider's rate, while codes are issued and the notifier is killed.

The notifier runs alone, with a stand-in gateway (tools/gateways) in a separate process; events come by the broker.
With --black-hole there are two gateways, and the first accepts connections and never answers.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil
import uvloop

from deploy.local.home import ROOT
from deploy.local.keys import load_keys
from deploy.local.process import Process
from deploy.local.servers import Servers, start_servers
from deploy.local.suite import Suite
from shared.bus import Publisher, consumer_topology
from shared.events import NotificationCodeDelivered
from shared.settings import Settings
from tools.gateways.running import StandIn, sms_gateway
from tools.load.bench import machine
from tools.load.fanout import Fanout, Found
from tools.load.http_client import percentile

GATEWAY_FILE = ROOT / "tools" / "gateways" / "stand-in.yaml"
LOOK_EVERY = 0.5
CODES_A_SECOND = 20.0
LONG_WAIT = 60.0
SECRET = "a secret of the stand-in gateway for measuring"


@dataclass
class Figures:
    """The result of a run; seconds and megabytes."""

    notices: int = 0
    codes: int = 0
    missing: int = 0
    twice: int = 0
    seconds: float = 0.0
    rate: float | None = None
    code_waits: list[float] = field(default_factory=list)
    """Seconds from issue to provider, for codes that were issued while the notifier ran."""
    down_waits: list[float] = field(default_factory=list)
    """The same for codes that were issued while it was down."""
    notice_waits: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    kills: int = 0
    asked: dict[str, int] = field(default_factory=dict)
    """Counts of the provider's responses, and of responses to its receipts."""

    @property
    def exactly_once(self) -> bool:
        """Whether nothing is missing and nothing came twice."""
        return self.missing == 0 and self.twice == 0

    @property
    def late_share(self) -> float:
        """The share of all messages that waited longer than `LONG_WAIT`."""
        return self.later_than(LONG_WAIT)

    def later_than(self, seconds: float) -> float:
        """The share of all messages that waited longer than that many seconds."""
        waits = [*self.notice_waits, *self.code_waits, *self.down_waits]
        return sum(wait > seconds for wait in waits) / max(len(waits), 1)

    def told(self) -> str:
        """The report as text."""
        sent = (self.notices + self.codes) / self.seconds
        share = f" = {sent / self.rate:.2f} of the {self.rate:g}/s that the provider allows" if self.rate else ""
        third = max(len(self.memory) // 3, 1)
        lines = [
            f"{self.notices} notices, {self.codes} codes, {self.kills} kills",
            f"missing {self.missing}, twice {self.twice}",
            f"all of them at the provider after {self.seconds:.1f} s: {sent:.0f}/s{share}",
            f"codes from issue to provider: {_percentiles(self.code_waits)}",
            f"notices from event to provider: {_percentiles(self.notice_waits)}; "
            f"longer than {LONG_WAIT:.0f} s: {self.late_share:.2%} of all messages",
            f"memory of the notifier: {max(self.memory[:third]):.0f} MB at most in the first third, "
            f"{max(self.memory[-third:]):.0f} MB in the last, {max(self.memory):.0f} MB at most",
        ]
        lines.append("the provider: " + ", ".join(f"{what} {count}" for what, count in sorted(self.asked.items())))
        if self.down_waits:
            lines.insert(4, f"codes issued while the notifier was down: {_percentiles(self.down_waits)}")
        return "\n".join(lines)


def _percentiles(waits: list[float]) -> str:
    if not waits:
        return "none"
    shares = ", ".join(f"p{share} {percentile(waits, share):.2f} s" for share in (50, 95, 99))
    return f"{shares}, longest {max(waits):.2f} s ({len(waits)})"


@dataclass
class Run:
    """A notifier alone, the published events, and its providers."""

    notifier: Process
    fanout: Fanout
    gateways: list[StandIn]
    figures: Figures
    _down: list[tuple[float, float]] = field(default_factory=list)

    async def go(self, kills: int, patience: float, steady: float | None = None) -> Figures:
        """Publish all events, kill the notifier several times, and wait for every message, or until patience ends.

        Notices are published at once, or `steady` ones a second.
        """
        await self.fanout.register()
        begun, ended, fanout = time.time(), asyncio.Event(), self.fanout
        issuing = asyncio.create_task(fanout.issue_codes(CODES_A_SECOND, ended))
        watching = asyncio.create_task(self._watch())
        try:
            await fanout.say_notices(steady)
            for turn in range(kills):
                share = (turn + 1) / (kills + 1)
                await self._reaches(lambda: share * fanout.notices, begun + patience)  # noqa: B023  (awaited here)
                await self._kill()
            await self._reaches(lambda: fanout.notices + len(fanout.issued) - CODES_A_SECOND, begun + patience)
            self.figures.seconds = time.time() - begun
        finally:
            ended.set()
            await issuing
            watching.cancel()
        await self._reaches(lambda: fanout.notices + len(fanout.issued), begun + patience)
        return await self._judge()

    async def metrics(self) -> str:
        """The notifier's metrics."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{self.notifier.port}/metrics") as answer,
        ):
            return await answer.text()

    async def _reaches(self, wanted: Callable[[], float], until: float) -> None:
        """Wait until the providers have that many messages, or until a time."""
        while sum([(await gateway.counts())["messages"] for gateway in self.gateways]) < wanted():
            if time.time() > until:
                return
            await asyncio.sleep(LOOK_EVERY / 5)

    async def _kill(self) -> None:
        at = time.time()
        self.notifier.kill()
        await asyncio.to_thread(self.notifier.start)
        await asyncio.to_thread(self.notifier.wait_ready)
        self._down.append((at - 1, time.time()))
        self.figures.kills += 1

    async def _watch(self) -> None:
        while True:
            if self.notifier.alive:
                with suppress(psutil.NoSuchProcess):
                    self.figures.memory.append(psutil.Process(self.notifier.pid).memory_info().rss / 2**20)
            await asyncio.sleep(LOOK_EVERY)

    async def _judge(self) -> Figures:
        figures, fanout = self.figures, self.fanout
        found = Found.of([message for gateway in self.gateways for message in await gateway.messages()])
        figures.notices, figures.codes = len(fanout.said), len(fanout.issued)
        missing = (fanout.said.keys() - found.notices.keys()) | (fanout.issued.keys() - found.codes.keys())
        figures.missing, figures.twice = len(missing), found.twice
        figures.asked = (await self.gateways[0].counts())["asked"]
        figures.notice_waits = [found.notices[n][0] - at for n, at in fanout.said.items() if n in found.notices]
        for code, at in fanout.issued.items():
            if code in found.codes:
                was_down = any(since <= at <= until for since, until in self._down)
                (figures.down_waits if was_down else figures.code_waits).append(found.codes[code][0] - at)
        return figures


@asynccontextmanager
async def prepared(
    home: Path, servers: Servers, gateways: list[StandIn], notices: int, rate: float | None, **settings: str
) -> AsyncIterator[Run]:
    """A ready notifier alone on these servers; the second gateway is the backup."""
    environment = provider_settings(gateways, rate) | {f"RABTA_{name.upper()}": v for name, v in settings.items()}
    suite = Suite(home, servers, extra_env=environment)
    notifier = suite.process("notifier")
    # There is no door here: providers call the notifier itself.
    notifier.environment = {**notifier.environment, "RABTA_PUBLIC_URL": suite.told_by("notifier")}
    keys = load_keys(home)
    sealing = Settings.model_validate({"data_key": keys.data_key, "index_key": keys.index_key}).keys
    hearing = consumer_topology("identity", [NotificationCodeDelivered.type], (5.0,))  # who else is told of codes
    publisher = Publisher(suite.environment["RABTA_AMQP_URL"], "bench", hearing)
    notifier.start()
    try:
        await publisher.open()
        await asyncio.to_thread(notifier.wait_ready)
        yield Run(notifier, Fanout(publisher, sealing, notices), gateways, Figures(rate=rate))
    finally:
        await publisher.close()
        notifier.stop()
        suite.ports.release()


def provider_settings(gateways: list[StandIn], rate: float | None = None) -> dict[str, str]:
    """Settings of a notifier with these gateways; the second is the backup and gets as many messages as the first."""
    settings: dict[str, str] = {}
    for name, gateway in zip(("SMS", "SMS_BACKUP"), gateways, strict=False):
        said: Mapping[str, str | float | None] = {
            "GATEWAY": str(GATEWAY_FILE), "URL": gateway.address, "ACCOUNT": "AC1", "SECRET": SECRET,
            "SENDER": "Rabta", "WEIGHT": 100, "RATE": rate,
        }  # fmt: skip
        settings |= {f"RABTA_{name}_{part}": str(value) for part, value in said.items() if value is not None}
    return settings


async def measure(home: Path, servers: Servers, given: argparse.Namespace) -> Figures:
    """One run with the options of the command line."""
    options: dict[str, str | float] = {"secret": SECRET, "receipts": "once" if given.receipts else "never"}
    with sms_gateway(home, "first", rate=given.rate, **options, faults="hang=1" if given.black_hole else "") as first:
        if not given.black_hole:
            async with prepared(home, servers, [first], given.count, given.rate) as run:
                return await run.go(given.kills, patience=120 + 3 * given.count / given.rate)
        with sms_gateway(home, "second", rate=given.rate, **options) as second:
            async with prepared(home, servers, [first, second], given.count, given.rate) as run:
                # All at once would wait for the rate, whoever answers.
                return await run.go(0, patience=300 + 3 * given.count / given.rate, steady=given.rate / 2)


def main(arguments: list[str]) -> None:
    """Read the arguments, start servers in their own folder, measure, stop."""
    parser = argparse.ArgumentParser(prog="rabta bench messages", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="notices")
    parser.add_argument("--rate", type=float, default=200.0, help="messages a second that the provider allows")
    parser.add_argument("--kills", type=int, default=2, help="how often the notifier is killed on the way")
    parser.add_argument("--receipts", action="store_true", help="the provider sends a receipt for each message")
    parser.add_argument("--black-hole", action="store_true", help="two providers, of which the first never answers")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="rabta-bench-") as folder:
        home = Path(folder)
        servers = start_servers(home)
        try:
            figures = uvloop.run(measure(home, servers, given))
        finally:
            servers.stop()
    load = os.getloadavg()
    print(f"{machine()}\nload of the machine in the last minute {load[0]:.1f}, in five {load[1]:.1f}")
    print(figures.told())
    if not figures.exactly_once or (given.black_hole and figures.late_share > 0.02):
        raise SystemExit(1)

"""The short form of `rabta timing`: forty samples detect a missing hash, but not a millisecond."""

from tools.portal import Portal
from tools.timing.__main__ import run

SAMPLES = 40


async def test_response_times_do_not_reveal_an_account(portal: Portal) -> None:
    for name, compared in (await run(portal.url, SAMPLES)).items():
        assert not compared.told_apart, compared.line(name)

"""The short form of `rabta timing`: forty samples of each kind see that a hash is left out, not a millisecond."""

from tools.portal import Portal
from tools.timing.__main__ import run

SAMPLES = 40


async def test_an_account_is_not_told_by_the_time_of_an_answer(portal: Portal) -> None:
    for name, compared in (await run(portal.url, SAMPLES)).items():
        assert not compared.told_apart, compared.line(name)

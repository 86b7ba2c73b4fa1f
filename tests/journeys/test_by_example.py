"""Runs every command of docs/by-example.md and compares its output with the page."""

import asyncio
import re
import secrets

from deploy.local.home import ROOT
from tools.portal import Portal

PAGE = ROOT / "docs" / "by-example.md"
STAFF = {"officer": "works", "head": "works", "appellate": "ombudsman"}
MARK = "--- the end of block {} ---"


def blocks() -> list[tuple[str, str | None]]:
    """The commands, each with the output shown below it."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    pairs = zip(found, [*found[1:], ("sh", "")], strict=True)
    return [(text, below if kind != "sh" else None) for (what, text), (kind, below) in pairs if what == "sh"]


def pattern(shown: str) -> re.Pattern[str]:
    """A pattern for the shown output: white space is ignored, and `...` matches anything."""
    return re.compile(".*?".join(re.escape(re.sub(r"\s", "", part)) for part in shown.split("...")))


async def typed(portal: Portal, commands: str) -> str:
    """The commands with this suite's address and staff, for an unregistered person."""
    serial = f"{secrets.randbelow(10_000):04d}"
    commands = commands.replace("http://127.0.0.1:8080", portal.url)
    commands = commands.replace("35000-0000888-4", f"35007-{serial}888-4").replace("03000000888", f"0300{serial}888")
    for role, department in STAFF.items():
        login, password = f"example.{role}.{serial}", f"a-long-enough-password-{serial}"
        body = {"login": login, "name": "Member Example", "role": role, "department": department, "password": password}
        await portal.expect(201, "POST", "/api/v1/admin/officers", token=await portal.admin_token(), json=body)
        there = f"{role}.{department} demo-{role}-{department}-kahwa-4821"
        assert there in commands
        commands = commands.replace(there, f"{login} {password}")
    return commands


async def test_the_commands_of_the_page_print_what_it_shows(portal: Portal) -> None:
    page = blocks()
    assert len(page) > 15
    marked = "".join(f"{text}\necho '{MARK.format(n)}'\n" for n, (text, _) in enumerate(page))
    commands = (await typed(portal, marked)).encode()
    pipe = asyncio.subprocess.PIPE
    shell = await asyncio.create_subprocess_exec("timeout", "80", "bash", "-s", stdin=pipe, stdout=pipe)
    printed, _ = await shell.communicate(commands)
    rest = printed.decode()
    for n, (text, shown) in enumerate(page):
        answered, mark, rest = rest.partition(MARK.format(n))
        assert mark, f"not answered in time: {text}"
        if shown is not None:
            shown = shown.replace("0000888", "...888")
            assert pattern(shown).fullmatch(re.sub(r"\s", "", answered)), (text, shown, answered)

"""What the README tells a newcomer to type is typed here as it stands."""

import asyncio
import json
import re

from deploy.local.home import ROOT
from tests.portal import Portal


async def test_the_lines_under_try_it_lead_to_a_tracked_request(portal: Portal) -> None:
    [lines] = re.findall(r"## Try it.*?```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    typed = lines.replace("R=http://127.0.0.1:8080;", f"R={portal.url};")
    assert typed != lines
    shell = await asyncio.create_subprocess_exec("bash", "-c", typed, stdout=asyncio.subprocess.PIPE)
    said, _ = await asyncio.wait_for(shell.communicate(), 60)
    tracked = json.loads(said)
    assert (tracked["service"], tracked["state"]) == ("street-light-out", "routed")
    assert tracked["department"] == "Roads and Street Lights"

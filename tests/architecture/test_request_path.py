"""Every step of docs/request-path.md names an existing definition."""

import re

from deploy.local.home import ROOT

STEP = re.compile(r"^\| \d+ \| `(?P<file>[^`]+)` `(?P<name>\w+)` \|", re.MULTILINE)


def test_every_step_names_a_definition_in_its_file() -> None:
    steps = STEP.findall((ROOT / "docs" / "request-path.md").read_text(encoding="utf-8"))
    assert len(steps) > 20
    for file, name in steps:
        defined = re.compile(rf"^\s*(?:async def|def|class) {name}\b|^{name}\b", re.MULTILINE)
        assert defined.search((ROOT / file).read_text(encoding="utf-8")), f"{file} has no {name}"

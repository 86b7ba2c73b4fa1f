"""The examples of bodies in the API description."""

from functools import cache
from typing import Any

import yaml

from deploy.local.home import ROOT


@cache
def bodies(service: str) -> dict[str, Any]:
    """The examples of a service, by the name of their type. Do not change them."""
    examples: dict[str, Any] = yaml.safe_load(
        (ROOT / "services" / service / "examples.yaml").read_text(encoding="utf-8")
    )
    return examples


ENTRY: dict[str, Any] = bodies("requests")["CatalogueEntry"]

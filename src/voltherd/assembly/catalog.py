"""The content of the house, collected."""

from __future__ import annotations

from functools import cache

from voltherd.kernel.catalog import Catalog, build

CONTENT = ("voltherd.domain", "voltherd.ocpp.capabilities", "voltherd.policies", "voltherd.readmodels")


@cache
def build_catalog() -> Catalog:
    """Import the content packages and collect what they declare."""
    return build(CONTENT)

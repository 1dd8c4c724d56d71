"""The JSON schemas of every version, as an independent referee reads them."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs


@cache
def _validator(package: str, name: str) -> Any:
    spec = find_spec("ocpp")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0], package, "schemas")
    for stem in (name, name.removesuffix("Request")):  # the old schemas of 1.6 are called after the action alone
        if (path := folder / f"{stem}.json").exists():
            return jsonschema_rs.validator_for(json.loads(path.read_text("utf-8-sig")))
    raise LookupError(f"{package} has no schema {name}")


def require_valid(package: str, name: str, payload: object) -> None:
    """Raise unless the version's schema (`v16`, `AuthorizeResponse`) permits the payload."""
    _validator(package, name).validate(payload)

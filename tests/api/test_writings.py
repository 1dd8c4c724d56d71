"""Verbs that no resource of the house has yet: actions on an item, and names that a body does not begin with."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.api.world import CATALOG, World
from voltherd.api.media import encode
from voltherd.domain.id_token.administration import DeleteIdToken, IdTokenDetails, ReplaceIdToken
from voltherd.kernel.identity import IdTokenKey
from voltherd.kernel.messages import Command, message
from voltherd.kernel.readmodel import Order, Writing


@message
class Reason:
    """Why a token is blocked."""

    reason: str


def block(order: Order, body: Reason) -> Command:
    assert order.item is not None
    assert order.row is not None
    key = IdTokenKey.of(order.operator, order.item)
    details = IdTokenDetails(id_token=order.row["id_token"], status="Blocked", note=body.reason)
    return ReplaceIdToken(at=order.at, by=order.by, command_id=order.command_id, id_token=key, details=details)


def forget(order: Order, _body: None) -> Command:
    assert order.item is not None
    key = IdTokenKey.of(order.operator, order.item)
    return DeleteIdToken(at=order.at, by=order.by, command_id=order.command_id, id_token=key)


def draw(order: Order, body: Reason) -> Command:
    details = IdTokenDetails(id_token=order.command_id, note=body.reason)
    key = IdTokenKey.of(order.operator, order.command_id)
    return ReplaceIdToken(at=order.at, by=order.by, command_id=order.command_id, id_token=key, details=details)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    model = CATALOG.readmodels["id_tokens"]
    [resource] = model.resources
    resource = replace(
        resource,
        actions={"block": Writing(block, body=Reason, needs_row=True), "forget": Writing(forget)},
        create=Writing(draw, body=Reason, names=lambda order, _body: order.command_id),
    )
    readmodels = {**CATALOG.readmodels, "id_tokens": replace(model, resources=(resource,))}
    made = World(catalog=replace(CATALOG, readmodels=readmodels))
    yield made
    await made.close()


async def test_carries_out_actions_on_an_item(world: World) -> None:
    await world.client.put("/id-tokens/A", json={})
    blocked = await world.client.post("/id-tokens/a/block", json={"reason": "lost"})
    assert blocked.status_code == 200
    assert (blocked.json()["idToken"], blocked.json()["status"], blocked.json()["note"]) == ("A", "Blocked", "lost")
    wrong = await world.client.post("/id-tokens/A/block", json={"reason": 5})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (await world.client.post("/id-tokens/B/block", json={"reason": "x"})).status_code == 404
    assert (await world.client.post("/id-tokens/A/forget")).status_code == 204
    assert (await world.client.get("/id-tokens/A/forget")).status_code == 405


async def test_finds_what_was_created_under_a_name_of_ours(world: World) -> None:
    created = await world.client.post("/id-tokens", json={"reason": "guest"})
    assert created.status_code == 201
    assert created.headers["location"] == f"/id-tokens/{created.json()['idToken']}"


async def test_describes_actions(world: World) -> None:
    description = (await world.client.get("/openapi.json")).json()
    assert "requestBody" in description["paths"]["/id-tokens/{idToken}/block"]["post"]
    assert description["components"]["schemas"]["Reason"]["required"] == ["reason"]


@dataclass(frozen=True)
class Shown:
    evse_id: int
    taken_at: datetime
    energy_wh: Decimal
    free_form: dict[str, Any]
    inner: tuple["Shown", ...] = ()
    pass_word: str | None = field(default=None, metadata={"secret": True})


def test_writes_members_in_camel_case_and_leaves_free_keys_and_secrets_alone() -> None:
    at = datetime(2026, 1, 1, 12, 30, 0, 5000, tzinfo=UTC)
    inner = Shown(evse_id=2, taken_at=at, energy_wh=Decimal("0.10"), free_form={}, pass_word="swordfish")
    shown = Shown(evse_id=1, taken_at=at, energy_wh=Decimal(3), free_form={"a_b": {"c_d": None}}, inner=(inner,))
    assert encode(shown) == (
        b'{"evseId":1,"takenAt":"2026-01-01T12:30:00.005000Z","energyWh":"3","freeForm":{"a_b":{"c_d":null}},"inner":['
        b'{"evseId":2,"takenAt":"2026-01-01T12:30:00.005000Z","energyWh":"0.10","freeForm":{},"inner":[],'
        b'"passWord":"***"}],"passWord":null}'
    )

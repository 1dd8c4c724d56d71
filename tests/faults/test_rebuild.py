"""A picture that is rebuilt from history shows what it showed before; where it does not, this says which and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.words import after, answered, metered16, ready, sent, start, started16
from voltherd.adapters.memory import MemoryStore
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.messages import Command
from voltherd.readmodels.transactions import transactions_table


async def before_and_after(*story: Command) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The row of the story's only transaction, and the one that history makes of it."""
    catalog = build_catalog()
    store = MemoryStore(catalog)
    dispatcher = Dispatcher(catalog, store)
    for command in (*ready("ocpp1.6"), *story):
        await dispatcher.handle(command)
    [grown] = await store.fetch(select(transactions_table))
    await store.rebuild("transactions")
    [rebuilt] = await store.fetch(select(transactions_table))
    await store.close()
    return grown, rebuilt


async def test_rebuilds_which_command_started_a_transaction() -> None:
    grown, rebuilt = await before_and_after(start(), sent(), answered(), started16(17, at=after(5)))
    assert rebuilt["remote_start_command_id"] == grown["remote_start_command_id"] == "c-1"


@pytest.mark.xfail(
    strict=True,
    reason="the register's newest value comes from journal entries, which history does not hold: the energy of running "
    "transactions, and of those whose end told no value, is gone after a rebuild",
)
async def test_rebuilds_the_energy_of_a_running_transaction() -> None:
    grown, rebuilt = await before_and_after(started16(17), metered16("17", at=after(60)))
    assert rebuilt["last_meter_wh"] == grown["last_meter_wh"] == 2000

"""A picture that is rebuilt from history shows what it showed before; where it does not, this says which and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from tests.support.words import after, answered, metered16, ready, sent, start, started16
from voltherd.adapters.memory import MemoryStore
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.messages import Command
from voltherd.readmodels.transactions import document, transactions, transactions_table


async def before_and_after(*story: Command) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The row of the story's only transaction, and the one that history makes of it."""
    catalog = build_catalog()
    store = MemoryStore(catalog)
    dispatcher = Dispatcher(catalog, store)
    for command in (*ready("ocpp1.6"), *story):
        await dispatcher.handle(command)
    [resource] = transactions.resources
    [grown] = await store.fetch(select(transactions_table, *resource.columns))
    await store.rebuild("transactions")
    [rebuilt] = await store.fetch(select(transactions_table, *resource.columns))
    await store.close()
    return grown, rebuilt


async def test_rebuilds_which_command_started_a_transaction() -> None:
    grown, rebuilt = await before_and_after(start(), sent(), answered(), started16(17, at=after(5)))
    assert rebuilt["remote_start_command_id"] == grown["remote_start_command_id"] == "c-1"


async def test_keeps_the_energy_of_a_running_transaction() -> None:
    grown, rebuilt = await before_and_after(started16(17), metered16("17", at=after(60)))
    assert document(rebuilt).energy_wh == document(grown).energy_wh == 1000

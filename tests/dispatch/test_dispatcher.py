"""The dispatcher."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

import pytest

from tests.dispatch.content import (
    NOON,
    CoinsMoved,
    CoinsPut,
    CoinsTaken,
    Jar,
    JarLabelled,
    JarTooSmall,
    Label,
    Ledger,
    catalog,
    key,
    move,
    put,
    write,
)
from voltherd.adapters.memory import MemoryStore
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.messages import Event
from voltherd.kernel.readmodel import Told
from voltherd.ports.history import Append, Appended, Past, StoreUnavailableError, StreamWrite, VersionConflictError


class Store(MemoryStore):
    """A memory store that counts and, when told to, is slow or away."""

    def __init__(self) -> None:
        super().__init__(catalog())
        self.loads = 0
        self.appends = 0
        self.away = False
        self.slow: asyncio.Event | None = None
        self.slow_to_load: asyncio.Event | None = None

    async def load(self, stream: str) -> Past:
        self.loads += 1
        found = await super().load(stream)
        if self.slow_to_load is not None:
            await self.slow_to_load.wait()
        return found

    def append(self, append: Append) -> Awaitable[int]:
        self.appends += 1
        appended = Appended()
        asyncio.ensure_future(self._when_told(append)).add_done_callback(lambda done: _settle(appended, done))
        return appended

    async def _when_told(self, append: Append) -> int:
        await asyncio.sleep(0)
        if self.slow is not None:
            await self.slow.wait()
        if self.away:
            raise StoreUnavailableError("away")
        return self._append(append)


def _settle(appended: Appended, done: asyncio.Future[int]) -> None:
    if (error := done.exception()) is not None:
        appended.set_exception(error)
    else:
        appended.set_result(done.result())


async def coins(dispatcher: Dispatcher, name: str = "j-1") -> int:
    found: Jar = await dispatcher.state(Jar, key(name))
    return found.coins


async def history(store: Store, name: str = "j-1") -> Sequence[Event]:
    return (await store.load(f"jar-default/{name}")).events


async def test_appends_what_was_decided_and_hands_back_the_states() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    assert (await dispatcher.handle(put(5)))[Jar] == Jar(coins=5)
    states = await dispatcher.handle(move(2))
    assert (states[Jar], states[Ledger]) == (Jar(coins=3), Ledger(moved=2))
    assert await history(store) == [CoinsPut(coins=5), CoinsTaken(coins=2)]
    assert (await store.load("ledger-default/ledger")).events == [CoinsMoved(coins=2)]
    assert store.appends == 2


async def test_folds_no_long_stream_from_its_beginning() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    for _ in range(130):
        await dispatcher.handle(put(1))
    past = await store.load("jar-default/j-1")
    assert (past.version, past.state, len(past.events)) == (100, Jar(coins=100), 30)
    others = Dispatcher(catalog(), store)
    assert await coins(others) == 130
    for _ in range(20):
        await others.handle(put(1))
    assert (await store.load("jar-default/j-1")) == ([], 150, Jar(coins=150))
    store.keep("jar-default/j-1", 151, Jar(coins=1))
    assert await coins(Dispatcher(catalog(), store)) == 1, "it is taken as it is"


async def test_keeps_the_state_of_a_stream_that_was_folded_as_a_whole() -> None:
    store = Store()
    for number in range(60):
        await store._when_told(Append([StreamWrite("jar-default/j-1", number, [CoinsPut(coins=1)])], (), NOON, "", ""))
    assert await coins(Dispatcher(catalog(), store)) == 60
    assert (await store.load("jar-default/j-1")) == ([], 60, Jar(coins=60))


async def test_appends_nothing_where_nothing_was_decided() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    assert (await dispatcher.handle(put(0)))[Jar] == Jar()
    assert store.appends == 0


async def test_decides_upon_one_jar_in_the_order_in_which_commands_came() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    await asyncio.gather(*(dispatcher.handle(put(number)) for number in range(1, 31)))
    assert await history(store) == [CoinsPut(coins=number) for number in range(1, 31)]
    assert store.appends == 30, "nobody had to decide again"


async def test_decides_upon_other_jars_meanwhile() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    store.slow = asyncio.Event()
    slow = asyncio.create_task(dispatcher.handle(put(1, "slow")))
    await asyncio.sleep(0)
    quick = asyncio.create_task(dispatcher.handle(put(1, "quick")))
    await asyncio.sleep(0.01)
    assert store.appends == 2
    store.slow.set()
    await asyncio.gather(slow, quick)


async def test_decides_again_when_another_node_was_faster() -> None:
    store = Store()
    ours, theirs = Dispatcher(catalog(), store), Dispatcher(catalog(), store)
    await ours.handle(put(1))
    await theirs.handle(put(10))
    assert (await ours.handle(put(100)))[Jar] == Jar(coins=111)
    assert await coins(ours) == 111
    await asyncio.gather(*(dispatcher.handle(put(1)) for dispatcher in (ours, theirs) * 3))
    assert len(await history(store)) == 9
    states = [await Dispatcher(catalog(), store).state(Jar, key()), await ours.state(Jar, key())]
    assert states[0].coins == 117


async def test_refuses_by_the_newer_state_when_another_node_was_faster() -> None:
    store = Store()
    ours, theirs = Dispatcher(catalog(), store), Dispatcher(catalog(), store)
    await ours.handle(put(500))
    await theirs.handle(put(400))
    with pytest.raises(JarTooSmall):
        await ours.handle(put(200))
    assert len(await history(store)) == 2


async def test_gives_up_deciding_when_it_is_overtaken_for_ever() -> None:
    class Unlucky(Store):
        async def _when_told(self, append: Append) -> int:
            raise VersionConflictError("always")

    store = Unlucky()
    with pytest.raises(VersionConflictError, match="PutCoins"):
        await Dispatcher(catalog(), store).handle(put(1))
    assert store.appends == 8


async def test_keeps_states_while_they_are_in_use() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    for _ in range(5):
        await dispatcher.handle(put(1))
        await dispatcher.state(Jar, key())
    assert store.loads == 1


async def test_forgets_the_states_that_were_not_used_for_longest() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store, states_kept=2)
    for name in ("a", "b", "a", "c", "a"):
        await dispatcher.handle(put(1, name))
    assert store.loads == 3
    await dispatcher.handle(put(1, "b"))
    assert store.loads == 4
    assert await coins(dispatcher, "a") == 3


async def test_does_not_let_a_slow_reader_put_back_an_older_state() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    store.slow_to_load = asyncio.Event()
    reading = asyncio.create_task(dispatcher.state(Jar, key()))
    await asyncio.sleep(0)
    slow, store.slow_to_load = store.slow_to_load, None
    await dispatcher.handle(put(5))
    slow.set()
    assert await reading == Jar(coins=5)
    assert await coins(dispatcher) == 5


async def test_leaves_nothing_behind_when_the_decision_is_no() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    heard: list[Sequence[Told]] = []
    dispatcher.listen(heard.append)
    await dispatcher.handle(put(50))
    for command in (put(5000), move(13)):  # in the second case the jar had said yes already
        with pytest.raises(JarTooSmall):
            await dispatcher.handle(command)
    assert await history(store) == [CoinsPut(coins=50)]
    assert (await store.load("ledger-default/ledger")).events == []
    assert await coins(dispatcher) == 50
    assert len(heard) == 1


async def test_leaves_nothing_behind_when_the_store_is_away() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    await dispatcher.handle(put(50))
    store.away = True
    with pytest.raises(StoreUnavailableError):
        await dispatcher.handle(put(1))
    store.away = False
    assert await coins(dispatcher) == 50
    assert (await dispatcher.handle(put(1)))[Jar] == Jar(coins=51)


async def test_asks_history_when_the_store_does_not_know_what_it_wrote() -> None:
    class Forgetful(Store):
        async def _when_told(self, append: Append) -> int:
            await super()._when_told(append)
            raise StoreUnavailableError("the answer to COMMIT was lost")

    store = Forgetful()
    dispatcher = Dispatcher(catalog(), store)
    with pytest.raises(StoreUnavailableError):
        await dispatcher.handle(put(50))
    assert await coins(dispatcher) == 50


async def test_tells_its_listeners_in_order_after_the_commit() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    heard: list[tuple[int, Event]] = []

    def hear(told: Sequence[Told]) -> None:
        heard.extend((len(store._events), one.fact) for one in told if isinstance(one.fact, Event))

    dispatcher.listen(hear)
    await dispatcher.handle(put(5))
    await dispatcher.handle(move(2))
    await dispatcher.handle(put(0))
    assert heard == [(1, CoinsPut(coins=5)), (3, CoinsTaken(coins=2)), (3, CoinsMoved(coins=2))]


async def test_does_not_undo_what_has_happened_when_a_listener_fails() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    heard: list[Sequence[Told]] = []

    def stumble(told: Sequence[Told]) -> None:
        raise LookupError

    dispatcher.listen(stumble)
    dispatcher.listen(heard.append)
    assert (await dispatcher.handle(put(5)))[Jar] == Jar(coins=5)
    assert len(heard) == 1


async def test_finishes_what_was_begun_when_nobody_waits_for_it_any_longer() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    heard: list[Sequence[Told]] = []
    dispatcher.listen(heard.append)
    await dispatcher.handle(put(1))
    store.slow = asyncio.Event()
    impatient = asyncio.create_task(dispatcher.handle(put(10)))
    await asyncio.sleep(0.01)
    impatient.cancel()
    next_one = asyncio.create_task(dispatcher.handle(put(100)))
    await asyncio.sleep(0)
    store.slow.set()
    await asyncio.wait([impatient])
    assert impatient.cancelled()
    assert (await next_one)[Jar] == Jar(coins=111)
    assert await coins(dispatcher) == 111
    assert len(heard) == 3
    assert len(await history(store)) == 3


async def test_looks_nothing_up_that_is_most_likely_new() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    assert (await dispatcher.handle(write("Plums")))[Label] == Label(text="Plums")
    assert store.loads == 1, "the jar's"
    assert (await store.load("label-default/j-1")).events == [JarLabelled(text="Plums")]
    assert (await dispatcher.handle(write("Pears")))[Label] == Label(text="Plums")


async def test_decides_again_where_it_was_not_new() -> None:
    store = Store()
    await Dispatcher(catalog(), store).handle(write("Plums"))
    assert (await Dispatcher(catalog(), store).handle(write("Pears")))[Label] == Label(text="Plums")
    assert (await store.load("label-default/j-1")).events == [JarLabelled(text="Plums")]


async def test_looks_up_what_is_likely_new_before_it_does_nothing() -> None:
    store = Store()
    await Dispatcher(catalog(), store).handle(write("Plums"))
    assert (await Dispatcher(catalog(), store).handle(write("")))[Label] == Label(text="Plums")
    assert (await Dispatcher(catalog(), store).handle(write("", "j-2")))[Label] == Label()


async def test_keeps_no_state_that_nobody_will_ask_for_again() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    await dispatcher.handle(put(1))
    await dispatcher.handle(write("Spoilt"))
    loads = store.loads
    assert (await dispatcher.handle(write("Plums")))[Label] == Label(text="Spoilt")
    assert store.loads == loads + 1


async def test_lets_those_behind_go_on_when_one_that_waits_is_cancelled() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    store.slow = asyncio.Event()
    first, second, third = (asyncio.create_task(dispatcher.handle(put(n))) for n in (1, 10, 100))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.wait([second])
    store.slow.set()
    await asyncio.gather(first, third)
    assert await coins(dispatcher) == 101

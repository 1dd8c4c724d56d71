"""Many simulated stations at once."""

import asyncio

from tests.simulator.central import central_system
from voltherd.ocpp.rpc import Version
from voltherd.simulator import DEFAULT_ID_TOKENS, Fleet, FleetReport, Plan, run_fleet

# Always busy, and an hour a second.
BUSY = Plan(busy_share=1.0, speed=3600.0, handling_s=(0.0, 0.01))


async def test_charges_and_is_tidy_in_the_end() -> None:
    stop = asyncio.Event()
    seen: list[FleetReport] = []

    def watch(report: FleetReport) -> None:
        seen.append(report)
        if report.charging >= 4:
            stop.set()

    async with central_system() as (central, _), asyncio.timeout(20):
        report = await run_fleet(
            central.url, 6, stop=stop, progress=watch, progress_every_s=0.05, plan=BUSY, spread_s=0.0
        )
    assert report.connected == report.accepted == report.stations == 6
    assert report.charging == 0
    assert report.transactions_started == report.transactions_ended >= 4
    assert report.calls_answered == report.calls_sent
    assert report.delivered_wh > 0
    assert 0 < report.latency_median_s <= report.latency_p99_s <= report.latency_longest_s
    assert set(central.subprotocols) == {Version.V16, Version.V201}
    assert {path.rsplit("/", 1)[-1] for path in central.paths} == {f"SIM-000{n}" for n in range(1, 7)}


async def test_stops_at_once_when_it_need_not_be_tidy() -> None:
    stop = asyncio.Event()
    async with central_system() as (central, _), asyncio.timeout(20):
        fleet = Fleet(central.url, 3, Version.V201, plan=BUSY, spread_s=0.0, password=lambda name: f"{name}!")
        running = asyncio.create_task(fleet.run(stop, tidy=False))
        await asyncio.gather(*(station.wait_for(lambda state: state.charging > 0, 15) for station in fleet.stations))
        stop.set()
        report = await running
    assert report.charging > 0
    assert len(set(central.credentials)) == 3


async def test_survives_without_a_central_system() -> None:
    stop = asyncio.Event()
    async with central_system() as (central, _):
        pass
    fleet = Fleet(central.url, 2, spread_s=0.0)
    report = await fleet.run(stop, lambda _: stop.set(), 0.05)
    assert (report.connected, report.connections_failed) == (0, 2)


def test_knows_cards_that_fit_both_versions() -> None:
    assert len(set(DEFAULT_ID_TOKENS)) == 100
    assert all(len(id_token) <= 20 for id_token in DEFAULT_ID_TOKENS)

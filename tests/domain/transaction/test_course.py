"""The course of a transaction, sentence by sentence."""

import pytest

from tests.support.given import Like, Scene, given
from tests.support.words import (
    after,
    connected,
    create_token,
    ended,
    ended16,
    metered16,
    ready,
    register_at,
    replace_token,
    started,
    started16,
    unknown_station,
    updated,
)
from voltherd.domain.charging_station.transactions import TransactionClaimed, TransactionClosed, TransactionOpened
from voltherd.domain.identification import Authorization, IdToken
from voltherd.domain.meter import MeterReported
from voltherd.domain.transaction.course import (
    TransactionAuthorized,
    TransactionDiscovered,
    TransactionDoubted,
    TransactionEnded,
    TransactionProgressed,
    TransactionStarted,
)
from voltherd.kernel.messages import Command, Event

OLD = "ocpp1.6"
TAG = IdToken(id_token="TAG")


def history(scene: Scene) -> list[Event]:
    """What the last command told of the transaction itself."""
    ledger = (TransactionOpened, TransactionClosed, TransactionClaimed)
    return [event for event in scene.events if isinstance(event, Event) and not isinstance(event, ledger)]


# --- 1.6 ----------------------------------------------------------------------------------------------------


def test_begins_under_our_number() -> None:
    scene = given(*ready(OLD), create_token()).when(started16(17, at=after(9), occurred_at=after(5)))
    assert history(scene) == [
        TransactionStarted(transaction_id="17", evse_id=1, connector_id=1, started_at=after(5), meter_start_wh=1000),
        TransactionAuthorized(id_token=TAG, authorization=Authorization(status="Accepted")),
    ]
    assert scene.transaction("17").transaction_id == "17"


def test_begins_whatever_the_token() -> None:
    scene = given(*ready(OLD), create_token(status="Blocked")).when(started16(17))
    assert scene.transaction("17").started
    assert scene.transaction("17").authorization_of(TAG) == Authorization(status="Blocked")


def test_begins_once_though_it_is_told_again_by_another_message() -> None:
    scene = given(*ready(OLD), started16(17)).when(started16(18, at=after(60), occurred_at=after(0)))
    scene.then()
    assert scene.transaction("17").started
    assert not scene.transaction("18").known


def test_gives_the_same_answer_to_a_start_that_is_told_again_whatever_changed_since() -> None:
    scene = given(*ready(OLD), create_token(), started16(17), replace_token(status="Blocked")).when(started16(18))
    scene.then()
    assert scene.touched[type(scene.transaction("17"))] == scene.transaction("17")
    assert scene.transaction("17").authorization_of(TAG) == Authorization(status="Accepted")


def test_ends_with_the_register_and_the_reason() -> None:
    scene = given(*ready(OLD), started16(17)).when(ended16("17", at=after(99), occurred_at=after(90)))
    assert history(scene) == [TransactionEnded(ended_at=after(90), meter_stop_wh=5000, stop_reason="Local")]
    assert scene.transaction("17").ended


def test_ends_once() -> None:
    given(*ready(OLD), started16(17), ended16("17")).when(ended16("17", at=after(60))).then()


def test_is_known_by_its_end_alone() -> None:
    scene = given(*ready(OLD)).when(ended16("99"))
    assert history(scene) == [Like(TransactionDiscovered, transaction_id="99"), TransactionEnded(
        ended_at=after(0), meter_stop_wh=5000, stop_reason="Local"
    )]  # fmt: skip


def test_is_known_by_its_samples_alone() -> None:
    scene = given(*ready(OLD)).when(metered16("9", 2))
    assert history(scene) == [Like(TransactionDiscovered, transaction_id="9", evse_id=2)]
    assert history(scene.when(metered16("9", 2, at=after(60)))) == []


def test_takes_samples_for_the_journal() -> None:
    scene = given(*ready(OLD), started16(17)).when(metered16("17", at=after(60)))
    scene.then()
    assert scene.journal == [Like(MeterReported, transaction_id="17", evse_id=1, reported_at=after(60))]


def test_takes_samples_that_come_after_its_end() -> None:
    scene = given(*ready(OLD), started16(17), ended16("17")).when(metered16("17"))
    scene.then()
    assert scene.journal == [Like(MeterReported, transaction_id="17")]


def test_takes_the_samples_of_its_evse_that_name_no_transaction() -> None:
    scene = given(*ready(OLD), started16(17, "A", 1), started16(18, "B", 2)).when(metered16(None, 2))
    scene.then()
    assert scene.journal == [Like(MeterReported, transaction_id="18")]


@pytest.mark.parametrize("evse_id", [0, 2])
def test_takes_no_samples_of_another_place(evse_id: int) -> None:
    scene = given(*ready(OLD), started16(17, "A", 1)).when(metered16(None, evse_id))
    scene.then()
    assert scene.journal == [Like(MeterReported, transaction_id=None, evse_id=evse_id)]


def test_takes_no_samples_that_could_be_of_two_transactions() -> None:
    scene = given(*ready(OLD), started16(17, "A", 1), started16(18, "B", 1)).when(metered16(None, 1))
    assert scene.journal == [Like(MeterReported, transaction_id=None, evse_id=1)]


def test_keeps_what_came_with_its_end_for_the_journal() -> None:
    values = (register_at(4900, "Transaction.End"),)
    scene = given(*ready(OLD), started16(17)).when(ended16("17", meter_values=values))
    assert scene.journal == [Like(MeterReported, transaction_id="17", meter_values=values)]


# --- 1.6, stations that lost our number -----------------------------------------------------------------------


def test_ends_by_a_message_that_names_none() -> None:
    scene = given(*ready(OLD), started16(17)).when(ended16(None, at=after(9)))
    assert history(scene) == [
        Like(TransactionEnded, ended_at=after(9)), TransactionDoubted(reason="endNamesNoTransaction")
    ]  # fmt: skip
    assert scene.transaction("17").ended


def test_keeps_what_came_with_an_end_that_names_none() -> None:
    scene = given(*ready(OLD), started16(17)).when(ended16(None, meter_values=(register_at(1),)))
    assert scene.journal == [Like(MeterReported, transaction_id="17")]


def test_is_an_orphan_where_an_end_fits_nothing() -> None:
    scene = given(*ready(OLD)).when(ended16(None, at=after(9)))
    orphan = "unmatched-20260301T120009.000000Z"
    assert history(scene) == [
        Like(TransactionDiscovered, transaction_id=orphan), Like(TransactionEnded, ended_at=after(9))
    ]  # fmt: skip
    assert scene.transaction(orphan).ended
    scene.when(ended16(None, at=after(60), occurred_at=after(9))).then()


# --- 2.x ----------------------------------------------------------------------------------------------------


def test_begins_under_the_station_s_text() -> None:
    scene = given(*ready()).when(
        started(evse_id=1, connector_id=2, trigger="CablePluggedIn", remote_start_id=5, reservation_id=6, offline=True)
    )
    assert history(scene) == [
        TransactionStarted(
            transaction_id="tx-1",
            evse_id=1,
            connector_id=2,
            started_at=after(0),
            meter_start_wh=None,
            trigger="CablePluggedIn",
            remote_start_id=5,
            reservation_id=6,
            offline=True,
        )
    ]


@pytest.mark.parametrize("report", [started(), updated(), ended()], ids=["started", "updated", "ended"])
def test_has_every_message_in_the_journal(report: Command) -> None:
    seq_no = report.seq_no  # type: ignore[attr-defined]
    scene = given(*ready()).when(report)
    assert scene.journal == [Like(MeterReported, transaction_id="tx-1", seq_no=seq_no, meter_values=())]


@pytest.mark.parametrize(
    "report",
    [started(id_token="TAG", charging_state="Charging"), updated(id_token="TAG", charging_state="Charging"), ended()],
    ids=["started", "updated", "ended"],
)
def test_is_no_different_when_a_message_comes_again(report: Command) -> None:
    given(*ready(), report).when(report).then()


def test_may_begin_with_its_end() -> None:
    scene = given(*ready()).when(ended())
    scene.when(started(occurred_at=after(-60), evse_id=1))
    assert history(scene) == [Like(TransactionStarted, started_at=after(-60), evse_id=1)]
    assert scene.transaction().ended
    assert scene.transaction().started


def test_goes_on_for_the_data_after_its_end() -> None:
    scene = given(*ready(), started(evse_id=1), ended(seq_no=5)).when(updated(seq_no=3, charging_state="Charging"))
    scene.then()
    assert scene.journal == [Like(MeterReported, seq_no=3)]
    assert scene.transaction().charging_state is None


def test_moves_its_charging_state() -> None:
    scene = given(*ready(), started(charging_state="EVConnected")).when(updated(seq_no=1, charging_state="Charging"))
    assert history(scene) == [TransactionProgressed(charging_state="Charging", seq_no=1)]


def test_has_its_charging_state_from_the_start() -> None:
    assert given(*ready()).when(started(charging_state="EVConnected")).transaction().charging_state == "EVConnected"


def test_says_nothing_where_the_charging_state_is_the_same() -> None:
    given(*ready(), started(charging_state="Charging")).when(updated(seq_no=1, charging_state="Charging")).then()


def test_never_moves_its_charging_state_backwards() -> None:
    scene = given(*ready(), started(), updated(seq_no=4, charging_state="SuspendedEV"))
    scene.when(updated(seq_no=3, charging_state="Charging", offline=True)).then()
    assert scene.transaction().charging_state == "SuspendedEV"


def test_counts_from_wherever_the_station_counts() -> None:
    # A counter for each EVSE instead of one for each transaction (E01.FR.07 leaves it open).
    scene = given(*ready(), started(seq_no=1000, charging_state="EVConnected"))
    scene.when(updated(seq_no=1001, charging_state="Charging"))
    assert scene.transaction().charging_state == "Charging"


def test_learns_its_place_late() -> None:
    scene = given(*ready(), started()).when(updated(evse_id=2, connector_id=1))
    assert Like(TransactionProgressed, evse_id=2, connector_id=1) in scene.events
    assert scene.transaction().evse_id == 2


def test_knows_its_place_from_the_message_that_discovered_it() -> None:
    scene = given(*ready(), updated(evse_id=2)).when(started(seq_no=0))
    assert scene.transaction().evse_id == 2


# --- registers ----------------------------------------------------------------------------------------------


BEGIN = (register_at(1000, "Transaction.Begin"),)
END = (register_at(5000, "Transaction.End"),)
BOTH = (register_at(1000, "Transaction.Begin"), register_at(5000, "Transaction.End", at=after(60)))


def test_has_its_first_register_from_the_sample_at_the_beginning() -> None:
    scene = given(*ready()).when(started(meter_values=BEGIN))
    assert history(scene) == [Like(TransactionStarted, meter_start_wh=1000)]


def test_has_its_first_register_from_a_later_message() -> None:
    scene = given(*ready(), started()).when(updated(meter_values=BEGIN))
    assert history(scene) == [TransactionProgressed(meter_start_wh=1000, seq_no=1)]
    assert scene.transaction().meter_start_wh == 1000
    scene.when(updated(seq_no=2, meter_values=BEGIN)).then()


@pytest.mark.parametrize("first", [updated(meter_values=BEGIN), ended(meter_values=BOTH)], ids=["updated", "ended"])
def test_has_its_first_register_from_the_message_that_discovered_it(first: Command) -> None:
    scene = given(*ready()).when(first)
    assert scene.transaction().meter_start_wh == 1000
    assert scene.given(started()).transaction().meter_start_wh == 1000


def test_has_no_first_register_from_a_sample_in_between() -> None:
    assert given(*ready()).when(started(meter_values=(register_at(3000),))).transaction().meter_start_wh is None


def test_has_its_last_register_from_the_sample_at_the_end() -> None:
    scene = given(*ready(), started(meter_values=BEGIN)).when(ended(meter_values=BOTH))
    assert history(scene) == [Like(TransactionEnded, meter_stop_wh=5000)]


def test_leaves_its_last_register_open_where_the_station_does_not_say() -> None:
    scene = given(*ready(), started()).when(ended(meter_values=(register_at(4000),)))
    assert history(scene) == [Like(TransactionEnded, meter_stop_wh=None)]


def test_rounds_registers_to_whole_watt_hours() -> None:
    scene = given(*ready()).when(started(meter_values=(register_at("1000.5", "Transaction.Begin"),)))
    assert scene.transaction().meter_start_wh == 1000


# --- id tokens ----------------------------------------------------------------------------------------------


def test_checks_a_token_in_every_message_that_presents_it() -> None:
    scene = given(*ready(), create_token(), started(id_token="TAG"), replace_token(status="Blocked"))
    scene.when(updated(seq_no=1, id_token="TAG"))
    assert history(scene) == [
        TransactionAuthorized(id_token=TAG, authorization=Authorization(status="Blocked"), seq_no=1)
    ]


def test_checks_a_token_once_for_each_message() -> None:
    scene = given(*ready(), create_token(), started(id_token="TAG"), replace_token(status="Blocked"))
    scene.when(started(id_token="TAG")).then()
    assert scene.transaction().authorization_of(TAG) == Authorization(status="Accepted")


def test_checks_no_token_of_an_older_message() -> None:
    scene = given(*ready(), create_token(), started(), updated(seq_no=4, id_token="TAG"))
    scene.when(updated(seq_no=3, id_token="TAG")).then()


def test_checks_the_token_of_whoever_ends_it() -> None:
    scene = given(*ready(), create_token("A"), started(id_token="A")).when(ended(id_token="B"))
    answer = scene.transaction().authorization_of
    assert answer(IdToken(id_token="B")) == Authorization(status="Unknown")
    assert answer(IdToken(id_token="A")) == Authorization(status="Accepted")


def test_is_no_different_when_messages_of_two_tokens_come_again() -> None:
    scene = given(*ready(), started(id_token="A"), ended(id_token="B"))
    scene.when(started(id_token="A")).then()
    scene.when(ended(id_token="B")).then()


def test_is_no_different_when_1_6_messages_of_two_tokens_come_again() -> None:
    scene = given(*ready(OLD), started16(17, "A"), ended16("17", id_token="B"))
    scene.when(started16(18, "A")).then()
    scene.when(ended16("17", id_token="B")).then()


def test_asks_for_no_case_of_tokens() -> None:
    scene = given(*ready(OLD), create_token("Tag"), started16(17, "TAG")).when(ended16("17", id_token="tag"))
    assert history(scene) == [TransactionEnded(ended_at=after(0), meter_stop_wh=5000, stop_reason="Local")]


# --- acceptance ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "report", [started(), started16(), ended(), metered16()], ids=["started", "started 1.6", "ended", "metered"]
)
def test_is_not_heard_before_the_station_is_accepted(report: Command) -> None:
    given(unknown_station(), connected()).when(report).then_refused("station_not_accepted")

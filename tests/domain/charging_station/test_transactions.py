"""The station's ledger of transactions, sentence by sentence."""

from tests.support.given import Like, Scene, given
from tests.support.words import after, ended, ended16, metered16, ready, started, started16, updated
from voltherd.domain.charging_station.transactions import (
    TransactionClaimed,
    TransactionClosed,
    TransactionLocated,
    TransactionOpened,
)
from voltherd.domain.transaction.course import TransactionEnded

LEDGER = (TransactionOpened, TransactionLocated, TransactionClaimed, TransactionClosed)


def entries(scene: Scene) -> list[object]:
    """What the last command wrote into the ledger."""
    return [event for event in scene.events if isinstance(event, LEDGER)]


# --- 1.6 ----------------------------------------------------------------------------------------------------


def test_gives_a_start_the_number_that_was_offered() -> None:
    scene = given(*ready("ocpp1.6")).when(started16(17, "TAG", 2))
    assert entries(scene) == [Like(TransactionOpened, transaction_id="17", evse_id=2, id_token="tag")]
    assert list(scene.running) == ["17"]


def test_gives_one_number_to_a_start_that_is_told_again() -> None:
    scene = given(*ready("ocpp1.6"), started16(17)).when(started16(18, at=after(60), occurred_at=after(0)))
    assert entries(scene) == []
    assert list(scene.running) == ["17"]


def test_gives_the_number_again_though_the_transaction_has_ended() -> None:
    scene = given(*ready("ocpp1.6"), started16(17), ended16("17")).when(started16(18))
    scene.then()
    assert not scene.running


def test_tells_starts_apart_by_place_token_instant_and_register() -> None:
    scene = given(*ready("ocpp1.6"), started16(17))
    for number, other in enumerate(
        [{"evse_id": 2}, {"id_token": "OTHER"}, {"occurred_at": after(1)}, {"meter_start_wh": 1001}], start=18
    ):
        assert entries(scene.when(started16(number, **other))) == [Like(TransactionOpened)]  # type: ignore[arg-type]
    assert list(scene.running) == ["17", "18", "19", "20", "21"]


def test_remembers_sixty_four_starts() -> None:
    many = [started16(n, occurred_at=after(n)) for n in range(1, 65)]
    scene = given(*ready("ocpp1.6"), *many)
    assert entries(scene.when(started16(99, occurred_at=after(1)))) == []
    scene.given(started16(65, occurred_at=after(65)))
    assert len(scene.station.starts) == 64
    assert entries(scene.when(started16(99, occurred_at=after(1)))) == [Like(TransactionOpened)]


def test_closes_what_has_ended() -> None:
    scene = given(*ready("ocpp1.6"), started16(17)).when(ended16("17"))
    assert entries(scene) == [TransactionClosed(transaction_id="17")]
    assert not scene.running


def test_closes_once() -> None:
    given(*ready("ocpp1.6"), started16(17), ended16("17")).when(ended16("17")).then()


def test_learns_of_a_transaction_by_its_samples() -> None:
    scene = given(*ready("ocpp1.6")).when(metered16("9", 2))
    assert entries(scene) == [Like(TransactionOpened, transaction_id="9", evse_id=2)]


def test_does_not_open_anew_what_has_ended() -> None:
    # Ocular sends the closing samples after the end.
    scene = given(*ready("ocpp1.6"), started16(17), ended16("17")).when(metered16("17"))
    assert entries(scene) == []


# --- 1.6, stations that lost our number -----------------------------------------------------------------------


def test_finds_the_only_running_transaction_for_an_end_without_number() -> None:
    scene = given(*ready("ocpp1.6"), started16(17)).when(ended16(None, at=after(9)))
    assert entries(scene) == [Like(TransactionClosed, transaction_id="17")]


def test_finds_the_transaction_of_the_token_for_an_end_without_number() -> None:
    scene = given(*ready("ocpp1.6"), started16(17, "A", 1), started16(18, "B", 2))
    assert entries(scene.when(ended16(None, id_token="b"))) == [Like(TransactionClosed, transaction_id="18")]


def test_keeps_an_end_that_could_be_of_two_transactions_as_an_orphan() -> None:
    scene = given(*ready("ocpp1.6"), started16(17, "A", 1), started16(18, "B", 2)).when(ended16(None, at=after(9)))
    assert entries(scene) == [Like(TransactionClosed, transaction_id="unmatched-20260301T120009.000000Z")]
    assert list(scene.running) == ["17", "18"]


def test_knows_an_end_without_number_when_it_is_told_again() -> None:
    given(*ready("ocpp1.6"), started16(17), ended16(None, at=after(9))).when(ended16(None, at=after(9))).then()


def test_does_not_take_a_repeated_end_without_number_for_that_of_the_next_transaction() -> None:
    scene = given(*ready("ocpp1.6"), started16(17), ended16(None, at=after(9)), started16(18, at=after(20)))
    scene.when(ended16(None, at=after(30), occurred_at=after(9))).then()
    assert list(scene.running) == ["18"]


def test_does_not_take_a_repeated_orphan_for_the_end_of_the_next_transaction() -> None:
    scene = given(*ready("ocpp1.6"), ended16(None, at=after(9)), started16(18, at=after(20)))
    scene.when(ended16(None, at=after(30), occurred_at=after(9))).then()
    assert list(scene.running) == ["18"]


def test_takes_two_ends_of_one_instant_that_fit_nothing_for_one_orphan() -> None:
    scene = given(*ready("ocpp1.6"), ended16(None, id_token="A")).when(ended16(None, id_token="B"))
    orphan = "unmatched-20260301T120000.000000Z"
    assert scene.transaction(orphan).presented.keys() == {"a", "b"}
    assert scene.station.ended_transactions == (orphan,)
    scene.given(started16(18, "B", at=after(20)))
    scene.when(ended16(None, id_token="B", at=after(30), occurred_at=after(0))).then()


# --- 2.x ----------------------------------------------------------------------------------------------------


def test_opens_a_transaction_under_the_station_s_text() -> None:
    scene = given(*ready()).when(started("abc", evse_id=1, id_token="TAG", remote_start_id=7))
    assert entries(scene) == [Like(TransactionOpened, transaction_id="abc", evse_id=1, id_token="tag", start=None)]
    assert scene.running["abc"].remote_start_id == 7


def test_opens_it_by_whatever_message_comes_first() -> None:
    scene = given(*ready()).when(updated("abc", 3))
    assert entries(scene) == [Like(TransactionOpened, transaction_id="abc")]
    assert entries(scene.when(started("abc", 0))) == []


def test_learns_the_evse_late() -> None:
    scene = given(*ready(), started()).when(updated(evse_id=2))
    assert entries(scene) == [TransactionLocated(transaction_id="tx-1", evse_id=2)]
    assert entries(scene.when(updated(seq_no=2, evse_id=2))) == []


def test_learns_the_token_and_the_remote_start_late() -> None:
    scene = given(*ready(), started(evse_id=1)).when(updated(id_token="TAG", remote_start_id=3))
    assert entries(scene) == [TransactionClaimed(transaction_id="tx-1", id_token="tag", remote_start_id=3)]
    assert entries(scene.when(updated(seq_no=2, id_token="OTHER", remote_start_id=4))) == []


def test_keeps_the_end_of_a_transaction_whose_start_comes_later() -> None:
    scene = given(*ready()).when(ended("abc"))
    assert entries(scene) == [TransactionClosed(transaction_id="abc")]
    scene.when(started("abc"))
    assert entries(scene) == []
    assert not scene.running


def test_hears_no_more_of_a_transaction_after_its_end() -> None:
    scene = given(*ready(), started(), ended()).when(updated(seq_no=5, evse_id=1, id_token="TAG"))
    assert entries(scene) == []


def test_keeps_transactions_apart() -> None:
    scene = given(*ready(), started("a", evse_id=1), started("b", evse_id=2)).when(ended("a"))
    assert Like(TransactionEnded) in scene.events
    assert list(scene.running) == ["b"]

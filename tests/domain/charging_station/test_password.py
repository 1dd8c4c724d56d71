"""A password, sentence by sentence."""

import pytest

from tests.support.given import Like, given
from tests.support.words import STATION, after, register
from voltherd.domain.charging_station.password import PasswordSet, SetPassword, fits, keep
from voltherd.domain.charging_station.requests import CommandCompleted

TEXT = "correct horse battery"


def set_password(password: str | None, command_id: str = "c-1") -> SetPassword:
    return SetPassword(at=after(0), by="somebody", station=STATION, command_id=command_id, password=password)


def test_is_never_kept_as_it_is() -> None:
    scene = given(register()).when(set_password(TEXT))
    scene.then(PasswordSet, Like(CommandCompleted, payload={}, result={"passwordSet": True}))
    assert TEXT not in repr(scene.events)


def test_fits_itself_alone() -> None:
    kept = keep(TEXT, salt="s")
    assert fits(kept, TEXT.encode())
    assert not fits(kept, TEXT.upper().encode())
    assert not fits(kept, b"")
    assert not fits(kept, None)


def test_of_hex_digits_fits_the_bytes_that_they_stand_for() -> None:
    kept = keep("00112233445566778899AABBCCDDEEFF", salt="s")
    assert fits(kept, bytes.fromhex("00112233445566778899aabbccddeeff"))
    assert fits(kept, b"00112233445566778899AABBCCDDEEFF")


def test_looks_different_for_every_station() -> None:
    assert keep(TEXT, salt="a").digests != keep(TEXT, salt="b").digests


def test_replaces_the_one_before() -> None:
    scene = given(register(), set_password(TEXT)).when(set_password("another password 2", "c-2"))
    kept = scene.station.password
    assert kept is not None
    assert not fits(kept, TEXT.encode())
    assert fits(kept, b"another password 2")


def test_can_be_taken_away() -> None:
    scene = given(register(), set_password(TEXT)).when(set_password(None, "c-2"))
    scene.then(PasswordSet(password=None), Like(CommandCompleted, result={"passwordSet": False}))
    assert scene.station.password is None


@pytest.mark.parametrize("password", [TEXT, None])
def test_needs_a_station(password: str | None) -> None:
    given().when(set_password(password)).then_refused("station_unknown", kind="missing")


def test_is_set_once_by_one_command() -> None:
    given(register(), set_password(TEXT)).when(set_password("another password 2")).then()

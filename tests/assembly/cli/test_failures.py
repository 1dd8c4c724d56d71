import pytest

from tests.assembly.cli.conftest import NOBODY, Voltherd
from voltherd.assembly.cli.failures import told
from voltherd.client import Unreachable


def one_line(text: str) -> str:
    assert text.count("\n") == 1, text
    assert text.startswith("voltherd: ")
    return text.removeprefix("voltherd: ").rstrip()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("station", "lst"), "No such command 'lst'. Did you mean 'list', 'set'? (see voltherd station --help)"),
        (("station", "start", "CS-1"), "Missing option '--token'. (see voltherd station start --help)"),
        (("station", "list", "--nope"), "No such option: --nope (see voltherd station list --help)"),
        (
            ("station", "set", "CS-1", "x"),
            "Invalid value: 'x' is not of the form NAME=VALUE (see voltherd station set --help)",
        ),
        (
            ("station", "command", "CS-1", "Reset", "[]"),
            "Invalid value: the payload should be an object (see voltherd station command --help)",
        ),
        (
            ("station", "unlock", "CS-1", "--wait", "1"),
            "write --wait=1: with a space between, 1 would be something else",
        ),
        (
            ("station", "unlock", "CS-1"),
            "Invalid value: say which EVSE, or --all (see voltherd station unlock --help)",
        ),
        (("station", "list", "--url", "bla"), "bla is no address: http://… or https://… is"),
        (("station", "list", "--url", "http://a:port"), "http://a:port is no address: Invalid port: 'port'"),
        (("simulate", "1", "--fault", "nope"), "there is no fault nope"),
        (("serve", "--api-port", "70000"), "api_port Input should be less than or equal to 65535"),
        (("db", "check", "--database", "mysql://x/y"), "history is kept in SQLite or PostgreSQL, not in mysql"),
    ],
)
def test_tell_wrong_usage_in_one_line(voltherd: Voltherd, arguments: tuple[str, ...], line: str) -> None:
    said = voltherd(*arguments)
    assert said.code == 2
    assert one_line(said.err.splitlines(keepends=True)[-1]) == line
    assert said.out == ""


def test_tell_that_nobody_answers(voltherd: Voltherd) -> None:
    said = voltherd("station", "list", "--url", NOBODY)
    assert said.code == 3
    assert "does not answer" in one_line(said.err)


def test_take_the_address_from_the_environment(voltherd: Voltherd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTHERD_URL", NOBODY)
    assert NOBODY in voltherd("tx", "list").err


def test_refuse_a_public_address_without_a_key(voltherd: Voltherd) -> None:
    said = voltherd("serve", "--host", "0.0.0.0", "--api-port", "0", "--ocpp-port", "0")
    assert said.code == 2
    assert "0.0.0.0 is reachable by others" in one_line(said.err)


def test_tell_faults_of_ours_in_one_line_unless_asked_for_more() -> None:
    line, code = told(KeyError("evse\nId"))
    assert (line, code) == ("internal error: KeyError: 'evse\\nId' (--debug shows where)", 5)


def test_show_where_an_error_comes_from_if_asked_to(voltherd: Voltherd) -> None:
    with pytest.raises(Unreachable):
        voltherd("station", "list", "--url", NOBODY, "--debug")


def test_name_the_database_that_is_not_there(voltherd: Voltherd, tmp_path: object) -> None:
    said = voltherd("db", "check", "--data", f"{tmp_path}/nothing")
    assert said.code == 1
    assert "there is no database in" in one_line(said.err)

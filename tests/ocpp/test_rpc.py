"""The frames and the conversation of OCPP-J: what is read, what is sent, and who waits for whom."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voltherd.ocpp.payload import Fault
from voltherd.ocpp.rpc import (
    AnswerReceived,
    AnswerRefused,
    Call,
    CallError,
    CallPending,
    CallReceived,
    CallResult,
    CallResultError,
    Conversation,
    Frame,
    FrameInvalid,
    Ignored,
    Incoming,
    LateAnswer,
    MessageId,
    Reason,
    Refused,
    Send,
    SendReceived,
    Situation,
    Version,
    encode_call,
    encode_call_error,
    encode_call_result,
    encode_call_result_error,
    encode_send,
    error_code,
    find_situation,
    parse,
)

V16, V201, V21 = Version.V16, Version.V201, Version.V21
EMPTY = msgspec.Raw(b"{}")
TIMEOUT = 30.0

every_version = pytest.mark.parametrize("version", Version)


def receive(text: str | bytes, version: Version = V201) -> Incoming:
    """What a text means when no CALL of ours is open."""
    (incoming,) = Conversation(version, TIMEOUT).receive(text, now=0.0)
    return incoming


def receive_after_call(text: str | bytes, version: Version = V201, now: float = 1.0) -> Incoming:
    """What a text means when our CALL "ours" was started at 0."""
    conversation = opened(version)
    (incoming,) = conversation.receive(text, now=now)
    return incoming


def opened(version: Version = V201) -> Conversation:
    conversation = Conversation(version, TIMEOUT)
    assert conversation.start_call("ours", "Reset", b"{}", now=0.0) == '[2,"ours","Reset",{}]'
    return conversation


# --- reading frames ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('[2,"1","Heartbeat",{}]', Call(message_id="1", action="Heartbeat", payload=EMPTY)),
        ('[3,"1",{}]', CallResult(message_id="1", payload=EMPTY)),
        ('[4,"1","InternalError","",{}]', CallError(message_id="1", code="InternalError")),
        ('[4,"1","InternalError","why"]', CallError(message_id="1", code="InternalError", description="why")),
        ('[4,"1","InternalError"]', CallError(message_id="1", code="InternalError")),
        ('[4,"1","InternalError",null,{}]', CallError(message_id="1", code="InternalError")),
        ('[4,"1"]', CallError(message_id="1", code="GenericError")),
        ('[5,"1","FormatViolation","",{}]', CallResultError(message_id="1", code="FormatViolation")),
        ('[5,"1","FormatViolation"]', CallResultError(message_id="1", code="FormatViolation")),
        ('[6,"1","X",{}]', Send(message_id="1", action="X", payload=EMPTY)),
        (' [ 2 , "1" , "X" , {} ] \n', Call(message_id="1", action="X", payload=EMPTY)),
        ('[2,"1","X",{},"more"]', Call(message_id="1", action="X", payload=EMPTY)),
    ],
)
def test_reads_frames(text: str, frame: Frame) -> None:
    assert parse(text) == frame
    assert parse(text.encode()) == frame


def test_leaves_the_payload_unread() -> None:
    frame = parse('[2,"1","X",{"a": [1.10, "b"]}]')
    assert isinstance(frame, Call)
    assert bytes(frame.payload) == b'{"a": [1.10, "b"]}'


@pytest.mark.parametrize("token", ['"1"', "1", "-7", "1.5", "1700000000.125", "123456789012345678901234567890"])
def test_echoes_a_message_id_in_the_type_in_which_it_came(token: str) -> None:
    frame = parse(f'[2,{token},"X",{{}}]')
    assert encode_call_result(frame.message_id, b"{}") == f"[3,{token},{{}}]"


@pytest.mark.parametrize("token", ['""', "null", "true", "{}", "[]", "1e400"])
def test_reads_no_other_message_id(token: str) -> None:
    with pytest.raises(FrameInvalid) as caught:
        parse(f'[2,{token},"X",{{}}]')
    assert caught.value.message_id is None


# --- writing frames ---------------------------------------------------------------------------------------


def test_writes_frames() -> None:
    assert encode_call("1", "Reset", b'{"type":"Hard"}') == '[2,"1","Reset",{"type":"Hard"}]'
    assert encode_call_result("1", b'{"status":"Accepted"}') == '[3,"1",{"status":"Accepted"}]'
    assert encode_send("1", "X", b"{}") == '[6,"1","X",{}]'


@pytest.mark.parametrize(("encode", "number"), [(encode_call_error, 4), (encode_call_result_error, 5)])
def test_writes_errors_with_five_elements(encode: Callable[..., str], number: int) -> None:
    assert json.loads(encode("1", "InternalError")) == [number, "1", "InternalError", "", {}]
    assert json.loads(encode("1", "FormatViolation", "what", {"pointer": "/a"})) == [
        number,
        "1",
        "FormatViolation",
        "what",
        {"pointer": "/a"},
    ]


@pytest.mark.parametrize("encode", [encode_call_error, encode_call_result_error])
def test_cuts_the_description_of_an_error_at_255_characters(encode: Callable[..., str]) -> None:
    assert json.loads(encode("1", "InternalError", "Ω" * 300))[3] == "Ω" * 255


# --- error codes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("situation", "v16", "v2"),
    [
        (Situation.NOT_IMPLEMENTED, "NotImplemented", "NotImplemented"),
        (Situation.NOT_SUPPORTED, "NotSupported", "NotSupported"),
        (Situation.SYNTAX, "FormationViolation", "FormatViolation"),
        (Situation.UNKNOWN_FIELD, "FormationViolation", "FormatViolation"),
        (Situation.MISSING_FIELD, "ProtocolError", "OccurrenceConstraintViolation"),
        (Situation.OCCURRENCE, "OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
        (Situation.TYPE, "TypeConstraintViolation", "TypeConstraintViolation"),
        (Situation.PROPERTY, "PropertyConstraintViolation", "PropertyConstraintViolation"),
        (Situation.SECURITY, "SecurityError", "SecurityError"),
        (Situation.INTERNAL, "InternalError", "InternalError"),
        (Situation.PROTOCOL, "ProtocolError", "ProtocolError"),
        (Situation.GENERIC, "GenericError", "GenericError"),
        (Situation.RPC_FRAMEWORK, "FormationViolation", "RpcFrameworkError"),
        (Situation.MESSAGE_TYPE_NOT_SUPPORTED, "GenericError", "MessageTypeNotSupported"),
    ],
)
def test_has_each_versions_code_for_a_situation(situation: Situation, v16: str, v2: str) -> None:
    assert [error_code(version, situation) for version in (V16, V201, V21)] == [v16, v2, v2]


@pytest.mark.parametrize("fault", Fault)
def test_has_a_situation_for_every_fault_of_a_payload(fault: Fault) -> None:
    assert Situation.of(fault).name == fault.name


@pytest.mark.parametrize(
    ("code", "situation"),
    [
        ("OccurenceConstraintViolation", Situation.OCCURRENCE),
        ("OccurrenceConstraintViolation", Situation.OCCURRENCE),
        ("FormationViolation", Situation.SYNTAX),
        ("FormatViolation", Situation.SYNTAX),
        ("NotSupported", Situation.NOT_SUPPORTED),
        ("RpcFrameworkError", Situation.RPC_FRAMEWORK),
        ("MyOwnError", None),
    ],
)
def test_understands_the_codes_of_every_version(code: str, situation: Situation | None) -> None:
    assert find_situation(code) is situation


# --- what the station sends of its own accord -------------------------------------------------------------


@every_version
def test_hands_calls_over(version: Version) -> None:
    assert receive('[2,"1","X",{}]', version) == CallReceived(call=Call(message_id="1", action="X", payload=EMPTY))


@every_version
def test_hands_calls_over_while_a_call_of_ours_is_open(version: Version) -> None:
    assert isinstance(receive_after_call('[2,"ours","X",{}]', version), CallReceived)


def test_hands_sends_over_in_2_1() -> None:
    assert receive('[6,"1","X",{}]', V21) == SendReceived(send=Send(message_id="1", action="X", payload=EMPTY))


def test_tells_in_2_1_that_an_answer_of_ours_was_refused() -> None:
    error = CallResultError(message_id="1", code="FormatViolation")
    assert receive('[5,"1","FormatViolation","",{}]', V21) == AnswerRefused(error=error)


# --- garbage ----------------------------------------------------------------------------------------------

GARBAGE = [
    ("", Reason.NOT_JSON),
    ("hello", Reason.NOT_JSON),
    ("[", Reason.NOT_JSON),
    ('[2,"1', Reason.NOT_JSON),
    ("[2,17", Reason.NOT_JSON),
    (b"\xff\xfe", Reason.NOT_JSON),
    (b'[2,"\xff","X",{', Reason.NOT_JSON),
    ('[2,"\ud800","X",{}]', Reason.NOT_JSON),
    ('[2,"\\ud800","X",{}]', Reason.NOT_JSON),
    ("[" * 100_000, Reason.NOT_JSON),
    ("{}", Reason.NOT_A_FRAME),
    ("null", Reason.NOT_A_FRAME),
    ("[]", Reason.NOT_A_FRAME),
    ("[2]", Reason.NOT_A_FRAME),
    ('[2,"","X",{}]', Reason.NOT_A_FRAME),
    ('[2,null,"X",{}]', Reason.NOT_A_FRAME),
    ('[null,null,"X",{}]', Reason.NOT_A_FRAME),
]


@pytest.mark.parametrize(("text", "reason"), GARBAGE, ids=range(len(GARBAGE)))
def test_does_not_reply_to_garbage_in_1_6(text: str | bytes, reason: Reason) -> None:
    assert receive(text, V16) == Refused(reply=None, reason=reason)


@pytest.mark.parametrize(("text", "reason"), GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("version", [V201, V21])
def test_replies_to_garbage_with_the_id_for_none_in_2_x(version: Version, text: str | bytes, reason: Reason) -> None:
    assert receive(text, version) == Refused(reply='[4,"-1","RpcFrameworkError","",{}]', reason=reason)


@pytest.mark.parametrize(
    "text",
    [
        '[2,"1","X"]',
        '[2,"1",7,{}]',
        '[2,"1"]',
        '[2,"1","MeterValues",{"a":[,{}]}]',
        '[2,"1","X",{"a":',
        '[2,"1"',
        b'[2,"1",\xff',
    ],
)
def test_replies_to_a_broken_call_with_its_id_if_that_can_be_read(text: str | bytes) -> None:
    replies = [incoming.reply for version in Version if isinstance(incoming := receive(text, version), Refused)]
    assert replies == [
        '[4,"1","FormationViolation","",{}]',
        '[4,"1","RpcFrameworkError","",{}]',
        '[4,"1","RpcFrameworkError","",{}]',
    ]


def test_repeats_a_numeric_id_in_the_reply_to_a_broken_call() -> None:
    assert receive("[2,17,") == Refused(reply='[4,17,"RpcFrameworkError","",{}]', reason=Reason.NOT_JSON)


@pytest.mark.parametrize("text", ['[1,"1"]', '[7,"1","X",{}]', '[-2,"1"]', "[7]", "[7,null]"])
@pytest.mark.parametrize("version", [V16, V21])
def test_ignores_unknown_message_types_in_1_6_and_2_1(version: Version, text: str) -> None:
    assert receive(text, version) == Ignored(reason=Reason.MESSAGE_TYPE_UNKNOWN)


@pytest.mark.parametrize("number", [1, 5, 6, 7])
def test_replies_to_unknown_message_types_in_2_0_1(number: int) -> None:
    assert receive(f'[{number},"1","X",{{}}]', V201) == Refused(
        reply='[4,"1","MessageTypeNotSupported","",{}]', reason=Reason.MESSAGE_TYPE_UNKNOWN
    )


def test_ignores_an_unknown_message_type_without_an_id_in_2_0_1() -> None:
    assert receive("[7]", V201) == Ignored(reason=Reason.MESSAGE_TYPE_UNKNOWN)


@pytest.mark.parametrize("number", [5, 6])
def test_ignores_the_message_types_of_2_1_in_1_6(number: int) -> None:
    assert receive(f'[{number},"1","X",{{}}]', V16) == Ignored(reason=Reason.MESSAGE_TYPE_UNKNOWN)


@every_version
@pytest.mark.parametrize("text", ["[3]", "[3,", '[3,"', "[3,null,{}]", '[3,"other"', "[4]", '[4,"', "[4,"])
def test_never_answers_a_broken_answer(version: Version, text: str) -> None:
    assert isinstance(receive_after_call(text, version), Ignored)


@pytest.mark.parametrize("text", ['[6,"1"]', '[6,"1","X",{', "[6,", "[5,", "[5,null]"])
def test_never_answers_a_broken_send_in_2_1(text: str) -> None:
    assert isinstance(receive(text, V21), Ignored)


# --- our calls and their answers --------------------------------------------------------------------------


@every_version
def test_hands_an_answer_over(version: Version) -> None:
    assert receive_after_call('[3,"ours",{}]', version) == AnswerReceived(
        message_id="ours", answer=CallResult(message_id="ours", payload=EMPTY), took_s=1.0
    )


@every_version
@pytest.mark.parametrize("code", ["OccurenceConstraintViolation", "OccurrenceConstraintViolation"])
def test_hands_an_error_over(version: Version, code: str) -> None:
    assert receive_after_call(f'[4,"ours","{code}","",{{}}]', version) == AnswerReceived(
        message_id="ours", answer=CallError(message_id="ours", code=code), took_s=1.0
    )


@pytest.mark.parametrize("token", ['"-1"', "-1"])
def test_takes_an_error_without_a_readable_id_for_an_answer_to_the_open_call(token: str) -> None:
    incoming = receive_after_call(f'[4,{token},"RpcFrameworkError","",{{}}]')
    assert isinstance(incoming, AnswerReceived)
    assert incoming.message_id == "ours"
    assert receive(f'[4,{token},"RpcFrameworkError","",{{}}]') == Ignored(reason=Reason.ANSWER_UNEXPECTED)


@every_version
@pytest.mark.parametrize(
    "text",
    [
        '[3,"ours"',
        '[3,"ours",',
        '[3, "ours", {"configurationKey":[{"key":"a","read',
        ' [3,"ours",{"unknownKey":[,"a"]}]',
        '[3,"ours",{}',
        '[3,"ours"]',
        '[4,"ours","NotSuppor',
        b'[3,"ours",{"status":"\xff',
    ],
)
def test_takes_an_unreadable_answer_for_a_failure(version: Version, text: str | bytes) -> None:
    code = "FormationViolation" if version is V16 else "FormatViolation"
    error = CallError(message_id="ours", code=code, description="unreadable answer")
    assert receive_after_call(text, version) == AnswerReceived(message_id="ours", answer=error, took_s=1.0)


@pytest.mark.parametrize("text", ['[3,"other",{}]', "[3,7,{}]", '[4,"other","InternalError","",{}]'])
def test_ignores_an_answer_to_another_call(text: str) -> None:
    conversation = opened()
    assert conversation.receive(text, now=1.0) == (Ignored(reason=Reason.ANSWER_UNEXPECTED),)
    assert conversation.deadline() == TIMEOUT


def test_ignores_an_answer_when_none_is_due() -> None:
    assert receive('[3,"ours",{}]') == Ignored(reason=Reason.ANSWER_UNEXPECTED)


def test_ignores_a_second_answer() -> None:
    conversation = opened()
    conversation.receive('[3,"ours",{}]', now=1.0)
    assert conversation.receive('[3,"ours",{}]', now=2.0) == (Ignored(reason=Reason.ANSWER_REPEATED),)


def test_starts_one_call_at_a_time() -> None:
    conversation = opened()
    with pytest.raises(CallPending):
        conversation.start_call("next", "Reset", b"{}", now=1.0)
    conversation.receive('[3,"ours",{}]', now=1.0)
    assert conversation.start_call("next", "Reset", b"{}", now=1.0) == '[2,"next","Reset",{}]'


def test_knows_when_the_open_call_expires() -> None:
    conversation = Conversation(V201, TIMEOUT)
    assert conversation.deadline() is None
    conversation.start_call("1", "X", b"{}", now=100.0)
    assert conversation.deadline() == 130.0
    conversation.receive('[3,"1",{}]', now=101.0)
    assert conversation.deadline() is None
    conversation.start_call("2", "X", b"{}", now=200.0, timeout=5.0)
    assert conversation.deadline() == 205.0


def test_gives_a_call_up_when_its_time_is_over() -> None:
    conversation = opened()
    assert conversation.expire(now=29.9) is None
    assert conversation.expire(now=30.0) == "ours"
    assert conversation.expire(now=30.0) is None
    assert conversation.deadline() is None
    assert conversation.start_call("next", "X", b"{}", now=30.0)


def test_takes_an_answer_that_comes_before_anybody_has_given_up() -> None:
    assert isinstance(receive_after_call('[3,"ours",{}]', now=31.0), AnswerReceived)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('[3,"ours",{}]', CallResult(message_id="ours", payload=EMPTY)),
        ('[4,"ours","InternalError","",{}]', CallError(message_id="ours", code="InternalError")),
    ],
)
def test_tells_a_late_answer_once(text: str, answer: CallResult | CallError) -> None:
    conversation = opened()
    conversation.expire(now=30.0)
    conversation.start_call("next", "X", b"{}", now=30.0)
    assert conversation.receive(text, now=31.0) == (LateAnswer(message_id="ours", answer=answer),)
    assert conversation.receive(text, now=32.0) == (Ignored(reason=Reason.ANSWER_REPEATED),)
    assert conversation.deadline() == 60.0


def test_remembers_the_last_sixteen_expired_calls() -> None:
    conversation = Conversation(V201, TIMEOUT)
    for number in range(17):
        conversation.start_call(str(number), "X", b"{}", now=0.0)
        conversation.expire(now=TIMEOUT)
    assert conversation.receive('[3,"0",{}]', now=40.0) == (Ignored(reason=Reason.ANSWER_UNEXPECTED),)
    assert isinstance(conversation.receive('[3,"1",{}]', now=40.0)[0], LateAnswer)
    assert isinstance(conversation.receive('[3,"16",{}]', now=40.0)[0], LateAnswer)


# --- whatever comes ---------------------------------------------------------------------------------------

FRAMES = [
    '[2,"ours","Heartbeat",{"a":"\\u00e9\\ud83d\\ude00"}]',
    '[3,"ours",{"a":[1,2.5e3,null,true]}]',
    '[4,"ours","InternalError","why",{}]',
    '[5,"ours","InternalError","why",{}]',
    '[6,"ours","X",{"é":"ü"}]',
]

mutated_frames = st.builds(
    lambda frame, start, length, inserted: frame[:start] + inserted + frame[start + length :],
    st.sampled_from(FRAMES),
    st.integers(0, 50),
    st.integers(0, 50),
    st.text(st.sampled_from('[]{},:"\\ue0123-.eE \ud800'), max_size=4) | st.text(max_size=4),
)
mutated_bytes = st.builds(
    lambda frame, start, inserted: frame.encode()[:start] + inserted + frame.encode()[start + 1 :],
    st.sampled_from(FRAMES),
    st.integers(0, 50),
    st.binary(max_size=2),
)
# What JSON can hold, arranged like a frame.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
almost_frames = st.builds(
    lambda number, rest: json.dumps([number, *rest]),
    st.integers(1, 7) | values,
    st.lists(values | st.just("ours"), max_size=5),
)


@given(
    text=st.text() | st.binary() | mutated_frames | mutated_bytes | almost_frames,
    version=st.sampled_from(Version),
)
@example(text="[" * 100_000, version=V21)
@example(text='[2,"1","X",' + "[" * 100_000, version=V21)
@example(text="[2," + "9" * 5_000 + ',"X",{}]', version=V21)
@example(text="[" + "9" * 5_000 + ',"1","X",{}]', version=V21)
@example(text='[4,"ours",1e400,1e400,1e400]', version=V21)
@example(text='[2,"1","X",{"a":1,"a":2}]', version=V21)
def test_has_an_answer_to_everything(text: str | bytes, version: Version) -> None:
    conversation = opened(version)
    (incoming,) = conversation.receive(text, now=1.0)
    if isinstance(incoming, Refused) and incoming.reply is not None:
        number, _, code, description, details = json.loads(incoming.reply)
        assert (number, description, details) == (4, "", {})
        assert find_situation(code)
    assert (conversation.deadline() is None) == isinstance(incoming, AnswerReceived)


@given(text=st.text() | st.binary() | mutated_frames | mutated_bytes | almost_frames)
def test_reads_a_frame_or_says_why_not(text: str | bytes) -> None:
    with suppress(FrameInvalid):
        parse(text)


message_ids: st.SearchStrategy[MessageId] = (
    st.text(min_size=1, max_size=36) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)


@given(message_id=message_ids, description=st.text(max_size=300))
def test_reads_what_it_writes(message_id: MessageId, description: str) -> None:
    assert parse(encode_call_result(message_id, b"{}")) == CallResult(message_id=message_id, payload=EMPTY)
    assert parse(encode_call_error(message_id, "InternalError", description)) == CallError(
        message_id=message_id, code="InternalError", description=description[:255]
    )


def test_never_replies_to_its_own_replies() -> None:
    replies: Sequence[str] = [
        encode_call_error("-1", "RpcFrameworkError"),
        encode_call_error("1", "MessageTypeNotSupported"),
        encode_call_result_error("1", "FormatViolation"),
    ]
    for reply in replies:
        assert isinstance(receive(reply, V21), Ignored | AnswerRefused)

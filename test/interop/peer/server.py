"""A ceod that serves no one, right or wrong: its argument says how.

Listens on a free port of 127.0.0.1, one connection after the other. A line on
standard output is an event: `{"listening": PORT}`, `{"connection": NUMBER}`,
`{"client": PRINCIPAL, "flags": [...]}`, `{"request": {...}, "op": ID}`, and
`{"end": WHY}` when the connection is over. Ends with its standard input.
"""

import json
import os
import re
import socket
import struct
import sys
import threading
import time
from typing import Any, NoReturn

import gssapi
from google.protobuf.message import DecodeError

from frame import HEADER, KRB5, MAX_BODY, MSG_AUTH, OPS, REQUIRED, ProtocolError
from frame import encode_frame, fields_of, lucid, read_frame, read_piece, sequence_of
from frame import unwrap

SERVICE = "ceod@ginseng.csclub.test"
# Section 3: whom it accepts.
USER = re.compile(r"[a-z0-9_][-a-z0-9_.]{0,31}@CSCLUB\.TEST")
EINVAL = 22

# Statuses that a mode answers with; the others answer with success.
REFUSALS: dict[str, list[tuple[int, str]]] = {
    "eperm": [(1, "no")],
    "enoent": [(2, "no such user")],
    "eexist": [(17, "taken")],
    "einval": [(22, "bad")],
    "eldap": [(-3, "the directory is away")],
    "late-failure": [(0, "begun"), (17, "taken"), (1, "also no"), (0, "undone")],
    "warning": [(0, "done"), (0, "warning: not all")],
    "no-status": [],
}


class Closed(Exception):
    """The server has had enough of this connection."""


def tell(**event: Any) -> None:
    """An event for the test."""
    print(json.dumps(event), flush=True)


class Session:
    """One connection, from accept to close."""

    # The AP-REP of the first session.
    recorded_auth = b""

    def __init__(self, mode: str, connection: socket.socket) -> None:
        self._mode = mode
        # Does all that it is asked for, whatever is wrong about it.
        self._careless = mode == "careless"
        self._connection = connection
        self._context: gssapi.SecurityContext
        self._last_reply = b""
        self._end_time = 0
        self._next_sequence = 0

    def run(self) -> str:
        """Serves it to its end; returns why it ended."""
        try:
            self._authenticate()
            while (frame := self._read()) is not None:
                self._serve(*frame)
            return "end of stream"
        except (Closed, ProtocolError, gssapi.exceptions.GSSError, OSError) as error:
            return f"{type(error).__name__}: {error}"

    def _read(self) -> tuple[int, bytes] | None:
        if self._mode == "grouped":
            return read_piece(self._connection)
        return read_frame(self._connection, 0xFFFFFFFF if self._careless else MAX_BODY)

    def _authenticate(self) -> None:
        """Section 3, the server's side."""
        frame = self._read()
        if frame is None:
            raise Closed("nothing was said")
        msgtype, token = frame
        if msgtype != MSG_AUTH:
            raise ProtocolError("an op before authentication")
        self._context = gssapi.SecurityContext(
            usage="accept",
            creds=gssapi.Credentials(
                usage="accept",
                mechs=[KRB5],
                name=gssapi.Name(SERVICE, gssapi.NameType.hostbased_service),
            ),
        )
        output = self._context.step(token)
        if not self._context.complete:
            raise ProtocolError("not complete after one frame")
        flags = set(self._context.actual_flags)
        client = str(self._context.initiator_name)
        tell(client=client, flags=sorted(flag.name for flag in flags))
        if not self._careless and not REQUIRED <= flags:
            raise ProtocolError("a required flag is missing")
        if not self._careless and not USER.fullmatch(client):
            raise ProtocolError("the principal is not accepted")
        details = lucid(self._context)
        self._end_time = details.endtime
        self._next_sequence = details.recv_seq
        # There is none for a client that did not ask for mutual authentication.
        if output is not None:
            self._send_auth(token, output)

    def _send_auth(self, received: bytes, output: bytes) -> None:
        """The answer to the client's token, as the mode wants it."""
        match self._mode:
            case "auth-close":
                raise Closed("as told")
            case "auth-silent":
                self._wait_for_end()
            case "auth-garbage":
                self._send(encode_frame(MSG_AUTH, b"nonsense"))
            case "auth-reflected":
                self._send(encode_frame(MSG_AUTH, received))
            case "auth-modified":
                self._send(encode_frame(MSG_AUTH, modified(output)))
            case "auth-recorded" if Session.recorded_auth:
                self._send(encode_frame(MSG_AUTH, Session.recorded_auth))
            case "auth-empty":
                self._send(encode_frame(MSG_AUTH, b""))
            case "auth-huge":
                self._send(HEADER.pack(0xFFFFFFFF, MSG_AUTH))
            case "auth-cut":
                self._send(encode_frame(MSG_AUTH, output)[:-1])
                raise Closed("as told")
            case "auth-as-op":
                self._send(encode_frame(0x01, output))
            case _:
                self._send(encode_frame(MSG_AUTH, output))
        Session.recorded_auth = Session.recorded_auth or output

    def _serve(self, op: int, token: bytes) -> None:
        """Section 4: one request."""
        if not self._careless and time.time() >= self._end_time:
            raise ProtocolError("the ticket has ended")
        plaintext = unwrap(self._context, token, self._careless)
        if not self._careless and sequence_of(token) != self._next_sequence:
            raise ProtocolError("not the next token")
        self._next_sequence += 1
        if op not in OPS:
            raise ProtocolError("an op that is not served")
        request_type, response_type = OPS[op]
        response = response_type()
        request = request_type()
        if not parses(request, plaintext):
            response.messages.add(status=EINVAL, message="malformed")
            self._reply(op, response.SerializeToString())
            return
        tell(op=op, request=fields_of(request), hex=plaintext.hex())
        for status, text in REFUSALS.get(self._mode, [(0, "erledigt: größer, 日本")]):
            response.messages.add(status=status, message=text)
        if self._mode == "longest":
            self._lengthen(response)
        self._reply(op, response.SerializeToString())

    def _lengthen(self, response: Any) -> None:
        """Makes the response as long as fits a frame once it is wrapped."""
        limit = self._context.get_wrap_size_limit(MAX_BODY)
        response.messages[0].message = "x" * limit
        response.messages[0].message = "x" * (2 * limit - response.ByteSize())

    def _reply(self, op: int, plaintext: bytes) -> None:
        """The reply, as the mode wants it."""
        match self._mode:
            case "close":
                raise Closed("as told")
            case "reset":
                # A close without lingering: the client sees a reset.
                linger = struct.pack("ii", 1, 0)
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                raise Closed("as told")
            case "silent":
                self._wait_for_end()
            case "wrong-msgtype":
                self._send(encode_frame(op ^ 3, self._wrap(plaintext)))
            case "reply-as-auth":
                self._send(encode_frame(MSG_AUTH, self._wrap(plaintext)))
            case "unencrypted":
                self._send(encode_frame(op, self._wrap(plaintext, confidential=False)))
            case "plaintext":
                self._send(encode_frame(op, plaintext))
            case "modified":
                self._send(encode_frame(op, modified(self._wrap(plaintext))))
            case "gap":
                self._wrap(plaintext)
                self._send(encode_frame(op, self._wrap(plaintext)))
            case "replayed":
                self._last_reply = self._last_reply or self._wrap(plaintext)
                self._send(encode_frame(op, self._last_reply))
            case "huge":
                self._send(HEADER.pack(0xFFFFFFFF, op))
            case "just-too-long":
                self._send(encode_frame(op, bytes(65_537)))
            case "empty":
                self._send(encode_frame(op, b""))
            case "cut":
                self._send(encode_frame(op, self._wrap(plaintext))[:-1])
                raise Closed("as told")
            case "malformed":
                self._send(encode_frame(op, self._wrap(b"\xff\xff\xff\xff")))
            case "glued":
                # A second reply that nobody asked for, in the same segment.
                frames = [encode_frame(op, self._wrap(plaintext)) for _ in range(2)]
                self._send(b"".join(frames))
            case _:
                self._send(encode_frame(op, self._wrap(plaintext)))

    def _wrap(self, plaintext: bytes, confidential: bool = True) -> bytes:
        return gssapi.raw.wrap(self._context, plaintext, confidential).message

    def _send(self, data: bytes) -> None:
        size = 1 if self._mode == "byte-by-byte" else len(data)
        for start in range(0, len(data), size):
            self._connection.sendall(data[start : start + size])

    def _wait_for_end(self) -> NoReturn:
        while self._connection.recv(4096):
            pass
        raise Closed("the client gave up")


def parses(message: Any, data: bytes) -> bool:
    """Section 4.2, as far as protobuf itself sees it: whether it conforms to its type."""
    try:
        message.ParseFromString(data)
    except DecodeError:
        return False
    return message.IsInitialized()


def modified(data: bytes) -> bytes:
    """The same with one bit of its last byte turned."""
    return data[:-1] + bytes([data[-1] ^ 1])


def end_with_standard_input() -> None:
    """No server outlives the test that started it."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    listener = socket.create_server(("127.0.0.1", 0))
    tell(listening=listener.getsockname()[1])
    number = 0
    while True:
        connection, _ = listener.accept()
        number += 1
        tell(connection=number)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            why = Session(sys.argv[1], connection).run()
        tell(end=why)


main()

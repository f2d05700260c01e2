"""A client of ceod that does what it is told, right or wrong.

A line on standard input is `{"do": METHOD, ...arguments}`; the line that answers
it on standard output is `{"result": ...}` or `{"error": "..."}`. Bytes travel as
hex. KRB5CCNAME says who the client is.
"""

import json
import socket
import sys
from typing import Any

import gssapi
from ceo import ceo_pb2

from frame import KRB5, MSG_AUTH, OPS, REQUIRED, Flag, ProtocolError
from frame import encode_frame, fields_of, read_frame, unwrap

SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
# MIT Kerberos: the initiator sets conf and integ only if they are asked for.
NO_CI_FLAGS = gssapi.OID.from_int_seq("1.2.752.43.13.29")

FLAGS = {
    "mutual": Flag.mutual_authentication,
    "replay": Flag.replay_detection,
    "sequence": Flag.out_of_sequence_detection,
    "confidentiality": Flag.confidentiality,
    "integrity": Flag.integrity,
}


class Client:
    """One connection at a time; every public method can be named in a line."""

    def __init__(self, read: Any = read_frame) -> None:
        self._read = read
        self._connection: socket.socket
        self._context: gssapi.SecurityContext

    # The regular course of things.

    def connect(self, address: str, port: int) -> None:
        """Opens a connection; one that was open before is closed."""
        self._connection = socket.create_connection((address, port), timeout=30)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def authenticate(
        self, service: str, size: int | None = None, flags: list[str] | None = None
    ) -> bool:
        """Section 3; false if the server closes."""
        self.send(self.auth(service, flags), size)
        reply = self.receive()
        if reply is None:
            return False
        if reply["type"] != MSG_AUTH:
            raise ProtocolError("the reply has another msgtype")
        output = self._context.step(bytes.fromhex(reply["body"]))
        if output is not None or not self._context.complete:
            raise ProtocolError("the context is not complete after one frame each way")
        if not REQUIRED <= set(self._context.actual_flags):
            raise ProtocolError("the context is without a required flag")
        return True

    def call(self, op: int, fields: list[list[Any]], size: int | None = None) -> Any:
        """A request and its response; None if the server closes."""
        self.send(self.op(op, self.encode(op, fields)), size)
        return self.response(op)

    def response(self, op: int) -> Any:
        """The response that comes next, as its fields; None if the server closes."""
        reply = self.reply(op)
        if reply is None:
            return None
        message = OPS[op][1]()
        message.ParseFromString(bytes.fromhex(reply))
        return fields_of(message)

    def reply(self, op: int, careless: bool = False) -> str | None:
        """The same before it is decoded."""
        reply = self.receive()
        if reply is None:
            return None
        if reply["type"] != op:
            raise ProtocolError("the reply has another msgtype")
        return unwrap(self._context, bytes.fromhex(reply["body"]), careless).hex()

    # The pieces of it, to be put together otherwise.

    def auth(
        self, service: str, flags: list[str] | None = None, mechanism: str = "krb5"
    ) -> str:
        """The first frame of a new context for this service (`ceod@HOST`)."""
        flags = list(FLAGS) if flags is None else flags
        credentials = gssapi.Credentials(usage="initiate")
        if mechanism == "krb5":
            gssapi.raw.set_cred_option(NO_CI_FLAGS, credentials)
        self._context = gssapi.SecurityContext(
            name=gssapi.Name(service, gssapi.NameType.hostbased_service),
            creds=credentials,
            usage="initiate",
            mech=SPNEGO if mechanism == "spnego" else KRB5,
            flags=[FLAGS[flag] for flag in flags],
        )
        return encode_frame(MSG_AUTH, self._context.step() or b"").hex()

    def encode(self, op: int, fields: list[list[Any]]) -> str:
        """A request from pairs of field and value, in this order; an enumeration by name."""
        body = b""
        for name, value in fields:
            message = OPS[op][0]()
            if name == "type" and isinstance(value, str):
                value = ceo_pb2.AddUser.Type.Value(value)
            setattr(message, name, value)
            body += message.SerializePartialToString()
        return body.hex()

    def op(self, op: int, body: str, confidential: bool = True) -> str:
        """The frame of a request."""
        token = gssapi.raw.wrap(self._context, bytes.fromhex(body), confidential)
        if token.encrypted != confidential:
            raise ProtocolError("the mechanism did not encrypt")
        return encode_frame(op, token.message).hex()

    def send(self, data: str, size: int | None = None) -> None:
        """Sends bytes, in pieces of this size if one is given."""
        rest = bytes.fromhex(data)
        size = size or len(rest)
        try:
            for start in range(0, len(rest), size):
                self._connection.sendall(rest[start : start + size])
        except (BrokenPipeError, ConnectionResetError):
            pass  # What comes back tells.

    def end_of_requests(self) -> None:
        """Closes the sending direction."""
        self._connection.shutdown(socket.SHUT_WR)

    def receive(self) -> dict[str, Any] | None:
        """The next frame; None if the server closes, in good order or by a reset."""
        try:
            frame = self._read(self._connection)
        except ConnectionResetError:
            return None
        return None if frame is None else {"type": frame[0], "body": frame[1].hex()}


def main() -> None:
    client = Client()
    for line in sys.stdin:
        arguments = json.loads(line)
        method = arguments.pop("do")
        try:
            answer = {"result": getattr(client, method)(**arguments)}
        except Exception as error:  # The test hears of it.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

"""Sends one request, as ceoc does.

Arguments: ADDRESS PORT MODE OP. The request is on standard input; the response
goes to standard output, and any failure ends in an exit status that is not 0.
The mode says how it misbehaves.
"""

import functools
import sys

import gssapi

from client import FLAGS, Client
from frame import IDS, MAX_BODY, OPS, ProtocolError, read_frame, read_piece

SERVICE = "ceod@ginseng.csclub.test"
HEADER_DIGITS = 16

READ = {
    "normal": read_frame,
    # Asks the server for no proof.
    "one-sided": read_frame,
    # Takes whatever it is sent, and sends its request again until there is a reply.
    "careless": functools.partial(read_frame, limit=0xFFFFFFFF),
    "grouped": read_piece,
}


def main(address: str, port: str, mode: str, name: str) -> None:
    op = IDS[name]
    request = sys.stdin.buffer.read()
    careless = mode == "careless"
    for _ in range(2 if careless else 1):
        reply = call(Client(READ[mode]), address, int(port), mode, op, request)
        if reply is not None:
            break
    else:
        raise ProtocolError("the reply was lost")
    response = OPS[op][1]()
    response.ParseFromString(reply)
    if not response.messages and not careless:
        raise ProtocolError("a response without a status")
    sys.stdout.buffer.write(reply)


def call(
    client: Client, address: str, port: int, mode: str, op: int, request: bytes
) -> bytes | None:
    """One attempt; None if the server closes."""
    client.connect(address, port)
    if mode == "one-sided":
        client.send(client.auth(SERVICE, [flag for flag in FLAGS if flag != "mutual"]))
    elif not client.authenticate(SERVICE):
        raise ProtocolError("the server closed in authentication")
    frame = client.op(op, request.hex())
    if mode != "careless" and len(frame) - HEADER_DIGITS > 2 * MAX_BODY:
        raise ProtocolError("the request is too long")
    client.send(frame)
    reply = client.reply(op, careless=mode == "careless")
    return None if reply is None else bytes.fromhex(reply)


try:
    main(*sys.argv[1:])
except (ProtocolError, gssapi.exceptions.GSSError, OSError, ValueError) as error:
    sys.exit(f"{type(error).__name__}: {error}")

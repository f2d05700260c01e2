"""Frames (docs/protocol.md, section 2) and what both sides of the peer share."""

import ctypes
import socket
import struct
import sys
from typing import Any

import gssapi
from ceo import ceo_pb2
from google.protobuf.message import Message

MSG_AUTH = 0x08000000
MAX_BODY = 65_536
HEADER = struct.Struct(">II")

KRB5 = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2")

Flag = gssapi.RequirementFlag
REQUIRED = {Flag.confidentiality, Flag.integrity, Flag.mutual_authentication}

# Section 4.1: the request and the response of each protobuf op that the peer knows.
OPS: dict[int, tuple[type[Message], type[Message]]] = {
    0x01: (ceo_pb2.AddUser, ceo_pb2.AddUserResponse),
    0x02: (ceo_pb2.UpdateMail, ceo_pb2.UpdateMailResponse),
}
IDS = {"adduser": 0x01, "mail": 0x02}

EXPORT_LUCID_CONTEXT = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.6.1")


class Lucid(ctypes.Structure):
    """How gss_krb5_lucid_context_v1_t of gssapi_krb5.h begins."""

    _fields_ = [
        ("version", ctypes.c_uint32),
        ("initiate", ctypes.c_uint32),
        ("endtime", ctypes.c_uint32),
        ("send_seq", ctypes.c_uint64),
        ("recv_seq", ctypes.c_uint64),
    ]
    endtime: int
    recv_seq: int


class ProtocolError(Exception):
    """The other side broke the protocol."""


def encode_frame(msgtype: int, body: bytes) -> bytes:
    """A whole frame; the body is not checked, tests send what is forbidden."""
    return HEADER.pack(len(body), msgtype) + body


def read_frame(
    connection: socket.socket, limit: int = MAX_BODY
) -> tuple[int, bytes] | None:
    """The next frame; None if the stream ends at a frame boundary."""
    header = read_exactly(connection, HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise ProtocolError("the stream ended inside a header")
    length, msgtype = HEADER.unpack(header)
    if not 1 <= length <= limit:
        raise ProtocolError(f"a length of {length}")
    body = read_exactly(connection, length)
    if len(body) < length:
        raise ProtocolError("the stream ended inside a body")
    return msgtype, body


def read_piece(connection: socket.socket) -> tuple[int, bytes] | None:
    """What a reader takes for a frame that depends on how the bytes were grouped."""
    piece = connection.recv(HEADER.size + MAX_BODY)
    if len(piece) < HEADER.size:
        return None
    return HEADER.unpack_from(piece)[1], piece[HEADER.size :]


def read_exactly(connection: socket.socket, length: int) -> bytes:
    """This many bytes, or fewer if the stream ends before."""
    data = bytearray()
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            break
        data += piece
    return bytes(data)


def unwrap(
    context: gssapi.SecurityContext, token: bytes, careless: bool = False
) -> bytes:
    """The plaintext of a wrap token.

    python-gssapi raises for every status but GSS_S_COMPLETE, so also for tokens
    that are repeated, old, out of order or behind a gap.
    """
    result = gssapi.raw.unwrap(context, token)
    if not result.encrypted and not careless:
        raise ProtocolError("a token without confidentiality")
    return result.message


def lucid(context: gssapi.SecurityContext) -> Lucid:
    """What GSS-API itself does not tell of a context."""
    [pointer] = gssapi.raw.inquire_sec_context_by_oid(context, EXPORT_LUCID_CONTEXT)
    return Lucid.from_address(int.from_bytes(pointer, sys.byteorder))


def sequence_of(token: bytes) -> int:
    """SND_SEQ of RFC 4121 section 4.2.6.2."""
    return int.from_bytes(token[8:16], "big")


def fields_of(message: Message) -> dict[str, Any]:
    """The fields that are present, by name; those of messages in it as well."""

    def plain(value: Any) -> Any:
        if isinstance(value, Message):
            return fields_of(value)
        if isinstance(value, (str, int)):
            return value
        return [plain(each) for each in value]

    return {field.name: plain(value) for field, value in message.ListFields()}

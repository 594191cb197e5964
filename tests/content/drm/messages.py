"""Widevine's messages as Google's own library writes and reads them, from the part of their schema that is public."""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]

KINDS = descriptor_pb2.FieldDescriptorProto
PACKAGE = "marquee.tests"
# By message its fields: number, kind or the name of another message, whether there may be several.
SCHEMA: dict[str, dict[str, tuple[int, int | str, bool]]] = {
    "PsshData": {
        "key_ids": (2, KINDS.TYPE_BYTES, True),
        "content_id": (4, KINDS.TYPE_BYTES, False),
        "protection_scheme": (9, KINDS.TYPE_UINT32, False),
    },
    "WidevinePssh": {
        "pssh_data": (1, KINDS.TYPE_BYTES, True),
        "license_type": (2, KINDS.TYPE_INT32, False),
        "request_id": (3, KINDS.TYPE_BYTES, False),
    },
    "InitData": {
        "init_data_type": (1, KINDS.TYPE_INT32, False),
        "init_data": (2, KINDS.TYPE_BYTES, False),
        "license_type": (3, KINDS.TYPE_INT32, False),
    },
    "Content": {"widevine_pssh_data": (1, "WidevinePssh", False), "init_data": (4, "InitData", False)},
    "LicenseRequest": {
        "client_id": (1, KINDS.TYPE_BYTES, False),
        "content_id": (2, "Content", False),
        "type": (3, KINDS.TYPE_INT32, False),
        "request_time": (4, KINDS.TYPE_INT64, False),
    },
    "SignedMessage": {
        "type": (1, KINDS.TYPE_INT32, False),
        "msg": (2, KINDS.TYPE_BYTES, False),
        "signature": (3, KINDS.TYPE_BYTES, False),
    },
}


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="widevine.proto", package=PACKAGE, syntax="proto2")
    for name, fields in SCHEMA.items():
        message = file.message_type.add(name=name)
        for field, (number, kind, several) in fields.items():
            label = KINDS.LABEL_REPEATED if several else KINDS.LABEL_OPTIONAL
            made = message.field.add(name=field, number=number, label=label)
            if isinstance(kind, str):
                made.type, made.type_name = KINDS.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
            else:
                made.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {n: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{n}")) for n in SCHEMA}


CLASSES = _classes()


def made(name: str, **fields: Any) -> Any:
    """A message."""
    return CLASSES[name](**fields)


def read(name: str, content: bytes) -> Any:
    """A message from its bytes."""
    return CLASSES[name].FromString(content)

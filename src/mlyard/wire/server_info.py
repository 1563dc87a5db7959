"""What a server says of itself."""

from __future__ import annotations

from mlyard.wire.message import Message


class ServerInfo(Message, kw_only=True, omit_defaults=False):
    """The answer of ``server-info``. ``recognises_repetitions`` is mlyard's addition: see routes.Repeat."""

    store_type: str = "SqlStore"
    workspaces_enabled: bool = False
    multipart_uploads_enabled: bool = False
    recognises_repetitions: bool = False

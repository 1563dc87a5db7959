"""Sessions of PostgreSQL: how they are opened, and the settings that they have.

Settings are sent with the request for a session. A pooler such as PgBouncer takes none, and gives each transaction
another session. Then reads set them for one transaction at a time, and no statement stays prepared, unless the pooler
gives its sessions the settings itself (ADR 0026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event

from mlyard.stores.sql import arrays, dialect
from mlyard.stores.sql.dialect import LOCAL_SETTINGS

# As PgBouncer says it. It may also be configured to ignore the settings.
_REFUSED = "unsupported startup parameter"
_HELD = "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)"


class Sessions:
    """Opens the sessions of an engine, with settings."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings
        self._pooled = False

    def listen(self, engine: Engine) -> None:
        """Open the engine's sessions from now on."""
        event.listen(engine, "do_connect", self._open)
        event.listen(engine, "connect", _register)

    def _open(self, dialect: Dialect, record: Any, arguments: Any, parameters: dict[str, Any]) -> Any:
        if not self._pooled:
            options = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
            try:
                driver = dialect.connect(*arguments, **parameters, options=options)
            except dialect.loaded_dbapi.OperationalError as error:
                if _REFUSED not in str(error):
                    raise
            else:
                if self._hold(driver):
                    return driver
                driver.close()
            self._pooled = True
        driver = dialect.connect(*arguments, **parameters)
        driver.prepare_threshold = None
        if not self._hold(driver):
            record.info[LOCAL_SETTINGS] = "; ".join(
                f"SET LOCAL {name} TO {value}" for name, value in self._settings.items()
            )
        return driver

    def _hold(self, driver: Any) -> bool:
        """Whether a session has the settings."""
        try:
            driver.autocommit = True
            found = driver.execute(_HELD, [list(self._settings)], prepare=False).fetchall()
            driver.autocommit = False
        except BaseException:
            driver.close()
            raise
        return dict(found) == dict(self._settings)


def _register(driver: Any, _record: Any) -> None:
    arrays.register(driver)


@contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """Read with the settings, whether the connection has them or not."""
    local = connection.info.get(LOCAL_SETTINGS)
    if local is None:
        yield
        return
    dialect.script(connection, f"BEGIN; {local}")
    try:
        yield
        dialect.script(connection, "COMMIT")
    except BaseException:
        if not connection.invalidated:
            with suppress(connection.dialect.loaded_dbapi.Error):
                connection.connection.driver_connection.rollback()  # type: ignore[union-attr]  # it is there
        raise

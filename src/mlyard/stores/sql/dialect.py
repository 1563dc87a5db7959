"""Everything that differs between the databases."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Dialect,
    Float,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import ARRAY, Boolean, TypeDecorator, TypeEngine

from mlyard.core.jsontext import json_text
from mlyard.search.evaluate import ascii_lower
from mlyard.stores.sql import arrays

POSTGRESQL = "postgresql"
LOCAL_SETTINGS = "local settings"
"""Where a connection's info says what each of its transactions must set, because its sessions are a pooler's."""
_POSTGRESQL_TYPES = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap


def insert(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    conflict: str = "",
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """Insert any number of rows with one statement. ``conflict``: an ON CONFLICT clause, the same in both dialects.

    ``returning``: the columns of the new rows to return. In SQLite nothing is returned.
    """
    if not rows:
        return []
    if connection.dialect.name == POSTGRESQL:
        sql = _insert_arrays(table, columns, conflict, returning)
        values = zip(_packers(table, columns), zip(*rows, strict=True), strict=True)
        return _on_driver(connection, sql, tuple(pack(column) for pack, column in values))
    return _on_driver(connection, _insert_values(table, columns, conflict), rows, many=True)


@lru_cache(maxsize=200)
def _insert_values(table: Table, columns: tuple[str, ...], conflict: str) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))}) {conflict}"  # noqa: S608 - no value


@lru_cache(maxsize=200)
def _insert_arrays(table: Table, columns: tuple[str, ...], conflict: str, returning: str) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    arrays = ", ".join(f"%s::{_array_type(table.c[name])}" for name in columns)
    end = f"{conflict} RETURNING {returning}" if returning else conflict
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) {end}"  # noqa: S608 - no value


@lru_cache(maxsize=200)
def _packers(table: Table, columns: tuple[str, ...]) -> list[Callable[[Sequence[Any]], Any]]:
    """How the values of each column become a parameter."""
    return [
        arrays.integers if isinstance(kind, Integer) else arrays.floats if isinstance(kind, Float) else list
        for kind in (table.c[name].type for name in columns)
    ]


def _array_type(column: Column[Any]) -> str:
    name = column.type.compile(dialect=_POSTGRESQL_TYPES)
    return f"{name.partition('(')[0].partition(' COLLATE')[0]}[]"


class _Values(TypeDecorator[Any]):
    """A list as one parameter: an array in PostgreSQL, JSON in SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(self.item) if dialect.name == POSTGRESQL else Text()

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == POSTGRESQL else json_text(value)


class PreparedStatement:
    """A statement that is compiled once per dialect, and then always sent as the same text.

    For statements that dominate a request, SQLAlchemy's overhead would be half of the time. PostgreSQL plans it once.
    """

    def __init__(self, build: Callable[[], Select[Any] | CompoundSelect[Any]]) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **parameters: Any) -> list[tuple[Any, ...]]:
        """Execute the statement. Lists must be parameters made by ``list_of``."""
        name = connection.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _compile(self._build(), connection)
        compiled = self._compiled[name]
        if name == POSTGRESQL:
            return _on_driver(connection, compiled.sql, parameters)
        return _on_driver(connection, compiled.sql, tuple(_bound(parameters[each]) for each in compiled.order))

    def records(self, connection: Connection, **parameters: Any) -> list[Any]:
        """Execute the statement; the rows have their columns as attributes."""
        found = self.rows(connection, **parameters)
        record = self._compiled[connection.dialect.name].record
        return [record._make(row) for row in found]


class _Compiled(NamedTuple):
    sql: str
    order: tuple[str, ...]
    record: Any


def _compile(statement: Select[Any] | CompoundSelect[Any], connection: Connection) -> _Compiled:
    compiled: Any = statement.compile(dialect=connection.dialect)
    names = [str(getattr(column, "name", "_")) for column in statement.selected_columns]
    record = namedtuple("Record", names, rename=True)  # type: ignore[misc]  # the names are known only at run time
    return _Compiled(str(compiled), tuple(compiled.positiontup or ()), record)


def _bound(value: Any) -> Any:
    return json_text(value) if isinstance(value, list) else value


def script(connection: Connection, sql: str) -> None:
    """Execute statements without parameters and results in one round trip (PostgreSQL)."""
    _on_driver(connection, sql, None)


def _on_driver(connection: Connection, sql: str, parameters: Any, *, many: bool = False) -> list[tuple[Any, ...]]:
    """Execute on the driver's connection, and turn its errors into SQLAlchemy's."""
    driver: Any = connection.connection.driver_connection
    try:
        if many:
            driver.executemany(sql, parameters)
            return []
        if connection.dialect.name == POSTGRESQL and parameters is not None:
            cursor = driver.execute(sql, parameters, prepare=True, binary=True)
        else:
            cursor = driver.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []
    except connection.dialect.loaded_dbapi.Error as error:
        lost = connection.dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(
            sql, None, error, base, hide_parameters=True, connection_invalidated=lost, dialect=connection.dialect
        ) from None


@contextmanager
def snapshot(connection: Connection) -> Iterator[None]:
    """All statements inside see the same state of the database. For reading connections."""
    local = connection.info.get(LOCAL_SETTINGS)
    if local is not None:  # behind a pooler, each read is a transaction already
        script(connection, f"COMMIT; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {local}")
        yield
        script(connection, f"COMMIT; BEGIN; {local}")
        return
    is_postgresql = connection.dialect.name == POSTGRESQL
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgresql else "BEGIN")
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError):
            connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def list_of(name: str, item: TypeEngine[Any]) -> ColumnElement[Any]:
    """A parameter for a list, to be used in ``is_in``."""
    return bindparam(name, type_=_Values(item))


def is_in(target: ColumnElement[Any], values: ColumnElement[Any]) -> ColumnElement[bool]:
    """``target IN values``, where the values are a ``list_of`` parameter."""
    return _In(target, values)


class _In(ColumnElement[bool]):
    """``target IN values``."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 - how SQLAlchemy finds an element's parts
        ("target", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, target: ColumnElement[Any], values: ColumnElement[Any]) -> None:
        self.target = target
        self.values = values


@compiles(_In)
def _in_json(element: _In, compiler: SQLCompiler, **options: Any) -> str:
    target, values = (compiler.process(part, **options) for part in (element.target, element.values))
    return f"{target} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - parts that SQLAlchemy has compiled


@compiles(_In, POSTGRESQL)
def _in_array(element: _In, compiler: SQLCompiler, **options: Any) -> str:
    target, values = (compiler.process(part, **options) for part in (element.target, element.values))
    return f"{target} = ANY ({values})"


def in_values(target: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """``target IN values`` with any number of values, bound as one parameter."""
    item = BigInteger() if isinstance(target.type.as_generic(), BigInteger) else Text()
    return _In(target, bindparam(None, list(values), type_=_Values(item), unique=True))


class _Like(ColumnElement[bool]):
    """``target LIKE pattern``: case-sensitive, with ``%`` and ``_`` as the only wildcards."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 - how SQLAlchemy finds an element's parts
        ("target", InternalTraversal.dp_clauseelement),
        ("pattern", InternalTraversal.dp_clauseelement),
        ("glob", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, target: ColumnElement[Any], pattern: str) -> None:
        self.target = target
        self.pattern = bindparam(None, pattern, type_=Text(), unique=True)
        self.glob = bindparam(None, _glob(pattern), type_=Text(), unique=True)


@compiles(_Like)
def _like_glob(element: _Like, compiler: SQLCompiler, **options: Any) -> str:
    # SQLite's LIKE ignores case; GLOB does not, but has other wildcards.
    return f"{compiler.process(element.target, **options)} GLOB {compiler.process(element.glob, **options)}"


@compiles(_Like, POSTGRESQL)
def _like(element: _Like, compiler: SQLCompiler, **options: Any) -> str:
    target, pattern = (compiler.process(part, **options) for part in (element.target, element.pattern))
    return f"{target} LIKE {pattern} ESCAPE ''"


def like(target: ColumnElement[Any], pattern: str, *, ignore_case: bool) -> ColumnElement[bool]:
    """SQL's LIKE with ``%`` and ``_``. ``ignore_case`` concerns ASCII letters only, as in both databases."""
    if ignore_case:
        return _Like(func.lower(target), ascii_lower(pattern))
    return _Like(target, pattern)


def _glob(pattern: str) -> str:
    special = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(special.get(character, character) for character in pattern)


def integer_table(connection: Connection, names: Sequence[str], rows: Sequence[Sequence[int]]) -> FromClause:
    """A table of integers with these columns."""
    if connection.dialect.name == POSTGRESQL:
        columns = [[row[position] for row in rows] for position in range(len(names))]
        arrays = (bindparam(None, values, type_=_Values(BigInteger()), unique=True) for values in columns)
        return func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    bound = bindparam(None, [list(row) for row in rows], type_=_Values(BigInteger()), unique=True)
    row = func.json_each(bound).table_valued("value").c.value
    values = (func.json_extract(row, f"$[{position}]").label(name) for position, name in enumerate(names))
    return select(*values).subquery("given")

"""Casts the columns of data frames to the types of a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlyard.core.errors import InvalidParameter
from mlyard.models.signature.frames import dense
from mlyard.models.signature.schema import ColSpec
from mlyard.models.signature.types import AnyType, DataType, Kind, Misfit
from mlyard.models.signature.values import cast_array, fitted, is_missing, moment

_INTEGERS = (DataType.integer, DataType.long)
_FLOATS = (DataType.float, DataType.double)
_SAME = {kind: kind.to_numpy() for kind in DataType if kind.to_pandas() is not object}


def _is_of_type(dtype: Any, spec: ColSpec) -> bool:
    """Whether a column of this dtype certainly matches the schema."""
    return isinstance(spec.type, DataType) and spec.type in _SAME and bool(dtype == _SAME[spec.type])


def cast_frame(frame: pd.DataFrame, found: list[tuple[int, ColSpec]], from_json: bool) -> pd.DataFrame:
    """Select the columns at the positions in ``found`` and cast them; returns the same frame if nothing changes.

    Raises InvalidParameter naming the column and the first row that does not fit.
    """
    frame = dense(frame)
    places, specs = [place for place, _ in found], [spec for _, spec in found]
    if places != list(range(len(frame.columns))):
        frame = frame.take(places, axis=1)  # faster than selecting by name
    dtypes = frame.dtypes.tolist()
    whole = _cast_whole(frame, set(dtypes), {spec.type for spec in specs})
    if whole is not None:
        return whole
    cast = {
        place: _cast_column(frame.iloc[:, place], spec, from_json)
        for place, spec in enumerate(specs)
        if not _is_of_type(dtypes[place], spec)
    }
    if all(values is None for values in cast.values()):
        return frame
    made: pd.DataFrame = pd.DataFrame(
        {place: frame.iloc[:, place].array if cast.get(place) is None else cast[place] for place in range(len(dtypes))},
        index=frame.index,
    )
    made.columns = frame.columns
    return made


def _cast_whole(frame: pd.DataFrame, dtypes: set[Any], kinds: set[Kind]) -> pd.DataFrame | None:
    """Cast the frame in one step if all columns have one numeric dtype and one target type; None otherwise."""
    if len(dtypes) > 1 or len(kinds) > 1 or not frame.size:
        return None
    (dtype,), (kind,) = dtypes, kinds
    if not (isinstance(dtype, np.dtype) and dtype.kind in "iuf" and isinstance(kind, DataType)):
        return None
    if dtype == kind.to_numpy():
        return frame
    cast = cast_array(frame.to_numpy(), kind.to_numpy())
    made: pd.DataFrame | None = None
    if cast is not None:
        made = pd.DataFrame(cast, columns=frame.columns, index=frame.index, copy=False)
    return made


def _cast_column(values: pd.Series[Any], spec: ColSpec, from_json: bool) -> Any:
    """The column's values cast to the type of the schema; None if they need no cast.

    Raises InvalidParameter naming the column and the first row that does not fit.
    """
    dtype: Any = values.dtype
    if _is_of_type(dtype, spec):
        return None
    if isinstance(spec.type, AnyType):
        return values.infer_objects().array if dtype.kind == "O" else None
    if not isinstance(spec.type, DataType):
        return _fit_each(values.tolist(), spec, values.name, from_json)
    if isinstance(dtype, pd.CategoricalDtype):
        # Models may be trained on categories, so the column stays categorical if all categories fit the type.
        _cast_column(pd.Series(dtype.categories, name=values.name), spec, from_json=False)
        return None
    if dtype.kind != "O" and not from_json:
        return _cast_typed(values, spec)
    is_text = isinstance(dtype, pd.StringDtype) and spec.type is DataType.string
    return None if is_text else _of_objects(values.tolist(), spec, values.name, from_json)


def _cast_typed(values: pd.Series[Any], spec: ColSpec) -> Any:
    assert isinstance(spec.type, DataType)
    dtype: Any = values.dtype
    target = spec.type.to_numpy()
    if isinstance(dtype, pd.DatetimeTZDtype) and spec.type is DataType.datetime:
        return values.dt.as_unit("ns").array
    missing = values.isna()
    plain = dtype if isinstance(dtype, np.dtype) else getattr(dtype, "numpy_dtype", None)
    if plain is not None and not (missing.any() and plain is not dtype):
        cast = cast_array(values.to_numpy(plain), target)
        if cast is not None:
            return cast
    elif plain is not None and cast_array(np.empty(0, plain), target) is not None and _may_miss(spec):
        return _of_objects(values.tolist(), spec, values.name, from_json=False)
    if spec.type in _INTEGERS and not spec.required and dtype.kind == "f" and missing.any():
        return _of_objects(values.tolist(), spec, values.name, from_json=False)
    raise _refusal(values, spec, missing)


def _may_miss(spec: ColSpec) -> bool:
    """Whether values may be missing: the numpy type can represent it, or the schema allows a nullable column."""
    return spec.type not in _INTEGERS or not spec.required


def cast_cells(cells: dict[Any, Any], found: list[tuple[int, ColSpec]], from_json: bool) -> pd.DataFrame:
    """Like ``cast_frame``, for a dict of columns, each a list of cells."""
    names = list(cells)
    made: pd.DataFrame = pd.DataFrame(
        {names[place]: _cast_cells(cells[names[place]], spec, names[place], from_json) for place, spec in found}
    )
    return made


def _cast_cells(cells: Any, spec: ColSpec, label: Any, from_json: bool) -> Any:
    """The cells cast to the type of the schema; error messages name the column ``label``."""
    if isinstance(cells, (np.ndarray, pd.Series)) and cells.dtype != object and cells.ndim == 1:
        column = pd.Series(cells, name=label)
        cast = _cast_column(column, spec, from_json)
        return column.array if cast is None else cast
    if isinstance(spec.type, AnyType):
        return _series(_boxed(cells)).infer_objects().array
    if not isinstance(spec.type, DataType):
        return _fit_each(cells, spec, label, from_json)
    cast = _of_objects(list(cells), spec, label, from_json)
    return list(cells) if cast is None else cast


def _of_objects(cells: list[Any], spec: ColSpec, label: Any, from_json: bool) -> Any:
    """Cast Python values one by one, unless their classes alone show that all of them fit."""
    assert isinstance(spec.type, DataType)
    whole = _at_once(cells, spec.type)
    if whole is not None:
        return whole
    fit = [None if is_missing(cell) else _fit(cell, spec, label, row, from_json) for row, cell in enumerate(cells)]
    missing = None in fit
    if missing and spec.required and spec.type in _INTEGERS:
        raise _misfit(spec, label, fit.index(None), Misfit("integers cannot be missing"))
    if spec.type is DataType.datetime:
        return _moments(fit, spec, label)
    unchanged = all(new is old for new, old in zip(fit, cells, strict=True) if new is not None)
    if unchanged and spec.type.to_pandas() is object:
        return fit if from_json else None  # pandas chooses its own string dtype
    return _series(fit, dtype=_dtype(spec.type, missing)).array


def _moments(fit: list[Any], spec: ColSpec, label: Any) -> Any:
    """A column of moments: in UTC if they have time zones, which all of them or none must have."""
    made = [None if cell is None else _moment(cell, spec, label, row) for row, cell in enumerate(fit)]
    zoned = {cell.tzinfo is not None: row for row, cell in reversed([*enumerate(made)]) if cell is not None}
    if len(zoned) == 2:
        wrong = Misfit(f"only one of rows {zoned[True]} and {zoned[False]} has a time zone: give all of them one")
        raise _misfit(spec, label, max(zoned.values()), wrong)
    return _series(made, dtype="datetime64[ns, UTC]" if True in zoned else "datetime64[ns]").array


def _moment(cell: Any, spec: ColSpec, label: Any, row: int) -> pd.Timestamp:
    try:
        return moment(cell)
    except Misfit as error:
        raise _misfit(spec, label, row, error) from None


def _at_once(cells: list[Any], kind: DataType) -> np.ndarray[Any, Any] | None:
    """Convert the cells in one step if their classes allow it; None if each one must be checked."""
    classes = set(map(type, cells))
    if kind is DataType.boolean and classes == {bool}:
        return np.array(cells, bool)
    if kind in _FLOATS and classes <= {int, float, type(None)}:
        return _numbers(cells, np.float64, kind)
    if kind in _INTEGERS and classes and classes <= {int, float}:
        return _numbers(cells, np.int64 if classes == {int} else np.float64, kind)
    return None


def _numbers(cells: list[Any], wide: type[np.generic], kind: DataType) -> np.ndarray[Any, Any] | None:
    """Convert numbers through their widest type; None if one changes by more than floating-point rounding."""
    try:
        numbers = np.array(cells, wide)
    except OverflowError:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        made = numbers.astype(kind.to_numpy())
    if kind in _FLOATS:
        return made if np.array_equal(np.isinf(made), np.isinf(numbers)) else None
    exact = wide is np.int64 or bool((np.abs(numbers) < 2**53).all())
    return made if exact and np.array_equal(made, numbers) else None


def _dtype(kind: DataType, missing: bool) -> Any:
    """The dtype of a column; integers with missing values need a nullable dtype."""
    if missing and kind in _INTEGERS:
        return "Int32" if kind is DataType.integer else "Int64"
    return object if missing and kind is DataType.boolean else kind.to_pandas()


def _fit_each(cells: Any, spec: ColSpec, label: Any, from_json: bool) -> Any:
    return _boxed(
        [
            cell if not spec.required and _is_none(cell) else _fit(cell, spec, label, row, from_json)
            for row, cell in enumerate(cells)
        ]
    )


def _is_none(cell: Any) -> bool:
    return not isinstance(cell, (list, Mapping, np.ndarray)) and is_missing(cell)


def _fit(cell: Any, spec: ColSpec, label: Any, row: int, from_json: bool) -> Any:
    try:
        return fitted(cell, spec.type, from_json)
    except Misfit as error:
        raise _misfit(spec, label, row, error) from None


def _misfit(spec: ColSpec, label: Any, row: int, error: Misfit) -> InvalidParameter:
    return InvalidParameter(
        f"Incompatible input types for column {label}, row {row}: {error} (expected {spec.type!r})."
    )


def _refusal(values: pd.Series[Any], spec: ColSpec, missing: pd.Series[bool]) -> InvalidParameter:
    hint = ""
    if missing.any() and spec.type in _INTEGERS:
        row = int(np.argmax(missing.to_numpy()))
        hint = f" Row {row} has no value, and integers cannot be missing: make the column optional, or a double."
    elif values.dtype == np.float64 and spec.type is DataType.float:
        hint = " The conversion would lose digits: convert the column yourself with astype('float32')."
    return InvalidParameter(
        f"Incompatible input types for column {values.name}. "
        f"Can not safely convert {values.dtype} to {spec.type!r}.{hint}"
    )


def _series(values: Any, dtype: Any = None) -> pd.Series[Any]:
    """A column of pandas."""
    made: pd.Series[Any] = pd.Series(values, dtype=dtype)
    return made


def _boxed(values: Any) -> np.ndarray[Any, Any]:
    """An object array of Python values, which may be lists or dicts."""
    return np.fromiter(values, dtype=object, count=len(values))

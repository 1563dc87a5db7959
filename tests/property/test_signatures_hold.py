"""Schemas come back from their JSON as they were; what was inferred from data accepts that data."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from mlyard.models import ModelSignature, infer_signature
from mlyard.models.input.matrix import matrix_plan
from mlyard.models.input.table import enforce
from mlyard.models.signature.params import ParamSchema, ParamSpec, enforce_params
from mlyard.models.signature.schema import ColSpec, Schema, TensorSpec
from mlyard.types.schema import AnyType, Array, DataType, Map, Object, Property

OLD, NEW = pd.Timestamp(1700, 1, 1).to_pydatetime(), pd.Timestamp(2200, 1, 1).to_pydatetime()
NAMES = st.text(min_size=1, max_size=8)
SCALARS = st.sampled_from(list(DataType))
KINDS = st.recursive(
    SCALARS | st.just(AnyType()),
    lambda inner: st.one_of(
        st.builds(Array, inner),
        st.builds(Map, inner),
        st.builds(
            Object,
            st.dictionaries(NAMES, st.tuples(inner, st.booleans()), min_size=1, max_size=3).map(
                lambda items: tuple(Property(name, *rest) for name, rest in items.items())
            ),
        ),
    ),
    max_leaves=6,
)
DTYPES = st.sampled_from(
    ["bool", "int8", "int64", "uint8", "float32", "float64", "str", "bytes", "datetime64[ns]", "object"]
)
SHAPES = st.lists(st.integers(-1, 5), max_size=3).map(tuple)


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    if draw(st.booleans()):
        return Schema([TensorSpec(np.dtype(draw(DTYPES)), draw(SHAPES), name) for name in names])
    if draw(st.booleans()):
        return Schema([ColSpec(draw(KINDS)) for _ in names])
    return Schema([ColSpec(draw(KINDS), name, draw(st.booleans())) for name in names])


def params(kind: DataType) -> st.SearchStrategy[Any]:
    return {
        DataType.boolean: st.booleans(),
        DataType.integer: st.integers(-(2**31), 2**31 - 1),
        DataType.long: st.integers(-(2**63), 2**63 - 1),
        DataType.float: st.floats(width=32, allow_nan=False, allow_infinity=False),
        DataType.double: st.floats(allow_nan=False, allow_infinity=False),
        DataType.string: st.text(),
        DataType.datetime: st.datetimes() | st.dates(),
    }[kind]


@st.composite
def param_schemas(draw: st.DrawFn) -> ParamSchema:
    specs = []
    for name in draw(st.lists(NAMES, max_size=4, unique=True)):
        kind = draw(st.sampled_from([kind for kind in DataType if kind is not DataType.binary]))
        if draw(st.booleans()):
            specs.append(ParamSpec(name, kind, draw(st.lists(params(kind), max_size=3)), (-1,)))
        else:
            specs.append(ParamSpec(name, kind, draw(params(kind) | st.none())))
    return ParamSchema(specs)


@given(schemas(), schemas(), param_schemas())
def test_a_signature_comes_back_from_its_json(inputs: Schema, outputs: Schema, given_params: ParamSchema) -> None:
    assert Schema.from_json(inputs.to_json()) == inputs
    assert ParamSchema.from_json(given_params.to_json()) == given_params
    signature = ModelSignature(inputs, outputs, given_params if len(given_params) else None)
    assert ModelSignature.from_dict(signature.to_dict()) == signature


@given(param_schemas())
def test_the_defaults_of_params_are_accepted(schema: ParamSchema) -> None:
    defaults = {spec.name: spec.default for spec in schema.params}
    assert enforce_params(None, schema) == defaults
    assert enforce_params(defaults, schema) == defaults


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "int8": st.integers(-128, 127),
    "float64": st.floats(),
    "float32": st.floats(width=32),
    "Int64": st.none() | st.integers(-(2**63), 2**63 - 1),
    "Int32": st.none() | st.integers(-(2**31), 2**31 - 1),
    "Float64": st.none() | st.floats(allow_nan=False),
    "boolean": st.none() | st.booleans(),
    "str": st.none() | st.text(),
    "string": st.none() | st.text(),
    "category": st.sampled_from(["a", "b"]),
    "datetime64[ns]": st.none() | st.datetimes(OLD, NEW),
    "datetime64[s]": st.datetimes(OLD, NEW),
    "datetime64[us, UTC]": st.datetimes(OLD, NEW, timezones=st.just(dt.UTC)),
    "object": st.binary(),
}
JSON = st.recursive(
    st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(1, 4))
    columns = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        dtype = draw(st.sampled_from(sorted(VALUES)))
        values = draw(st.lists(VALUES[dtype], min_size=rows, max_size=rows))
        columns[name] = pd.Series(values, dtype=dtype)
    if draw(st.booleans()):
        columns["nested"] = pd.Series(draw(st.lists(JSON, min_size=rows, max_size=rows)), dtype=object)
    return pd.DataFrame(columns)


@given(frames(), st.randoms())
def test_what_was_inferred_from_a_frame_accepts_it(frame: pd.DataFrame, random: Any) -> None:
    schema = infer_signature(frame).inputs
    assert schema
    shuffled = frame[random.sample(list(frame.columns), len(frame.columns))]
    accepted = enforce(shuffled, schema)
    assert list(accepted.columns) == list(frame.columns)
    for name in frame.columns:
        assert accepted[name].isna().tolist() == frame[name].isna().tolist()


@example({"1": [], "0": [[]]})
@given(st.lists(JSON, min_size=1, max_size=4) | st.dictionaries(NAMES, JSON, min_size=1, max_size=4) | JSON)
def test_what_was_inferred_from_json_accepts_it(data: Any) -> None:
    schema = infer_signature(data).inputs
    assert schema
    enforce(data, schema)


@given(
    st.sampled_from(["integer", "long", "float", "double"]),
    st.lists(
        st.lists(
            st.none() | st.booleans() | st.integers() | st.floats(width=32) | st.text(max_size=2),
            min_size=2,
            max_size=2,
        ),
        max_size=4,
    ),
)
def test_the_plan_and_the_frame_agree(kind: str, rows: list[list[Any]]) -> None:
    schema = Schema([ColSpec(kind, "a"), ColSpec(kind, "b")])
    plan = matrix_plan(schema)
    assert plan
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=object)
    try:
        made = plan.rows(["a", "b"], rows)
    except ValueError as error:
        raise AssertionError from error
    except Exception as error:
        refusal: Any = type(error)
        try:
            enforce(frame, schema, from_json=True)
        except refusal:
            return
        raise AssertionError(f"the plan refuses what the frame takes: {error}") from error
    np.testing.assert_array_equal(made, enforce(frame, schema, from_json=True).to_numpy(made.dtype))

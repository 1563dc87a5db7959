"""What both libraries are asked: expressions over numpy, pandas, scipy and the names of their types.

An expression is evaluated where it is played, with MLflow's ``Schema``, ``ColSpec``, … or with mlyard's.
"""

from __future__ import annotations

TYPES = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")

SERIES = {
    "bool": "pd.Series([True, False])",
    "bool with None": "pd.Series([True, None])",
    "int8": "pd.Series([1, -2], dtype='int8')",
    "uint8": "pd.Series([1, 2], dtype='uint8')",
    "int16": "pd.Series([1, 2], dtype='int16')",
    "uint16": "pd.Series([1, 2], dtype='uint16')",
    "int32": "pd.Series([1, 2], dtype='int32')",
    "uint32": "pd.Series([1, 2], dtype='uint32')",
    "int64": "pd.Series([1, 2], dtype='int64')",
    "large int64": "pd.Series([1, 2**53 + 1], dtype='int64')",
    "uint64": "pd.Series([1, 2], dtype='uint64')",
    "float16": "pd.Series([1, 2], dtype='float16')",
    "float32": "pd.Series([1, 2.5], dtype='float32')",
    "float64": "pd.Series([1, 2.5])",
    "whole float64": "pd.Series([1.0, 2.0])",
    "float64 with NaN": "pd.Series([1.0, None])",
    "str": "pd.Series(['1', 'b'])",
    "str with None": "pd.Series(['1', None])",
    "str as object": "pd.Series(['1', 'b'], dtype=object)",
    "digits": "pd.Series(['1', '2'])",
    "bytes": "pd.Series([b'1', b'b'])",
    "int objects": "pd.Series([1, 2], dtype=object)",
    "float objects": "pd.Series([1.5, 2], dtype=object)",
    "mixed objects": "pd.Series([1, 'b'], dtype=object)",
    "Nones": "pd.Series([None, None], dtype=object)",
    "NaNs": "pd.Series([np.nan, np.nan])",
    "datetime": "pd.Series(pd.to_datetime(['2020-01-01T00:00:00', '2021-02-03T04:05:06']))",
    "datetime in seconds": "pd.Series(np.array(['2020-01-01'], dtype='datetime64[s]'))",
    "datetime in ns": "pd.Series(np.array(['2020-01-01'], dtype='datetime64[ns]'))",
    "datetime with NaT": "pd.Series(pd.to_datetime(['2020-01-01', None]))",
    "datetime with zone": "pd.Series(pd.to_datetime(['2020-01-01T00:00:00+02:00']))",
    "datetime text": "pd.Series(['2020-01-01', '2021-02-03'])",
    "datetime objects": "pd.Series([dt.datetime(2020, 1, 1)], dtype=object)",
    "date objects": "pd.Series([dt.date(2020, 1, 1)])",
    "Int64": "pd.Series([1, 2], dtype='Int64')",
    "Int64 with NA": "pd.Series([1, None], dtype='Int64')",
    "Int32": "pd.Series([1, 2], dtype='Int32')",
    "Float64": "pd.Series([1, 2.5], dtype='Float64')",
    "Float64 with NA": "pd.Series([1, None], dtype='Float64')",
    "Float32": "pd.Series([1, 2.5], dtype='Float32')",
    "boolean": "pd.Series([True, False], dtype='boolean')",
    "boolean with NA": "pd.Series([True, None], dtype='boolean')",
    "string": "pd.Series(['1', 'b'], dtype='string')",
    "string with NA": "pd.Series(['1', None], dtype='string')",
    "category of str": "pd.Series(['1', 'b'], dtype='category')",
    "category of int": "pd.Series([1, 2], dtype='category')",
    "timedelta": "pd.Series([pd.Timedelta(1, 'D')])",
    "decimals": "pd.Series([decimal.Decimal('1.5')])",
    "lists": "pd.Series([[1, 2], [3]])",
    "dicts": "pd.Series([{'x': 1}])",
}
ENFORCE = {
    f"{name} -> {kind}": (f"Schema([ColSpec('{kind}', 'a')])", f"pd.DataFrame({{'a': {series}}})")
    for kind in TYPES
    for name, series in SERIES.items()
}
ENFORCE |= {
    f"{name} -> optional {kind}": (
        f"Schema([ColSpec('{kind}', 'a', required=False)])",
        f"pd.DataFrame({{'a': {SERIES[name]}}})",
    )
    for kind in TYPES
    for name in (
        "int64",
        "float64 with NaN",
        "Nones",
        "NaNs",
        "bool with None",
        "str with None",
        "datetime with NaT",
        "Int64 with NA",
        "Float64 with NA",
        "boolean with NA",
        "string with NA",
        "mixed objects",
    )
}

# Columns: names, order, what is missing or too much, and other forms of input.
AB = "Schema([ColSpec('long', 'a'), ColSpec('double', 'b')])"
OPTIONAL = "Schema([ColSpec('long', 'a'), ColSpec('double', 'b', required=False)])"
UNNAMED = "Schema([ColSpec('long'), ColSpec('double')])"
ONE = "Schema([ColSpec('long')])"
ONE_STRING = "Schema([ColSpec('string')])"
NUMBERED = "Schema([ColSpec('double', 0), ColSpec('double', 1)])"
SHAPES = {
    "in order": (AB, "pd.DataFrame({'a': [1], 'b': [2.5]})"),
    "by name": (AB, "pd.DataFrame({'b': [2.5], 'a': [1]})"),
    "extra column": (AB, "pd.DataFrame({'c': ['x'], 'b': [2.5], 'a': [1]})"),
    "missing column": (AB, "pd.DataFrame({'a': [1]})"),
    "missing and extra": (AB, "pd.DataFrame({'a': [1], 'c': [1.0]})"),
    "other names": (AB, "pd.DataFrame({'x': [1], 'y': [1.0]})"),
    "index kept": (AB, "pd.DataFrame({'a': [1, 2], 'b': [2.5, 1]}, index=[7, 9])"),
    "no rows": (AB, "pd.DataFrame({'a': pd.Series([], dtype='int64'), 'b': pd.Series([], dtype='float64')})"),
    "no rows, no types": (AB, "pd.DataFrame({'a': [], 'b': []})"),
    "optional left out": (OPTIONAL, "pd.DataFrame({'a': [1]})"),
    "optional given": (OPTIONAL, "pd.DataFrame({'b': [1.5], 'a': [1]})"),
    "optional is None": (OPTIONAL, "pd.DataFrame({'a': [1], 'b': [None]})"),
    "dict of lists": (AB, "{'a': [1, 2], 'b': [2.5, 3.5]}"),
    "dict of scalars": (AB, "{'a': 1, 'b': 2.5}"),
    "dict of arrays": (AB, "{'a': np.array([1, 2]), 'b': np.array([2.5, 3.5])}"),
    "dict of unequal lists": (AB, "{'a': [1, 2], 'b': [2.5]}"),
    "dict missing a column": (AB, "{'a': [1, 2]}"),
    "records": (AB, "[{'a': 1, 'b': 2.5}, {'b': 3.5, 'a': 2}]"),
    "records, one without": (AB, "[{'a': 1, 'b': 2.5}, {'a': 2}]"),
    "records, optional": (OPTIONAL, "[{'a': 1, 'b': 2.5}, {'a': 2}]"),
    "records with extra": (AB, "[{'a': 1, 'b': 2.5, 'c': 0}]"),
    "rows": (AB, "[[1, 2.5], [2, 3.5]]"),
    "array": (AB, "np.array([[1.0, 2.5]])"),
    "int array": ("Schema([ColSpec('long', 'a'), ColSpec('long', 'b')])", "np.array([[1, 2], [3, 4]])"),
    "flat int array": ("Schema([ColSpec('long', 'a'), ColSpec('long', 'b')])", "np.array([1, 2])"),
    "array of three columns": (AB, "np.array([[1, 2, 3]])"),
    "flat array for one column": ("Schema([ColSpec('double', 'a')])", "np.array([1.0, 2.0])"),
    "list for one column": ("Schema([ColSpec('double', 'a')])", "[1.0, 2.0]"),
    "list of str for one column": ("Schema([ColSpec('string', 'a')])", "['x', 'y']"),
    "scalar for one column": ("Schema([ColSpec('double', 'a')])", "1.5"),
    "str for one column": ("Schema([ColSpec('string', 'a')])", "'x'"),
    "series": ("Schema([ColSpec('long', 'a')])", "pd.Series([1, 2], name='a')"),
    "series of another name": ("Schema([ColSpec('long', 'a')])", "pd.Series([1, 2], name='b')"),
    "series without a name": ("Schema([ColSpec('long', 'a')])", "pd.Series([1, 2])"),
    "series for two columns": (AB, "pd.Series([1, 2.5], index=['a', 'b'])"),
    "unnamed, two columns": (UNNAMED, "pd.DataFrame({'x': [1], 'y': [2.5]})"),
    "unnamed, extra column": (UNNAMED, "pd.DataFrame({'x': [1], 'y': [2.5], 'z': ['t']})"),
    "unnamed, too few": (UNNAMED, "pd.DataFrame({'x': [1]})"),
    "unnamed, wrong type": (UNNAMED, "pd.DataFrame({'x': [1.5], 'y': [2.5]})"),
    "unnamed, cast": (UNNAMED, "pd.DataFrame({'x': pd.Series([1], dtype='int32'), 'y': [2]})"),
    "unnamed, rows": (UNNAMED, "[[1, 2.5]]"),
    "one unnamed, list": (ONE, "[1, 2]"),
    "one unnamed, list of floats": (ONE, "[1.5]"),
    "one unnamed, scalar": (ONE, "1"),
    "one unnamed, frame": (ONE, "pd.DataFrame({'x': [1]})"),
    "one unnamed, series": (ONE, "pd.Series([1, 2])"),
    "one unnamed, array": (ONE, "np.array([1, 2])"),
    "one unnamed, None": (ONE, "None"),
    "unnamed string, list": (ONE_STRING, "['x', 'y']"),
    "unnamed string, str": (ONE_STRING, "'x'"),
    "unnamed string, numbers": (ONE_STRING, "[1]"),
    "numbered, frame": (NUMBERED, "pd.DataFrame([[1.0, 2.0]])"),
    "numbered, names": (NUMBERED, "pd.DataFrame({'a': [1.0], 'b': [2.0]})"),
    "numbered, array": (NUMBERED, "np.array([[1.0, 2.0]])"),
    "sparse for columns": ("Schema([ColSpec('double', 'a'), ColSpec('double', 'b')])", "sp.csr_matrix(np.eye(2))"),
    "None for columns": (AB, "None"),
    "str for columns": (AB, "'x'"),
    "scalar for columns": (AB, "3"),
    "empty list": (AB, "[]"),
    "empty dict": (AB, "{}"),
    "duplicate columns": (AB, "pd.DataFrame([[1, 2.5, 3.5]], columns=['a', 'b', 'b'])"),
    "bytes as text": ("Schema([ColSpec('binary', 'a')])", "{'a': ['eA==']}"),
    "bytes in a dict": ("Schema([ColSpec('binary', 'a')])", "{'a': [b'x']}"),
    "datetime text in a dict": ("Schema([ColSpec('datetime', 'a')])", "{'a': ['2020-01-01']}"),
    "datetime in a dict": ("Schema([ColSpec('datetime', 'a')])", "{'a': dt.datetime(2020, 1, 1)}"),
    "wrong datetime text": ("Schema([ColSpec('datetime', 'a')])", "pd.DataFrame({'a': ['soon']})"),
}
ENFORCE |= SHAPES

# Arrays, objects, maps.
NESTED = {
    "list of long": ("Array('long')", "[1, 2]"),
    "empty list of long": ("Array('long')", "[]"),
    "list of float for long": ("Array('long')", "[1.5]"),
    "list of int for double": ("Array('double')", "[1, 2]"),
    "list with None": ("Array('long')", "[1, None]"),
    "array for list": ("Array('long')", "np.array([1, 2])"),
    "int32 array for list of long": ("Array('long')", "np.array([1, 2], dtype='int32')"),
    "float array for list of long": ("Array('long')", "np.array([1.5])"),
    "tuple for list": ("Array('long')", "(1, 2)"),
    "scalar for list": ("Array('long')", "1"),
    "str for list of str": ("Array('string')", "'abc'"),
    "list of str": ("Array('string')", "['a', 'b']"),
    "list of mixed": ("Array('string')", "['a', 1]"),
    "list of bool": ("Array('boolean')", "[True]"),
    "list of int for bool": ("Array('boolean')", "[1]"),
    "list of bool for long": ("Array('long')", "[True]"),
    "list of integer": ("Array('integer')", "[1]"),
    "list of np.int32 for integer": ("Array('integer')", "[np.int32(1)]"),
    "list of np.int32 for long": ("Array('long')", "[np.int32(1)]"),
    "list of float": ("Array('float')", "[1.5]"),
    "list of np.float32 for double": ("Array('double')", "[np.float32(1.5)]"),
    "list of datetime": ("Array('datetime')", "[dt.datetime(2020, 1, 1)]"),
    "list of datetime text": ("Array('datetime')", "['2020-01-01']"),
    "list of bytes": ("Array('binary')", "[b'x']"),
    "list of lists": ("Array(Array('long'))", "[[1], [2, 3]]"),
    "ragged depth": ("Array(Array('long'))", "[[1], 2]"),
    "2-D array": ("Array(Array('long'))", "np.array([[1, 2], [3, 4]])"),
    "object": ("Object([Property('x', 'long')])", "{'x': 1}"),
    "object, missing": ("Object([Property('x', 'long'), Property('y', 'string')])", "{'x': 1}"),
    "object, optional": ("Object([Property('x', 'long'), Property('y', 'string', required=False)])", "{'x': 1}"),
    "object, optional None": (
        "Object([Property('x', 'long'), Property('y', 'string', required=False)])",
        "{'x': 1, 'y': None}",
    ),
    "object, required None": ("Object([Property('x', 'long')])", "{'x': None}"),
    "object, extra": ("Object([Property('x', 'long')])", "{'x': 1, 'z': 1}"),
    "object, wrong": ("Object([Property('x', 'long')])", "{'x': 'a'}"),
    "object, float for long": ("Object([Property('x', 'long')])", "{'x': 1.5}"),
    "object, int for double": ("Object([Property('x', 'double')])", "{'x': 1}"),
    "object from list": ("Object([Property('x', 'long')])", "[1]"),
    "object of object": ("Object([Property('x', Object([Property('y', 'long')]))])", "{'x': {'y': 1}}"),
    "object of object, wrong": ("Object([Property('x', Object([Property('y', 'long')]))])", "{'x': {'y': 'b'}}"),
    "object of list": ("Object([Property('x', Array('long'))])", "{'x': [1]}"),
    "object of list, wrong": ("Object([Property('x', Array('long'))])", "{'x': ['a']}"),
    "list of objects": ("Array(Object([Property('x', 'long')]))", "[{'x': 1}, {'x': 2}]"),
    "list of objects, wrong": ("Array(Object([Property('x', 'long')]))", "[{'x': 1}, {'y': 2}]"),
    "map": ("Map('long')", "{'k': 1, 'l': 2}"),
    "empty map": ("Map('long')", "{}"),
    "map, wrong": ("Map('long')", "{'k': 'v'}"),
    "map, int key": ("Map('long')", "{1: 1}"),
    "map, None": ("Map('long')", "{'k': None}"),
    "map of lists": ("Map(Array('long'))", "{'k': [1]}"),
    "map from list": ("Map('long')", "[1]"),
    "any, int": ("AnyType()", "1"),
    "any, dict": ("AnyType()", "{'k': [1, 'a']}"),
    "any, list": ("AnyType()", "[1, 'a', None]"),
    "any, None": ("AnyType()", "None"),
    "list of any": ("Array(AnyType())", "[1, 'a', None]"),
    "object of any": ("Object([Property('x', AnyType())])", "{'x': 'a'}"),
    "None for list": ("Array('long')", "None"),
    "None for object": ("Object([Property('x', 'long')])", "None"),
    "None for map": ("Map('long')", "None"),
}
ENFORCE |= {
    f"{name}, frame": (f"Schema([ColSpec({kind}, 'a')])", f"pd.DataFrame({{'a': [{value}]}})")
    for name, (kind, value) in NESTED.items()
}
ENFORCE |= {
    f"{name}, dict": (f"Schema([ColSpec({kind}, 'a')])", f"{{'a': {value}}}") for name, (kind, value) in NESTED.items()
}
ENFORCE |= {
    f"{name}, records": (f"Schema([ColSpec({kind}, 'a')])", f"[{{'a': {value}}}]")
    for name, (kind, value) in NESTED.items()
}
ENFORCE |= {f"{name}, unnamed": (f"Schema([ColSpec({kind})])", f"[{value}]") for name, (kind, value) in NESTED.items()}
ENFORCE |= {
    f"{name}, optional, frame": (
        f"Schema([ColSpec({kind}, 'a', required=False)])",
        f"pd.DataFrame({{'a': [{value}, None]}})",
    )
    for name, (kind, value) in NESTED.items()
    if name.startswith(("None", "list of long", "map", "object"))
}

# Tensors.
F64 = "Schema([TensorSpec(np.dtype('float64'), (-1, 2))])"
F32 = "Schema([TensorSpec(np.dtype('float32'), (-1, 2))])"
I64 = "Schema([TensorSpec(np.dtype('int64'), (-1, 2))])"
I32 = "Schema([TensorSpec(np.dtype('int32'), (-1, 2))])"
FLAT = "Schema([TensorSpec(np.dtype('float64'), (-1,))])"
CUBE = "Schema([TensorSpec(np.dtype('float64'), (-1, 2, 2))])"
NAMED = "Schema([TensorSpec(np.dtype('float64'), (-1, 2), 'x'), TensorSpec(np.dtype('int64'), (-1,), 'y')])"
ONE_NAMED = "Schema([TensorSpec(np.dtype('float64'), (-1, 2), 'x')])"
TEXTS = "Schema([TensorSpec(np.dtype('str'), (-1,))])"
FIXED = "Schema([TensorSpec(np.dtype('float64'), (2, 2))])"
TENSORS = {
    "float64": (F64, "np.ones((3, 2))"),
    "float32 for float64": (F64, "np.ones((3, 2), dtype='float32')"),
    "float64 for float32": (F32, "np.ones((3, 2))"),
    "int64 for float64": (F64, "np.ones((3, 2), dtype='int64')"),
    "int32 for float64": (F64, "np.ones((3, 2), dtype='int32')"),
    "int64 for float32": (F32, "np.ones((3, 2), dtype='int64')"),
    "float64 for int64": (I64, "np.ones((3, 2))"),
    "int32 for int64": (I64, "np.ones((3, 2), dtype='int32')"),
    "int64 for int32": (I32, "np.ones((3, 2), dtype='int64')"),
    "bool for int64": (I64, "np.ones((3, 2), dtype='bool')"),
    "object for float64": (F64, "np.ones((3, 2), dtype=object)"),
    "str for float64": (F64, "np.array([['1', '2']])"),
    "three columns": (F64, "np.ones((3, 3))"),
    "one dimension": (F64, "np.ones(2)"),
    "three dimensions": (F64, "np.ones((1, 2, 2))"),
    "no rows": (F64, "np.ones((0, 2))"),
    "list": (F64, "[[1.0, 2.0]]"),
    "list of ints": (F64, "[[1, 2]]"),
    "frame": (F64, "pd.DataFrame({'a': [1.0], 'b': [2.0]})"),
    "frame of ints": (F64, "pd.DataFrame({'a': [1], 'b': [2]})"),
    "frame of float32": (F64, "pd.DataFrame({'a': [1], 'b': [2]}, dtype='float32')"),
    "frame of three": (F64, "pd.DataFrame({'a': [1.0], 'b': [2.0], 'c': [3.0]})"),
    "frame of objects": (F64, "pd.DataFrame({'a': [1.0], 'b': [2.0]}, dtype=object)"),
    "frame for int64": (I64, "pd.DataFrame({'a': [1], 'b': [2]})"),
    "frame for flat": (FLAT, "pd.DataFrame({'a': [1.0, 2.0]})"),
    "series": (FLAT, "pd.Series([1.0, 2.0])"),
    "flat": (FLAT, "np.ones(3)"),
    "flat list": (FLAT, "[1.0, 2.0]"),
    "scalar": (FLAT, "1.0"),
    "cube": (CUBE, "np.ones((1, 2, 2))"),
    "cube, wrong": (CUBE, "np.ones((1, 2, 3))"),
    "cube from frame": (CUBE, "pd.DataFrame({'a': [[[1.0, 2.0], [3.0, 4.0]]]})"),
    "fixed": (FIXED, "np.ones((2, 2))"),
    "fixed, too many": (FIXED, "np.ones((3, 2))"),
    "csr": (F64, "sp.csr_matrix(np.eye(2))"),
    "csc": (F64, "sp.csc_matrix(np.eye(2))"),
    "csr of float32": (F64, "sp.csr_matrix(np.eye(2, dtype='float32'))"),
    "csr of three columns": (F64, "sp.csr_matrix(np.eye(3))"),
    "coo": (F64, "sp.coo_matrix(np.eye(2))"),
    "dict for unnamed": (F64, "{'x': np.ones((3, 2))}"),
    "named": (NAMED, "{'x': np.ones((3, 2)), 'y': np.array([1, 2, 3])}"),
    "named, other order": (NAMED, "{'y': np.array([1, 2, 3]), 'x': np.ones((3, 2))}"),
    "named, missing": (NAMED, "{'x': np.ones((3, 2))}"),
    "named, extra": (NAMED, "{'x': np.ones((3, 2)), 'y': np.array([1]), 'z': np.ones(1)}"),
    "named, wrong dtype": (NAMED, "{'x': np.ones((3, 2), dtype='float32'), 'y': np.array([1])}"),
    "named, float for int": (NAMED, "{'x': np.ones((3, 2)), 'y': np.array([1.5])}"),
    "named, wrong shape": (NAMED, "{'x': np.ones((3, 3)), 'y': np.array([1])}"),
    "named, lists": (NAMED, "{'x': [[1.0, 2.0]], 'y': [1]}"),
    "named, array": (NAMED, "np.ones((3, 2))"),
    "named, frame": (NAMED, "pd.DataFrame({'x': [[1.0, 2.0]], 'y': [1]})"),
    "named, frame of arrays": (NAMED, "pd.DataFrame({'x': [np.array([1.0, 2.0])], 'y': [1]})"),
    "named, frame missing": (NAMED, "pd.DataFrame({'x': [[1.0, 2.0]]})"),
    "one named, dict": (ONE_NAMED, "{'x': np.ones((3, 2))}"),
    "one named, array": (ONE_NAMED, "np.ones((3, 2))"),
    "one named, frame": (ONE_NAMED, "pd.DataFrame({'x': [[1.0, 2.0]]})"),
    "texts": (TEXTS, "np.array(['a', 'bc'])"),
    "texts as objects": (TEXTS, "np.array(['a', 'bc'], dtype=object)"),
    "texts, list": (TEXTS, "['a', 'bc']"),
    "texts, numbers": (TEXTS, "np.array([1])"),
    "None": (F64, "None"),
}
ENFORCE |= {f"tensor: {name}": case for name, case in TENSORS.items()}

PARAM_VALUES = {
    "True": "True",
    "1": "1",
    "large": "2**40",
    "1.5": "1.5",
    "2.0": "2.0",
    "text": "'x'",
    "digits": "'1'",
    "bytes": "b'x'",
    "datetime": "dt.datetime(2020, 1, 1)",
    "datetime64": "np.datetime64('2020-01-01')",
    "date": "dt.date(2020, 1, 1)",
    "datetime text": "'2020-01-01'",
    "np.int32": "np.int32(1)",
    "np.int64": "np.int64(1)",
    "np.float32": "np.float32(1.5)",
    "np.float64": "np.float64(1.5)",
    "np.bool": "np.bool_(True)",
    "None": "None",
    "list": "[1]",
    "dict": "{'k': 1}",
}
DEFAULTS = {
    "boolean": "False",
    "integer": "7",
    "long": "7",
    "float": "0.5",
    "double": "0.5",
    "string": "'d'",
    "datetime": "dt.datetime(2019, 1, 1)",
}
PARAMS = {
    f"{name} for {kind}": (f"ParamSchema([ParamSpec('p', '{kind}', {default})])", f"{{'p': {value}}}")
    for kind, default in DEFAULTS.items()
    for name, value in PARAM_VALUES.items()
}
LONGS = "ParamSchema([ParamSpec('p', 'long', [1, 2], (-1,))])"
DOUBLES = "ParamSchema([ParamSpec('p', 'double', [1.5], (-1,))])"
TWO = "ParamSchema([ParamSpec('p', 'long', 7), ParamSpec('q', 'string', None)])"
OBJECT = "ParamSchema([ParamSpec('p', Object([Property('k', 'long')]), {'k': 7})])"
PARAMS |= {
    "defaults": (TWO, "None"),
    "defaults of an empty dict": (TWO, "{}"),
    "one given": (TWO, "{'q': 'x'}"),
    "unknown": (TWO, "{'z': 1, 'p': 2}"),
    "key is not a str": (TWO, "{1: 1}"),
    "no dict": (TWO, "[1]"),
    "list": (LONGS, "{'p': [3]}"),
    "array for list": (LONGS, "{'p': np.array([3])}"),
    "empty list": (LONGS, "{'p': []}"),
    "tuple for list": (LONGS, "{'p': (3,)}"),
    "scalar for list": (LONGS, "{'p': 3}"),
    "floats for longs": (LONGS, "{'p': [1.5]}"),
    "ints for doubles": (DOUBLES, "{'p': [1, 2]}"),
    "array of ints for doubles": (DOUBLES, "{'p': np.array([1, 2])}"),
    "list of lists": (LONGS, "{'p': [[1]]}"),
    "list of text": (LONGS, "{'p': ['1']}"),
    "list with None": (LONGS, "{'p': [1, None]}"),
    "object": (OBJECT, "{'p': {'k': 1}}"),
    "object, float": (OBJECT, "{'p': {'k': 1.5}}"),
    "object, missing": (OBJECT, "{'p': {}}"),
    "object, extra": (OBJECT, "{'p': {'k': 1, 'l': 2}}"),
    "object, no dict": (OBJECT, "{'p': 1}"),
    "no schema": ("None", "{'p': 1}"),
    "no schema, None": ("None", "None"),
}

# Signatures inferred from data, and from params.
INFER = {f"series of {name}": series for name, series in SERIES.items()}
INFER |= {f"frame of {name}": f"pd.DataFrame({{'a': {series}}})" for name, series in SERIES.items()}
INFER |= {f"{name} in a frame": f"pd.DataFrame({{'a': [{value}]}})" for name, (_, value) in NESTED.items()}
INFER |= {f"{name} in a dict": f"{{'a': {value}}}" for name, (_, value) in NESTED.items()}
INFER |= {f"{name} in a list": f"[{value}]" for name, (_, value) in NESTED.items()}
INFER |= {f"tensor: {name}": value for name, (_, value) in TENSORS.items()}
INFER |= {f"shape: {name}": value for name, (_, value) in SHAPES.items()}
INFER |= {
    "list": "[1, 2]",
    "list of int and float": "[1, 2.5]",
    "list of float": "[1.5]",
    "list of str": "['a']",
    "list of None": "[None]",
    "list of int and None": "[1, None]",
    "list of int and str": "[1, 'a']",
    "list of records": "[{'a': 1}, {'a': 2, 'b': 'x'}]",
    "list of empty dict": "[{}]",
    "list of dicts of lists": "[{'a': [1], 'b': {'c': 'x'}}, {'a': []}]",
    "list of arrays": "[np.array([1, 2])]",
    "empty list": "[]",
    "lists of unlike dicts": "pd.DataFrame({'a': [[{'x': 1}, {'y': 'b'}]]})",
    "unlike dicts": "pd.DataFrame({'a': [{'x': 1}, {'x': 'b'}]})",
    "dict of None": "{'a': None, 'b': 1}",
    "empty dict": "{}",
    "dict with int key": "{1: 2}",
    "dict of lists of records": "{'a': [{'x': 1}, {'x': 2, 'y': 1.5}]}",
    "nested dict": "{'a': {'b': {'c': [1.5]}}}",
    "int": "1",
    "large int": "2**70",
    "float": "1.5",
    "str": "'x'",
    "bytes": "b'x'",
    "bool": "True",
    "datetime": "dt.datetime(2020, 1, 1)",
    "date": "dt.date(2020, 1, 1)",
    "np.int8": "np.int8(1)",
    "np.int32": "np.int32(1)",
    "np.int64": "np.int64(1)",
    "np.uint32": "np.uint32(1)",
    "np.float32": "np.float32(1)",
    "np.datetime64": "np.datetime64('2020-01-01')",
    "np.bool": "np.bool_(True)",
    "timestamp": "pd.Timestamp(0)",
    "tuple": "(1, 2)",
    "set": "{1}",
    "0-D array": "np.array(1.0)",
    "array of bytes": "np.array([b'a'])",
    "array of datetimes": "np.array(['2020-01-01'], dtype='datetime64[D]')",
    "empty array": "np.array([])",
    "array of objects": "np.array(['a', 1], dtype=object)",
    "array of str": "np.array(['a', 'bc'])",
    "int columns": "pd.DataFrame([[1, 2.5]])",
    "mixed columns": "pd.DataFrame([[1, 2]], columns=['a', 0])",
    "two levels of columns": "pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([('a', 'b'), ('a', 'c')]))",
    "no rows, int": "pd.DataFrame({'a': pd.Series([], dtype='int64')})",
    "empty frame": "pd.DataFrame()",
    "csr": "sp.csr_matrix(np.eye(3))",
    "csc of int32": "sp.csc_matrix(np.eye(3, dtype='int32'))",
    "csr array": "sp.csr_array(np.eye(3))",
    "dict of str": "{'a': 'x', 'b': 'y'}",
    "several unlike columns": "pd.DataFrame({'a': [1], 'b': [1.5], 'c': ['x'], 'd': [True], 'e': [b'x']})",
}
INFER_PARAMS = {name: f"{{'p': {value}}}" for name, value in PARAM_VALUES.items()}
INFER_PARAMS |= {
    "list of float": "{'p': [1.5, 2]}",
    "list of str": "{'p': ['a', 'b']}",
    "list of bool": "{'p': [True]}",
    "empty list": "{'p': []}",
    "array": "{'p': np.array([1.5])}",
    "int32 array": "{'p': np.array([1], dtype='int32')}",
    "2-D": "{'p': [[1]]}",
    "tuple": "{'p': (1, 2)}",
    "nested": "{'p': {'k': {'l': [1]}, 'm': 'x'}}",
    "several": "{'p': 1, 'q': 'x', 'r': 0.5, 's': True}",
    "int key": "{1: 2}",
    "dict of None": "{'p': {'k': None}}",
    "list of mixed": "{'p': [1, 'a']}",
    "list of datetime": "{'p': [dt.datetime(2020, 1, 1)]}",
    "timestamp": "{'p': pd.Timestamp(0)}",
    "list of dicts": "{'p': [{'x': 1}]}",
    "empty dict": "{'p': {}}",
}

EXAMPLES = {
    "frame": "pd.DataFrame({'a': [1, 2], 'b': [1.5, None], 'c': ['x', 'y']})",
    "frame with an index": "pd.DataFrame({'a': [1, 2]}, index=['r', 's'])",
    "frame with numbered columns": "pd.DataFrame([[1, 2], [3, 4]])",
    "frame of datetimes": "pd.DataFrame({'a': pd.to_datetime(['2020-01-01T00:00:00', '2021-02-03T04:05:06'])})",
    "frame of bytes": "pd.DataFrame({'a': [b'x', b'\\xff']})",
    "frame of lists and dicts": "pd.DataFrame({'a': [[1, 2]], 'b': [{'x': 1}], 'c': [np.array([1.5])]})",
    "frame of bool and None": "pd.DataFrame({'a': [True, False], 'b': ['x', None]})",
    "frame of Int64": "pd.DataFrame({'a': pd.array([1, None], dtype='Int64')})",
    "series": "pd.Series([1.5, 2.5], name='s')",
    "series without a name": "pd.Series([1, 2])",
    "array": "np.array([[1.5, 2.5]])",
    "flat array": "np.array([1, 2])",
    "array of str": "np.array(['a', 'b'])",
    "array with NaN": "np.array([1.5, np.nan])",
    "dict of arrays": "{'x': np.array([[1.5]]), 'y': np.array([1])}",
    "dict of lists": "{'a': [1, 2], 'b': ['x', 'y']}",
    "dict of scalars": "{'a': 1, 'b': 'x'}",
    "nested dict": "{'a': {'b': [1, 2]}}",
    "dict with None": "{'a': None}",
    "list": "[1, 2]",
    "list of lists": "[[1, 2], [3, 4]]",
    "list of str": "['a', 'b']",
    "list of records": "[{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]",
    "list of mixed": "[1, 'a', None]",
    "empty list": "[]",
    "int": "3",
    "float": "1.5",
    "str": "'x'",
    "bool": "True",
    "bytes": "b'x'",
    "np.float64": "np.float64(1.5)",
    "datetime": "dt.datetime(2020, 1, 1)",
    "csr": "sp.csr_matrix(np.eye(3))",
    "csc": "sp.csc_matrix(np.eye(3))",
    "csr of int32": "sp.csr_matrix(np.eye(2, dtype='int32'))",
    "frame and params": "(pd.DataFrame({'a': [1]}), {'p': 1})",
    "list and params": "([1, 2], {'p': [1.5], 'q': 'x'})",
    "array and params": "(np.array([1.5]), {'p': 1})",
    "str and params": "('x', {'p': True})",
    "tuple of two": "(1, 2)",
    "messages": "{'messages': [{'role': 'user', 'content': 'hello'}]}",
    "set": "{1}",
}

# Type hints of predict functions: what signature they make of input and output, and what they let in.
INPUT_HINTS = [
    "list[str]", "list[int]", "list[float]", "list[bool]", "list[bytes]", "list[dt.datetime]", "list[dt.date]",
    "list[dict[str, int]]", "list[list[int]]", "list[dict[str, list[int]]]", "list[dict[str, Any]]", "list[Any]",
    "list[int | str]", "list[Union[int, str]]", "list[Person]", "list[list[Person]]", "list[dict[str, Person]]",
    "list[Team]", "list[tuple[int]]", "list[np.ndarray]", "pd.DataFrame", "pd.Series", "np.ndarray", "str", "dict",
    "dict[str, int]", "Person", "Any", "list[object]",
]  # fmt: skip
OUTPUT_HINTS = [
    "list[str]", "str", "int", "list[Person]", "Person", "pd.DataFrame", "np.ndarray", "dict", "dict[str, int]",
    "list[int]", "Any", "None", "list[Any]", "Optional[str]", "list[Optional[int]]", "list[dict]",
]  # fmt: skip
HINTS = {f"input {hint}": (hint, None) for hint in INPUT_HINTS}
HINTS |= {f"output {hint}": ("list[str]", hint) for hint in OUTPUT_HINTS}
HELD = {
    f"{data} for {hint}": (hint, data)
    for hint, values in {
        "list[str]": ["['a']", "[1]", "'a'", "[]", "None", "pd.DataFrame({'a': ['x']})", "[None]"],
        "list[int]": ["[1, 2]", "['1']", "[1.5]", "[None]"],
        "list[float]": ["[1.5]", "[1]"],
        "list[bool]": ["[True]", "[1]"],
        "list[Person]": [
            "[{'name': 'a', 'age': 1}]", "[Person(name='a', age=1)]", "[{'name': 'a', 'age': '1'}]", "[{'name': 'a'}]",
            "pd.DataFrame([{'name': 'a', 'age': 1}])", "[1]",
        ],
        "list[dict[str, int]]": ["[{'a': 1}]", "[{'a': 'b'}]", "[{1: 1}]", "[1]"],
        "list[list[int]]": ["[[1]]", "[['a']]", "[1]"],
        "list[Any]": ["[1, 'a', None]"],
        "list[int | str]": ["[1, 'a']"],
        "list[dt.datetime]": ["[dt.datetime(2020, 1, 1)]", "['2020-01-01T00:00:00']"],
        "pd.DataFrame": ["pd.DataFrame({'a': [1]})"],
    }.items()
    for data in values
}  # fmt: skip

# Values in the body of a request, for a column of each type.
JSON_VALUES = ["1", "1.0", "1.5", "null", "true", '"1"', '"x"', "1099511627776", '"2020-01-01"', '"eA=="', "[1]", "0"]
JSON_BODIES = {
    "split": '{{"dataframe_split": {{"columns": ["a"], "data": [[{0}]]}}}}',
    "records": '{{"dataframe_records": [{{"a": {0}}}]}}',
}
JSON = {
    f"{value} for {kind}, {form}": (f"Schema([ColSpec('{kind}', 'a')])", body.format(value))
    for kind in TYPES
    for value in JSON_VALUES
    for form, body in JSON_BODIES.items()
}

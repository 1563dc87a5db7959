"""Where mlyard answers otherwise than MLflow 3.17.2, on purpose: how, which cases (part: patterns), and why."""

from __future__ import annotations

from fnmatch import fnmatchcase

TAKEN, REFUSED, OTHER = "taken here, refused there", "refused here, taken there", "another result"

DIFFERENCES: list[tuple[str, str, list[str], str]] = [
    (
        TAKEN,
        "enforce",
        ["boolean with NA -> *boolean", "Int64 with NA -> *double", "*64 with NA -> optional *"],
        "A nullable column of pandas whose values are missing becomes what can hold that: NaN in floating point, "
        "None among booleans, a nullable column where the schema says optional.",
    ),
    (
        TAKEN,
        "enforce",
        ["float64 with NaN -> optional *", "NaNs -> optional *", "Nones -> *float", "Nones -> optional *"],
        "An optional column of integers may have missing values; pandas makes a float column of them.",
    ),
    (
        TAKEN,
        "enforce",
        [
            "int64 -> *double",
            "uint64 -> double",
            "Int64 -> double",
            "unnamed, cast",
            "*int8 -> float",
            "*int16 -> float",
        ],
        "Integers become floating point where each of them is one exactly.",
    ),
    (
        TAKEN,
        "enforce",
        ["*objects -> float", "*objects -> integer", "int objects -> double", "decimals -> float"],
        "Python's numbers have no width of their own: they become what the schema says if they fit.",
    ),
    (
        TAKEN,
        "enforce",
        ["category of *"],
        "infer_signature gives a categorical column the type of its categories, so it is accepted, as it is.",
    ),
    (TAKEN, "enforce", ["datetime with zone -> datetime", "datetime in a dict"], "A moment with a zone is a datetime."),
    (
        TAKEN,
        "enforce",
        ["rows", "int array", "* for one column", "series without a name"],
        "Data without column names is taken in the order of the schema, if it has as many columns.",
    ),
    (
        TAKEN,
        "enforce",
        [
            "list of int for double, *",
            "list of integer, *",
            "list of float, *",
            "list with None, *",
            "tuple for list, *",
        ],
        "Numbers in lists become what the schema says if they fit; None stays None; a tuple is a list.",
    ),
    (TAKEN, "enforce", ["map, dict", "map of lists, dict"], "A dictionary is one value of a column of maps."),
    (
        TAKEN,
        "enforce",
        ["*, unnamed"],
        "A list of arrays, objects or maps fills one column that has no name, as infer_signature reads it.",
    ),
    (
        TAKEN,
        "enforce",
        [
            "tensor: *32 for float64",
            "tensor: int64 for float64",
            "tensor: int32 for int64",
            "tensor: frame of *",
            "tensor: csr of float32",
            "tensor: named, wrong dtype",
            "tensor: object for float64",
        ],
        "An array becomes one of a wider dtype, which loses nothing.",
    ),
    (
        TAKEN,
        "enforce",
        ["tensor: *list*", "tensor: texts as objects", "tensor: coo"],
        "Lists become arrays; texts in an array of objects are texts; every sparse matrix is one.",
    ),
    (
        REFUSED,
        "enforce",
        ["* -> *boolean", "* -> *string", "* -> *binary", "bool with None -> *double", "bytes as text"],
        "A column of objects holds what the schema says: no numbers among texts, no texts where bytes are asked.",
    ),
    (REFUSED, "enforce", ["list of mixed, *"], "Numbers in a list of texts are refused, not turned into texts."),
    (
        REFUSED,
        "enforce",
        ["map, None, optional, *"],
        "An optional column's value may be missing, not a value in its maps.",
    ),
    (OTHER, "enforce", ["list of datetime, *"], "Datetimes in lists stay datetimes; there they become nanoseconds."),
    (OTHER, "enforce", ["empty map, dict", "any, dict, dict"], "A dictionary is one value, not a column of rows."),
    (OTHER, "enforce", ["any, *, unnamed"], "What may be anything is handed on as it is; there, part of it is lost."),
    (TAKEN, "params", ["2.0 for *", "np.*64 for *", "tuple for list"], "A param is cast if that loses nothing."),
    (REFUSED, "params", ["large for integer"], "An integer has 32 bits."),
    (
        REFUSED,
        "params",
        ["digits for datetime"],
        "'1' is not a datetime; MLflow reads 1 January of the year 1.",
    ),
    (
        OTHER,
        "infer",
        ["series of *"],
        "A series without a name has its type also when values are missing; only integers cannot have that.",
    ),
    (
        OTHER,
        "infer",
        ["frame of *", "* in a frame", "unlike dicts"],
        "Only the column that has no type becomes 'any', and keeps its name; there the whole signature does.",
    ),
    (OTHER, "infer", ["list with None in a dict"], "None in a list does not make the list optional."),
    (OTHER, "infer", ["tuple for list in *"], "A tuple is a list."),
    (OTHER, "infer", ["map, int key in a list"], "Columns of records have texts for names."),
    (OTHER, "infer", ["tensor: coo", "csr array"], "Every sparse matrix is a tensor."),
    (OTHER, "infer", ["shape: *rows", "list of int and float"], "Integers and floating point together are doubles."),
    (OTHER, "infer", ["*empty list"], "An empty list says nothing of its values."),
    (OTHER, "infer", ["large int"], "No integer type holds it."),
    (OTHER, "infer", ["np.int8", "np.uint32", "timestamp"], "Single values have the types that columns of them have."),
    (TAKEN, "infer_params", ["tuple", "timestamp"], "A tuple is a list, pandas' moment a moment."),
    (OTHER, "examples", ["frame", "frame of bool and None"], "Missing values are null: NaN is not JSON."),
    (
        REFUSED,
        "json",
        ["1.5 for integer*", "1.5 for long*", "1099511627776 for integer*"],
        "Digits are not lost without a word.",
    ),
    (REFUSED, "json", ["* for boolean*"], "Only true, false, 1 and 0 are booleans; there, everything else is true."),
    (OTHER, "json", ["null for boolean*"], "A missing boolean is missing; there it is false."),
    (REFUSED, "json", ["true for string*", "[[]1] for string*"], "A text is asked."),
    (OTHER, "json", ["1* for string*", "0 for string*"], "Numbers become texts where these are asked."),
    (REFUSED, "json", ['"2020-01-01" for binary*'], "It is not base64; MLflow ignores the characters that are not."),
    (TAKEN, "json", ["null for binary*"], "Bytes may be missing, as texts may."),
    (
        REFUSED,
        "json",
        ["[01]* for datetime*"],
        "A number says neither its unit nor its epoch; there it is nanoseconds.",
    ),
    (TAKEN, "held", ["[[]1] for list[[]float]"], "An int is a float where one is asked."),
    (TAKEN, "examples", ["series*"], "A series is a frame of one column."),
]


def meant(part: str, case: str, outcome: str) -> list[int]:
    """Which entries say that this case comes out so."""
    return [
        number
        for number, (how, where, patterns, _) in enumerate(DIFFERENCES)
        if how == outcome and where == part and any(fnmatchcase(case, pattern) for pattern in patterns)
    ]

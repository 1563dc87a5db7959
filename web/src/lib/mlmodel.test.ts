import { expect, test } from "vitest";
import { readMlmodel } from "./mlmodel";

const MODEL = `artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
    loader_module: a.b
  sklearn:
    sklearn_version: 1.9.1
signature:
  inputs: '[{"type": "double", "name": "owner''s age", "required": true}, {"type":
    "long", "name": "b", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1,
    2]}}]'
  params: null
utc_time_created: '2026-01-01'
`;

test("flavors and signature are read, folded lines and doubled quotes too", () => {
  const { flavors, inputs, outputs, params } = readMlmodel(MODEL);
  expect(flavors).toEqual(["python_function", "sklearn"]);
  expect(inputs).toEqual([
    { name: "owner's age", type: "double", required: true },
    { name: "b", type: "long", required: false },
  ]);
  expect(outputs).toEqual([{ name: "(0)", type: "float64 (-1, 2)", required: true }]);
  expect(params).toBeUndefined();
});

test.each([
  "",
  "flavors: {}\n",
  "signature:\n  inputs: '[{'\n",
  "signature: null\n",
  "\u0000\u0001",
])("a text that is not an MLmodel file (%j) gives an empty summary", (text) => {
  expect(readMlmodel(text)).toEqual({
    flavors: [],
    inputs: undefined,
    outputs: undefined,
    params: undefined,
  });
});

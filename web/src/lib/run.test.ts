import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { keysOf, rowOf, runDuration, runName, runSource } from "./run";

const run: Run = {
  info: {
    run_uuid: "0123456789",
    run_id: "0123456789",
    experiment_id: "1",
    run_name: "",
    user_id: "",
    status: "RUNNING",
    start_time: 1000,
    artifact_uri: "",
    lifecycle_stage: "active",
  },
  data: {
    metrics: [
      { key: "m10", value: 1, timestamp: 0 },
      { key: "m2", value: "NaN", timestamp: 0 },
    ],
    params: [{ key: "alpha", value: "0.5" }],
    tags: [{ key: "mlflow.source.name", value: "/home/x/train.py" }],
  },
};

test("a run without a name is shown by its id, a source by the last part of its path", () => {
  expect(runName(run)).toBe("01234567");
  expect(runSource(run)).toBe("train.py");
});

test("the duration of a live run counts until now", () => {
  expect(runDuration(run, 5000)).toBe(4000);
  expect(runDuration({ ...run, info: { ...run.info, status: "FAILED" } }, 5000)).toBeUndefined();
  expect(runDuration({ ...run, info: { ...run.info, end_time: 1500 } }, 5000)).toBe(500);
});

test("keys are unique and sorted with numbers in numerical order", () => {
  expect(keysOf([run, run])).toEqual({ metrics: ["m2", "m10"], params: ["alpha"] });
  expect(keysOf([{ info: run.info } as Run])).toEqual({ metrics: [], params: [] });
  expect(rowOf(run).params.get("alpha")).toBe("0.5");
});

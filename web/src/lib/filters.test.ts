import { expect, test } from "vitest";
import { nameFilter, orderBy, quoted, quotedKey, runFilter } from "./filters";

test("a literal uses the quotes that its text does not contain", () => {
  expect(quoted("plain")).toBe("'plain'");
  expect(quoted("it's")).toBe(`"it's"`);
  expect(quoted(`it's "both"`)).toBe(`"it's both"`);
});

test("keys are quoted only where they must be", () => {
  expect(quotedKey("rmse")).toBe("rmse");
  expect(quotedKey("val/loss")).toBe("`val/loss`");
  expect(quotedKey("a`b")).toBe('"a`b"');
});

test("an empty text gives an empty filter", () => {
  expect(nameFilter("name", "  ")).toBe("");
  expect(nameFilter("name", " wine ")).toBe("name ILIKE '%wine%'");
});

test.each([
  ["metrics.rmse < 60", "metrics.rmse < 60"],
  ["tags.team LIKE 'a%'", "tags.team LIKE 'a%'"],
  ["params.a IN ('1')", "params.a IN ('1')"],
  ["amber oak", "attributes.run_name ILIKE '%amber oak%'"],
  ["like", "attributes.run_name ILIKE '%like%'"],
  ["what is in it", "attributes.run_name ILIKE '%what is in it%'"],
  ["tags.a IS NOT NULL", "tags.a IS NOT NULL"],
  ["", ""],
])("the search text %j gives the filter %j", (typed, filter) => {
  expect(runFilter(typed)).toBe(filter);
});

test("order_by names the field and the direction", () => {
  expect(orderBy(undefined)).toEqual([]);
  expect(orderBy({ field: "metrics.rmse", descending: true })).toEqual(["metrics.rmse DESC"]);
});

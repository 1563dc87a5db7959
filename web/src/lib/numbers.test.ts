import { expect, test } from "vitest";
import { formatBytes, formatNumber, plural, rangeOf, share, toNumber } from "./numbers";

test.each([
  [0.123456789, "0.12346"],
  [1234567.891, "1234567.9"],
  [60, "60"],
  [0, "0"],
  [-0.5, "-0.5"],
  [1.5e12, "1.5e+12"],
  [0.00000123, "1.23e-6"],
  ["NaN", "NaN"],
  ["Infinity", "∞"],
  ["-Infinity", "−∞"],
  [1.7976931348623157e308, "∞"],
] as const)("the metric %s reads %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("a missing value is not a number", () => {
  expect(formatNumber(undefined)).toBe("");
  expect(toNumber(undefined)).toBeNaN();
});

test("a range looks at finite values only", () => {
  expect(rangeOf([3, Number.NaN, -1, Number.POSITIVE_INFINITY])).toEqual({ min: -1, max: 3 });
  expect(rangeOf([Number.NaN])).toBeUndefined();
  expect(share(1, { min: -1, max: 3 })).toBe(0.5);
  expect(share(1, { min: 1, max: 1 })).toBe(0);
});

test("sizes and counts", () => {
  expect(formatBytes(999)).toBe("999 B");
  expect(formatBytes(2_500_000)).toBe("2.5 MB");
  expect(formatBytes(undefined)).toBe("");
  expect(plural(1, "run")).toBe("1 run");
  expect(plural(12_000, "run")).toBe("12,000 runs");
});

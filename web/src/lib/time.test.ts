import { expect, test } from "vitest";
import { exactTime, formatDuration, relativeTime } from "./time";

const NOW = new Date(2026, 4, 1, 12, 0, 0).getTime();

test.each([
  [0, "just now"],
  [42_000, "42 s ago"],
  [61_000, "1 min ago"],
  [3 * 3_600_000, "3 h ago"],
  [5 * 86_400_000, "5 d ago"],
  [60 * 86_400_000, "2026-03-02"],
])("%d ms ago reads %s", (age, text) => {
  expect(relativeTime(NOW - age, NOW)).toBe(text);
});

test.each([
  [85, "85 ms"],
  [4_270, "4.2 s"],
  [59_990, "59.9 s"],
  [200_000, "3 min 20 s"],
  [7_500_000, "2 h 5 min"],
  [273_600_000, "3 d 4 h"],
  [-3, "0 ms"],
])("%d ms last %s", (span, text) => {
  expect(formatDuration(span)).toBe(text);
});

test("an exact time is local and to the second", () => {
  expect(exactTime(NOW)).toBe("2026-05-01 12:00:00");
});

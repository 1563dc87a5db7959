import { expect, test } from "vitest";
import { parseCsv } from "./csv";

test("quotes hold separators, line ends and quotes", () => {
  expect(parseCsv('a,b\r\n"x,1","say ""hi""\nthere"\n', ",", 10)).toEqual([
    ["a", "b"],
    ["x,1", 'say "hi"\nthere'],
  ]);
});

test("a last line needs no end, empty cells stay, rows are limited", () => {
  expect(parseCsv("a\tb\n\tc", "\t", 10)).toEqual([
    ["a", "b"],
    ["", "c"],
  ]);
  expect(parseCsv("1\n2\n3\n", ",", 2)).toEqual([["1"], ["2"]]);
  expect(parseCsv("", ",", 2)).toEqual([]);
});

import { expect, test } from "vitest";
import { parseCsv } from "./csv";

test("quoted cells may contain separators, line ends and quotes", () => {
  expect(parseCsv('a,b\r\n"x,1","say ""hi""\nthere"\n', ",", 10)).toEqual([
    ["a", "b"],
    ["x,1", 'say "hi"\nthere'],
  ]);
});

test("the last line may lack its end, empty cells are kept, and the number of rows is limited", () => {
  expect(parseCsv("a\tb\n\tc", "\t", 10)).toEqual([
    ["a", "b"],
    ["", "c"],
  ]);
  expect(parseCsv("1\n2\n3\n", ",", 2)).toEqual([["1"], ["2"]]);
  expect(parseCsv("", ",", 2)).toEqual([]);
});

import { expect, test } from "vitest";
import { extension, imageType, kindOf, looksBinary } from "./file-kinds";
import { parseRunsUri, webLink } from "./links";

test.each([
  "javascript:alert(1)",
  "data:text/html,x",
  " java\nscript:x",
  "//host",
  "s3://b",
  "",
  "https://a b",
])("%j is not a link", (text) => {
  expect(webLink(text)).toBeUndefined();
});

test("addresses of the web are links", () => {
  expect(webLink("https://host/a?b#c")).toBe("https://host/a?b#c");
  expect(webLink("HTTP://host")).toBe("HTTP://host");
});

test("runs:/ addresses", () => {
  expect(parseRunsUri("runs:/abc/sub/model/")).toEqual({ runId: "abc", path: "sub/model" });
  expect(parseRunsUri("models:/m-1")).toBeUndefined();
  expect(parseRunsUri(undefined)).toBeUndefined();
});

test("files by their names", () => {
  expect(kindOf("plots/a.PNG")).toBe("image");
  expect(imageType("a.jpg")).toBe("image/jpeg");
  expect(kindOf("model/MLmodel")).toBe("text");
  expect(kindOf("model.pkl")).toBe("binary");
  expect(extension("archive.d/file")).toBe("");
  expect(looksBinary("a\u0000b")).toBe(true);
});

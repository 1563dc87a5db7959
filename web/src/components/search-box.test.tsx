// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SearchBox } from "./search-box";
import { show } from "./testing";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));

/** Adds to what stands in the box, with a pause after each key. */
function type(input: HTMLInputElement, text: string, pause = 0) {
  for (const key of text) {
    fireEvent.change(input, { target: { value: input.value + key } });
    pass(pause);
  }
}

const enter = (input: HTMLInputElement) => fireEvent.keyDown(input, { key: "Enter" });

/** The box, and the address that it searches in, which answers when the test says so. */
function box(value = "") {
  const searched: string[] = [];
  const piece = (current: string) => (
    <SearchBox
      label="Search"
      onSearch={(text) => searched.push(text)}
      placeholder=""
      value={current}
    />
  );
  const shown = show(piece(value));
  return {
    searched,
    leave: shown.unmount,
    answer: (current: string) => shown.rerender(piece(current)),
    input: screen.getByLabelText<HTMLInputElement>("Search"),
  };
}

test.each([
  [0, ["walk"]],
  [100, ["walk"]],
  [300, ["w", "wa", "wal", "walk"]],
])("with %i ms between the keys it searches for %j", (delay, expected) => {
  const { searched, input } = box();
  type(input, "walk", delay);
  pass(300);
  expect(searched).toEqual(expected);
});

test.each([
  [0, []],
  [100, []],
  [300, ["w"]],
])("who leaves %i ms after the key has searched for %j", (delay, expected) => {
  const { searched, input, leave } = box();
  type(input, "w", delay);
  leave();
  pass(1000);
  expect(searched).toEqual(expected);
});

test("an address that answers an older search leaves what is being typed", () => {
  const { searched, input, answer } = box();
  type(input, "wa");
  pass(300);
  type(input, "l");
  answer("wa");
  expect(input.value).toBe("wal");
  pass(300);
  type(input, "k");
  enter(input);
  answer("wal");
  expect(input.value).toBe("walk");
  answer("walk");
  expect(input.value).toBe("walk");
  expect(searched).toEqual(["wa", "wal", "walk"]);
});

test("what else changes the address wins over what waits to be searched", () => {
  const { searched, input, answer } = box("old");
  type(input, "er");
  answer("");
  expect(input.value).toBe("");
  pass(1000);
  expect(searched).toEqual([]);
});

test("Back to the search before is shown", () => {
  const { input, answer } = box("first");
  fireEvent.change(input, { target: { value: "second" } });
  enter(input);
  answer("second");
  answer("first");
  expect(input.value).toBe("first");
});

test("Enter and the clearing button search at once, and once", () => {
  const { searched, input } = box();
  type(input, "walk");
  enter(input);
  expect(searched).toEqual(["walk"]);
  fireEvent.click(screen.getByRole("button", { name: "Clear the search" }));
  pass(1000);
  expect(searched).toEqual(["walk", ""]);
  expect(input.value).toBe("");
});

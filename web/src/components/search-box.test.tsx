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

/** Types more text into the box, with a pause after each key. */
function type(input: HTMLInputElement, text: string, pause = 0) {
  for (const key of text) {
    fireEvent.change(input, { target: { value: input.value + key } });
    pass(pause);
  }
}

const enter = (input: HTMLInputElement) => fireEvent.keyDown(input, { key: "Enter" });

/** The box, and the address that it changes, which updates when the test says so. */
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
])("leaving %i ms after the last key has searched for %j", (delay, expected) => {
  const { searched, input, leave } = box();
  type(input, "w", delay);
  leave();
  pass(1000);
  expect(searched).toEqual(expected);
});

test("an address with an older search does not replace what is being typed", () => {
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

test("another change of the address cancels a search that is waiting", () => {
  const { searched, input, answer } = box("old");
  type(input, "er");
  answer("");
  expect(input.value).toBe("");
  pass(1000);
  expect(searched).toEqual([]);
});

test("Back shows the previous search", () => {
  const { input, answer } = box("first");
  fireEvent.change(input, { target: { value: "second" } });
  enter(input);
  answer("second");
  answer("first");
  expect(input.value).toBe("first");
});

test("Enter and the clear button search at once, and only once", () => {
  const { searched, input } = box();
  type(input, "walk");
  enter(input);
  expect(searched).toEqual(["walk"]);
  fireEvent.click(screen.getByRole("button", { name: "Clear the search" }));
  pass(1000);
  expect(searched).toEqual(["walk", ""]);
  expect(input.value).toBe("");
});

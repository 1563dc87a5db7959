// @vitest-environment happy-dom
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { ConfirmDialog } from "./confirm-dialog";
import { NameDialog } from "./name-dialog";
import { show } from "./testing";
import { useChange } from "./use-change";

/** Work that ends when the test says so. */
function work() {
  const asked: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const done: number[] = [];
  return {
    done,
    answer: (index: number, error?: Error) =>
      act(async () => {
        if (error === undefined) asked[index]?.resolve();
        else asked[index]?.reject(error);
      }),
    run: async () => {
      const index = asked.length;
      await new Promise<void>((resolve, reject) => asked.push({ resolve, reject }));
      done.push(index);
    },
  };
}

function Asking({ run }: { run: () => Promise<void> }) {
  const [opened, setOpened] = useState(true);
  const change = useChange(run, []);
  return (
    <>
      <button onClick={() => setOpened(true)} type="button">
        Ask
      </button>
      <ConfirmDialog
        change={change}
        confirm="Do it"
        onClose={() => setOpened(false)}
        opened={opened}
        title="Really?"
      >
        It is done.
      </ConfirmDialog>
    </>
  );
}

const click = (name: string) =>
  act(async () => {
    fireEvent.click(screen.getByRole("button", { name, hidden: true }));
  });

test("the dialog closes with the answer", async () => {
  const { run, answer, done } = work();
  show(<Asking run={run} />);
  await click("Do it");
  await answer(0);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(done).toEqual([0]);
});

test("a failure is shown until the dialog closes, and not when it opens again", async () => {
  const { run, answer } = work();
  show(<Asking run={run} />);
  await click("Do it");
  await answer(0, new Error("it is in use"));
  await screen.findByText("it is in use");
  await click("Cancel");
  await click("Ask");
  expect(screen.queryByText("it is in use")).toBeNull();
});

test("the first answer does not reach a dialog that was closed and opened again", async () => {
  const { run, answer, done } = work();
  show(<Asking run={run} />);
  await click("Do it");
  await click("Cancel");
  await click("Ask");
  await answer(0);
  expect(done).toEqual([0]);
  expect(screen.getByRole("dialog")).toBeDefined();
  await click("Do it");
  await click("Cancel");
  await click("Ask");
  await answer(1, new Error("too late"));
  await click("Do it");
  expect(screen.queryByText("too late")).toBeNull();
  await answer(2);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

function Naming({ initial }: { initial: string }) {
  const change = useChange(async (_name: string) => undefined, []);
  return (
    <NameDialog
      change={change}
      confirm="Rename"
      initial={initial}
      label="Name"
      onClose={() => undefined}
      opened
      title="Rename"
    />
  );
}

test("a name that changes meanwhile does not replace what is being typed", async () => {
  const { rerender } = show(<Naming initial="first" />);
  const input = screen.getByLabelText<HTMLInputElement>("Name");
  fireEvent.change(input, { target: { value: "first and more" } });
  rerender(<Naming initial="another" />);
  expect(input.value).toBe("first and more");
});

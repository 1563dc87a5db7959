// @vitest-environment happy-dom
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { deleteAction, EntityMenu, renameAction } from "./entity-menu";
import { show } from "./testing";
import { useChange } from "./use-change";

function RunMenu({ done }: { done: string[] }) {
  const rename = useChange(async (name: string) => void done.push(`rename to ${name}`), []);
  const remove = useChange(async () => void done.push("delete"), []);
  return (
    <EntityMenu
      actions={[
        renameAction({ what: "the run", name: "first", change: rename }),
        deleteAction({ what: "the run", consequences: "It disappears.", change: remove }),
      ]}
      label="More about this run"
    />
  );
}

const press = (element: HTMLElement) => act(async () => void fireEvent.click(element));

async function choose(item: string) {
  await press(screen.getByRole("button", { name: "More about this run", hidden: true }));
  await press(await screen.findByRole("menuitem", { name: item, hidden: true }));
}

const dialogButton = (name: string) => screen.findByRole("button", { name, hidden: true });

test("each action asks in its own dialog, and only that one", async () => {
  const done: string[] = [];
  show(<RunMenu done={done} />);
  await choose("Rename");
  expect(screen.getAllByRole("dialog")).toHaveLength(1);
  const box = await screen.findByLabelText<HTMLInputElement>("Name");
  expect(box.value).toBe("first");
  fireEvent.change(box, { target: { value: "second" } });
  await press(await dialogButton("Rename"));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(done).toEqual(["rename to second"]);

  await choose("Delete");
  await screen.findByText("It disappears.");
  expect(done).toHaveLength(1);
  await press(await dialogButton("Delete"));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(done).toEqual(["rename to second", "delete"]);
});

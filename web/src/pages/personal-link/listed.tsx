// A list of what was declared, and the dialog that adds to it.
import type { ComponentChildren, ComponentType } from "preact";
import { useState } from "preact/hooks";
import type { Loaded } from "../../lib/load";
import { Button, type Column, LoadedTable } from "../../ui";
import { withdraw } from "./declare";
import { type Both, named, type Open } from "./model";
import { say } from "./words";

export interface AddProps {
  close: () => void;
  done: () => void;
}

interface Props<T> {
  of: Loaded<T[]>;
  lead: ComponentChildren;
  caption: string;
  columns: Column<T>[];
  sort?: string;
  empty: string;
  /** The dialog and the button's words; nothing for who may not add. */
  add?: { as: ComponentType<AddProps>; words: string };
}

export function Listed<T extends { id: string }>(p: Props<T>) {
  const [adding, setAdding] = useState(false);
  const added = () => {
    setAdding(false);
    void p.of.reload();
  };
  return (
    <>
      <p>{p.lead}</p>
      <LoadedTable
        of={p.of}
        caption={p.caption}
        columns={p.columns}
        id={(x) => x.id}
        sort={p.sort}
        empty={<p>{p.empty}</p>}
        actions={
          p.add ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {p.add.words}
            </Button>
          ) : null
        }
      />
      {adding && p.add ? <p.add.as close={() => setAdding(false)} done={added} /> : null}
    </>
  );
}

/** What can be done with a declaration: it is withdrawn, once. */
export function ending<T extends { id: string; title: Both; open: Open; state: string }>(kind: "services" | "purposes", list: Loaded<T[]>, may: boolean): Column<T> {
  return {
    key: "actions",
    head: say("actions"),
    cell: (x) =>
      may && x.state === "valid" ? (
        <Button small danger label={`${say("withdraw")}: ${named(x.title)}`} action={async () => void ((await withdraw(kind, x)) && (await list.reload()))}>
          {say("withdraw")}
        </Button>
      ) : null,
  };
}

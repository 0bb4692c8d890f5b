// Time-stamping services: which of the approved ones this server uses.
import { useState } from "preact/hooks";
import { get, post } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { Button, type Column, confirm, Dialog, Form, Id, Load, LoadedTable, Radios, toast, useForm } from "../../ui";
import { say } from "./words";

interface Stamp {
  name: string;
  url: string;
  cost_type: string;
}

const keyOf = (s: Stamp) => `${s.name} ${s.url}`;
const cost = (s: Stamp) => say.of("cost", s.cost_type) ?? s.cost_type;

function Choose(p: { offered: Stamp[]; close: () => void; done: () => void }) {
  const form = useForm({ which: "" }, async (v) => {
    const chosen = p.offered.find((s) => keyOf(s) === v.which);
    if (chosen) await post("system/timestamping-services", chosen);
  });
  return (
    <Form form={form} submit={say("add")} cancel={p.close} done={p.done}>
      <Radios form={form} name="which" label={say("stamp")} choices={p.offered.map((s) => ({ value: keyOf(s), text: s.name, hint: `${s.url} ${cost(s)}` }))} required />
    </Form>
  );
}

function Add(p: { used: Stamp[]; close: () => void; done: () => void }) {
  const approved = useLoad(() => get<Stamp[]>("timestamping-services"));
  return (
    <Dialog title={say("addTitle")} onClose={p.close}>
      <Load of={approved}>
        {(all) => {
          const left = all.filter((s) => !p.used.some((u) => keyOf(u) === keyOf(s)));
          return left.length ? (
            <Choose offered={left} close={p.close} done={p.done} />
          ) : (
            <>
              <p>{say("noneLeft")}</p>
              <div class="actions end">
                <Button onClick={p.close}>{say("close")}</Button>
              </div>
            </>
          );
        }}
      </Load>
    </Dialog>
  );
}

function columns(drop: ((s: Stamp) => Promise<void>) | null): Column<Stamp>[] {
  const all: Column<Stamp>[] = [
    { key: "name", head: say("name"), name: true, text: (s) => s.name, sort: (s) => s.name },
    { key: "url", head: say("url"), text: (s) => s.url, cell: (s) => <Id>{s.url}</Id> },
    { key: "cost", head: say("cost"), text: cost },
  ];
  if (drop)
    all.push({
      key: "acts",
      head: say("acts"),
      cell: (s) => (
        <Button small danger action={() => drop(s)} label={`${say("doDelete")}: ${s.name}`}>
          {say("doDelete")}
        </Button>
      ),
    });
  return all;
}

export function Stamps() {
  const list = useLoad(() => get<Stamp[]>("system/timestamping-services"));
  const [adding, setAdding] = useState(false);
  const drop = async (s: Stamp) => {
    const text = say(list.data?.length === 1 ? "dropLast" : "dropText", { name: s.name });
    if (!(await confirm({ title: say("dropTitle"), text, button: say("doDelete"), danger: true }))) return;
    await post("system/timestamping-services/delete", s);
    await list.reload();
  };
  const done = () => {
    setAdding(false);
    toast(say("added"));
    void list.reload();
  };
  return (
    <>
      <p>{say("stampsLead")}</p>
      <LoadedTable
        of={list}
        caption={say("stampsUsed")}
        columns={columns(may("DELETE_TSP") ? drop : null)}
        id={keyOf}
        plain
        empty={<p>{say("stampsNone")}</p>}
        actions={
          may("ADD_TSP") ? (
            <Button kind="solid" onClick={() => setAdding(true)}>
              {say("add")}
            </Button>
          ) : null
        }
      />
      {adding ? <Add used={list.data ?? []} close={() => setAdding(false)} done={done} /> : null}
    </>
  );
}

// What was saved before, and going back to it.
import { useState } from "preact/hooks";
import { type Service, nameOf } from "../../lib/adapter";
import { get, path, put } from "../../lib/api";
import { number } from "../../lib/format";
import { useLoad } from "../../lib/load";
import { Button, type Column, confirm, DateTime, Dialog, Load, LoadedTable, toast } from "../../ui";
import { say } from "./words";

interface Version {
  number: number;
  time: string;
  by: string;
  removed: boolean;
}

function Look(p: { service: Service; number: number; close: () => void }) {
  const one = useLoad(() => get<{ service: unknown }>(path`machilink/adapter/services/${p.service.name}/versions/${p.number}`));
  return (
    <Dialog title={say("showTitle", { n: p.number })} onClose={p.close} wide>
      <Load of={one}>
        {(v) => (
          <pre tabIndex={0} aria-label={say("what")}>
            {JSON.stringify(v.service, null, 2).replace(/\\n/g, "\n")}
          </pre>
        )}
      </Load>
      <div class="actions end">
        <Button onClick={p.close}>{say("close")}</Button>
      </div>
    </Dialog>
  );
}

function columns(newest: number, look: (n: number) => void, back?: (n: number) => Promise<void>): Column<Version>[] {
  const what = (v: Version) => (v.removed ? say("removedThen") : v.number === newest ? say("now") : "");
  return [
    { key: "number", head: say("number"), name: true, text: (v) => number(v.number), sort: (v) => v.number },
    { key: "time", head: say("savedAt"), cell: (v) => <DateTime at={v.time} />, sort: (v) => v.time },
    { key: "by", head: say("by"), text: (v) => v.by, sort: (v) => v.by },
    {
      key: "what",
      head: say("what"),
      text: what,
      cell: (v) => (
        <div class="actions">
          <span>{what(v)}</span>
          {v.removed ? null : (
            <Button small onClick={() => look(v.number)} label={`${say("show")}: ${v.number}`}>
              {say("show")}
            </Button>
          )}
          {v.removed || v.number === newest || !back ? null : (
            <Button small action={() => back(v.number)} label={`${say("back")}: ${v.number}`}>
              {say("back")}
            </Button>
          )}
        </div>
      ),
    },
  ];
}

export function Versions(p: { service: Service; may: boolean; changed: () => void }) {
  const [looking, look] = useState(0);
  const list = useLoad(() => get<Version[]>(path`machilink/adapter/services/${p.service.name}/versions`), [p.service.revision]);
  const newest = Math.max(0, ...(list.data ?? []).map((v) => v.number));
  const name = nameOf(p.service);
  const back = async (text: string, way: string) => {
    if (!(await confirm({ title: say("backTitle"), text, button: say("back") }))) return;
    await put(`${path`machilink/adapter/services/${p.service.name}`}/${way}`, undefined, p.service.revision);
    toast(say("wentBack", { name }));
    p.changed();
  };
  const to = (n: number) => back(say("backText", { name, n }), `versions/${n}/restore`);
  return (
    <>
      <p>{say("versionsLead")}</p>
      <LoadedTable
        of={list}
        caption={say("tabVersions")}
        columns={columns(newest, look, p.may ? to : undefined)}
        id={(v) => String(v.number)}
        actions={
          p.may && newest > 1 ? (
            <Button action={() => back(say("stepBackText", { name }), "step-back")}>{say("stepBack")}</Button>
          ) : null
        }
      />
      {looking ? <Look service={p.service} number={looking} close={() => look(0)} /> : null}
    </>
  );
}

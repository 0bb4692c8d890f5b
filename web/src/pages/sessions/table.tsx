// A list of signed-in browsers, each of which can be ended.
import type { ComponentChildren } from "preact";
import type { Loaded } from "../../lib/load";
import { Button, Chip, type Column, confirm, DateTime, LoadedTable, toast } from "../../ui";
import { say } from "./words";

export interface Session {
  id: number;
  user: string;
  address: string;
  browser: string;
  started_at: string;
  last_used_at: string;
  current: boolean;
}

const systems = [
  [/Windows/, "Windows"],
  [/iPhone|iPad/, "iOS"],
  [/Mac OS X/, "macOS"],
  [/Android/, "Android"],
  [/Linux|X11/, "Linux"],
] as const;
const browsers = [
  [/Edg\/(\d+)/, "Edge"],
  [/Firefox\/(\d+)/, "Firefox"],
  [/Chrome\/(\d+)/, "Chrome"],
  [/Version\/(\d+).*Safari/, "Safari"],
] as const;

/** "Chrome 140, Windows", as far as browsers tell. */
export function browserText(agent: string): string {
  const browser = browsers.map(([found, name]) => [name, found.exec(agent)?.[1]]).find(([, version]) => version);
  const system = systems.find(([found]) => found.test(agent))?.[1];
  if (!browser) return agent.slice(0, 60);
  return [browser.join(" "), system].filter(Boolean).join(", ");
}

function columns(end: (s: Session) => Promise<void>, whose: boolean): Column<Session>[] {
  const name = (s: Session) => `${s.user} ${s.address} ${browserText(s.browser)}`;
  return [
    ...(whose ? [{ key: "user", head: say("user"), name: true, text: (s: Session) => s.user, sort: (s: Session) => s.user }] : []),
    {
      key: "browser",
      head: say("browser"),
      name: !whose,
      text: (s) => browserText(s.browser),
      cell: (s) => (
        <>
          {browserText(s.browser) || say("unknown")} {s.current ? <Chip state="good">{say("here")}</Chip> : null}
        </>
      ),
    },
    { key: "address", head: say("address"), text: (s) => s.address, sort: (s) => s.address },
    { key: "started", head: say("started"), cell: (s) => <DateTime at={s.started_at} />, sort: (s) => s.started_at },
    { key: "used", head: say("used"), cell: (s) => <DateTime at={s.last_used_at} />, sort: (s) => s.last_used_at },
    {
      key: "actions",
      head: say("actions"),
      cell: (s) =>
        s.current ? (
          <span class="soft">{say("signOutInstead")}</span>
        ) : (
          <Button small danger action={() => end(s)} label={`${say("end")}: ${name(s)}`}>
            {say("end")}
          </Button>
        ),
    },
  ];
}

/** end: the call that ends one. whose: with the names of the users. */
export function SessionTable(p: { of: Loaded<Session[]>; end: (s: Session) => Promise<unknown>; whose?: boolean; actions?: ComponentChildren }) {
  const end = async (s: Session) => {
    const text = say("endText", { who: s.user, from: s.address });
    if (!(await confirm({ title: say("endTitle"), text, button: say("end"), danger: true }))) return;
    await p.end(s);
    toast(say("ended", { who: s.user }));
    await p.of.reload();
  };
  return (
    <LoadedTable
      of={p.of}
      caption={say("caption")}
      columns={columns(end, p.whose ?? false)}
      id={(s) => String(s.id)}
      plain={!p.whose}
      actions={p.actions}
    />
  );
}

// A CSV file: looked at, then taken.
import { useState } from "preact/hooks";
import { base } from "../../lib/adapter";
import { postBytes, type Refused } from "../../lib/api";
import { number } from "../../lib/format";
import { asRefused } from "../../lib/load";
import { href } from "../../lib/route";
import { language } from "../../lib/words";
import {
  Banner,
  Button,
  ButtonLink,
  DataTable,
  FileField,
  Form,
  PageHeader,
  Progress,
  RefusedBanner,
  Section,
  TextField,
  useForm,
} from "../../ui";
import { say } from "./words";

interface Sheet {
  set: string | null;
  title: string;
  rows: number;
  encoding: string;
  replaced_characters: number;
  columns: { heading: string; name: string; type: string }[];
  notes: { message: string; message_ja: string }[];
  services: string[];
}
interface Values {
  file: File | null;
  name: string;
  title: string;
}

function send(v: Values, dry: boolean): Promise<Sheet> {
  const file = v.file ?? new File([], "");
  return postBytes<Sheet>(`${base}/imports`, file, { file: file.name, name: v.name, title: v.title, dry_run: dry });
}

function Notes(p: { of: Sheet }) {
  const notes = p.of.notes.map((n) => (language.value === "ja" ? n.message_ja : n.message));
  if (p.of.replaced_characters) notes.unshift(say("replaced", { n: number(p.of.replaced_characters) }));
  if (!notes.length) return null;
  return (
    <Banner kind="warning" title={say("notes")}>
      <ul>
        {notes.map((text, i) => (
          <li key={i}>{text}</li>
        ))}
      </ul>
    </Banner>
  );
}

function Understood(p: { of: Sheet }) {
  const s = p.of;
  const rows = s.columns.map((c, i) => ({ ...c, i }));
  return (
    <>
      <p>
        {s.set ? say("set", { n: s.set }) : say("noSet")} {say("encoding", { text: s.encoding })}
      </p>
      <Notes of={s} />
      <h3>{say("services")}</h3>
      <ul>
        {s.services.map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </ul>
      <DataTable
        plain
        rows={rows}
        size={200}
        caption={say("columns")}
        id={(c) => String(c.i)}
        columns={[
          { key: "heading", head: say("column"), name: true, text: (c) => c.heading },
          { key: "type", head: say("type"), text: (c) => say.of("type", c.type) ?? c.type },
        ]}
      />
    </>
  );
}

function Taken(p: { of: Sheet; again: () => void }) {
  return (
    <Banner
      kind="success"
      alert
      title={say("taken")}
      actions={
        <>
          {p.of.services.map((name) => (
            <ButtonLink key={name} href={href("data-services", [name], { tab: "publish" })}>
              {say("publish", { name })}
            </ButtonLink>
          ))}
          <Button kind="text" onClick={p.again}>
            {say("another")}
          </Button>
        </>
      }
    >
      <p>{say("takenText", { rows: number(p.of.rows) })}</p>
    </Banner>
  );
}

function Take(p: { sheet: Sheet; values: Values; done: (s: Sheet) => void }) {
  const [state, set] = useState<{ busy?: boolean; refused?: Refused }>({});
  const take = async () => {
    set({ busy: true });
    try {
      p.done(await send(p.values, false));
    } catch (problem) {
      set({ refused: asRefused(problem) });
    }
  };
  const { title, rows, columns } = p.sheet;
  return (
    <Section title={say("found", { title, rows: number(rows), columns: number(columns.length) })}>
      <Understood of={p.sheet} />
      <p>{say("again")}</p>
      {state.busy ? <Progress text={say("taking")} /> : null}
      {state.refused ? <RefusedBanner error={state.refused} /> : null}
      <div>
        <Button id="take" kind="solid" busy={state.busy} onClick={() => void take()}>
          {say("take")}
        </Button>
      </div>
    </Section>
  );
}

function Import(p: { again: () => void }) {
  const [looked, setLooked] = useState<{ sheet: Sheet; values: Values }>();
  const [taken, setTaken] = useState<Sheet>();
  const form = useForm<Values>({ file: null, name: "", title: "" }, async (v) => {
    setLooked(undefined);
    setLooked({ sheet: await send(v, true), values: v });
  });
  if (taken) return <Taken of={taken} again={p.again} />;
  return (
    <>
      <Form form={form} submit={say("look")} progress={say("looking")} label={say("title")}>
        <FileField form={form} name="file" label={say("file")} hint={say("fileHint")} accept=".csv,text/csv" required />
        <TextField form={form} name="name" label={say("name")} hint={say("nameHint")} maxLength={100} />
        <TextField form={form} name="title" label={say("heading")} hint={say("headingHint")} maxLength={500} />
      </Form>
      {looked ? <Take {...looked} done={setTaken} /> : null}
    </>
  );
}

export default function OpenData() {
  const [turn, next] = useState(0);
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="adapter-open-data" />
      <Import key={turn} again={() => next(turn + 1)} />
    </>
  );
}

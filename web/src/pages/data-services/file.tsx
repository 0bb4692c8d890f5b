// services.json as a whole: saved as a file, or taken from one, as the
// Connector writes it too.
import { useState } from "preact/hooks";
import { base } from "../../lib/adapter";
import { address, call, put, Refused } from "../../lib/api";
import { href } from "../../lib/route";
import { Banner, ButtonLink, confirm, FileField, Form, PageHeader, Radios, Section, useForm } from "../../ui";
import { say } from "./words";

interface Source {
  id?: string;
  databaseName?: string;
  dbServices?: unknown[] | null;
  [more: string]: unknown;
}
interface Whole {
  dbSources: Source[];
  [more: string]: unknown;
}
interface Values {
  file: File | null;
  how: string;
}

const nameOf = (s: Source) => s.id || s.databaseName || "";

/** What is there, with databases of the same name replaced and new ones behind. */
function together(now: Whole, given: Whole): Whole {
  const same = (a: Source, b: Source) => nameOf(a) !== "" && nameOf(a) === nameOf(b);
  const kept = now.dbSources.map((s) => given.dbSources.find((g) => same(g, s)) ?? s);
  return { ...now, dbSources: [...kept, ...given.dbSources.filter((g) => !kept.includes(g))] };
}

async function read(file: File | null): Promise<Whole> {
  let given: Partial<Whole> | undefined;
  try {
    given = JSON.parse((await file?.text()) ?? "") as Partial<Whole>;
  } catch {
    given = undefined;
  }
  if (Array.isArray(given?.dbSources)) return given as Whole;
  throw new Refused(400, "validation_failure", "", [], { file: [say("noServicesJson")] });
}

/** How many services the file has, or nothing if somebody thought better of it. */
async function take(v: Values): Promise<number | undefined> {
  const given = await read(v.file);
  const question = { title: say("replaceAllTitle"), text: say("replaceAllText"), button: say("replaceAll"), danger: true };
  if (v.how === "replace" && !(await confirm(question))) return undefined;
  const answer = await call("GET", address(`${base}/file`));
  const now = (await answer.json()) as Whole;
  const seen = answer.headers.get("ETag")?.replace(/"/g, "");
  await put(`${base}/file`, v.how === "replace" ? given : together(now, given), seen);
  return given.dbSources.reduce((n, s) => n + (s.dbServices?.length ?? 0), 0);
}

export function WholeFile() {
  const [taken, setTaken] = useState<number>();
  const form = useForm<Values>({ file: null, how: "add" }, async (v) => {
    setTaken(undefined);
    setTaken(await take(v));
  });
  const ways = ["add", "replace"].map((value) => ({ value, text: say.of("take", value) ?? value }));
  return (
    <>
      <PageHeader title={say("fileTitle")} lead={<p>{say("fileLead")}</p>} above={[[say("title"), href("data-services")]]} help="adapter-file" />
      <Section title={say("fileSave")}>
        <p>{say("fileSaveLead")}</p>
        <div>
          <ButtonLink href={address(`${base}/file`)} download="services.json">
            {say("fileSaveButton")}
          </ButtonLink>
        </div>
      </Section>
      <Section title={say("fileTake")}>
        {taken === undefined ? null : (
          <Banner kind="success" alert title={say("fileTaken", { n: taken })}>
            <p>
              <a href={href("data-services")}>{say("fileTakenNext")}</a>
            </p>
          </Banner>
        )}
        <Form form={form} submit={say("fileTakeButton")} progress={say("fileTaking")} label={say("fileTake")}>
          <FileField form={form} name="file" label={say("fileField")} hint={say("fileFieldHint")} accept=".json,application/json" required />
          <Radios form={form} name="how" label={say("fileHow")} choices={ways} required />
        </Form>
      </Section>
    </>
  );
}

// Everybody who is signed in.
import { get, path, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { Banner, Button, PageHeader } from "../../ui";
import { type Session, SessionTable } from "./table";
import { say } from "./words";

export default function Sessions() {
  const list = useLoad(async () => (await get<{ items: Session[] }>("machilink/sessions")).items);
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="accounts" actions={<Button action={list.reload}>{say("refresh")}</Button>} />
      <SessionTable of={list} whose end={(s) => remove(path`machilink/sessions/${s.id}`)} />
      <Banner kind="info" title={say("suspect")}>
        <p>{say("suspectText")}</p>
      </Banner>
    </>
  );
}

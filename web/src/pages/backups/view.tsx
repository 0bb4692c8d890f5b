// Backups: make, download, add, delete, restore.
import { useState } from "preact/hooks";
import { address, get, path, post, postForm, put, remove } from "../../lib/api";
import { isBack } from "../../lib/back";
import { useLoad } from "../../lib/load";
import {
  Banner,
  Button,
  ButtonLink,
  type Column,
  confirm,
  DateTime,
  Dialog,
  FileField,
  Form,
  LoadedTable,
  PageHeader,
  Progress,
  toast,
  useForm,
} from "../../ui";
import { say } from "./words";

interface Backup {
  filename: string;
  created_at: string;
}

function Upload(p: { close: () => void; done: (name: string) => void }) {
  const form = useForm({ file: null as File | null }, async (v, ignore) => {
    const body = new FormData();
    if (v.file) body.append("file", v.file);
    p.done((await postForm<Backup>("backups/upload", body, { ignore_warnings: ignore })).filename);
  });
  return (
    <Dialog title={say("uploadTitle")} onClose={p.close}>
      <Form form={form} submit={say("upload")} cancel={p.close}>
        <FileField form={form} name="file" label={say("file")} hint={say("fileHint")} required />
      </Form>
    </Dialog>
  );
}

type Restoring = "no" | "waiting" | "back" | "gone";

function Restored(p: { state: Restoring; tokens: boolean }) {
  if (p.state === "waiting") return <Progress text={say("restoring")} />;
  if (p.state === "gone") return <Banner kind="error" alert title={say("notBack")} />;
  return (
    <Banner
      kind="success"
      alert
      title={say("restored")}
      actions={<Button onClick={() => location.reload()}>{say("reload")}</Button>}
    >
      <p>{say("restoredText")}</p>
      {p.tokens ? <p>{say("tokens")}</p> : null}
    </Banner>
  );
}

interface Acts {
  restore: (b: Backup) => Promise<void>;
  drop: (b: Backup) => Promise<void>;
}

function columns(acts: Acts): Column<Backup>[] {
  return [
    { key: "name", head: say("name"), name: true, text: (b) => b.filename, sort: (b) => b.filename, cell: (b) => <code>{b.filename}</code> },
    { key: "createdAt", head: say("createdAt"), cell: (b) => <DateTime at={b.created_at} />, sort: (b) => b.created_at },
    {
      key: "actions",
      head: say("actions"),
      cell: (b) => (
        <div class="actions">
          <ButtonLink small download href={address(path`backups/${b.filename}/download`)} label={`${say("download")}: ${b.filename}`}>
            {say("download")}
          </ButtonLink>
          <Button small action={() => acts.restore(b)} label={`${say("restore")}: ${b.filename}`}>
            {say("restore")}
          </Button>
          <Button small danger action={() => acts.drop(b)} label={`${say("remove")}: ${b.filename}`}>
            {say("remove")}
          </Button>
        </div>
      ),
    },
  ];
}

export default function Backups() {
  const list = useLoad(() => get<Backup[]>("backups"));
  const [adding, setAdding] = useState(false);
  const [restoring, setRestoring] = useState<Restoring>("no");
  const [tokens, setTokens] = useState(false);
  const make = async () => {
    const made = await post<Backup>("backups");
    toast(say("made", { name: made.filename }));
    await list.reload();
  };
  const drop = async (b: Backup) => {
    const name = b.filename;
    if (!(await confirm({ title: say("removeTitle"), text: say("removeText", { name }), button: say("remove"), danger: true }))) return;
    await remove(path`backups/${name}`);
    toast(say("removed", { name }));
    await list.reload();
  };
  const restore = async (b: Backup) => {
    const name = b.filename;
    const text = say("restoreText", { name });
    if (!(await confirm({ title: say("restoreTitle"), text, button: say("restore"), danger: true, typeName: name }))) return;
    const answer = await put<{ hsm_tokens_logged_out?: boolean }>(path`backups/${name}/restore`);
    setTokens(Boolean(answer?.hsm_tokens_logged_out));
    setRestoring("waiting");
    setRestoring((await isBack()) ? "back" : "gone");
  };
  const added = (name: string) => {
    setAdding(false);
    toast(say("uploaded", { name }));
    void list.reload();
  };
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="backups" />
      {restoring === "no" ? null : <Restored state={restoring} tokens={tokens} />}
      <Banner kind="info" title={say("keep")}>
        <p>{say("keepText")}</p>
      </Banner>
      <LoadedTable
        of={list}
        caption={say("caption")}
        columns={columns({ restore, drop })}
        id={(b) => b.filename}
        sort="createdAt"
        descending
        empty={<p>{say("none")}</p>}
        actions={
          <>
            <Button kind="solid" action={make}>
              {say("make")}
            </Button>
            <Button onClick={() => setAdding(true)}>{say("upload")}</Button>
          </>
        }
      />
      {adding ? <Upload close={() => setAdding(false)} done={added} /> : null}
    </>
  );
}

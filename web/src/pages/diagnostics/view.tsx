// Diagnostics: what exchanges depend on, one section each, in the order in
// which it should be looked at.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { address, get } from "../../lib/api";
import { bytes } from "../../lib/format";
import { type Loaded, useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import {
  Button,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  DateTime,
  Id,
  Load,
  PageHeader,
  PairOf,
  Pairs,
  Section,
} from "../../ui";
import { Peer } from "./peer";
import { type Status, StatusOf } from "./state";
import { say } from "./words";

interface Timed extends Status {
  prev_update_at?: string;
  next_update_at?: string;
}
interface Conf extends Timed {
  last_successful_url?: string;
}
interface Service extends Timed {
  url: string;
}
interface Authority {
  distinguished_name: string;
  ocsp_responders: Service[];
}
interface Source {
  download_url: string;
  connection_status: Status;
}

/** A test that is made when asked for. */
function Test<T>(p: { of: () => Promise<T>; children: (result: T) => ComponentChildren }) {
  const [result, set] = useState<T>();
  return (
    <>
      <div class="actions">
        <Button action={async () => set(await p.of())}>{say("test")}</Button>
      </div>
      {result === undefined ? null : <div role="status">{p.children(result)}</div>}
    </>
  );
}

function sourceColumns(): Column<Source>[] {
  return [
    { key: "address", head: say("address"), name: true, text: (s) => s.download_url, cell: (s) => <Id>{s.download_url}</Id> },
    { key: "result", head: say("result"), cell: (s) => <StatusOf of={s.connection_status} /> },
  ];
}

function Sources() {
  return (
    <Test of={() => get<Source[]>("diagnostics/global-conf-status")}>
      {(list) => (
        <>
          <p>{say("anyOne")}</p>
          <DataTable plain caption={say("results")} columns={sourceColumns()} rows={list} id={(s) => s.download_url} />
        </>
      )}
    </Test>
  );
}

function GlobalConf(p: { of: Loaded<Conf> }) {
  return (
    <Section title={say("globalconf")}>
      <p>{say("globalconfLead")}</p>
      <Load of={p.of}>
        {(c) => (
          <Card>
            <Pairs>
              <PairOf name={say("state")}>
                <StatusOf of={c} />
              </PairOf>
              <PairOf name={say("source")}>{c.last_successful_url ? <Id>{c.last_successful_url}</Id> : say("never")}</PairOf>
              <PairOf name={say("lastFetch")}>
                <DateTime at={c.prev_update_at}>{say("never")}</DateTime>
              </PairOf>
              <PairOf name={say("nextFetch")}>
                <DateTime at={c.next_update_at}>{say("never")}</DateTime>
              </PairOf>
            </Pairs>
          </Card>
        )}
      </Load>
      <Sources />
    </Section>
  );
}

function serviceColumns(lastWord: string): Column<Service>[] {
  return [
    { key: "address", head: say("address"), name: true, text: (s) => s.url, cell: (s) => <Id>{s.url}</Id> },
    { key: "state", head: say("state"), cell: (s) => <StatusOf of={s} /> },
    { key: "last", head: lastWord, cell: (s) => <DateTime at={s.prev_update_at}>{say("never")}</DateTime> },
  ];
}

function TimeStamps(p: { of: Loaded<Service[]> }) {
  return (
    <Section title={say("tsa")}>
      <p>{say("tsaLead")}</p>
      <Load of={p.of}>
        {(list) => (
          <DataTable
            plain
            caption={say("tsa")}
            columns={serviceColumns(say("lastStamp"))}
            rows={list}
            id={(s) => s.url}
            empty={<p>{say("tsaNone")}</p>}
          />
        )}
      </Load>
    </Section>
  );
}

type Responder = Service & { authority: string };

function Ocsp(p: { of: Loaded<Authority[]> }) {
  const authority: Column<Responder> = { key: "authority", head: say("authority"), text: (s) => s.authority };
  const [where, ...more] = serviceColumns(say("lastFetch")) as Column<Responder>[];
  return (
    <Section title={say("ocsp")}>
      <p>{say("ocspLead")}</p>
      <Load of={p.of}>
        {(list) => (
          <DataTable
            plain
            caption={say("ocsp")}
            columns={[where, authority, ...more]}
            rows={list.flatMap((a) => a.ocsp_responders.map((s) => ({ ...s, authority: a.distinguished_name })))}
            id={(s) => `${s.authority} ${s.url}`}
            empty={<p>{say("ocspNone")}</p>}
          />
        )}
      </Load>
    </Section>
  );
}

function Center() {
  return (
    <Section title={say("center")}>
      <p>{say("centerLead")}</p>
      <Test of={() => get<Status>("diagnostics/auth-cert-req-status")}>{(s) => <StatusOf of={s} />}</Test>
    </Section>
  );
}

interface Self {
  addon: { messagelog_enabled: boolean; opmonitoring_enabled: boolean };
  backup: { backup_encryption_status: boolean };
  log: { message_log_archive_encryption_status: boolean; message_log_database_encryption_status: boolean };
  memory: { max_memory: number; used_memory: number };
}

async function readSelf(): Promise<Self> {
  const [addon, backup, log, memory] = await Promise.all([
    get<Self["addon"]>("diagnostics/addon-status"),
    get<Self["backup"]>("diagnostics/backup-encryption-status"),
    get<Self["log"]>("diagnostics/message-log-encryption-status"),
    get<Self["memory"]>("diagnostics/proxy-memory-usage-status"),
  ]);
  return { addon, backup, log, memory };
}

function Machine(p: { of: Loaded<Self> }) {
  const flag = (on: boolean) => say(on ? "on" : "off");
  return (
    <Section title={say("machine")}>
      <Load of={p.of}>
        {({ addon, backup, log, memory }) => (
          <Card>
            <Pairs>
              <PairOf name={say("messagelog")}>{flag(addon.messagelog_enabled)}</PairOf>
              <PairOf name={say("monitoring")}>{flag(addon.opmonitoring_enabled)}</PairOf>
              <PairOf name={say("backupEncryption")}>{flag(backup.backup_encryption_status)}</PairOf>
              <PairOf name={say("archiveEncryption")}>{flag(log.message_log_archive_encryption_status)}</PairOf>
              <PairOf name={say("databaseEncryption")}>{flag(log.message_log_database_encryption_status)}</PairOf>
              <PairOf name={say("memory")}>
                {say("memoryOf", { used: bytes(memory.used_memory), all: bytes(memory.max_memory) })}
              </PairOf>
            </Pairs>
          </Card>
        )}
      </Load>
    </Section>
  );
}

export default function Diagnostics() {
  const conf = useLoad(() => get<Conf>("diagnostics/globalconf"));
  const stamps = useLoad(() => get<Service[]>("diagnostics/timestamping-services"));
  const ocsp = useLoad(() => get<Authority[]>("diagnostics/ocsp-responders"));
  const self = useLoad(readSelf);
  const refresh = () => Promise.all([conf, stamps, ocsp, self].map((x) => x.reload()));
  return (
    <>
      <PageHeader
        title={say("title")}
        lead={<p>{say("lead")}</p>}
        help="diagnostics"
        actions={
          <>
            <Button action={refresh}>{say("refresh")}</Button>
            {may("DOWNLOAD_DIAGNOSTICS_REPORT") ? (
              <ButtonLink download href={address("diagnostics/info/download")}>
                {say("report")}
              </ButtonLink>
            ) : null}
          </>
        }
      />
      <GlobalConf of={conf} />
      <TimeStamps of={stamps} />
      <Ocsp of={ocsp} />
      <Center />
      <Peer />
      <Machine of={self} />
    </>
  );
}

// One source: its anchor and address, the keys that sign it, what it contains.
import { address, get, path, post, put, remove, Refused } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { may } from "../../lib/session";
import { Button, ButtonLink, type Column, confirm, DateTime, Id, Light, Load, LoadedTable, PairOf, Pairs, Section, toast } from "../../ui";
import { say } from "./words";

interface Anchor {
  hash: string;
  created_at: string;
}
interface Key {
  id: string;
  active: boolean;
  key_algorithm: string;
  label: { label: string };
  possible_actions: string[];
  created_at: string;
}
interface Part {
  content_identifier: string;
  file_name: string;
  version: number;
  optional: boolean;
  file_updated_at: string | null;
}
export type SourceType = "INTERNAL" | "EXTERNAL";

async function readAnchor(type: SourceType): Promise<Anchor | null> {
  try {
    return (await get<{ anchor: Anchor | null }>(path`configuration-sources/${type}/anchor`)).anchor;
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 404) return null;
    throw problem;
  }
}

function AnchorSection(p: { type: SourceType }) {
  const of = useLoad(async () => {
    const [anchor, { url }] = await Promise.all([readAnchor(p.type), get<{ url: string }>(path`configuration-sources/${p.type}/download-url`)]);
    return { anchor, url };
  }, [p.type]);
  const make = async () => {
    if (!(await confirm({ title: say("anchorMake"), text: say("anchorMakeText"), button: say("anchorMake") }))) return;
    await put(path`configuration-sources/${p.type}/anchor/re-create`);
    toast(say("anchorMade"));
    await of.reload();
  };
  return (
    <Section
      title={say("anchor")}
      actions={
        <>
          {of.data?.anchor ? (
            <ButtonLink kind="solid" download href={address(path`configuration-sources/${p.type}/anchor/download`)}>
              {say("anchorSave")}
            </ButtonLink>
          ) : null}
          {may("GENERATE_SOURCE_ANCHOR") ? <Button action={make}>{say("anchorMake")}</Button> : null}
        </>
      }
    >
      <p>{say(p.type === "INTERNAL" ? "anchorInternal" : "anchorExternal")}</p>
      <Load of={of}>
        {({ anchor, url }) => (
          <Pairs>
            <PairOf name={say("hash")}>
              <code class="id" data-hash>
                {anchor?.hash ?? say("anchorNone")}
              </code>
            </PairOf>
            <PairOf name={say("made")}>
              <DateTime at={anchor?.created_at} />
            </PairOf>
            <PairOf name={say("url")}>
              <Id>{url}</Id>
            </PairOf>
          </Pairs>
        )}
      </Load>
    </Section>
  );
}

function Keys(p: { type: SourceType }) {
  const list = useLoad(() => get<Key[]>(path`configuration-sources/${p.type}/signing-keys`), [p.type]);
  const add = async () => {
    await post(path`configuration-sources/${p.type}/signing-keys`, { key_label: `${p.type.toLowerCase()}-${(list.data?.length ?? 0) + 1}`, token_id: "0" });
    toast(say("keyMade"));
    await list.reload();
  };
  const activate = async (k: Key) => {
    if (!(await confirm({ title: say("activate"), text: say("activateText", { name: k.label.label }), button: say("activate") }))) return;
    await put(path`signing-keys/${k.id}/activate`);
    await list.reload();
  };
  const drop = async (k: Key) => {
    if (!(await confirm({ title: say("keyDrop"), text: say("keyDropText", { name: k.label.label }), button: say("remove"), danger: true, typeName: k.label.label }))) return;
    await remove(path`signing-keys/${k.id}`);
    await list.reload();
  };
  const columns: Column<Key>[] = [
    { key: "label", head: say("key"), name: true, text: (k) => k.label.label },
    { key: "algorithm", head: say("algorithm"), text: (k) => k.key_algorithm },
    { key: "made", head: say("made"), cell: (k) => <DateTime at={k.created_at} />, sort: (k) => k.created_at },
    { key: "active", head: say("state"), cell: (k) => <Light state={k.active ? "good" : "off"}>{say(k.active ? "active" : "spare")}</Light> },
    {
      key: "actions",
      head: say("actions"),
      cell: (k) => (
        <div class="actions">
          {k.possible_actions.includes("ACTIVATE") && may("ACTIVATE_SIGNING_KEY") ? (
            <Button small action={() => activate(k)} label={`${say("activate")}: ${k.label.label}`}>
              {say("activate")}
            </Button>
          ) : null}
          {k.possible_actions.includes("DELETE") && may("DELETE_SIGNING_KEY") ? (
            <Button small danger action={() => drop(k)} label={`${say("remove")}: ${k.label.label}`}>
              {say("remove")}
            </Button>
          ) : null}
        </div>
      ),
    },
  ];
  return (
    <Section title={say("keys")}>
      <p>{say("keysText")}</p>
      <LoadedTable
        of={list}
        caption={say("keys")}
        columns={columns}
        id={(k) => k.id}
        plain
        empty={<p>{say("keyNone")}</p>}
        actions={may("GENERATE_SIGNING_KEY") ? <Button action={add}>{say("keyAdd")}</Button> : null}
      />
    </Section>
  );
}

function Parts(p: { type: SourceType }) {
  const list = useLoad(() => get<Part[]>(path`configuration-sources/${p.type}/configuration-parts`), [p.type]);
  const columns: Column<Part>[] = [
    { key: "name", head: say("part"), name: true, text: (x) => x.content_identifier, sort: (x) => x.content_identifier },
    { key: "version", head: say("version"), numeric: true, text: (x) => String(x.version), sort: (x) => x.version },
    { key: "updated", head: say("updated"), cell: (x) => <DateTime at={x.file_updated_at}>{say("never")}</DateTime>, sort: (x) => x.file_updated_at ?? "" },
    {
      key: "actions",
      head: say("actions"),
      cell: (x) =>
        x.file_updated_at ? (
          <ButtonLink
            small
            download
            href={address(path`configuration-sources/${p.type}/configuration-parts/${x.content_identifier}/${x.version}/download`)}
            label={`${say("download")}: ${x.content_identifier} ${x.version}`}
          >
            {say("download")}
          </ButtonLink>
        ) : null,
    },
  ];
  return (
    <Section title={say("parts")}>
      <LoadedTable of={list} caption={say("parts")} columns={columns} id={(x) => `${x.content_identifier} ${x.version}`} size={10} plain />
    </Section>
  );
}

export function Source(p: { type: SourceType }) {
  return (
    <>
      <AnchorSection type={p.type} />
      <Keys type={p.type} />
      <Parts type={p.type} />
    </>
  );
}

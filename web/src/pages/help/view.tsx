// The help viewer. Topics are Markdown files of web/help, made at build time
// into trees of a few harmless elements (web/plugins/help.ts): no markup is ever
// read here.
import { h, type ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { PageProps } from "../../lib/page";
import { href } from "../../lib/route";
import { language } from "../../lib/words";
import { useLoad } from "../../lib/load";
import { Load, PageHeader } from "../../ui";
import { say } from "./words";

export type HelpNode = string | [tag: string, attributes: Record<string, string>, ...children: HelpNode[]];
export interface Topic {
  name: string;
  title: string;
  /** Everything it says, for the search. */
  text: string;
  body: HelpNode[];
}

const topics = {
  ja: () => import("virtual:help/ja"),
  en: () => import("virtual:help/en"),
};

function draw(node: HelpNode, key: number): ComponentChildren {
  if (typeof node === "string") return node;
  const [tag, attributes, ...children] = node;
  return h(tag, { key, ...attributes }, children.map(draw));
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function List(p: { topics: Topic[] }) {
  const [words, setWords] = useState("");
  const id = useId();
  const asked = fold(words).split(/\s+/).filter(Boolean);
  const found = p.topics.filter((t) => asked.every((w) => fold(`${t.title} ${t.text}`).includes(w)));
  return (
    <div class="data">
      <div class="field" role="search">
        <label for={id}>{say("search")}</label>
        <input id={id} type="search" value={words} onInput={(e) => setWords(e.currentTarget.value)} />
      </div>
      <p class="soft" role="status">
        {found.length ? say("found", { n: found.length }) : say("none")}
      </p>
      <ul class="help-list">
        {found.map((t) => (
          <li key={t.name}>
            <a href={href("help", [t.name])}>{t.title}</a>
            <span class="line soft">{t.text.slice(0, 80)}…</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Reader(p: { topics: Topic[]; name: string }) {
  const topic = p.topics.find((t) => t.name === p.name);
  return (
    <>
      <PageHeader title={topic?.title ?? say("missing")} above={[[say("title"), href("help")]]} />
      <article class="prose">{topic?.body.map(draw)}</article>
    </>
  );
}

export default function Help(p: PageProps) {
  const tongue = language.value;
  const loaded = useLoad(async () => (await topics[tongue]()).default, [tongue]);
  const name = p.rest[0];
  return (
    <>
      {name ? null : <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} />}
      <Load of={loaded}>{(all) => (name ? <Reader topics={all} name={name} /> : <List topics={all} />)}</Load>
    </>
  );
}

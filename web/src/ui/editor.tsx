// The code editor. It lives in a shadow tree: there its styles are adopted
// sheets, which a policy without 'unsafe-inline' permits.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import { dark } from "../lib/theme";

export interface EditorProps {
  label: string;
  value: string;
  onChange?: (text: string) => void;
  language?: "sql" | "text";
  /** Tables and their columns, for what SQL names. */
  schema?: Record<string, string[]>;
  readOnly?: boolean;
  /** Id of the element that says what is wrong. */
  describedBy?: string;
  invalid?: boolean;
  id?: string;
}

/** The page's sheet says how much of a colour there is: lighter in the dark. */
const colours = HighlightStyle.define(
  defaultHighlightStyle.specs.map((s) => ({ ...s, color: s.color ? `color-mix(in srgb, ${s.color} var(--code-share), white)` : undefined })),
);

function look(): Extension {
  const base = EditorView.theme(
    {
      "&": { color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--line-strong)", borderRadius: "8px", fontSize: "1rem" },
      "&:focus-within": { outline: "4px solid var(--focus)", outlineOffset: "2px", boxShadow: "0 0 0 2px var(--focus-gap)" },
      ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", minHeight: "10rem", maxHeight: "30rem", overflow: "auto" },
      ".cm-gutters": { backgroundColor: "var(--ground)", color: "var(--ink-soft)", border: "none" },
      ".cm-activeLine": { backgroundColor: "transparent" },
      ".cm-cursor": { borderLeftColor: "var(--ink)" },
      "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--select) !important" },
    },
    { dark: dark.value },
  );
  return [base, syntaxHighlighting(colours)];
}

function attributes(p: EditorProps): Record<string, string> {
  const all: Record<string, string> = { "aria-label": p.label };
  if (p.invalid) all["aria-invalid"] = "true";
  if (p.readOnly) all["aria-readonly"] = "true";
  return all;
}

/** Tab moves on, as everywhere: the keyboard is never caught. */
function extensions(p: EditorProps, onChange: (text: string) => void, looks: Compartment): Extension[] {
  return [
    lineNumbers(),
    history(),
    drawSelection(),
    bracketMatching(),
    highlightActiveLine(),
    EditorView.lineWrapping,
    keymap.of([...defaultKeymap, ...historyKeymap]),
    EditorState.readOnly.of(p.readOnly ?? false),
    EditorView.contentAttributes.of(attributes(p)),
    EditorView.updateListener.of((u) => {
      if (u.docChanged) onChange(u.state.doc.toString());
    }),
    p.language === "text" ? [] : sql({ dialect: PostgreSQL, schema: p.schema, upperCaseKeywords: true }),
    looks.of(look()),
  ];
}

export function Editor(p: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const looks = useRef(new Compartment());
  const said = useRef(p.onChange);
  const told = useRef(new Set<string>()); // what comes back late is no new text
  const style = dark.value;
  const schema = JSON.stringify(p.schema); // callers make a new object at every turn
  said.current = p.onChange;
  useEffect(() => {
    const root = place.current?.shadowRoot ?? place.current?.attachShadow({ mode: "open" });
    if (!root) return;
    const tell = (text: string) => {
      told.current.add(text);
      said.current?.(text);
    };
    const state = EditorState.create({ doc: p.value, extensions: extensions(p, tell, looks.current) });
    view.current = new EditorView({ state, parent: root, root });
    return () => view.current?.destroy();
  }, [p.language, p.readOnly, p.label, schema, p.invalid]);
  useEffect(() => {
    const v = view.current;
    if (v?.state.doc.toString() === p.value) told.current.clear();
    else if (v && !told.current.has(p.value)) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: p.value } });
  }, [p.value]);
  useEffect(() => {
    view.current?.dispatch({ effects: looks.current.reconfigure(look()) });
  }, [style]);
  return <div class="editor" id={p.id} ref={place} />;
}

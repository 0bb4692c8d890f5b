// Trying a draft: values in, rows, plan and milliseconds out.
import { useState } from "preact/hooks";
import { type Fault, type Field, base, faultText } from "../../lib/adapter";
import { post, type Refused } from "../../lib/api";
import { millis, number } from "../../lib/format";
import { asRefused } from "../../lib/load";
import { refusalText } from "../../lib/refusal";
import { Banner, Button, DataTable, Progress } from "../../ui";
import { say } from "./words";

type Cells = Record<string, unknown>;
interface Answer {
  rows?: Cells[];
  affected?: number;
  truncated?: boolean;
  milliseconds: number;
  plan?: string;
  refused?: Fault;
}

const textOf = (v: unknown) => (v === null || v === undefined ? "–" : typeof v === "object" ? JSON.stringify(v) : String(v));

function Rows(p: { rows: Cells[] }) {
  const names = [...new Set(p.rows.flatMap((r) => Object.keys(r)))];
  const numbered = p.rows.map((cells, i) => ({ cells, i }));
  if (!p.rows.length) return <p>{say("noRows")}</p>;
  return (
    <div data-as-is>
      <DataTable
        rows={numbered}
        caption={say("rows")}
        columns={names.map((n) => ({ key: n, head: n, text: (r: { cells: Cells }) => textOf(r.cells[n]) }))}
        id={(r) => String(r.i)}
        size={10}
      />
    </div>
  );
}

function Plan(p: { text: string }) {
  return (
    <details>
      <summary>{say("plan")}</summary>
      <p class="hint">{say("planHint")}</p>
      <pre tabIndex={0} aria-label={say("plan")}>
        {p.text}
      </pre>
    </details>
  );
}

function Result(p: { of: Answer }) {
  const a = p.of;
  const ms = millis(a.milliseconds);
  if (a.refused)
    return (
      <Banner kind="error" alert title={say("refused")}>
        <p>{faultText(a.refused)}</p>
      </Banner>
    );
  const n = number(a.affected ?? a.rows?.length ?? 0);
  return (
    <>
      <p role="status" data-tried>
        {say(a.affected === undefined ? "tried" : "affected", { n, ms })} {a.truncated ? say("truncated") : ""}
      </p>
      {a.rows ? <Rows rows={a.rows} /> : null}
      {a.plan ? <Plan text={a.plan} /> : null}
    </>
  );
}

/** What is typed is text; the adapter reads it as the parameter's kind. */
function given(params: Field[], typed: Record<string, string>): Record<string, unknown> {
  const all = params.filter((f) => typed[f.name]);
  return Object.fromEntries(all.map((f) => [f.name, f.type === "LIST" ? typed[f.name].split(/[,、]/).map((x) => x.trim()) : typed[f.name]]));
}

export function Trial(p: { params: Field[]; draft: () => unknown; ready: string }) {
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [state, setState] = useState<{ busy?: boolean; answer?: Answer; refused?: Refused; early?: boolean }>({});
  const run = async () => {
    if (p.ready) {
      setState({ early: true });
      return;
    }
    setState({ busy: true });
    try {
      setState({ answer: await post<Answer>(`${base}/trials`, { service: p.draft(), parameters: given(p.params, typed) }) });
    } catch (problem) {
      setState({ refused: asRefused(problem) });
    }
  };
  return (
    <>
      <p>{say("trialLead")}</p>
      {p.params.map((f) => (
        <div key={f.name} class="field">
          <label for={`try-${f.name}`}>{say("value", { name: f.description || f.name })}</label>
          {f.type === "LIST" ? <div class="hint">{say("listHint")}</div> : null}
          <input
            id={`try-${f.name}`}
            type="text"
            autocomplete="off"
            value={typed[f.name] ?? ""}
            onInput={(e) => setTyped({ ...typed, [f.name]: e.currentTarget.value })}
          />
        </div>
      ))}
      <div>
        <Button id="try" busy={state.busy} onClick={() => void run()}>
          {say("try")}
        </Button>
      </div>
      {state.busy ? <Progress text={say("trying")} /> : null}
      {state.early ? <Banner kind="warning" alert title={p.ready} /> : null}
      {state.refused ? (
        <Banner kind="error" alert title={say("refused")}>
          <p>{refusalText(state.refused)}</p>
        </Banner>
      ) : null}
      {state.answer ? <Result of={state.answer} /> : null}
    </>
  );
}

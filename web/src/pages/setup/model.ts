// How far this machine is: the service's own findings, and what was answered so
// far (kept by the service, so that one goes on in another browser).
import { useRef, useState } from "preact/hooks";
import { get, path, post, put } from "../../lib/api";
import { useLoad, type Loaded } from "../../lib/load";
import { useWatch } from "../../lib/watch";
import type { Pair } from "../../lib/words";

export type Both = { ja: string; en: string };
export type Finding = "OK" | "TODO" | "WAITING" | "FAIL" | "NOT_CHECKED";
export interface Check {
  id: string;
  state: Finding;
  label: Both;
  todo?: Both;
  about?: string;
  error?: { code: string; message: string };
}
export interface StepState {
  id: string;
  state: "DONE" | "TODO" | "WAITING" | "FAILED";
  checks: Check[];
}
/** No secrets: everybody who may set up reads it. */
export interface Note {
  member_class?: string;
  member_code?: string;
  member_name?: string;
  server_code?: string;
  /** Steps whose checks were good when they were asked. */
  passed?: string[];
}
interface Since {
  started_at: string | null;
  finished_at: string | null;
  note: Note;
}
export interface Setup {
  steps: StepState[];
  since: Since;
  readAt: number;
}
export type Where = "server" | "center";

export const pairOf = (both: Both): Pair => [both.ja, both.en];

export interface Wizard {
  of: Loaded<Setup>;
  /** Asks the checks of a step that call other machines. */
  ask: (step: string) => Promise<void>;
  note: (more: Note) => Promise<void>;
}

/** A check of an earlier question stands where the service was not asked. */
function merge(fresh: StepState[], asked: Record<string, StepState>): StepState[] {
  return fresh.map((s) => {
    const before = asked[s.id];
    if (!before) return s;
    const checks = s.checks.map((c) => (c.state === "NOT_CHECKED" ? (before.checks.find((b) => b.id === c.id) ?? c) : c));
    const has = (x: Finding) => checks.some((c) => c.state === x);
    const state = has("FAIL") ? "FAILED" : has("TODO") ? "TODO" : has("WAITING") ? "WAITING" : "DONE";
    return { ...s, checks, state };
  });
}

export function useWizard(where: Where): Wizard {
  const [asked, setAsked] = useState<Record<string, StepState>>({});
  const read = useLoad(async () => {
    const [{ steps }, since] = await Promise.all([
      get<{ steps: StepState[] }>(`machilink/setup/${where}`),
      get<Since>("machilink/setup/state"),
    ]);
    return { steps, since, readAt: Date.now() };
  }, [where]);
  const data = read.data ? { ...read.data, steps: merge(read.data.steps, asked) } : undefined;
  const open = data?.steps.some((s) => s.state !== "DONE") ?? false;
  useWatch(open, read.reload);
  const kept = useRef<Note>({}); // the last one written may not be read yet
  const note = async (more: Note) => {
    kept.current = { ...read.data?.since.note, ...kept.current, ...more };
    await put("machilink/setup/note", { note: kept.current });
    await read.reload();
  };
  return {
    of: { ...read, data },
    note,
    ask: async (step) => {
      const found = await post<StepState>(path`machilink/setup/server/steps/${step}/check`);
      setAsked((all) => ({ ...all, [step]: found }));
      const passed = kept.current.passed ?? read.data?.since.note.passed ?? [];
      if (found.state === "DONE" && !passed.includes(step)) await note({ passed: [...passed, step] });
    },
  };
}

export function stepOf(s: Setup, id: string): StepState {
  return s.steps.find((x) => x.id === id) ?? { id, state: "TODO", checks: [] };
}

export function isOk(s: Setup, step: string, check: string): boolean {
  return stepOf(s, step).checks.some((c) => c.id === check && c.state === "OK");
}

/** Whether a step leaves nothing to do: also by what was found before. */
export function isPassed(s: Setup, id: string): boolean {
  const step = stepOf(s, id);
  const has = (x: Finding) => step.checks.some((c) => c.state === x);
  if (!step.checks.length || has("FAIL") || has("TODO") || has("WAITING")) return false;
  return !has("NOT_CHECKED") || s.since.finished_at !== null || (s.since.note.passed?.includes(id) ?? false);
}

// What a page reads from the service: still loading, there, or refused.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "./api";

export interface Loaded<T> {
  data?: T;
  error?: Refused;
  loading: boolean;
  /** Reads again; what is there stays on the page meanwhile. */
  reload: () => Promise<void>;
}

export function asRefused(problem: unknown): Refused {
  if (problem instanceof Refused) return problem;
  console.error(problem);
  return new Refused(0, "page_failed", problem instanceof Error ? problem.message : String(problem));
}

/** Reads when the component appears and whenever a value of deps changes. */
export function useLoad<T>(read: () => Promise<T>, deps: unknown[] = []): Loaded<T> {
  const [state, set] = useState<{ data?: T; error?: Refused; loading: boolean }>({ loading: true });
  const turn = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++turn.current;
    set((s) => ({ ...s, loading: true }));
    try {
      const data = await read();
      if (mine === turn.current) set({ data, loading: false });
    } catch (problem) {
      if (mine === turn.current) set((s) => ({ data: s.data, error: asRefused(problem), loading: false }));
    }
  }, deps);

  useEffect(() => {
    void reload();
    return () => {
      turn.current++;
    };
  }, [reload]);
  return { ...state, reload };
}

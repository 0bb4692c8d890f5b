// Long lists that are read piece by piece, each with where the next one begins.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Refused } from "./api";
import { asRefused } from "./load";

export interface Piece<R> {
  rows: R[];
  /** Where the next piece begins; undefined: nothing is left. */
  next?: number;
}
export interface More<R> extends Piece<R> {
  /** undefined before the first answer. */
  loaded: boolean;
  loading: boolean;
  error?: Refused;
  reload: () => Promise<void>;
  /** Reads the next piece as well. */
  more: () => Promise<void>;
}

export function useMore<R>(read: (before?: number) => Promise<Piece<R>>, deps: unknown[]): More<R> {
  const [state, set] = useState<Piece<R> & { loaded: boolean; loading: boolean; error?: Refused }>({ rows: [], loaded: false, loading: true });
  const turn = useRef(0);
  const step = useCallback(async (before: Piece<R>) => {
    const mine = ++turn.current;
    set((s) => ({ ...s, loading: true, error: undefined }));
    try {
      const piece = await read(before.next);
      if (mine === turn.current) set({ rows: [...before.rows, ...piece.rows], next: piece.next, loaded: true, loading: false });
    } catch (problem) {
      if (mine === turn.current) set((s) => ({ ...s, error: asRefused(problem), loading: false }));
    }
  }, deps);
  useEffect(() => {
    void step({ rows: [] });
    return () => {
      turn.current++;
    };
  }, [step]);
  return { ...state, reload: () => step({ rows: [] }), more: () => step(state) };
}

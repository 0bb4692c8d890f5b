// Charts and the code editor, fetched when a page first needs them.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ChartProps } from "./chart";
import type { EditorProps } from "./editor";
import { Progress } from "./load";

function lazy<P extends object>(fetch: () => Promise<ComponentType<P>>): ComponentType<P> {
  let found: ComponentType<P> | undefined;
  return function Later(p: P) {
    const [Inner, set] = useState(() => found);
    useEffect(() => {
      if (!Inner)
        void fetch().then((x) => {
          found = x;
          set(() => x);
        });
    }, []);
    return Inner ? <Inner {...p} /> : <Progress />;
  };
}

export const Chart = lazy<ChartProps>(async () => (await import("./chart")).Chart);
export const Editor = lazy<EditorProps>(async () => (await import("./editor")).Editor);
export type { ChartProps, ChartSeries } from "./chart";
export type { EditorProps } from "./editor";

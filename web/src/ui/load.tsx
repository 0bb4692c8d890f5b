// What is shown while something is read, and when it is refused.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Loaded } from "../lib/load";
import { RefusedBanner } from "./banner";
import { say } from "./words";

const quiet = 300; // ms without a word: most answers are there by then

/** A spinner with words; from two seconds on it counts. */
export function Progress(p: { text?: string }) {
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    const start = performance.now();
    const timer = setInterval(() => setPassed(performance.now() - start), quiet);
    return () => clearInterval(timer);
  }, []);
  if (passed < quiet && !p.text) return <div class="progress" />;
  return (
    <div class="progress" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>{p.text ?? say("loading")}</span>
      {passed > 2000 ? <span class="soft" aria-hidden="true">{say("seconds", { n: Math.floor(passed / 1000) })}</span> : null}
    </div>
  );
}

/** Children draw what was read. */
export function Load<T>(p: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  const { data, error, reload } = p.of;
  return (
    <>
      {error ? <RefusedBanner error={error} again={reload} /> : null}
      {data !== undefined ? p.children(data) : error ? null : <Progress />}
    </>
  );
}

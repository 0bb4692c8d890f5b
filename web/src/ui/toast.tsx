// What just happened, said at the edge of the page and to screen readers. Good
// news goes by itself; trouble stays until it is closed.
import { signal } from "@preact/signals";
import { say } from "./words";

type Kind = "success" | "error";
interface Toast {
  id: number;
  text: string;
  kind: Kind;
}

const shown = signal<Toast[]>([]);
const goodFor = 6000; // ms
let last = 0;

function close(id: number): void {
  shown.value = shown.value.filter((t) => t.id !== id);
}

export function toast(text: string, kind: Kind = "success"): void {
  const id = ++last;
  shown.value = [...shown.value.slice(-2), { id, text, kind }];
  if (kind === "success") setTimeout(() => close(id), goodFor);
}

/** In the frame, and in every dialog: what is outside of an open one is neither
    seen nor heard. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((t) => (
        <div key={t.id} class={`toast ${t.kind}`}>
          <span aria-hidden="true">{t.kind === "error" ? "▲" : "✓"}</span>
          <p>{t.text}</p>
          <button type="button" class="button text small" onClick={() => close(t.id)}>
            {say("close")}
          </button>
        </div>
      ))}
    </div>
  );
}

// Notification banner: what happened, why, what to do. Never colour alone.
import type { ComponentChildren } from "preact";
import { refusalText, refusalTitle } from "../lib/refusal";
import type { Refused } from "../lib/api";
import { Button } from "./button";
import { say } from "./words";

export type BannerKind = "info" | "success" | "warning" | "error";
const signs = { info: "i", success: "✓", warning: "!", error: "×" };

export function Banner(p: {
  kind: BannerKind;
  title: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
  /** Appeared because of what the reader did: read out at once. */
  alert?: boolean;
}) {
  return (
    <div class={`banner ${p.kind}`} role={p.alert ? "alert" : undefined}>
      <span class="sign" aria-hidden="true">
        {signs[p.kind]}
      </span>
      <div class="said">
        <p class="banner-title">{p.title}</p>
        {p.children}
        {p.actions ? <div class="actions">{p.actions}</div> : null}
      </div>
    </div>
  );
}

/** A refusal of the service, with another try where that may help. */
export function RefusedBanner(p: { error: Refused; again?: () => Promise<void> }) {
  return (
    <Banner
      kind="error"
      alert
      title={refusalTitle(p.error)}
      actions={p.again ? <Button action={p.again}>{say("again")}</Button> : null}
    >
      <p>{refusalText(p.error)}</p>
    </Banner>
  );
}

// A session ends when the service hears nothing for a while. Who types without
// calling anything is kept signed in; who does nothing is warned a minute before.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, lastCall } from "../lib/api";
import { me, signOut } from "../lib/session";
import { Button, Dialog } from "../ui";
import { say } from "./words";

const look = 5000; // ms between two looks
const warnBefore = 60000; // ms
const pause = 60000; // ms between two signs of life

const leftSeconds = signal<number | null>(null);

async function stay(): Promise<void> {
  await get("notifications/session-status");
  leftSeconds.value = null;
}

function check(): void {
  const left = lastCall + (me.value?.session_idle_seconds ?? 0) * 1000 - Date.now();
  leftSeconds.value = left > 0 && left <= warnBefore ? Math.ceil(left / 1000) : null;
}

function alive(): void {
  if (leftSeconds.value === null && Date.now() - lastCall > pause) void stay().catch(() => undefined);
}

/** While somebody is signed in and the session has not ended yet. */
export function Idle() {
  useEffect(() => {
    const timer = setInterval(check, look);
    addEventListener("keydown", alive);
    addEventListener("pointerdown", alive);
    return () => {
      clearInterval(timer);
      removeEventListener("keydown", alive);
      removeEventListener("pointerdown", alive);
      leftSeconds.value = null;
    };
  }, []);
  if (leftSeconds.value === null) return null;
  return (
    <Dialog title={say("soonTitle")} onClose={() => void stay()}>
      <p>{say("soon")}</p>
      <div class="actions end">
        <Button action={signOut}>{say("signOut")}</Button>
        <Button kind="solid" action={stay}>
          {say("stay")}
        </Button>
      </div>
    </Dialog>
  );
}

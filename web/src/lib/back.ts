// The service goes away and comes back, because somebody asked for it.
import { address } from "./api";

const tries = 60;
const between = 1000; // ms

/** Waits until the service answers again, a minute at most; its sessions are
    new then, so it asks for the password. */
export async function isBack(): Promise<boolean> {
  for (let i = 0; i < tries; i++) {
    await new Promise((go) => setTimeout(go, between));
    const answer = await fetch(address("user"), { cache: "no-store" }).catch(() => undefined);
    if (answer?.status === 401) return true;
  }
  return false;
}

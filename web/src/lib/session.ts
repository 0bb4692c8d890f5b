// Who is signed in, what they may do, and which roles this machine has.
import { computed, signal } from "@preact/signals";
import * as api from "./api";

export interface User {
  username: string;
  roles: string[];
  permissions: string[];
}
export interface RoleHealth {
  role: string;
  summary: string;
  health: Record<string, unknown>;
}
export interface Health {
  version: string;
  time: string;
  language: string;
  roles: RoleHealth[];
}

/** What everybody may know of their own account. */
export interface Me {
  name: string;
  display_name: string;
  second_factor: boolean;
  /** What must be done before anything else. */
  due: "PASSWORD" | "SECOND_FACTOR" | null;
  session_idle_seconds: number;
}

export const me = signal<Me | null>(null);
/** undefined: not asked yet; null: nobody. */
export const user = signal<User | null | undefined>(undefined);
export const health = signal<Health | null>(null);

/** Roles of this machine: "security-server", "center", "adapter"... */
export const machine = computed(() => new Set((health.value?.roles ?? []).map((r) => r.role)));

/** Whether the reader has any of these permissions (permission.def). */
export function may(...permissions: string[]): boolean {
  const has = user.value?.permissions ?? [];
  return permissions.length === 0 || permissions.some((p) => has.includes(p));
}

/** Whether the reader has any of these roles (XROAD_...). */
export function hasRole(...roles: string[]): boolean {
  const has = user.value?.roles ?? [];
  return roles.length === 0 || roles.some((r) => has.includes(r));
}

export async function readHealth(): Promise<Health> {
  health.value = await api.get<Health>("machilink/health");
  return health.value;
}

/** One session for all tabs of a browser: another person in one of them is
    another person in all, so the others begin anew. */
const tabs = `user ${location.pathname}`;
addEventListener("storage", (event) => {
  if (event.key === tabs && event.newValue && user.value && event.newValue !== user.value.username) location.reload();
});

/** Asks who is signed in; not being so is no failure. */
export async function open(): Promise<void> {
  try {
    const [who, own] = await Promise.all([api.get<User>("user"), api.get<Me>("machilink/me"), readHealth()]);
    me.value = own;
    user.value = who;
    localStorage.setItem(tabs, who.username);
    api.expired.value = false;
  } catch (problem) {
    if (!(problem instanceof api.Refused) || problem.status !== 401) throw problem;
    api.expired.value = false;
    user.value = null;
  }
}

/** code: six digits of a second factor, or a recovery code; "" without. */
export async function signIn(name: string, password: string, code = ""): Promise<void> {
  await api.call("POST", "login", new URLSearchParams({ username: name, password, ...(code ? { code } : {}) }));
  await open();
}

export async function signOut(): Promise<void> {
  await api.call("POST", "logout").catch(() => undefined);
  api.expired.value = false;
  user.value = null;
}

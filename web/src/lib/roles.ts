// What accounts and API keys may do, in words.
import { machine } from "./session";
import { say } from "./role_words";

const all = [
  "XROAD_SYSTEM_ADMINISTRATOR",
  "XROAD_SECURITY_OFFICER",
  "XROAD_REGISTRATION_OFFICER",
  "XROAD_SERVICE_ADMINISTRATOR",
  "XROAD_SECURITYSERVER_OBSERVER",
];

export function roleText(role: string): string {
  return say.of("role", role) ?? role;
}

/** Those that this machine has work for, and those that somebody has already;
    only: no others than these. */
export function roleChoices(has: string[] = [], only = all): { value: string; text: string; hint?: string }[] {
  const services = machine.value.has("security-server") || machine.value.has("adapter");
  return all
    .filter((role) => has.includes(role) || (only.includes(role) && (services || role !== "XROAD_SERVICE_ADMINISTRATOR")))
    .map((role) => ({ value: role, text: roleText(role), hint: say.of("does", role) }));
}

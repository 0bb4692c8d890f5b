// Refusals of the service in words: what happened, why, what to do. Codes are
// X-Road's and ours; a code without words falls back to the service's sentence.
import { Refused, type Warning } from "./api";
import { say } from "./refusal_words";
import { language } from "./words";

const byStatus: Record<number, "s0" | "s401" | "s403" | "s404" | "s409" | "s413" | "s429" | "s503"> = {
  0: "s0",
  401: "s401",
  403: "s403",
  404: "s404",
  409: "s409",
  413: "s413",
  429: "s429",
  503: "s503",
};

/** "server.clientproxy.unknown_member": the last piece says what, the ones
    before it where. */
const last = (code: string) => code.split(".").at(-1) ?? "";

/** The words for a code, if there are any. */
export function codeText(code: string): string | undefined {
  return say.of("code", code) ?? say.of("code", last(code));
}

/** What happened. */
export function refusalTitle(r: Refused): string {
  return say.of("t", last(r.code)) ?? say(r.status === 0 ? "title_none" : r.status >= 500 ? "title_failed" : "title_refused");
}

/** Whose sentence leaves nothing for the service's own words to add. */
const whole = new Set(["password_weak", "password_wrong", "password_change_due", "second_factor_due", "session_other_name", "last_administrator", "pin_incorrect", "login_failed", "missing_token_password", "pin_code_exists"]);

/** Why, and what to do; with the service's own words where they say more. */
export function refusalText(r: Refused): string {
  if (r.japanese) return language.value === "ja" ? r.japanese : r.message;
  const sentence = codeText(r.code) ?? (byStatus[r.status] ? say(byStatus[r.status]) : say("s500"));
  const own = r.message && !whole.has(last(r.code)) && !r.message.includes(sentence) ? say("own", { text: r.message }) : "";
  const more = r.metadata.length ? say("about", { text: r.metadata.join(say("comma")) }) : "";
  return [sentence, own, more].filter(Boolean).join(" ");
}

/** A word of the service about one member of the body, as a sentence. */
export function fieldText(code: string): string {
  return say.of("field", code) ?? code;
}

export function warningText(w: Warning): string {
  const known = say.of("warning", w.code) ?? w.code.replace(/_/g, " ");
  return w.metadata.length ? `${known} ${say("about", { text: w.metadata.join(say("comma")) })}` : known;
}

/** Where a refused member stands: "clientAdd.client.member_code" is the field
    "member_code"; rest: something is left to be said above the form. */
export function fieldErrors(r: Refused, names: string[]): { at: Record<string, string>; rest: boolean } {
  const at: Record<string, string> = {};
  let rest = Object.keys(r.fields).length === 0;
  for (const [path, codes] of Object.entries(r.fields)) {
    const pieces = path.replace(/\[\d+\]/g, "").split(".");
    const name = [...pieces].reverse().find((piece) => names.includes(piece));
    if (name) at[name] = codes.map(fieldText).join(" ");
    else rest = true;
  }
  return { at, rest };
}

/** A form's own objection to one of its fields, for send() to throw. */
export function objection(name: string, text: string): Refused {
  return new Refused(400, "field", "", [], { [name]: [text] });
}

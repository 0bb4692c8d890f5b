// Words in two languages, Japanese first. A folder's words stand in its own
// words.ts: `export const say = words({ key: ["日本語", "English"] })`.
// test/web/words.mjs sees to it that none is missing and none is left over.
import { signal } from "@preact/signals";

export type Language = "ja" | "en";
export type Pair = readonly [ja: string, en: string];
export type Values = Record<string, string | number>;

const kept = "language";

function stored(): Language {
  return localStorage.getItem(kept) === "en" ? "en" : "ja";
}

/** Reading it in a component draws the component again when it changes. */
export const language = signal<Language>(stored());

export function setLanguage(to: Language): void {
  localStorage.setItem(kept, to);
  language.value = to;
}

/** The text of a pair in the language of the page; {name} becomes values.name. */
export function pick(pair: Pair, values?: Values): string {
  const text = pair[language.value === "ja" ? 0 : 1];
  return values ? text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all)) : text;
}

export interface Say<T> {
  (key: keyof T & string, values?: Values): string;
  /** A word of a family, "state_" + "good"; undefined where there is none. */
  of(family: string, name: string, values?: Values): string | undefined;
}

export function words<T extends Record<string, Pair>>(table: T): Say<T> {
  const say = (key: keyof T & string, values?: Values) => pick(table[key], values);
  return Object.assign(say, {
    of(family: string, name: string, values?: Values) {
      const key = `${family}_${name}`;
      return Object.hasOwn(table, key) ? pick(table[key], values) : undefined;
    },
  });
}

// Numbers of public bodies in Japan: a town's code (全国地方公共団体コード, 5 or
// 6 digits) gives its corporate number (法人番号, 13 digits), which networks use
// as member code. Rules: base/publicid.h.

const digits = (text: string) => [...text].map(Number);

/** The sixth digit of a town's code, out of the first five. */
function townDigit(five: string): number {
  const sum = digits(five).reduce((all, d, i) => all + d * (6 - i), 0);
  return (11 - (sum % 11)) % 10;
}

/** The first digit of a corporate number, out of the other twelve. */
function corporateDigit(twelve: string): number {
  const sum = digits(twelve).reduce((all, d, i) => all + d * (i % 2 ? 1 : 2), 0);
  return 9 - (sum % 9);
}

/** Digits as people type them: full width, blanks and hyphens allowed. */
export function plain(text: string): string {
  return text.normalize("NFKC").replace(/[\s-‐－]/g, "");
}

export interface Derived {
  /** What was typed: a town's code, a corporate number, or something else. */
  kind: "town" | "corporate" | "other";
  code: string;
  /** The check digit fits, or there is none. */
  good: boolean;
}

/** The member code that follows from what was typed. */
export function memberCode(typed: string): Derived {
  const text = plain(typed);
  if (/^(0[1-9]|[1-3]\d|4[0-7]|99)\d{3,4}$/.test(text)) {
    const five = text.slice(0, 5);
    const six = `${five}${townDigit(five)}`;
    const rest = `000020${six}`;
    return { kind: "town", code: `${corporateDigit(rest)}${rest}`, good: text.length === 5 || text === six };
  }
  if (/^[1-9]\d{12}$/.test(text)) return { kind: "corporate", code: text, good: Number(text[0]) === corporateDigit(text.slice(1)) };
  return { kind: "other", code: text, good: true };
}

// What web/src/lib and the tables' filter compute, checked in a real browser by
// lib.mjs: every check is [what, got, wanted].
import * as api from "../../web/src/lib/api";
import * as format from "../../web/src/lib/format";
import { memberCode, plain } from "../../web/src/lib/publicid";
import { fieldErrors, objection, refusalText, refusalTitle, warningText } from "../../web/src/lib/refusal";
import { href, parse, placeOf } from "../../web/src/lib/route";
import { language, pick, setLanguage, words } from "../../web/src/lib/words";
import { arrange } from "../../web/src/ui/table";

const found = [];
const is = (what, got, wanted) => found.push([what, JSON.stringify(got), JSON.stringify(wanted)]);
const at = (text) => Date.parse(`${text}+09:00`);

// Codes of towns and corporate numbers that everybody can look up.
for (const [typed, kind, code, good] of [
  ["13000", "town", "8000020130001", true], // 東京都
  ["130001", "town", "8000020130001", true],
  ["011002", "town", "9000020011002", true], // 札幌市
  ["010006", "town", "7000020010006", true], // 北海道
  ["９９４０２", "town", "9000020994022", true],
  ["994 02-2", "town", "9000020994022", true],
  ["994023", "town", "9000020994022", false],
  ["8000020130001", "corporate", "8000020130001", true],
  ["8000020130002", "corporate", "8000020130002", false],
  ["LAB-1", "other", "LAB1", true],
  ["", "other", "", true],
]) is(`member code of ${typed}`, memberCode(typed), { kind, code, good });
is("digits as people type them", plain(" １３－１０ １"), "13101");

// Dates, with the era, on both sides of its change and of a year.
setLanguage("ja");
is("the last day of an era", format.dateText(at("2019-04-30T23:59:59")), "2019-04-30（平成31年）");
is("the first of the next", format.dateText(at("2019-05-01T00:00:00")), "2019-05-01（令和元年）");
is("the first of its second year", format.dateText(at("2020-01-01T00:00:00")), "2020-01-01（令和2年）");
is("its eleventh year is no first", format.dateText(at("2029-01-01T00:00:00")), "2029-01-01（令和11年）");
is("a time", format.dateTimeText(at("2026-11-22T05:04:03")), "2026-11-22（令和8年） 05:04:03");
is("without seconds", format.clock(at("2026-11-22T00:00:59"), false), "00:00");
is("no moment", Number.isNaN(format.moment("yesterday")), true);
is("numbers", [format.number(1234567), format.number(0.126, 2)], ["1,234,567", "0.13"]);
is("milliseconds", [format.millis(0.044), format.millis(3.24), format.millis(1234.4)], ["0.04", "3.2", "1,234"]);
is("percent", format.percent(0.1234), "12.3%");
is("bytes", [0, 1023, 1024, 1536, 10 * 1024, 5 * 2 ** 30].map(format.bytes), ["0 B", "1,023 B", "1 KB", "1.5 KB", "10 KB", "5 GB"]);
is("spans", [850, 1000, 59999, 3600000, 90061000, 86400000].map(format.duration), ["850 ms", "1 秒", "1 分", "1 時間", "1 日 1 時間", "1 日"]);
setLanguage("en");
is("English dates have no era", format.dateText(at("2026-11-22T05:04:03")), "2026-11-22");
is("English spans", format.duration(93000), "1 min 33 s");

// Words.
is("a value", pick(["{n} 件", "{n} found"], { n: 3 }), "3 found");
is("a value that is missing", pick(["{n} 件", "{n} found"], {}), "{n} found");
const say = words({ state_good: ["正常", "good"], plain: ["文", "text"] });
is("families", [say.of("state", "good"), say.of("state", "toString"), say.of("toString", "x") ?? null], ["good", null, null].map((x) => x ?? undefined));
setLanguage("ja");
is("the other language", [say("plain"), language.value, localStorage.getItem("language")], ["文", "ja", "ja"]);

// Addresses.
is("a page with its parts", href("clients", ["a/b:c", "日本"], { tab: "x y" }), "#/clients/a%2Fb%3Ac/%E6%97%A5%E6%9C%AC?tab=x+y");
const back = parse(href("clients", ["a/b:c", "日本"], { tab: "x y" }));
is("and back", [back.page, back.rest, back.query.get("tab"), placeOf(back)], ["clients", ["a/b:c", "日本"], "x y", "clients/a/b:c/日本"]);
is("nothing is home", [parse("").page, parse("#/").page], ["home", "home"]);
is("what is no encoding stays", parse("#/log/100%").rest, ["100%"]);
is("a call's path", api.path`clients/${"a/b?c"}/x/${7}`, "clients/a%2Fb%3Fc/x/7");
is("a call's query", api.address("log", { a: "x&y", b: "", c: undefined, d: false }), "api/v1/log?a=x%26y&d=false");

// Refusals in words.
const refused = (status, code, more = {}) => new api.Refused(status, code, more.message ?? "", more.metadata, more.fields, more.warnings, more.japanese);
is("no answer has words", /[ぁ-ん]/.test(refusalText(refused(0, "no_answer"))) && /[ぁ-ん]/.test(refusalTitle(refused(0, "no_answer"))), true);
is("an unknown code by its status", refusalText(refused(503, "some.code.nobody.knows")), refusalText(refused(503, "another")));
is("the last piece of a code says what", refusalText(refused(400, "x.y.password_weak")), refusalText(refused(400, "password_weak")));
is("English details stay out where the sentence says all", /[a-z]{4}/.test(refusalText(refused(400, "password_weak", { message: "the password is one that attackers try" }))), false);
is("elsewhere they help", refusalText(refused(500, "", { message: "disk /var is full" })).includes("disk /var is full"), true);
is("the service's own Japanese goes first", refusalText(refused(400, "password_weak", { japanese: "だめです。" })), "だめです。");
is("fields by their path", fieldErrors(refused(400, "validation_failure", { fields: { "clientAdd.client.member_code": ["x"], "rows[3].name": ["y"] } }), ["member_code", "name"]), { at: { member_code: "x", name: "y" }, rest: false });
is("what has no field is said above", fieldErrors(refused(400, "validation_failure", { fields: { other: ["x"] } }), ["name"]), { at: {}, rest: true });
is("a form's own objection", fieldErrors(objection("name", "空です"), ["name"]), { at: { name: "空です" }, rest: false });
is("a warning without words", warningText({ code: "some_new_warning", metadata: [] }), "some new warning");

// Tables: every word somewhere in the row, as people type; numbers by size.
const rows = [{ name: "海風町 10", size: 9 }, { name: "海風町 9", size: 100 }, { name: "ＡＢＣ村", size: 20 }];
const columns = [{ key: "name", head: "", text: (r) => r.name, sort: (r) => r.name }, { key: "size", head: "", sort: (r) => r.size }];
const wish = (more) => ({ search: "", sort: "", descending: false, page: 0, size: 25, ...more });
const sizes = (w) => arrange(rows, columns, wish(w)).map((r) => r.size);
is("unsorted stays", sizes({}), [9, 100, 20]);
is("full width is found by half", sizes({ search: "abc" }), [20]);
is("all words", sizes({ search: "１００ 海風" }), [100]);
is("no word", sizes({ search: "海風 20" }), []);
is("names with numbers", sizes({ sort: "name", search: "海風" }), [100, 9]);
is("numbers, the largest first", sizes({ sort: "size", descending: true }), [100, 20, 9]);
is("the rows themselves stay", rows.map((r) => r.size), [9, 100, 20]);

window.found = found;

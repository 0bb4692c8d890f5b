// The table of pages, out of the folders of src/pages: page.ts is the row,
// view.tsx is fetched when the page is opened.
import type { ComponentType } from "preact";
import { groups, type Group, type PageProps, type PageRow } from "../lib/page";
import { parse } from "../lib/route";
import { hasRole, machine, may } from "../lib/session";

type View = ComponentType<PageProps>;
const rows = import.meta.glob<PageRow>("../pages/*/page.ts", { eager: true, import: "page" });
const views = import.meta.glob<View>("../pages/*/view.tsx", { import: "default" });

export interface Page extends PageRow {
  name: string;
  load: () => Promise<View>;
}

const table: Page[] = Object.entries(rows).map(([file, row]) => {
  const folder = file.replace(/page\.ts$/, "");
  return { ...row, name: folder.split("/").at(-2) ?? "", load: views[`${folder}view.tsx`] };
});

export function pageOf(name: string): Page | undefined {
  return table.find((p) => p.name === name);
}

export function isFor(page: Page): boolean {
  const here = !page.machine || page.machine.some((role) => machine.value.has(role));
  return here && may(...(page.may ?? [])) && hasRole(...(page.roles ?? []));
}

/** Whether an address of href() leads this reader to a page. */
export function leads(to: string): boolean {
  const page = pageOf(parse(to).page);
  return page !== undefined && isFor(page);
}

/** The navigation of this reader on this machine. */
export function navigation(): [Group, Page[]][] {
  const shown = table.filter((p) => !p.hidden && isFor(p)).sort((a, b) => a.order - b.order);
  const all = Object.keys(groups) as Group[];
  return all.map((g): [Group, Page[]] => [g, shown.filter((p) => p.group === g)]).filter(([, list]) => list.length);
}

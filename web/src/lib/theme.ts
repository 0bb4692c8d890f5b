// Light, dark, or as the system says.
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const kept = "theme";

function stored(): Theme {
  const text = localStorage.getItem(kept);
  return text === "light" || text === "dark" ? text : "system";
}

export const theme = signal<Theme>(stored());

const system = matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark now; charts and editors ask. */
export const dark = signal(false);

function apply(): void {
  dark.value = theme.value === "dark" || (theme.value === "system" && system.matches);
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
}

export function setTheme(to: Theme): void {
  localStorage.setItem(kept, to);
  theme.value = to;
  apply();
}

system.addEventListener("change", apply);
apply();

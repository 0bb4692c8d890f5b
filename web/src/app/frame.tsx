// The frame around every page: brand, navigation, language, display, sign-out.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { groups } from "../lib/page";
import { askBeforeLeaving, href, mayLeave, route } from "../lib/route";
import { health, signOut, user } from "../lib/session";
import { setTheme, theme, type Theme } from "../lib/theme";
import { language, pick, setLanguage } from "../lib/words";
import { Button, confirm, Questions, Toasts } from "../ui";
import { navigation } from "./pages";
import { say } from "./words";

askBeforeLeaving(() => confirm({ title: say("unsavedTitle"), text: say("unsaved"), button: say("unsavedLeave"), danger: true }));

async function leave(): Promise<void> {
  if (await mayLeave()) await signOut();
}

function ThemeChoice() {
  return (
    <label class="theme">
      <span class="hidden">{say("theme")}</span>
      <select id="theme" value={theme.value} onChange={(e) => setTheme(e.currentTarget.value as Theme)}>
        <option value="system">{say("theme_system")}</option>
        <option value="light">{say("theme_light")}</option>
        <option value="dark">{say("theme_dark")}</option>
      </select>
    </label>
  );
}

function Tools() {
  const other = language.value === "ja" ? "en" : "ja";
  return (
    <div class="tools">
      {user.value ? (
        <span class="who">
          <span class="hidden">{say("signedIn")}: </span>
          {user.value.username}
        </span>
      ) : null}
      {user.value ? (
        <a class="button text" href={href("help")}>
          {say("helpLink")}
        </a>
      ) : null}
      <ThemeChoice />
      <Button id="language" label={say("languageLabel")} lang={other} onClick={() => setLanguage(other)}>
        {say("language")}
      </Button>
      {user.value ? (
        <Button id="sign-out" action={leave}>
          {say("signOut")}
        </Button>
      ) : null}
    </div>
  );
}

function Navigation(p: { open: boolean }) {
  return (
    <nav id="navigation" class={p.open ? "navigation open" : "navigation"} aria-label={say("navigation")}>
      {navigation().map(([group, pages]) => (
        <div key={group}>
          <p id={`group-${group}`}>{pick(groups[group])}</p>
          <ul aria-labelledby={`group-${group}`}>
            {pages.map((page) => (
              <li key={page.name}>
                <a href={href(page.name)} aria-current={route.value.page === page.name ? "page" : undefined}>
                  {pick(page.title)}
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

export function Frame(p: { children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const here = route.value.page;
  const signedIn = Boolean(user.value);
  useEffect(() => setOpen(false), [here]);
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  const skip = (event: Event) => {
    event.preventDefault();
    document.getElementById("main")?.focus();
  };
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        {say("skip")}
      </a>
      <header class="top">
        <p class="brand">
          <img src="./icon.svg" alt="" width="28" height="28" /> machilink <span>{location.hostname}</span>
        </p>
        {signedIn ? (
          <div class="menu">
            <Button id="menu" expanded={open} controls="navigation" onClick={() => setOpen(!open)}>
              {say("menu")}
            </Button>
          </div>
        ) : null}
        <Tools />
      </header>
      <div class={signedIn ? "body" : "body alone"}>
        {signedIn ? <Navigation open={open} /> : null}
        <main id="main" tabIndex={-1}>
          {p.children}
        </main>
      </div>
      <footer>
        {signedIn && health.value ? (
          <p>
            machilink {say("version")} {health.value.version}
          </p>
        ) : null}
      </footer>
      <Questions />
      <Toasts />
    </>
  );
}

// Entry: language, sign-in or home. Nothing here knows more than that.
import * as api from "./api";
import { announce, byId, el } from "./dom";
import { showHome } from "./home";
import { showLogin } from "./login";
import { type Language, language, say, setLanguage } from "./words";

function stored(): Language {
  return localStorage.getItem("language") === "en" ? "en" : "ja";
}

function frame(): void {
  const button = byId("language");
  button.textContent = say("language");
  button.setAttribute("aria-label", say("languageLabel"));
  button.lang = language() === "ja" ? "en" : "ja";
  byId("logout").textContent = say("logout");
  (document.querySelector(".skip") as HTMLElement).textContent = say("skip");
  byId("place").textContent = location.hostname;
}

/** Nothing to show: say why and offer to try again. */
function showTrouble(): void {
  const again = el("button", { type: "button" }, say("again"));
  again.addEventListener("click", () => void show());
  byId("main").replaceChildren(el("div", { class: "card", role: "alert" }, el("p", {}, say("failed")), again));
}

async function show(then?: () => void): Promise<void> {
  frame();
  try {
    await showHome();
    byId("logout").hidden = false;
    then?.();
  } catch (problem) {
    if (problem instanceof api.Refused && problem.status === 401) {
      showLogin(() => void show(() => byId("title").focus()));
      return;
    }
    announce(say("failed"));
    if (!document.getElementById("title")) showTrouble();
  }
}

byId("language").addEventListener("click", () => {
  setLanguage(language() === "ja" ? "en" : "ja");
  localStorage.setItem("language", language());
  void show();
});
byId("logout").addEventListener("click", async () => {
  await api.logout().catch(() => undefined);
  void show();
});
setLanguage(stored());
void show();

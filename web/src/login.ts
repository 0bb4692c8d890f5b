// The sign-in form.
import * as api from "./api";
import { announce, byId, el } from "./dom";
import { say } from "./words";

export function showLogin(then: () => void): void {
  const name = el("input", { id: "name", name: "username", autocomplete: "username", required: "" });
  const password = el("input", {
    id: "password",
    name: "password",
    type: "password",
    autocomplete: "current-password",
    required: "",
  });
  const wrong = el("p", { class: "error", role: "alert", hidden: "" });
  const button = el("button", { type: "submit" }, say("loginButton"));
  const form = el(
    "form",
    { class: "card login", "aria-labelledby": "login-title" },
    el("h1", { id: "login-title" }, say("loginTitle")),
    wrong,
    el("label", { for: "name" }, say("loginName")),
    name,
    el("label", { for: "password" }, say("loginPassword")),
    password,
    button,
    el("p", { class: "hint" }, say("loginHelp")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    button.disabled = true;
    try {
      await api.login(name.value, password.value);
      then();
    } catch (problem) {
      const status = problem instanceof api.Refused ? problem.status : 0;
      wrong.textContent = say(status === 401 ? "loginWrong" : status === 429 ? "loginWait" : "failed");
      wrong.hidden = false;
      password.focus();
      password.select();
    }
    button.disabled = false;
  });
  byId("main").replaceChildren(form);
  document.title = `${say("loginTitle")} – machilink`;
  byId("foot").textContent = "";
  byId("logout").hidden = true;
  announce("");
  name.focus();
}

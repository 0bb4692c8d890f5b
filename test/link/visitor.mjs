// A visitor without a browser: cookies by host, redirects one by one, forms
// found and sent as a browser would, so that tests can leave out what they
// want.
const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
  .replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");

function attributes(tag) {
  const found = {};
  for (const m of tag.matchAll(/([a-z-]+)(?:="([^"]*)")?/gi)) found[m[1].toLowerCase()] = decode(m[2] ?? "");
  return found;
}

/** The forms of a page: [{action, method, fields: [[name, value]], boxes, text}]. */
export function forms(html) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, body]) => {
    const fields = [];
    const boxes = [];
    for (const [, tag] of body.matchAll(/<input\b([^>]*)>/gi)) {
      const x = attributes(tag);
      if (!x.name) continue;
      if (x.type === "checkbox") boxes.push([x.name, x.value]);
      else fields.push([x.name, x.value ?? ""]);
    }
    return { ...attributes(head), fields, boxes, text: body.replace(/<[^>]*>/g, " ") };
  });
}

export class Visitor {
  jar = new Map(); // origin -> Map of cookies

  cookies(origin) {
    return [...(this.jar.get(origin) ?? new Map())].map(([k, v]) => `${k}=${v}`).join("; ");
  }

  /** One request, no redirect followed. */
  async one(url, options = {}) {
    const origin = new URL(url).origin;
    const headers = { ...options.headers };
    const sent = this.cookies(origin);
    if (sent && !options.bare) headers.Cookie = sent;
    const answer = await fetch(url, { ...options, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      const jar = this.jar.get(origin) ?? new Map();
      if (/max-age=0/i.test(line) || /expires=thu, 01 jan 1970/i.test(line) || !value) jar.delete(name);
      else jar.set(name, value);
      this.jar.set(origin, jar);
    }
    return {
      url, status: answer.status, headers: answer.headers, text: await answer.text(),
      next: answer.headers.get("location") && new URL(answer.headers.get("location"), url).href,
    };
  }

  /** Until a page comes, or an address that stop() wants to keep. */
  async go(url, options, stop = () => false) {
    let page = await this.one(url, options);
    for (let i = 0; page.next && i < 20; i++) {
      if (stop(page.next)) return page;
      page = await this.one(page.next);
    }
    return page;
  }

  /** Sends the form of a page whose text or action fits. */
  async send(page, which, more = [], options = {}, stop = undefined) {
    const form = forms(page.text).find((f) => which.test(f.action) || which.test(f.text));
    if (!form) throw new Error(`no form ${which} in ${page.url}: ${page.text.slice(0, 2000)}`);
    return this.go(new URL(form.action, page.url).href, {
      method: "POST",
      body: new URLSearchParams([...form.fields, ...more]).toString(),
      ...options,
      headers: { "Content-Type": "application/x-www-form-urlencoded", ...options.headers },
    }, stop);
  }

  /** The provider's own pages: who one is, that it is fine, and that whoever
   * was signed in there is not any more. */
  async atProvider(page, name, stop = undefined) {
    for (let i = 0; i < 6 && /\/(interaction|auth)\//.test(page.url) && forms(page.text)[0]; i++) {
      const login = /name="login"/.test(page.text);
      const form = forms(page.text)[0];
      const fields = form.fields.filter(([k]) => k !== "login" && k !== "password");
      page = await this.go(new URL(form.action, page.url).href, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams([...fields, ...(login ? [["login", name], ["password", "x"]] : [])]).toString(),
      }, stop);
    }
    return page;
  }
}

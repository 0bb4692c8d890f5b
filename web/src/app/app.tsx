// Which page is shown: sign-in, the page of the address, or why not.
import { Component, type ComponentChildren, type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { expired } from "../lib/api";
import { asRefused, useLoad } from "../lib/load";
import type { PageProps } from "../lib/page";
import { go, href, placeOf, route } from "../lib/route";
import { me, open, user } from "../lib/session";
import { Banner, ButtonLink, Button, Load, PageHeader, Progress, RefusedBanner } from "../ui";
import { FirstOr } from "./first";
import { Frame } from "./frame";
import { Idle } from "./idle";
import { isFor, pageOf, type Page } from "./pages";
import { SignIn, SignInAgain } from "./sign_in";
import { say } from "./words";

/** A fault in one page leaves the frame alone. */
class Guard extends Component<{ children: ComponentChildren }, { problem?: Error }> {
  static getDerivedStateFromError(problem: Error) {
    return { problem };
  }
  componentDidCatch(problem: Error) {
    console.error(problem);
  }
  render() {
    const { problem } = this.state;
    if (!problem) return this.props.children;
    return (
      <>
        <PageHeader title={say("failed")} />
        <Banner kind="error" alert title={say("failedText")} actions={<Button onClick={() => location.reload()}>{say("reload")}</Button>}>
          <p>{String(problem)}</p>
        </Banner>
      </>
    );
  }
}

function Refusal(p: { title: string; text: string }) {
  return (
    <>
      <PageHeader title={p.title} />
      <p>{p.text}</p>
      <ButtonLink href={href("home")}>{say("toHome")}</ButtonLink>
    </>
  );
}

function Opened(p: { page: Page; rest: string[]; query: URLSearchParams }) {
  const [View, setView] = useState<ComponentType<PageProps>>();
  const loaded = useLoad(async () => {
    const view = await p.page.load();
    setView(() => view);
    return true;
  }, [p.page]);
  return <Load of={loaded}>{() => (View ? <View rest={p.rest} query={p.query} /> : null)}</Load>;
}

/** Where password and second factor are set. */
const ownPage = "account";

function Here() {
  const { page: name, rest, query } = route.value;
  const page = pageOf(name);
  const due = me.value?.due;
  useEffect(() => {
    if (due && name !== ownPage) go(ownPage);
  }, [due, name]);
  const place = placeOf(route.value);
  if (!page) return <Refusal key={place} title={say("notFound")} text={say("notFoundText")} />;
  if (!isFor(page)) return <Refusal key={place} title={say("notFor")} text={say("notForText")} />;
  if (due && name !== ownPage) return null;
  return (
    <Guard key={place}>
      {due ? <Banner kind="warning" title={say.of("due", due) ?? due} /> : null}
      <Opened page={page} rest={rest} query={query} />
    </Guard>
  );
}

function Inside() {
  const [problem, setProblem] = useState<unknown>();
  const again = async () => {
    setProblem(undefined);
    await open().catch(setProblem);
  };
  useEffect(() => void again(), []);
  if (problem !== undefined) return <RefusedBanner error={asRefused(problem)} again={again} />;
  if (user.value === undefined) return <Progress />;
  return user.value ? (
    <Here />
  ) : (
    <FirstOr>
      <SignIn />
    </FirstOr>
  );
}

export function App() {
  return (
    <Frame>
      <Inside />
      {expired.value && user.value ? <SignInAgain /> : null}
      {user.value && !expired.value ? <Idle /> : null}
    </Frame>
  );
}

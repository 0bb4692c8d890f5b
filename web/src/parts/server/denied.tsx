// An address within a page that the reader's role does not reach.
import { href } from "../../lib/route";
import { ButtonLink, Empty, PageHeader } from "../../ui";
import { say } from "./words";

export function NotAllowed() {
  return (
    <>
      <PageHeader title={say("denied")} />
      <Empty actions={<ButtonLink href={href("home")}>{say("toHome")}</ButtonLink>}>
        <p>{say("deniedText")}</p>
      </Empty>
    </>
  );
}

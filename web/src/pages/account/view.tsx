// What everybody sees and changes of their own.
import { get, path, remove } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { me } from "../../lib/session";
import { Button, confirm, DateTime, Load, PageHeader, PairOf, Pairs, Roles, Section, toast } from "../../ui";
import { type Session, SessionTable } from "../sessions/table";
import { type Factor, SecondFactor } from "./factor";
import { Password } from "./password";
import { say } from "./words";
import "./account.css";

interface Own extends Factor {
  name: string;
  display_name: string;
  roles: string[];
  due: string | null;
  password_changed_at: string | null;
  last_sign_in_at: string | null;
  password_policy: { min_length: number };
}

function MySessions() {
  const list = useLoad(async () => (await get<{ items: Session[] }>("machilink/me/sessions")).items);
  const endOthers = async () => {
    if (!(await confirm({ title: say("others"), text: say("othersText"), button: say("others"), danger: true }))) return;
    await remove("machilink/me/sessions");
    toast(say("othersDone"));
    await list.reload();
  };
  const others = (list.data ?? []).some((s) => !s.current);
  return (
    <Section title={say("sessions")} id="sessions">
      <p>{say("sessionsLead")}</p>
      <SessionTable
        of={list}
        end={(s) => remove(path`machilink/me/sessions/${s.id}`)}
        actions={others ? <Button action={endOthers}>{say("others")}</Button> : null}
      />
    </Section>
  );
}

export default function Account() {
  const due = me.value?.due;
  const own = useLoad(() => get<Own>("machilink/me"), [due]);
  return (
    <>
      <PageHeader title={say("title")} lead={<p>{say("lead")}</p>} help="accounts" />
      <Load of={own}>
        {(x) => (
          <>
            <Pairs>
              <PairOf name={say("name")}>{x.name}</PairOf>
              {x.display_name ? <PairOf name={say("displayName")}>{x.display_name}</PairOf> : null}
              <PairOf name={say("roles")}>
                <Roles of={x.roles} />
              </PairOf>
              <PairOf name={say("lastSignIn")}>
                <DateTime at={x.last_sign_in_at}>{say("never")}</DateTime>
              </PairOf>
              <PairOf name={say("passwordChanged")}>
                <DateTime at={x.password_changed_at}>{say("never")}</DateTime>
              </PairOf>
            </Pairs>
            <Password shortest={x.password_policy.min_length} />
            {due === "PASSWORD" ? null : <SecondFactor of={x} changed={() => void own.reload()} now={due === "SECOND_FACTOR"} />}
          </>
        )}
      </Load>
      {due ? null : <MySessions />}
    </>
  );
}

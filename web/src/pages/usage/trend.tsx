// The course of the period: calls and failures, and how fast they were.
import { useMemo } from "preact/hooks";
import { address, get } from "../../lib/api";
import { useLoad } from "../../lib/load";
import { number } from "../../lib/format";
import { language } from "../../lib/words";
import { ButtonLink, Chart, Load, Section } from "../../ui";
import { type Asked, type Point, pointTime, type Side, type Trend, trendQuery } from "./usage";
import { say } from "./words";

function Charts(p: { of: Trend }) {
  const tongue = language.value;
  const points: Point[] = p.of.series[0]?.points ?? [];
  const { times, label, use, speed } = useMemo(() => {
    const names = new Map(points.map((x) => [pointTime(x.at), x.at.replace("T", " ")]));
    const latency = (ms: number, calls: number) => (calls ? ms : null);
    return {
      times: [...names.keys()],
      label: (ms: number) => names.get(ms) ?? "",
      use: [
        { name: say("calls"), values: points.map((x) => x.calls), kind: "bar" as const },
        { name: say("failures"), values: points.map((x) => x.failures) },
      ],
      speed: [
        { name: say("p50"), values: points.map((x) => latency(x.p50_ms, x.calls)) },
        { name: say("p95"), values: points.map((x) => latency(x.p95_ms, x.calls)) },
      ],
    };
  }, [p.of, tongue]);
  if (!points.length) return <p>{say("trendNone")}</p>;
  const across = say.of("across", p.of.step) ?? "";
  return (
    <div class="usage-charts">
      <Chart title={say("chartUse")} across={across} times={times} series={use} label={label} />
      <Chart title={say("chartSpeed")} across={across} times={times} series={speed} label={label} format={(n) => say("ms", { n: number(n, 1) })} />
    </div>
  );
}

export function Course(p: { asked: Asked; side: Side }) {
  const query = trendQuery(p.asked, p.side);
  const trend = useLoad(() => get<Trend>("machilink/usage/trend", query), [JSON.stringify(query)]);
  return (
    <Section
      title={say("course")}
      actions={
        <ButtonLink small download href={address("machilink/usage/trend", { ...query, format: "csv", bom: true })} label={`${say("csv")}: ${say("course")}`}>
          {say("csv")}
        </ButtonLink>
      }
    >
      <Load of={trend}>{(t) => <Charts of={t} />}</Load>
    </Section>
  );
}

// A chart over time with its table: nothing is told by the picture alone.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clock, isoDate, number } from "../lib/format";
import { dark } from "../lib/theme";
import { language } from "../lib/words";
import { say } from "./words";

export interface ChartSeries {
  name: string;
  values: (number | null)[];
  kind?: "line" | "bar";
}

export interface ChartProps {
  title: string;
  /** Head of the table's first column. */
  across: string;
  /** Milliseconds, ascending. */
  times: number[];
  series: ChartSeries[];
  /** How values are written; default: digits in groups. */
  format?: (n: number) => string;
  /** How times are written in the table; default: date and time of day. */
  label?: (ms: number) => string;
  height?: number;
}

function colours(): { ink: string; grid: string; lines: string[] } {
  const css = getComputedStyle(document.documentElement);
  const of = (name: string) => css.getPropertyValue(name).trim();
  return { ink: of("--ink"), grid: of("--line-soft"), lines: [1, 2, 3, 4, 5, 6].map((n) => of(`--chart-${n}`)) };
}

/** Solid, dashed, dotted...: colour is not the only difference. */
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [14, 6], [4, 8]];

function options(p: ChartProps, width: number): uPlot.Options {
  const { ink, grid, lines } = colours();
  const format = p.format ?? ((n: number) => number(n, 2));
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { font, stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  return {
    width,
    height: p.height ?? 260,
    ms: 1,
    legend: { live: false },
    cursor: { drag: { x: false, y: false } },
    axes: [
      { ...axis, space: 80, values: (_, at) => at.map((t, i) => (i && isoDate(at[i - 1]) === isoDate(t) ? clock(t, false) : isoDate(t).slice(5))) },
      { ...axis, size: 72, values: (_, at) => at.map(format) },
    ],
    series: [
      {},
      ...p.series.map((s, i) => ({
        label: s.name,
        stroke: lines[i % lines.length],
        fill: s.kind === "bar" ? `${lines[i % lines.length]}66` : undefined,
        dash: dashes[i % dashes.length],
        width: 2,
        paths: s.kind === "bar" ? uPlot.paths.bars?.({ size: [0.7, 60] }) : undefined,
        points: { show: p.times.length < 40 && s.kind !== "bar" },
      })),
    ],
  };
}

function Table(p: ChartProps) {
  const format = p.format ?? ((n: number) => number(n, 2));
  const label = p.label ?? ((ms: number) => `${isoDate(ms)} ${clock(ms, false)}`);
  return (
    <details class="chart-table">
      <summary>{say("table")}</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={p.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{p.across}</th>
              {p.series.map((s) => (
                <th key={s.name} scope="col" class="numeric">
                  {s.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {p.times.map((t, i) => (
              <tr key={t}>
                <th scope="row">{label(t)}</th>
                {p.series.map((s) => (
                  <td key={s.name} class="numeric">
                    {s.values[i] === null || s.values[i] === undefined ? "–" : format(s.values[i])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export function Chart(p: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const night = dark.value;
  const tongue = language.value;
  useEffect(() => {
    const at = place.current;
    if (!at) return;
    const plot = new uPlot(options(p, at.clientWidth), [p.times, ...p.series.map((s) => s.values)], at);
    const watch = new ResizeObserver(() => plot.setSize({ width: at.clientWidth, height: p.height ?? 260 }));
    watch.observe(at);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [p.times, p.series, night, tongue]);
  return (
    <figure class="chart">
      <figcaption>{p.title}</figcaption>
      <div ref={place} class="plot" aria-hidden="true" />
      <Table {...p} />
    </figure>
  );
}

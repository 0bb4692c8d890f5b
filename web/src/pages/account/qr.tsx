// A QR code as one path: dark on white in every theme, with the quiet zone that
// cameras need.
import { useMemo } from "preact/hooks";
import { encode } from "uqr";

const quiet = 4; // modules around it (ISO/IEC 18004)

export function QrCode(p: { text: string; label: string }) {
  const { size, d } = useMemo(() => {
    const { data, size } = encode(p.text, { ecc: "M", border: quiet });
    const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size, d: dark.join("") };
  }, [p.text]);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={p.label} shape-rendering="crispEdges">
      <path d={d} />
    </svg>
  );
}

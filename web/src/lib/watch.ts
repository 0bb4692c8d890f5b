// Looking again by itself while something is waited for: not while nobody sees
// the page, and at once when somebody does again.
import { useEffect } from "preact/hooks";

const every = 3000; // ms between two looks
const patience = 1800000; // ms until the page stops looking by itself

export function useWatch(waiting: boolean, look: () => Promise<void>): void {
  useEffect(() => {
    if (!waiting) return undefined;
    const end = Date.now() + patience;
    const again = () => {
      if (!document.hidden && Date.now() < end) void look();
    };
    const timer = setInterval(again, every);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [waiting, look]);
}

// What was typed and not yet sent. Forms say so here; whoever leads away from a
// page, or closes it, asks first.
import { useEffect } from "preact/hooks";

const forms = new Set<() => boolean>();

/** Whether some form on the page would lose what was typed. */
export function unsaved(): boolean {
  return [...forms].some((has) => has());
}

/** The reader has agreed to lose it. */
export function forget(): void {
  forms.clear();
}

/** has: undefined for forms whose content is nothing to lose (searches). It must
    stay the same function. */
export function useUnsaved(has?: () => boolean): void {
  useEffect(() => {
    if (!has) return;
    forms.add(has);
    return () => void forms.delete(has);
  }, [has]);
}

addEventListener("beforeunload", (event) => {
  if (unsaved()) event.preventDefault();
});

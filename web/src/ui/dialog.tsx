// Dialogs on the browser's own <dialog>: focus stays inside, Escape closes.
// confirm() asks before what cannot be undone, with the name of the thing.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button } from "./button";
import { Toasts } from "./toast";
import { say } from "./words";

export function Dialog(p: {
  title: string;
  children: ComponentChildren;
  /** Escape, and what the caller's buttons call. */
  onClose: () => void;
  wide?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={p.wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        p.onClose();
      }}
    >
      <h2 id={id}>{p.title}</h2>
      {p.children}
      <Toasts />
    </dialog>
  );
}

export interface Question {
  title: string;
  /** What will happen. */
  text: ComponentChildren;
  /** The word on the button: "Delete", never "OK". */
  button: string;
  danger?: boolean;
  /** The reader must type this: for what many depend on. */
  typeName?: string;
}

const asked = signal<(Question & { answer: (yes: boolean) => void }) | null>(null);

export function confirm(question: Question): Promise<boolean> {
  return new Promise((answer) => {
    asked.value?.answer(false);
    asked.value = { ...question, answer };
  });
}

function Asked(p: { question: Question; answer: (yes: boolean) => void }) {
  const [typed, setTyped] = useState("");
  const id = useId();
  const name = p.question.typeName;
  const ready = !name || typed === name;
  return (
    <Dialog title={p.question.title} onClose={() => p.answer(false)}>
      <div>{p.question.text}</div>
      {name ? (
        <div class="field">
          <label for={id}>{say("typeName", { name })}</label>
          <input id={id} autocomplete="off" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
        </div>
      ) : null}
      <div class="actions end">
        <Button onClick={() => p.answer(false)}>{say("cancel")}</Button>
        <Button kind="solid" danger={p.question.danger} disabled={!ready} onClick={() => p.answer(true)}>
          {p.question.button}
        </Button>
      </div>
    </Dialog>
  );
}

/** Once, in the frame. */
export function Questions() {
  const question = asked.value;
  if (!question) return null;
  const answer = (yes: boolean) => {
    asked.value = null;
    question.answer(yes);
  };
  return <Asked question={question} answer={answer} />;
}

// A file that the service makes on demand, handed to the reader.
import { address, call } from "../../lib/api";

const keepFor = 60000; // ms: long enough for the browser to begin

/** Posts JSON and saves the bytes of the answer under a name. */
export async function saveMade(where: string, body: unknown, name: string): Promise<void> {
  const answer = await call("POST", address(where), JSON.stringify(body), "application/json");
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), keepFor);
}

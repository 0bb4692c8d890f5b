// Roles as labels.
import { roleText } from "../lib/roles";
import { Chip } from "./light";

export function Roles(p: { of: string[] }) {
  return (
    <div class="chips">
      {p.of.map((role) => (
        <Chip key={role}>{roleText(role)}</Chip>
      ))}
    </div>
  );
}

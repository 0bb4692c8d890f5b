// A user as the service tells it.
export interface User {
  name: string;
  display_name: string;
  roles: string[];
  disabled: boolean;
  second_factor: boolean;
  password_change_due: boolean;
  password_changed_at: string | null;
  last_sign_in_at: string | null;
  created_at: string | null;
}

export interface Users {
  items: User[];
  password_policy: { min_length: number };
  second_factor_required: boolean;
}

/** Somebody as a person knows them: "yamada（山田 花子）". */
export function whoText(u: User): string {
  return u.display_name ? `${u.name} (${u.display_name})` : u.name;
}

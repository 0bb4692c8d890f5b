// Every word a person reads, Japanese first. The same key in both languages.
export type Language = "ja" | "en";

const words = {
  skip: ["本文へ移動", "Skip to content"],
  language: ["English", "日本語"],
  languageLabel: ["Switch to English", "日本語に切り替える"],
  logout: ["ログアウト", "Sign out"],
  loginTitle: ["ログイン", "Sign in"],
  loginName: ["利用者名", "User name"],
  loginPassword: ["パスワード", "Password"],
  loginButton: ["ログイン", "Sign in"],
  loginWrong: [
    "利用者名またはパスワードが正しくありません。確認して入力し直してください。",
    "The user name or the password is wrong. Check them and try again.",
  ],
  loginHelp: [
    "利用者は、この機器で「machilink user add」コマンドを使って登録します。",
    "Accounts are made on this machine with the command “machilink user add”.",
  ],
  health: ["稼働状況", "Health"],
  working: ["正常", "Working"],
  attention: ["要確認", "Needs attention"],
  exchanges: ["最近の情報交換", "Recent exchanges"],
  exchangesNone: [
    "まだ情報交換はありません。",
    "There have been no exchanges yet.",
  ],
  exchangesElsewhere: [
    "この機器はセキュリティサーバではないため、情報交換の記録はありません。",
    "This machine is not a security server, so it keeps no exchanges.",
  ],
  time: ["日時", "Time"],
  message: ["メッセージ", "Message"],
  from: ["送信元", "From"],
  service: ["サービス", "Service"],
  state: ["状態", "State"],
  evidence: ["証拠", "Evidence"],
  request: ["要求", "request"],
  response: ["応答", "response"],
  signed: ["署名済み", "signed"],
  stamped: ["タイムスタンプ済み", "time-stamped"],
  notStamped: ["タイムスタンプ待ち", "waiting for time stamp"],
  download: ["保存", "Download"],
  verify: ["検証", "Verify"],
  verifying: ["検証しています…", "Verifying…"],
  valid: ["有効です", "Valid"],
  invalid: ["無効です", "Invalid"],
  refresh: ["更新", "Refresh"],
  why: ["理由", "why"],
  signer: ["署名者", "signer"],
  stampedAt: ["タイムスタンプ", "time stamp"],
  failed: [
    "サーバから応答がありません。機器が動いているか確認し、「更新」を押してください。",
    "The server does not answer. Check that the machine runs and press “Refresh”.",
  ],
  role_center: ["センター", "Center"],
  "role_security-server": ["セキュリティサーバ", "Security server"],
  role_adapter: ["アダプタ", "Adapter"],
  role_dashboard: ["ダッシュボード", "Dashboard"],
  key_ok: ["総合", "overall"],
  key_initialized: ["初期設定", "initialised"],
  key_token: ["鍵トークン", "key token"],
  key_globalconf: ["グローバル設定", "global configuration"],
  key_auth_cert: ["認証用証明書", "authentication certificate"],
  key_sign_certs: ["署名用証明書", "signing certificates"],
  key_ocsp: ["OCSP応答", "OCSP answers"],
  key_timestamp: ["タイムスタンプ", "time stamps"],
  key_services: ["データサービス数", "data services"],
  key_members: ["会員数", "members"],
  key_servers: ["セキュリティサーバ数", "security servers"],
  key_published: ["最終公開", "last published"],
  key_expires: ["有効期限", "valid until"],
  yes: ["はい", "yes"],
  no: ["いいえ", "no"],
  none: ["なし", "none"],
  version: ["版", "version"],
} as const;

export type Word = keyof typeof words;

let current: Language = "ja";

export function language(): Language {
  return current;
}

export function setLanguage(to: Language): void {
  current = to;
  document.documentElement.lang = to;
}

export function say(word: Word): string {
  return words[word][current === "ja" ? 0 : 1];
}

/** A word that may be missing from the table: shown as it is then. */
export function sayKey(prefix: string, key: string): string {
  const word = `${prefix}_${key}`;
  return word in words ? say(word as Word) : key.replace(/_/g, " ");
}

export function sayTime(ms: number): string {
  return new Intl.DateTimeFormat(current === "ja" ? "ja-JP" : "en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
  }).format(new Date(ms));
}

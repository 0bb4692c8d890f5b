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
  loginWait: [
    "パスワードの誤りが続いたため、この端末からのログインを一時停止しています。10分ほど待ってから入力してください。",
    "Too many wrong passwords came from your address. Wait ten minutes and try again.",
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
  parties: ["送信元 → サービス", "From → service"],
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
  refreshed: ["更新しました", "Refreshed"],
  again: ["再試行", "Try again"],
  asOf: ["更新日時", "As of"],
  why: ["理由", "why"],
  sender: ["送信者", "sender"],
  signer: ["署名者", "signer"],
  stampedAt: ["タイムスタンプ", "time stamp"],
  failed: [
    "サーバから正しい応答がありません。機器が動いているか確認し、もう一度お試しください。",
    "The server does not answer as it should. Check that the machine runs and try again.",
  ],
  role_center: ["センター", "Center"],
  "role_security-server": ["セキュリティサーバ", "Security server"],
  role_adapter: ["アダプタ", "Adapter"],
  role_dashboard: ["ダッシュボード", "Dashboard"],
  key_initialized: ["初期設定", "initialised"],
  key_instance: ["インスタンス", "instance"],
  key_address: ["アドレス", "address"],
  key_server: ["サーバID", "server"],
  key_state: ["状態", "state"],
  key_status: ["登録状態", "registration"],
  key_error: ["エラー", "error"],
  key_version: ["版", "version"],
  key_token: ["鍵トークン", "key token"],
  key_globalconf: ["グローバル設定", "Global configuration"],
  key_last_success: ["最終取得", "last fetched"],
  key_auth_cert: ["認証用証明書", "authentication certificate"],
  key_sign_cert: ["署名用証明書", "signing certificate"],
  key_clients: ["会員・サブシステム", "Members and subsystems"],
  key_client: ["識別子", "identifier"],
  key_timestamping: ["タイムスタンプ", "Time stamps"],
  key_last_stamp: ["最終取得", "last one"],
  key_waiting: ["タイムスタンプ待ちの記録（件）", "records waiting for a stamp"],
  key_services: ["データサービス（件）", "data services"],
  key_members: ["会員（件）", "members"],
  key_subsystems: ["サブシステム（件）", "subsystems"],
  key_security_servers: ["セキュリティサーバ（台）", "security servers"],
  key_valid_certificates: ["有効な証明書（件）", "valid certificates"],
  key_waiting_requests: ["承認待ちの申請（件）", "requests awaiting approval"],
  key_published: ["最終公開", "last published"],
  key_publish_error: ["公開時のエラー", "publishing error"],
  key_expires: ["有効期限", "valid until"],
  value_valid: ["有効", "valid"],
  value_good: ["正常", "good"],
  value_ok: ["正常", "ok"],
  value_expired: ["期限切れ", "expired"],
  value_missing: ["未取得", "missing"],
  "value_no anchor": ["アンカー未登録", "no anchor"],
  "value_no global configuration": ["グローバル設定なし", "no global configuration"],
  "value_logged in": ["ログイン済み", "logged in"],
  value_locked: ["ロック中（PINを入力してください）", "locked: enter the PIN"],
  value_unreachable: ["応答なし", "unreachable"],
  "value_not initialized": ["未初期化", "not initialised"],
  value_token_not_active: ["ロック中（PINを入力してください）", "locked: enter the PIN"],
  value_token_not_initialized: ["未初期化", "not initialised"],
  value_REGISTERED: ["登録済み", "registered"],
  value_SAVED: ["保存済み（未登録）", "saved, not registered"],
  value_REGISTRATION_IN_PROGRESS: ["登録申請中", "registration in progress"],
  value_DELETION_IN_PROGRESS: ["削除申請中", "deletion in progress"],
  value_GLOBAL_ERROR: ["登録エラー", "not in the global configuration"],
  value_DISABLED: ["停止中", "disabled"],
  value_DISABLING_IN_PROGRESS: ["停止申請中", "being disabled"],
  value_ENABLING_IN_PROGRESS: ["再開申請中", "being enabled"],
  yes: ["はい", "yes"],
  no: ["いいえ", "no"],
  none: ["なし", "none"],
  version: ["バージョン", "version"],
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

export function hasWord(word: string): word is Word {
  return word in words;
}

/** A word that may be missing from the table: shown as it is then. */
export function sayKey(prefix: string, key: string): string {
  const word = `${prefix}_${key}`;
  return hasWord(word) ? say(word) : key.replace(/_/g, " ");
}

/** A state of this program, or text that is shown as it is. */
export function sayValue(value: string): string {
  const word = `value_${value}`;
  return hasWord(word) ? say(word) : value;
}

export function sayTime(ms: number): string {
  return new Intl.DateTimeFormat(current === "ja" ? "ja-JP" : "en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
  }).format(new Date(ms));
}

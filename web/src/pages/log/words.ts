// Words of the message log.
import { words } from "../../lib/words";

export const say = words({
  title: ["メッセージログ", "Message log"],
  lead: [
    "この機器を通った情報交換の記録です。署名とタイムスタンプのある証拠を保存し、その場で検証できます。",
    "The exchanges that passed this machine. Their evidence, signed and time-stamped, can be downloaded and verified here.",
  ],
  none: ["まだ情報交換はありません。", "There have been no exchanges yet."],
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
  verdict_valid: ["有効です", "Valid"],
  verdict_invalid: ["無効です", "Invalid"],
  why: ["理由: {text}", "why: {text}"],
  sender: ["送信者: {text}", "sender: {text}"],
  signer: ["署名者: {text}", "signer: {text}"],
  stampedAt: ["タイムスタンプ: ", "time stamp: "],
  refresh: ["更新", "Refresh"],
});

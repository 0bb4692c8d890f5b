// Words of the backups page.
import { words } from "../../lib/words";

export const say = words({
  title: ["バックアップ", "Backups"],
  lead: [
    "設定、鍵、証明書を一つのファイルにまとめて保存します。機器が壊れたときは、このファイルから元に戻せます。",
    "Settings, keys and certificates in one file, from which a broken machine is brought back.",
  ],
  keep: ["別の場所にも保管してください", "Keep a copy elsewhere"],
  keepText: [
    "この機器が壊れると、機器の中のバックアップも失われます。保存したファイルと、バックアップを開くための鍵（データフォルダの backup.key）または合言葉を、別の場所に保管してください。",
    "Backups on this machine are lost with it. Keep the downloaded file elsewhere, and with it the key that opens it (backup.key in the data directory) or the passphrase.",
  ],
  make: ["今すぐ作成", "Make one now"],
  made: ["バックアップ「{name}」を作成しました。", "The backup “{name}” is made."],
  upload: ["ファイルを取り込む", "Add a file"],
  uploadTitle: ["バックアップファイルの取り込み", "Add a backup file"],
  file: ["バックアップファイル", "Backup file"],
  fileHint: ["以前に保存したファイルを選んでください。", "A file that was downloaded before."],
  uploaded: ["「{name}」を取り込みました。", "“{name}” is added."],
  caption: ["保存されているバックアップ", "Backups on this machine"],
  name: ["ファイル名", "File name"],
  createdAt: ["作成日時", "Made"],
  actions: ["操作", "Actions"],
  download: ["保存", "Download"],
  restore: ["復元", "Restore"],
  remove: ["削除", "Delete"],
  none: [
    "まだバックアップがありません。「今すぐ作成」を押すと、最初のバックアップができます。毎日の自動バックアップの時刻は、設定のページで確かめられます。",
    "There is no backup yet. “Make one now” makes the first. When the daily one is made stands on the settings page.",
  ],
  removeTitle: ["バックアップの削除", "Delete a backup"],
  removeText: ["「{name}」を削除します。元に戻せません。", "“{name}” will be deleted. This cannot be undone."],
  removed: ["「{name}」を削除しました。", "“{name}” is deleted."],
  restoreTitle: ["バックアップからの復元", "Restore from a backup"],
  restoreText: [
    "この機器の設定・鍵・証明書を、「{name}」を作成したときの内容に戻します。それ以降の変更は失われます。復元中はサービスが再起動し、情報交換が一時的に止まります。",
    "Settings, keys and certificates of this machine become those of “{name}”. Later changes are lost. The service restarts; exchanges stop for a moment.",
  ],
  restoring: ["復元しています。サービスの再起動を待っています…", "Restoring; waiting for the service to start again…"],
  restored: ["復元しました", "Restored"],
  restoredText: ["ログインし直して、ホームで状態を確かめてください。", "Sign in again and look at the home page."],
  tokens: [
    "鍵トークンがログアウトしています。PIN の入力が必要です。",
    "A key token is logged out; its PIN must be entered.",
  ],
  reload: ["読み込み直す", "Load again"],
  notBack: [
    "サービスがまだ応答しません。機器の画面またはログで状態を確かめてください。",
    "The service does not answer yet. Look at the machine or its log.",
  ],
});

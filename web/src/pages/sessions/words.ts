// Words of the lists of sessions.
import { words } from "../../lib/words";

export const say = words({
  title: ["ログイン状況", "Sessions"],
  lead: [
    "いま、この機器の管理画面にログインしている人とその端末です。心当たりのないものは終了できます。",
    "Who is signed in to this machine now, and from where. End what you do not know.",
  ],
  caption: ["ログイン中の端末", "Signed-in browsers"],
  user: ["利用者", "User"],
  browser: ["端末", "Browser"],
  unknown: ["不明", "unknown"],
  here: ["この端末", "this one"],
  address: ["接続元", "Address"],
  started: ["ログイン日時", "Signed in"],
  used: ["最後の操作", "Last active"],
  actions: ["操作", "Actions"],
  end: ["終了させる", "End"],
  endTitle: ["ログインの終了", "End a session"],
  endText: [
    "{who}（接続元 {from}）のログインを終了させます。その端末で入力中の内容は失われることがあります。続けるには、もう一度ログインが必要です。",
    "The session of {who} from {from} ends. What is being typed there may be lost; they must sign in again.",
  ],
  ended: ["{who} のログインを終了させました。", "The session of {who} has ended."],
  signOutInstead: ["右上の「ログアウト」を使ってください", "Use “Sign out” above"],
  refresh: ["更新", "Refresh"],
  suspect: ["心当たりのないログインがあるとき", "If there is one you do not know"],
  suspectText: [
    "「終了させる」を押したうえで、「利用者」のページでその人のパスワードを再発行してください。いつ何をしたかは「監査記録」で確かめられます。",
    "End it, then set a new password for the account on the users page. The audit log says what was done.",
  ],
});

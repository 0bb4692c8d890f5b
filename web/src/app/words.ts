// Words of the frame and of the sign-in.
import { words } from "../lib/words";

export const say = words({
  skip: ["本文へ移動", "Skip to content"],
  language: ["English", "日本語"],
  languageLabel: ["Switch to English", "日本語に切り替える"],
  theme: ["表示", "Display"],
  theme_system: ["端末に合わせる", "As the system"],
  theme_light: ["明るい", "Light"],
  theme_dark: ["暗い", "Dark"],
  menu: ["メニュー", "Menu"],
  navigation: ["ページ一覧", "Pages"],
  helpLink: ["ヘルプ", "Help"],
  signOut: ["ログアウト", "Sign out"],
  signedIn: ["ログイン中の利用者", "Signed in as"],
  version: ["バージョン", "version"],
  title: ["ログイン", "Sign in"],
  name: ["利用者名", "User name"],
  password: ["パスワード", "Password"],
  signIn: ["ログイン", "Sign in"],
  wrong: [
    "利用者名またはパスワードが正しくありません。確認して入力し直してください。",
    "The user name or the password is wrong. Check them and try again.",
  ],
  wait: [
    "パスワードの誤りが続いたため、この端末からのログインを一時停止しています。10分ほど待ってから入力してください。",
    "Too many wrong passwords came from your address. Wait ten minutes and try again.",
  ],
  refused_second_factor_wrong: [
    "コードが違うか、すでに使われました。端末に次に表示されるコードを入力してください。続くときは端末の時計を確かめるか、未使用の回復コードを使ってください。",
    "The code is wrong or was used already. Enter the next one your device shows. If it goes on, check the device's clock or use a recovery code.",
  ],
  refused_account_locked: [
    "この利用者名でパスワードの誤りが続いたため、ログインを一時停止しています。しばらく待ってから入力してください。",
    "There were too many wrong passwords for this name. Wait a while and try again.",
  ],
  refused_account_disabled: [
    "この利用者は停止されています。利用者を管理する人に連絡してください。",
    "This account is disabled. Ask whoever manages the accounts.",
  ],
  unsavedTitle: ["保存していない入力があります", "Something is not saved"],
  unsaved: [
    "このページを離れると、入力した内容は失われます。残すときは「キャンセル」を押し、保存してから移動してください。",
    "What you typed is lost when you leave this page. To keep it, press “Cancel” and save it first.",
  ],
  unsavedLeave: ["入力を破棄して移動する", "Discard it and leave"],
  code: ["確認コード", "Code"],
  codeHint: [
    "認証アプリに表示される6桁の数字、または回復コードを入力してください。",
    "The 6 digits that your authenticator shows, or a recovery code.",
  ],
  soonTitle: ["まもなくログアウトします", "You will be signed out soon"],
  soon: [
    "しばらく操作がないため、あと1分以内にログアウトします。作業を続けるときは「続ける」を押してください。",
    "There was no activity for a while; you will be signed out within a minute. To go on, press “Stay signed in”.",
  ],
  stay: ["続ける", "Stay signed in"],
  due_PASSWORD: [
    "パスワードの変更が必要です。変更するまで、ほかの操作はできません。",
    "Your password must be changed before you can do anything else.",
  ],
  due_SECOND_FACTOR: [
    "二要素認証の設定が必要です。設定するまで、ほかの操作はできません。",
    "A second factor must be set up before you can do anything else.",
  ],
  firstTitle: ["ようこそ", "Welcome"],
  first: [
    "この機器を最初に管理する利用者を作ります。機器でサービスを始めたときに表示された、一回限りのトークンを用意してください。",
    "Make this machine's first administrator. You need the one-time token that the service printed when it was started.",
  ],
  firstToken: ["一回限りのトークン", "One-time token"],
  firstTokenHint: [
    "見つからないときや有効時間が過ぎたときは、機器で「machilink setup token --config 設定ファイル」を実行してください。",
    "If it is lost or has ended, run “machilink setup token --config FILE” on the machine.",
  ],
  firstNameHint: ["ログインに使います。英数字で付けてください。", "To sign in with: letters and digits."],
  firstDisplay: ["氏名", "Full name"],
  firstPasswordHint: ["{n}文字以上。いくつかの言葉をつなげると、覚えやすく安全です。", "At least {n} characters; several words are easy to keep in mind, and safe."],
  firstAgain: ["パスワード（確認のためもう一度）", "Password once more"],
  firstDiffers: ["2つのパスワードが違います。同じものを入力してください。", "The two passwords differ. Enter the same twice."],
  firstMake: ["作成して始める", "Make it and begin"],
  accounts: [
    "利用者は、この機器で「machilink user add」コマンドを使って登録します。",
    "Accounts are made on this machine with the command “machilink user add”.",
  ],
  expiredTitle: ["ログインの有効時間が過ぎました", "Your session has ended"],
  expired: [
    "安全のため、しばらく操作がないとログアウトします。ログインし直すと、この画面の続きから作業できます。",
    "You are signed out after a while without activity. Sign in and go on where you were.",
  ],
  leave: ["ログアウトする", "Leave"],
  notFound: ["ページが見つかりません", "There is no such page"],
  notFoundText: [
    "アドレスを確かめるか、メニューから選び直してください。",
    "Check the address, or choose from the menu.",
  ],
  notFor: ["このページは表示できません", "This page is not for you"],
  notForText: [
    "この機器にない役割のページか、あなたの権限では見られないページです。必要なときは、利用者を管理する人に依頼してください。",
    "It belongs to a role that this machine does not have, or your account may not see it. If you need it, ask whoever manages the accounts.",
  ],
  failed: ["画面の処理に失敗しました", "The page failed"],
  failedText: [
    "読み込み直してください。続くときは、次の内容を添えて知らせてください。",
    "Load the page again. If it goes on, report this:",
  ],
  reload: ["読み込み直す", "Load again"],
  toHome: ["ホームへ", "To the home page"],
});

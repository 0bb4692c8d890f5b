// Words of the internal TLS certificate's page.
import { words } from "../../lib/words";

export const say = words({
  title: ["業務システム向けの証明書", "Internal TLS certificate"],
  lead: [
    "庁内の業務システムが HTTPS でこの機器に接続するとき、相手がこの機器であることを確かめるための証明書です。",
    "Your own information systems prove with it that they talk to this machine when they connect by HTTPS.",
  ],
  subject: ["名義", "Subject"],
  subjectHint: [
    "機器のホスト名を CN に入れます（例: CN=ss1.town.example.jp）。",
    "The machine's host name as CN, such as CN=ss1.town.example.jp",
  ],
  issuer: ["発行元", "Issuer"],
  hash: ["指紋（SHA-256）", "Fingerprint (SHA-256)"],
  hand: ["業務システムに渡す", "Hand it on"],
  handText: [
    "ファイルを保存し、業務システムの担当者に渡してください。証明書を入れ替えたときは、もう一度渡します。",
    "Download the file and give it to whoever runs the systems; again after each change.",
  ],
  download: ["証明書を保存", "Download"],
  replace: ["証明書を入れ替える", "Replace it"],
  replaceText: [
    "庁内の認証局で発行するときは、申請書を作成し、届いた証明書を取り込みます。認証局がないときは、新しい鍵と証明書を作成できます。",
    "With an authority of your own: make a request and import what comes back. Without one, make a new key and certificate.",
  ],
  request: ["申請書（CSR）を作成", "Make a request (CSR)"],
  requestTitle: ["申請書（CSR）の作成", "Make a request (CSR)"],
  requestMake: ["作成して保存", "Make and download"],
  doImport: ["証明書を取り込む", "Import"],
  importTitle: ["証明書の取り込み", "Import the certificate"],
  file: ["証明書ファイル", "Certificate file"],
  fileHint: [
    "認証局から届いた PEM または DER 形式のファイルです。今の鍵に対するものだけ取り込めます。",
    "The file from the authority, in PEM or DER. It must fit the present key.",
  ],
  imported: [
    "証明書を入れ替えました。業務システムの担当者に新しい証明書を渡してください。",
    "The certificate is replaced. Give it to whoever runs your systems.",
  ],
  fresh: ["新しい鍵と証明書を作成", "Make a new key and certificate"],
  freshTitle: ["鍵と証明書の作り直し", "New key and certificate"],
  freshText: [
    "今の鍵と証明書は使えなくなります。業務システムに新しい証明書を渡すまで、業務システムから接続できないことがあります。",
    "The present ones end. Systems may be unable to connect until they have the new certificate.",
  ],
  freshDone: ["新しい鍵と証明書を作成しました。", "Key and certificate are new."],
});

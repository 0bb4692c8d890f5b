// Words of the roles that accounts and API keys may have.
import { words } from "./words";

export const say = words({
  role_XROAD_SYSTEM_ADMINISTRATOR: ["システム管理者", "System administrator"],
  role_XROAD_SECURITY_OFFICER: ["セキュリティ責任者", "Security officer"],
  role_XROAD_REGISTRATION_OFFICER: ["登録担当者", "Registration officer"],
  role_XROAD_SERVICE_ADMINISTRATOR: ["サービス担当者", "Service administrator"],
  role_XROAD_SECURITYSERVER_OBSERVER: ["閲覧者", "Observer"],
  does_XROAD_SYSTEM_ADMINISTRATOR: [
    "利用者、APIキー、バックアップ、機器の設定を管理します。",
    "Manages accounts, API keys, backups and the settings of the machine.",
  ],
  does_XROAD_SECURITY_OFFICER: [
    "鍵、証明書、タイムスタンプなど、通信の信頼に関わることを管理します。",
    "Manages keys, certificates and time stamps: what others trust.",
  ],
  does_XROAD_REGISTRATION_OFFICER: [
    "組織やシステムの登録と、登録の申請・承認を行います。",
    "Registers organisations and systems, and handles their requests.",
  ],
  does_XROAD_SERVICE_ADMINISTRATOR: [
    "提供するサービスと、だれが使えるかを管理します。",
    "Manages the services on offer and who may use them.",
  ],
  does_XROAD_SECURITYSERVER_OBSERVER: [
    "状態や記録を見るだけで、何も変更できません。",
    "Sees states and records, and changes nothing.",
  ],
});

// Sentences for refusals. t_<code>: what happened; code_<code>: why and what to
// do; field_<code>: at a field; warning_<code>; sNNN: by HTTP status.
import { words } from "./words";

export const say = words({
  title_none: ["サーバに接続できません", "The server cannot be reached"],
  title_failed: ["処理できませんでした", "This failed"],
  title_refused: ["受け付けられませんでした", "This was not accepted"],
  own: ["（詳細: {text}）", "(Details: {text})"],
  about: ["対象: {text}", "Concerns: {text}"],
  comma: ["、", ", "],
  s0: [
    "サーバから応答がありません。機器が動いているか、ネットワークにつながっているかを確かめて、もう一度お試しください。",
    "There is no answer. Check that the machine runs and that you are connected, then try again.",
  ],
  s401: ["ログインし直してから、もう一度お試しください。", "Sign in again, then try once more."],
  s403: [
    "この操作をする権限がありません。権限をもつ利用者に依頼してください。",
    "Your account may not do this. Ask somebody whose role permits it.",
  ],
  s404: [
    "対象が見つかりません。ほかの人が削除した可能性があります。一覧を読み込み直してください。",
    "It does not exist. Somebody may have removed it; read the list again.",
  ],
  s409: [
    "今の状態ではできません。画面を読み込み直して、状態を確かめてください。",
    "The present state does not allow this. Read the page again and look at the state.",
  ],
  s413: ["送る内容が大きすぎます。小さくしてお試しください。", "It is too large. Send something smaller."],
  s429: ["操作が多すぎます。しばらく待ってからお試しください。", "Too many requests. Wait a while and try again."],
  s503: ["今は使えません。しばらく待ってからお試しください。", "Not available now. Wait a while and try again."],
  s500: [
    "もう一度お試しください。続くときは、診断の画面で状態を確かめてください。",
    "Try again. If it goes on, look at the diagnostics.",
  ],
  code_no_json: [
    "応答を読めませんでした。途中の機器（プロキシ等）が応答を書き換えていないか確かめてください。",
    "The answer cannot be read. Check that nothing on the way (a proxy) replaces answers.",
  ],
  code_page_failed: [
    "画面の処理に失敗しました。読み込み直してください。",
    "The page itself failed. Load it again.",
  ],
  t_validation_failure: ["入力内容を確認してください", "Check what you entered"],
  code_validation_failure: ["入力の中に、受け付けられない値があります。", "Something you entered is not accepted."],
  code_warnings_detected: ["確認が必要な点があります。", "There are warnings to look at."],
  code_client_not_found: [
    "メンバーまたはサブシステムが見つかりません。一覧を読み込み直してください。",
    "The member or subsystem does not exist. Read the list again.",
  ],
  code_service_not_found: ["サービスが見つかりません。一覧を読み込み直してください。", "The service does not exist. Read the list again."],
  code_service_description_not_found: [
    "サービス定義が見つかりません。一覧を読み込み直してください。",
    "The service description does not exist. Read the list again.",
  ],
  code_endpoint_not_found: ["エンドポイントが見つかりません。", "The endpoint does not exist."],
  code_certificate_not_found: ["証明書が見つかりません。一覧を読み込み直してください。", "The certificate does not exist. Read the list again."],
  code_certificate_already_exists: ["この証明書はすでに登録されています。", "This certificate is there already."],
  code_cert_exists: ["この証明書はすでに登録されています。", "This certificate is there already."],
  code_invalid_certificate: [
    "証明書として読めません。PEM または DER 形式の証明書ファイルを選んでください。",
    "This is no certificate. Choose a certificate file in PEM or DER.",
  ],
  code_cert_wrong_usage: [
    "証明書の用途が違います。署名用と認証用を取り違えていないか確かめてください。",
    "The certificate is for another use. Check that signing and authentication are not swapped.",
  ],
  code_wrong_cert_usage: [
    "証明書の用途が違います。署名用と認証用を取り違えていないか確かめてください。",
    "The certificate is for another use. Check that signing and authentication are not swapped.",
  ],
  code_wrong_key_usage: [
    "鍵の用途が違います。署名用と認証用を取り違えていないか確かめてください。",
    "The key is for another use. Check that signing and authentication are not swapped.",
  ],
  code_sign_cert_not_supported: [
    "署名用証明書にはこの操作はできません。認証用証明書を選んでください。",
    "This cannot be done with a signing certificate. Choose an authentication certificate.",
  ],
  code_cert_import_failed: [
    "証明書を取り込めません。この機器で作った鍵に対する証明書か確かめてください。",
    "The certificate cannot be imported. Check that it belongs to a key made on this machine.",
  ],
  code_csr_not_found: [
    "対応する証明書要求（CSR）がありません。この機器で作った要求に対する証明書を選んでください。",
    "There is no such certificate request. Choose a certificate for a request made here.",
  ],
  code_key_not_found: ["鍵が見つかりません。一覧を読み込み直してください。", "The key does not exist. Read the list again."],
  code_token_not_found: ["トークンが見つかりません。", "The token does not exist."],
  code_action_not_possible: [
    "今の状態ではこの操作はできません。先に必要な手順が済んでいるか確かめてください。",
    "The present state does not allow this. Check whether a step before it is missing.",
  ],
  code_token_action_not_possible: [
    "トークンの今の状態ではできません。PIN でログインしているか確かめてください。",
    "The token's state does not allow this. Check that it is logged in with its PIN.",
  ],
  code_token_not_active: [
    "鍵トークンがロックされています。PIN を入力してからやり直してください。",
    "The key token is locked. Enter its PIN and try again.",
  ],
  code_token_not_initialized: [
    "鍵トークンが初期化されていません。初期設定を済ませてください。",
    "The key token is not initialised. Finish the first set-up.",
  ],
  code_pin_incorrect: ["PIN が違います。確かめて入力し直してください。", "The PIN is wrong. Check it and enter it again."],
  code_token_weak_pin: [
    "PIN が弱すぎます。10 文字以上で、英小文字・英大文字・数字・記号のうち 3 種類以上を使ってください。",
    "The PIN is too weak. Use 10 characters or more of at least 3 kinds: small, capital, digits, signs.",
  ],
  code_token_pin_policy_failure: [
    "PIN が規則に合いません。10 文字以上で、英小文字・英大文字・数字・記号のうち 3 種類以上を使ってください。",
    "The PIN does not follow the policy. Use 10 characters or more of at least 3 kinds: small, capital, digits, signs.",
  ],
  code_invalid_characters_pin: ["PIN に使えない文字があります。半角の英数字と記号を使ってください。", "The PIN has a character that cannot be used. Use ASCII."],
  code_pin_code_exists: ["PIN はすでに決められています。", "The PIN is set already."],
  code_missing_token_password: ["PIN を入力してください。", "Enter the PIN."],
  code_anchor_not_found: [
    "構成アンカーがありません。センターから受け取ったアンカーを登録してください。",
    "There is no configuration anchor. Upload the anchor that the center gave you.",
  ],
  code_malformed_anchor: [
    "構成アンカーとして読めません。センターから受け取った XML ファイルをそのまま選んでください。",
    "This is no configuration anchor. Choose the XML file just as the center gave it.",
  ],
  code_anchor_already_exists: ["構成アンカーはすでに登録されています。", "There is an anchor already."],
  code_conf_download_failed: [
    "グローバル設定を取得できません。センターのアドレスとポートに接続できるか確かめてください。",
    "The global configuration cannot be fetched. Check that the center's address and port can be reached.",
  ],
  code_global_conf_outdated: [
    "グローバル設定の有効期限が切れています。センターに接続できるか、時計が合っているかを確かめてください。",
    "The global configuration has expired. Check the way to the center, and the clock.",
  ],
  code_configuration_not_found: ["グローバル設定がありません。", "There is no global configuration."],
  code_local_group_not_found: ["ローカルグループが見つかりません。", "The local group does not exist."],
  code_invalid_member_id: ["メンバーの識別子が正しくありません。", "The member's identifier is not valid."],
  code_member_not_found: [
    "メンバーが見つかりません。メンバークラスとメンバーコードを確かめてください。",
    "The member does not exist. Check member class and member code.",
  ],
  code_member_exists: ["このメンバーはすでに登録されています。", "This member exists already."],
  code_member_class_not_found: ["メンバークラスが見つかりません。", "The member class does not exist."],
  code_member_class_exists: ["このメンバークラスはすでにあります。", "This member class exists already."],
  code_member_class_is_in_use: [
    "このメンバークラスを使っているメンバーがいるため、削除できません。",
    "Members use this member class, so it cannot be removed.",
  ],
  code_subsystem_not_found: ["サブシステムが見つかりません。", "The subsystem does not exist."],
  code_subsystem_exists: ["このサブシステムはすでにあります。", "This subsystem exists already."],
  code_client_already_exists: ["このメンバーまたはサブシステムはすでに登録されています。", "This member or subsystem is there already."],
  code_cannot_delete_owner: ["この機器の所有者は削除できません。", "The owner of this machine cannot be removed."],
  code_orphans_not_found: ["残っている鍵や証明書はありません。", "There are no keys or certificates left over."],
  code_wsdl_exists: ["この URL のサービス定義はすでに登録されています。", "A description with this URL is there already."],
  code_wrong_servicedescription_type: ["サービス定義の種類が違います。", "The service description is of another type."],
  code_service_code_reserved: [
    "このサービスコードは使えません。別のコードにしてください。",
    "This service code is taken. Choose another one.",
  ],
  code_service_already_exists: ["このサービスコードはすでに使われています。", "This service code is in use already."],
  code_invalid_wsdl: [
    "WSDL として読めません。URL をブラウザで開いて内容を確かめてください。",
    "This is no WSDL. Open the URL in a browser and look.",
  ],
  code_wsdl_download_failed: [
    "WSDL を取得できません。URL と、この機器から届くかどうかを確かめてください。",
    "The WSDL cannot be fetched. Check the URL, and that this machine reaches it.",
  ],
  code_invalid_wsdl_service_identifier: ["WSDL のサービス名に使えない文字があります。", "A service name in the WSDL has characters that cannot be used."],
  code_malformed_url: ["URL の形式が正しくありません。https:// から入力してください。", "The URL is not valid. Begin with https://"],
  code_invalid_url: ["URL の形式が正しくありません。https:// から入力してください。", "The URL is not valid. Begin with https://"],
  code_invalid_ip_address: ["IP アドレスの形式が正しくありません。", "The IP address is not valid."],
  code_login_failed: ["利用者名またはパスワードが違います。", "The user name or the password is wrong."],
  code_management_request_exists: [
    "同じ内容の申請がすでに承認を待っています。",
    "The same request is waiting for approval already.",
  ],
  code_application_changed: [
    "ほかの人がこの申請を先に処理しました。読み込み直してください。",
    "Somebody else dealt with this application. Read it again.",
  ],
  code_application_invalid_state: ["この申請は、今の状態では処理できません。", "The application's state does not allow this."],
  code_global_group_exists: ["このグローバルグループはすでにあります。", "This global group exists already."],
  code_certification_service_exists: ["この認証局はすでに登録されています。", "This certification service is there already."],
  code_security_server_not_found: ["セキュリティサーバが見つかりません。", "The security server does not exist."],
  code_init_already_initialized: ["初期設定はすでに済んでいます。", "The first set-up is done already."],
  code_invalid_backup_file: [
    "バックアップとして開けません。この機器の鍵か合言葉で開けるファイルか確かめてください。",
    "This backup cannot be opened. Check that this machine's key or passphrase opens it.",
  ],
  code_backup_file_not_found: ["バックアップが見つかりません。一覧を読み込み直してください。", "The backup does not exist. Read the list again."],
  code_invalid_filename: [
    "ファイル名に使えない文字があります。半角の英数字と . _ - だけにしてください。",
    "The file name has characters that cannot be used. Use letters, digits and . _ - only.",
  ],
  code_unsupported_media_type: ["この形式のファイルは受け付けていません。", "Files of this type are not taken."],
  code_operation_not_available: ["この機器では使えない操作です。", "This machine does not offer this."],
  code_network_error: [
    "接続先に届きません。アドレス、ポート、途中のファイアウォールを確かめてください。",
    "The other side cannot be reached. Check address, port and firewalls on the way.",
  ],
  code_unknown_host: [
    "ホスト名を解決できません。綴りと DNS の設定を確かめてください。",
    "The host name is unknown. Check its spelling and DNS.",
  ],
  code_database_unavailable: ["データベースに接続できません。", "The database cannot be reached."],
  code_database_error: [
    "データベースの処理に失敗しました。ディスクの空きを確かめてください。",
    "The database failed. Check the space on the disk.",
  ],
  code_unknown_member: [
    "メンバーまたはサブシステムがグローバル設定に登録されていません。識別子を確かめてください。",
    "The member or subsystem is not in the global configuration. Check the identifier.",
  ],
  code_access_denied: [
    "相手のサービスを使う許可がありません。相手にアクセス権の付与を依頼してください。",
    "There is no access right. Ask the other side to grant it.",
  ],
  code_ssl_authentication_failed: [
    "相手の機器を証明書で確認できません。双方の認証用証明書の状態を確かめてください。",
    "TLS authentication failed. Check the authentication certificates of both servers.",
  ],
  code_global_conf_download_url_connection_failure: [
    "グローバル設定の配布元に接続できません。アドレス、ポート、途中のファイアウォールを確かめてください。",
    "The source of the global configuration cannot be reached. Check address, port and firewalls on the way.",
  ],
  code_maintenance_mode: ["相手の機器は保守中です。", "The other server is in maintenance."],
  code_restore_process_failed: [
    "このバックアップからは復元できません。この機器の鍵または合言葉で作られたものか確かめてください。",
    "This backup cannot be restored. Check that this machine's key or passphrase made it.",
  ],
  code_session_other_name: [
    "ログインしたときと違う名前（アドレス）で開かれたページからの操作のため、断りました。使いたいアドレスで画面を開き、ログインし直してください。リバースプロキシの後ろでは、X-Forwarded-Host が正しく渡されているか確かめてください。",
    "Refused: this came under another name (address) than the one you signed in under. Open the page under the address you mean and sign in there. Behind a reverse proxy, see that it passes X-Forwarded-Host on.",
  ],
  code_second_factor_due: ["先に二要素認証を設定してください。", "Set up a second factor first."],
  code_password_change_due: ["先にパスワードを変更してください。", "Change your password first."],
  code_password_weak: [
    "推測されやすいパスワードです。長くするか、ほかの言葉にしてください。",
    "The password can be guessed. Make it longer, or use other words.",
  ],
  code_password_wrong: ["現在のパスワードが違います。", "The present password is wrong."],
  code_last_administrator: [
    "この変更をすると、この機器を管理できる人がいなくなります。先にほかの人をシステム管理者にしてください。",
    "Nobody could administer the machine any more. Make somebody else a system administrator first.",
  ],
  code_management_request_sending_failed: [
    "センターに申請を送れませんでした。センターに届くか、鍵のロックが解除されているかを、診断の画面で確かめてください。",
    "The request could not be sent to the center. See in the diagnostics whether the center is reached and the keys are unlocked.",
  ],
  code_duplicate_accessright: ["この相手には、すでに許可しています。一覧を読み込み直してください。", "Access is granted already. Read the list again."],
  code_accessright_not_found: [
    "この許可はすでに取り消されています。一覧を読み込み直してください。",
    "This access was withdrawn already. Read the list again.",
  ],
  code_url_already_exists: [
    "この URL のサービスはすでに登録されています。別の URL にするか、登録済みのサービスを変更してください。",
    "A service with this URL is there already. Use another URL, or edit that service.",
  ],
  code_service_code_already_exists: [
    "このサービスコードはすでに使われています。別のコードにしてください。",
    "This service code is in use already. Choose another one.",
  ],
  code_endpoint_already_exists: [
    "同じメソッドとパスのエンドポイントがすでにあります。",
    "There is an endpoint with this method and path already.",
  ],
  code_local_group_code_already_exists: [
    "このグループコードはすでに使われています。別のコードにしてください。",
    "This group code is in use already. Choose another one.",
  ],
  code_local_group_member_not_found: [
    "このサブシステムはグループに入っていません。一覧を読み込み直してください。",
    "This subsystem is not in the group. Read the list again.",
  ],
  code_openapi_parsing_error: [
    "OpenAPI の定義として読めません。URL をブラウザで開いて、YAML または JSON の定義かどうかを確かめてください。",
    "This is no OpenAPI description. Open the URL in a browser and check that it is YAML or JSON.",
  ],
  code_unsupported_openapi_version: [
    "この版の OpenAPI には対応していません。3.0 または 3.1 の定義にしてください。",
    "This version of OpenAPI is not supported. Use 3.0 or 3.1.",
  ],
  code_invalid_https_url: [
    "証明書を確かめるには、https:// で始まる URL が必要です。URL を変えるか、証明書の確認を外してください。",
    "Verifying a certificate needs a URL with https://. Change the URL, or do not verify.",
  ],
  code_invalid_service_url: [
    "定義の中のサービスの URL が正しくありません。業務システムの担当者に確かめてください。",
    "The description names a URL that is not valid. Ask whoever runs the system.",
  ],
  code_additional_member_already_exists: [
    "所有者のほかに追加できるメンバーは一つだけです。",
    "Only one member besides the owner can be added.",
  ],
  code_timestamping_service_already_configured: [
    "このタイムスタンプ局はすでに使っています。",
    "This time-stamping service is in use already.",
  ],
  code_timestamping_service_not_found: [
    "タイムスタンプ局が見つかりません。一覧を読み込み直してください。",
    "The time-stamping service does not exist. Read the list again.",
  ],
  code_illegal_generated_endpoint_update: [
    "定義から取り込んだエンドポイントは変更できません。定義のほうを直してください。",
    "This endpoint comes from the description and cannot be changed here.",
  ],
  code_illegal_generated_endpoint_remove: [
    "定義から取り込んだエンドポイントは削除できません。定義のほうを直してください。",
    "This endpoint comes from the description and cannot be removed here.",
  ],
  code_forbidden_disable_management_service_client: [
    "センターの管理サービスを提供しているため、停止できません。",
    "It offers the center's management services and cannot be suspended.",
  ],
  code_member_already_owner: ["このメンバーはすでに所有者です。", "This member is the owner already."],
  code_client_rename_already_submitted: [
    "前の名前の変更がセンターの反映待ちです。反映されてから、もう一度お試しください。",
    "The last new name still waits for the center. Try again after that.",
  ],
  code_invalid_client_name: ["今と同じ名前です。別の名前を入力してください。", "This is the present name. Enter another one."],
  code_service_client_not_found: [
    "相手が見つかりません。グローバル設定から外された可能性があります。一覧を読み込み直してください。",
    "The caller does not exist. It may have left the network; read the list again.",
  ],
  code_invalid_service_client_id: ["相手の識別子が正しくありません。", "The caller's identifier is not valid."],
  code_internal_anchor_upload_invalid_instance_id: [
    "別の環境（インスタンス）のアンカーです。センターから受け取ったファイルか確かめてください。",
    "The anchor belongs to another instance. Check that it is your center's file.",
  ],
  code_wsdl_validator_not_executable: [
    "WSDL を検証するプログラムを実行できません。システム管理者に設定を確かめてもらってください。",
    "The program that validates WSDL cannot be run. Ask the system administrator.",
  ],
  code_missing_parameter: ["必要な項目が入力されていません。", "Something that is needed is missing."],
  code_cannot_register_owner: ["所有者はすでに登録されています。", "The owner is registered already."],
  code_cannot_unregister_owner: ["この機器の所有者の登録は取り消せません。", "The owner of this machine cannot be unregistered."],
  code_certificate_authority_not_found: [
    "認証局が見つかりません。センターが認証局の登録を変えた可能性があります。選び直してください。",
    "The authority does not exist. The center may have changed it; choose again.",
  ],
  code_memberId_required_for_sign_csr: ["署名用の証明書には、メンバーを選んでください。", "Choose the member that signs."],
  field_NotNull: ["入力してください。", "Enter a value."],
  field_NotBlank: ["入力してください。", "Enter a value."],
  field_Size: ["長さが範囲外です。", "It is too short or too long."],
  field_Min: ["値が小さすぎます。", "The value is too small."],
  field_Max: ["値が大きすぎます。", "The value is too large."],
  field_IdentifierChars: [
    "使えない文字があります（/ \\ : ; % と制御文字は使えません）。",
    "It has characters that cannot be used (/ \\ : ; % and control characters).",
  ],
  field_NoControlChars: ["制御文字は使えません。", "Control characters cannot be used."],
  warning_init_unregistered_member: [
    "このメンバーはグローバル設定にありません。コードを確かめてください。",
    "The global configuration does not have this member. Check the code.",
  ],
  warning_unregistered_member: [
    "このメンバーはグローバル設定にありません。コードを確かめてください。",
    "The global configuration does not have this member. Check the code.",
  ],
  warning_internal_key_cert_warning: ["内部の TLS 証明書が登録されていません。", "There is no internal TLS certificate."],
  warning_internal_server_ssl_error: [
    "業務システムと TLS で接続できません。アドレスと、業務システムが動いているかを確かめてください。",
    "The system cannot be reached with TLS. Check the address, and that it runs.",
  ],
  warning_internal_server_ssl_handshake_error: [
    "業務システムの証明書が、登録されているものと違います。サブシステムの「業務システムとの接続」に証明書を登録してください。",
    "The system's certificate is none of those added. Add it under “Connection” of the subsystem.",
  ],
  warning_adding_services: ["追加されるサービスがあります。", "Services will be added."],
  warning_deleting_services: ["削除されるサービスがあります。", "Services will be removed."],
  warning_adding_endpoints: ["追加されるエンドポイントがあります。", "Endpoints will be added."],
  warning_deleting_endpoints: ["削除されるエンドポイントがあります。", "Endpoints will be removed."],
  warning_wsdl_validation_warnings: ["WSDL に注意すべき点があります。", "The WSDL has points to look at."],
  warning_openapi_validation_warnings: ["OpenAPI 定義に注意すべき点があります。", "The OpenAPI description has points to look at."],
  warning_warning_file_already_exists: [
    "同じ名前のバックアップがあります。続けると上書きします。",
    "There is a backup of this name. Going on replaces it.",
  ],
});

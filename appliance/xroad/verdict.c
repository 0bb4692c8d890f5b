/* SPDX-License-Identifier: MIT */
/*
 * A sentence per fault that verification finds.
 */
#include "verdict.h"

#include <stddef.h>

static const struct {
	enum fault fault;
	const char *ja;
} sentences[] = {
	{ FAULT_IO, "読み書きに失敗しました" },
	{ FAULT_NETWORK, "相手に接続できません" },
	{ FAULT_UNKNOWN_HOST, "ホスト名が見つかりません" },
	{ FAULT_NOT_FOUND, "見つかりません" },
	{ FAULT_TOO_LARGE, "大きすぎます" },
	{ FAULT_LIMIT, "上限を超えています" },
	{ FAULT_CONFIG, "指定が足りないか、正しくありません" },
	{ FAULT_BAD_REQUEST, "形式が正しくありません" },
	{ FAULT_INVALID_MESSAGE, "形式が正しくありません" },
	{ FAULT_INVALID_XML, "XMLが正しくありません" },
	{ FAULT_INVALID_SOAP, "SOAPメッセージが正しくありません" },
	{ FAULT_MISSING_HEADER, "SOAPヘッダーがありません" },
	{ FAULT_MISSING_HEADER_FIELD, "必須のヘッダー項目がありません" },
	{ FAULT_DUPLICATE_HEADER_FIELD, "ヘッダー項目が重複しています" },
	{ FAULT_MISSING_BODY, "SOAP本文がありません" },
	{ FAULT_INVALID_BODY, "SOAP本文が正しくありません" },
	{ FAULT_INCONSISTENT_HEADERS, "ヘッダーと本文が一致しません" },
	{ FAULT_INVALID_PROTOCOL_VERSION, "プロトコルの版に対応していません" },
	{ FAULT_CERT_PATH, "信頼できる認証局までたどれません" },
	{ FAULT_INVALID_CERT_PATH, "証明書の連鎖が有効ではありません" },
	{ FAULT_CERT_VALIDATION, "証明書が有効ではありません" },
	{ FAULT_INCORRECT_VALIDATION_INFO,
		"OCSP応答では証明書の有効性を確認できません" },
	{ FAULT_INCORRECT_CERTIFICATE,
		"署名用証明書が送信者のものではありません" },
	{ FAULT_MALFORMED_SIGNATURE, "署名の形式が正しくありません" },
	{ FAULT_INVALID_SIGNATURE_VALUE, "署名が内容と一致しません" },
	{ FAULT_INVALID_REFERENCE, "参照されているものと中身が一致しません" },
	{ FAULT_INVALID_HASH_CHAIN, "ダイジェストの連鎖がつながりません" },
	{ FAULT_MALFORMED_HASH_CHAIN,
		"ハッシュチェーンの形式が正しくありません" },
	{ FAULT_HASHCHAIN_UNUSED_INPUTS,
		"ハッシュチェーンに含まれない部分があります" },
	{ FAULT_INVALID_HASH_CHAIN_REF,
		"中身がハッシュチェーンと一致しません" },
	{ FAULT_UNSUPPORTED_ALGORITHM, "対応していないアルゴリズムです" },
	{ FAULT_TSA_NOT_GRANTED, "タイムスタンプが発行されていません" },
	{ FAULT_TSA_CERT,
		"タイムスタンプ局の証明書がグローバル設定にありません" },
	{ FAULT_TSA_SIGNER, "タイムスタンプの署名が正しくありません" },
	{ FAULT_TSA_RESPONSE, "タイムスタンプが内容と一致しません" },
	{ FAULT_ASIC_NO_MIMETYPE, "コンテナにmimetypeがありません" },
	{ FAULT_ASIC_BAD_MIMETYPE, "コンテナのmimetypeが正しくありません" },
	{ FAULT_ASIC_NO_SIGNATURE, "コンテナに署名がありません" },
	{ FAULT_ASIC_NO_MESSAGE, "コンテナにメッセージがありません" },
	{ FAULT_ASIC_NO_HASHCHAIN, "コンテナにハッシュチェーンがありません" },
	{ FAULT_ASIC_NO_HASHCHAIN_RESULT,
		"コンテナにハッシュチェーンの結果がありません" },
	{ FAULT_ASIC_NO_TIMESTAMP, "コンテナにタイムスタンプがありません" },
	{ FAULT_ASIC_NO_MANIFEST, "コンテナにマニフェストがありません" },
	{ FAULT_GLOBAL_CONF_OUTDATED,
		"グローバル設定の有効期限が切れています" },
	{ FAULT_MALFORMED_GLOBAL_CONF,
		"グローバル設定の形式が正しくありません" },
	{ FAULT_MALFORMED_ANCHOR, "アンカーの形式が正しくありません" },
	{ FAULT_GC_NO_CERT,
		"グローバル設定がアンカーにない鍵で署名されています" },
	{ FAULT_GC_SIGNATURE, "グローバル設定の署名が正しくありません" },
	{ FAULT_GC_PART_DIGEST, "グローバル設定の部品が改変されています" },
	{ FAULT_GC_CONNECTION, "グローバル設定の取得元に接続できません" },
	{ FAULT_GC_PART_DOWNLOAD, "グローバル設定の部品を取得できません" },
};

const char *
verdict_ja(enum fault fault)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++)
		if (sentences[i].fault == fault)
			return sentences[i].ja;
	return "確認できませんでした";
}

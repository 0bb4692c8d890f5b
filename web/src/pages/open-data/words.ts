// Words of the import of lists.
import { words } from "../../lib/words";

export const say = words({
  title: ["オープンデータの取り込み", "Open data"],
  lead: [
    "表計算ソフトの一覧表（CSV ファイル）から、データサービスを自動で作ります。自治体標準オープンデータセットの一覧は、列の名前から見分けます。",
    "Makes data services out of a list in a CSV file. Lists of the standard open data sets are known by their columns.",
  ],
  file: ["CSV ファイル", "CSV file"],
  fileHint: [
    "表計算ソフトで「CSV UTF-8」を選んで保存したファイルです。Shift_JIS の CSV でもかまいません。1 行目は列の名前にします。",
    "UTF-8 or Shift_JIS; the first line has the names of the columns.",
  ],
  name: ["サービスの名前", "Name of the service"],
  nameHint: [
    "空欄でかまいません。標準の一覧なら自動で付きます。半角の英小文字・数字・ハイフンにします。例: public-toilets",
    "May stay empty for standard lists. Small letters, digits and hyphens, such as public-toilets.",
  ],
  heading: ["表示名", "Name for people"],
  headingHint: ["空欄のときは、ファイルから決めます。", "Empty: taken from the file."],
  look: ["内容を確かめる", "Look at it first"],
  looking: ["ファイルを読んでいます…", "Reading the file…"],
  found: ["「{title}」: {rows} 行、{columns} 列", "“{title}”: {rows} rows, {columns} columns"],
  set: ["自治体標準オープンデータセット {n} の一覧です。", "A list of the standard open data set {n}."],
  noSet: ["標準の一覧ではないため、列の種類を内容から推測しました。", "Not a standard list; kinds of columns are guessed."],
  encoding: ["文字コード: {text}", "Encoding: {text}"],
  replaced: ["読めない文字が {n} 個あり、「〓」などに置き換えました。", "{n} characters could not be read and were replaced."],
  notes: ["確かめてください", "Please look"],
  columns: ["列", "Columns"],
  column: ["列の名前", "Column"],
  type: ["種類", "Kind"],
  type_STRING: ["文字列", "text"],
  type_LONG: ["整数", "whole number"],
  type_DOUBLE: ["数値", "number"],
  type_DATE: ["日付", "date"],
  services: ["できるデータサービス", "Data services it makes"],
  take: ["取り込む", "Import"],
  taking: ["取り込んでいます…", "Importing…"],
  again: ["同じ名前の一覧があるときは、行を入れ替えます。公開した相手はそのままです。", "A list of the same name gets these rows instead; rights stay."],
  taken: ["取り込みました", "Imported"],
  takenText: [
    "{rows} 行を取り込み、データサービスを始めました。外からは、公開するまで呼び出せません。",
    "{rows} rows are in, the data services run. Nobody outside may call them before you publish them.",
  ],
  publish: ["公開する: {name}", "Publish: {name}"],
  another: ["別のファイルを取り込む", "Import another file"],
});

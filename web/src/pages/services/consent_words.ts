// Words of a service's tab "Personal-Link": consent, and what people are shown.
import { words } from "../../lib/words";

export const say = words({
  tab: ["本人の同意", "Consent"],
  lead: [
    "個人のデータを渡すサービスのための決まりです。本人の同意があるときだけ渡すか、同意はいらないが、だれが照会したかを本人に示すかを決めます。",
    "Rules for services that give personal data: with the person's consent alone, or without it but shown to the person.",
  ],
  // with consent alone
  consent: ["同意があるときだけ渡す", "Only with consent"],
  consentNone: [
    "このサービスは、今は本人の同意を確かめずに渡します。決まりを作ると、届いた要求ごとに、対象者・使う組織・目的・項目について本人の有効な同意を確かめます。同意のない要求は、業務システムに届けずに断ります。",
    "At present nobody's consent is asked for. With a rule, each request is checked for a consent of the person that covers the consumer, the purpose and the items; without one it is refused and never reaches the system behind.",
  ],
  consentOn: ["同意のない要求を断っています", "Requests without consent are refused"],
  consentAdd: ["同意を必要にする", "Require consent"],
  consentEdit: ["同意の決まりを変更", "Edit the rule"],
  consentLead: [
    "保存するとすぐに効きます。同意のない要求、対象者や目的が1つに決まらない要求は、業務システムに届けずに断ります。",
    "It holds at once. Requests without consent, or that do not say exactly once whom they are about and why, are refused and never reach the system behind.",
  ],
  consentSaved: ["同意のない要求を断るようにしました。", "Requests without consent are refused from now on."],
  consentDrop: ["同意を不要にする", "Require no consent"],
  consentDropText: [
    "サービス「{name}」を、使える相手のすべてに、本人の同意を確かめずに渡すようになります。すぐに効きます。",
    "The service “{name}” will answer everybody who may call it without asking for consent. This holds at once.",
  ],
  consentDropped: ["「{name}」は、同意を確かめずに渡すようになりました。", "“{name}” needs no consent any more."],
  noCache: ["この機器では Personal-Link が動いていません", "Personal-Link does not run on this machine"],
  noCacheText: [
    "同意を確かめられないときは、すべての要求を断ります。Personal-Link のキャッシュを動かすか、設定 [personal-link] cache-file にその場所を書いてください。",
    "What cannot be checked is refused: run a cache of Personal-Link, or name its place in the setting [personal-link] cache-file.",
  ],
  notDeclared: ["このサービスはまだ宣言されていません", "This service is not declared yet"],
  notDeclaredText: [
    "Personal-Link のセンターで「{target}」を宣言するまで同意は得られず、すべての要求を断ります。",
    "Until “{target}” is declared at the center of Personal-Link there are no consents, and all requests are refused.",
  ],
  declared: ["Personal-Link での宣言", "Declared as"],
  // shown to the person
  record: ["同意なしで渡し、本人に示す", "Without consent, shown to the person"],
  recordNone: [
    "このサービスの照会は、本人の利用履歴に入りません。法律にもとづく照会のように同意がいらないものでも、決まりを作ると「だれが私のデータを使ったか」に示します。",
    "Nobody is shown who asks. With a rule, people see it in “who used my data?” even where no consent is needed, as for checks required by law.",
  ],
  recordOn: ["だれが照会したかを、本人に示しています", "People are shown who asks"],
  recordIdle: [
    "同意があるときだけ渡すサービスなので、渡したものは自動で本人の利用履歴に入ります。この決まりは要りません。両方あるときは、同意の決まりだけが効きます。",
    "With consent required, what is given is shown to the person anyway: this rule is not needed. Where there are both, the rule of consent alone holds.",
  ],
  recordAdd: ["本人に示す", "Show it to the person"],
  recordEdit: ["示しかたを変更", "Edit the rule"],
  recordLead: [
    "保存するとすぐに効きます。同意は確かめません。対象者が1つに決まらない要求は、だれに示すか分からないので断ります。",
    "It holds at once. No consent is asked for. A request that does not say exactly once whom it is about is refused: nobody could be shown it.",
  ],
  recordSaved: ["照会を本人に示すようにしました。", "People are shown who asks from now on."],
  recordDrop: ["本人に示すのをやめる", "Show it no more"],
  recordDropText: [
    "サービス「{name}」をこれから照会しても、本人の利用履歴に入らなくなります。すでに入ったものは残ります。",
    "From now on nobody is shown who asks the service “{name}”. What is recorded already stays.",
  ],
  recordDropped: ["「{name}」の照会は、本人に示さなくなりました。", "Who asks “{name}” is shown no more."],
  words: ["本人に示す言葉", "Words for the person"],
  words_ja: ["本人に示す言葉（日本語）", "Words for the person (Japanese)"],
  words_en: ["本人に示す言葉（英語）", "Words for the person (English)"],
  wordsHint: ["なぜ照会したかを、本人に分かる言葉で書きます（例: 法律にもとづく住所の確認）。", "Why it is asked, as people understand it: Address check required by law."],
  // where a value stands
  subjectIn: ["対象者の番号がある場所", "Where the person's number is"],
  subjectInHint: [
    "要求のどこに、同意の subject（その人を表す識別子。使う組織が同意と一緒に受け取ります）があるかを選びます。",
    "Where a request has the consent's subject: the identifier of the person that the consumer got with the consent.",
  ],
  subjectInHintShown: [
    "要求のどこに、自組織の利用者 ID（既存 ID）があるかを選びます。",
    "Where a request has your own user ID of the person.",
  ],
  subject: ["対象者の番号", "The person's number"],
  purposeIn: ["利用目的の決めかた", "Where the purpose is"],
  purposeInHint: [
    "要求に書いてある目的コードを読むか、このサービスでは1つに決めておきます。",
    "The code of the purpose is read from the request, or is the same for all requests.",
  ],
  purpose: ["利用目的", "Purpose"],
  purposeNone: ["目的は記録しない", "The purpose is not recorded"],
  place_fixed: ["いつも同じ目的", "always the same"],
  place_header: ["HTTP ヘッダ", "HTTP header"],
  place_query: ["アドレスの ? の後（クエリ）", "query parameter"],
  place_json: ["JSON の本文", "JSON body"],
  place_xpath: ["XML の本文", "XML body"],
  place_parameter: ["データサービスのパラメータ", "parameter of a data service"],
  name_fixed: ["目的コード", "Code of the purpose"],
  name_header: ["ヘッダの名前", "Name of the header"],
  name_query: ["クエリの名前", "Name in the query"],
  name_json: ["JSON の中の場所", "Place in the JSON"],
  name_xpath: ["XML の中の場所", "Place in the XML"],
  name_parameter: ["パラメータの名前", "Name of the parameter"],
  nameHint_fixed: ["Personal-Link の「目的宣言」にあるコードです。", "As declared under “Purposes” of Personal-Link."],
  nameHint_header: ["例: X-Person-Id。X-Machilink- で始まる名前は使えません。", "Such as X-Person-Id; not one that begins with X-Machilink-."],
  nameHint_query: ["例: id（/residents?id=123 のとき）", "Such as id, in /residents?id=123"],
  nameHint_json: ["JSON ポインタで書きます（例: /person/id）。", "A JSON pointer, such as /person/id"],
  nameHint_xpath: [
    "先頭からの要素の並びで書きます（例: /soap:Envelope/soap:Body/p:get/p:id、属性は最後に @id）。",
    "A path of elements from the top, such as /soap:Envelope/soap:Body/p:get/p:id; an attribute comes last, as @id.",
  ],
  nameHint_parameter: ["アダプタのデータサービスで付けた名前です。", "As the adapter's data service names it."],
  ownHeader: [
    "X-Machilink- で始まるヘッダは、外からの要求では受け取りません。ほかの名前にしてください。",
    "Headers that begin with X-Machilink- are not taken from outside. Choose another name.",
  ],
  noPointer: ["JSON ポインタは / から始めます（例: /person/id）。", "A JSON pointer begins with /, such as /person/id."],
  noPath: [
    "場所として読めません。/ から始まる要素の並びで、使った接頭辞がすべて下の名前空間にあるか確かめてください。",
    "This is no path: elements that begin with /, and every prefix is among the namespaces below.",
  ],
  namespaces: ["名前空間", "Namespaces"],
  namespacesHint: ["接頭辞と URI を = でつなぎ、1行に1つ書きます（例: p=http://example.org/person）。", "One to a line, prefix and URI: p=http://example.org/person"],
  noNamespaces: ["「接頭辞=URI」の形で、1行に1つ書いてください。", "Write prefix=URI, one to a line."],
  // what must be given
  items: ["許諾を求める項目", "Items that must be given"],
  itemsHint: [
    "ここで選んだ項目のすべてに許諾があるときだけ渡します。何も選ばなければ、許諾された項目を業務システムに伝え、どこまで渡すかを任せます。",
    "All of these must be given. With none chosen, the system behind is told what was given and decides.",
  ],
  itemsTyped: ["宣言した項目のコードを、コンマで区切って書きます。", "Codes of the declaration's items, separated by commas."],
  itemsAny: ["指定なし（許諾された項目を業務システムに伝えます）", "none named; the system behind is told what was given"],
  maxAge: ["同意の情報の古さの上限（秒）", "Age of consents at most (s)"],
  maxAgeHint: [
    "センターとこの時間より長く通じていないときは断ります。0 なら、サービスの宣言にある長さです。",
    "When the center was not heard for longer, requests are refused. 0: as the service's declaration says.",
  ],
  maxAgeDeclared: ["宣言のとおり", "as declared"],
  seconds: ["{n} 秒", "{n} s"],
  edit: ["変更", "Edit"],
  save: ["保存する", "Save"],
});

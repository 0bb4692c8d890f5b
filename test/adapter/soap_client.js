// Calls the data services with npm's SOAP client, which knows only the WSDL;
// one TAP line per check. The argument is the address of the WSDL.
'use strict';
const soap = require('soap');
let failed = 0;

function ok(good, what, why) {
	if (!good) {
		failed++;
		console.log(why === undefined ? '' : JSON.stringify(why));
	}
	console.log((good ? 'ok - ' : 'not ok - ') + what);
}

function header(code) {
	const who = (objectType, more) => ({
		attributes: { 'id:objectType': objectType, 'xmlns:id': 'http://x-road.eu/xsd/identifiers' },
		'id:xRoadInstance': 'LAB', 'id:memberClass': 'GOV', 'id:memberCode': '2', 'id:subsystemCode': 'data', ...more });
	return [
		[{ client: who('SUBSYSTEM', {}) }], [{ service: who('SERVICE', { 'id:serviceCode': code }) }],
		[{ id: 'npm-1' }], [{ userId: 'EE1' }], [{ protocolVersion: '4.0' }],
	].map(([x]) => x);
}

async function main() {
	const client = await soap.createClientAsync(process.argv[2], { handleNilAsNull: true });
	const call = async (code, args) => {
		client.clearSoapHeaders();
		for (const h of header(code))
			client.addSoapHeader(h, '', 'xrd', 'http://x-road.eu/xsd/xroad.xsd');
		return new Promise((yes, no) => client[code](args, (e, answer) => (e ? no(e) : yes(answer))));
	};
	const list = (x) => [].concat(x ?? []);
	const port = Object.values(Object.values(client.describe())[0])[0];
	ok(Object.keys(port).length === 9, 'an operation for every service', Object.keys(port));
	const all = list((await call('facilities', {})).rows.row);
	ok(all.length === 2 && all[1].name === '髙田会館', 'rows', all);
	ok(all[0].opened instanceof Date && all[0].seats === 120 && all[0].rate === 0.5 && all[0].open === true, 'types', all[0]);
	ok(all[0].photo === 'AP8=', 'BINARY', all[0]);
	ok('kana' in all[1] && all[1].kana === null, 'null is there, not missing', all[1]);
	const one = await call('facility', { id: 1 });
	ok(list(one.rows.row).length === 1 && list(one.rows.row)[0].name === '中央公民館', 'one row', one);
	ok(list((await call('search', { name: '中央' })).rows.row).length === 1, 'some parameters of many');
	ok(list((await call('search', {})).rows.row).length === 2, 'none of them');
	ok(list((await call('some', { ids: [1, 2] })).rows.row).length === 2, 'a list');
	ok(list((await call('some', { ids: [2] })).rows.row).length === 1, 'a list of one');
	const typed = list((await call('typed', { s: 'abc', i: 5, d: 0.5, n: '1.5', b: true, day: '2026-02-28', at: '2026-11-21T06:42:00Z', raw: 'AP8=', pick: '北' })).rows.row)[0];
	ok(typed.s === 'abc' && typed.i === 5 && typed.pick === '北' && typed.raw === 'AP8=', 'every type there and back', typed);
	ok(Number((await call('rename', { id: 2, name: '髙田会館 新' })).affected) === 1, 'a write and its count');
	ok(list((await call('residents', { id: '2' })).rows.row)[0].name === '髙田会館 新', "the Connector's service");
	ok(list((await call('all-residents', {})).rows.row).length === 2, 'without parameters');
	ok(Number(list((await call('longer', { a: 'x' })).rows.row)[0].n) === 1000000, 'one that may take long');
	try {
		await call('facility', { id: 'x' });
		ok(false, 'a fault');
	} catch (e) {
		const fault = e.root?.Envelope?.Body?.Fault;
		ok(/bad_request/.test(fault?.faultcode?.$value ?? fault?.faultcode), 'a fault is a fault', fault ?? String(e));
		ok(/整数/.test(JSON.stringify(fault?.detail)), 'with its Japanese sentence', fault);
	}
	process.exit(failed ? 1 : 0);
}

main().catch((e) => {
	console.log(String(e.stack ?? e).slice(0, 2000));
	process.exit(1);
});

// An OpenID provider of other people (npm oidc-provider) over HTTPS, for the
// tests of signing in: any name signs in, keys can be exchanged.
import { readFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:https";
import Provider from "oidc-provider";

/** A private key as JWK: "ES256" or "RS256". */
export function makeKey(alg, kid) {
  const pair = alg === "ES256"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...pair.privateKey.export({ format: "jwk" }), kid, use: "sig", alg };
}

/** Listens; change(keys) goes on with other keys, close() ends it. */
export async function startProvider({ port, dir, redirect, alg, auth, secret }) {
  const issuer = `https://127.0.0.1:${port}`;
  const make = (keys) => {
    const provider = new Provider(issuer, {
      clients: [{
        client_id: "machilink",
        client_secret: secret,
        redirect_uris: [redirect],
        grant_types: ["authorization_code"],
        response_types: ["code"],
        token_endpoint_auth_method: auth,
        id_token_signed_response_alg: alg,
      }],
      jwks: { keys },
      pkce: { required: () => true },
      scopes: ["openid"],
      cookies: { keys: ["only for the test"] },
      findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    });
    provider.on("server_error", (ctx, err) => console.log(`# provider: ${err.stack}`));
    return provider.callback();
  };
  let answer = make([makeKey(alg, "first")]);
  const server = createServer(
    { key: readFileSync(`${dir}/op.key`), cert: readFileSync(`${dir}/op.crt`) },
    (request, reply) => answer(request, reply));
  await new Promise((done) => { server.listen(port, "127.0.0.1", done); });
  return {
    issuer,
    change: (keys) => { answer = make(keys); },
    close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
  };
}

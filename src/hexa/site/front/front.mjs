// The front door: the one public port. Routes of notebooks come and go by the hub's API;
// pages are the default; the object store is reached under /store/, and buckets that are
// connected to workspaces, by the gateway, under /connected/.
//
// It is configurable-http-proxy with four more duties: what a client claims about itself
// is not believed, the platform's session never reaches people's own servers, pages of the
// hub give way to ours, and a component that is down is explained calmly.

import { createHash } from "node:crypto";
import { createConnection } from "node:net";

import { ConfigurableProxy } from "configurable-http-proxy/lib/configproxy.js";
import { defaultLogger } from "configurable-http-proxy/lib/log.js";

import { carry } from "./carrying.mjs";
import { errorDocument, STYLE } from "./pages.mjs";

const settings = JSON.parse(process.env.FRONT_SETTINGS);
const STORE = "/store";
const CONNECTED = "/connected";
const STORES = [STORE, CONNECTED];
const NOTEBOOKS = "/notebooks";
const PLATFORM_COOKIE = /^hexa_(session|csrf)$/;
const CLAIMS = ["forwarded", "x-real-ip", "x-forwarded-prefix"];
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

// What the hub would show in its own look and in English alone: a server that does not run,
// or starts, and pages that only lead astray here. Its API, sign-in and sign-out stay.
const HUB_PAGES = new Set(["", "home", "token", "admin", "user", "spawn", "spawn-pending"]);
const LAB_PAGES = new Set(["lab", "doc"]);
const SLUG = /^[a-z0-9-]+$/;

class BadRequest extends Error {}

class Elsewhere extends Error {
  constructor(location) {
    super(location);
    this.location = location;
  }
}

class FrontDoor extends ConfigurableProxy {
  // Every request, websockets included, passes here once, before it is sent on.
  async targetForReq(req) {
    if (!req.url.startsWith("/") || req.url.startsWith("//")) throw new BadRequest();
    const match = await super.targetForReq(req).catch((error) => {
      throw error instanceof URIError ? new BadRequest() : error;
    });
    if (match?.prefix === NOTEBOOKS && isVisit(req)) leaveHub(req.url);
    introduce(req);
    req.routePrefix = match?.prefix;
    if (within(match?.prefix, NOTEBOOKS)) dropPlatformCookies(req);
    if (STORES.includes(match?.prefix)) enterStore(req, match.prefix);
    return match;
  }

  // Told with each piece that is sent. Of the stores nobody wants to know it.
  updateLastActivity(prefix) {
    return STORES.includes(prefix) ? Promise.resolve() : super.updateLastActivity(prefix);
  }

  handleProxyError(code, kind, req, res, error) {
    const status = error instanceof BadRequest ? 400 : code;
    const isPage = kind === "web" && res && !res.headersSent;
    if (error instanceof Elsewhere) {
      res.writeHead(302, { location: error.location, "cache-control": "no-store" });
      return res.end();
    }
    if (status === 400) this.log.info("400 %s", req.method);
    else if (!isPage || code !== 503) return super.handleProxyError(code, kind, req, res, error);
    if (!isPage) return res?.destroy();
    if (status === 503 && req.url === "/ready") return answerReady(res);
    explain(status, req, res);
  }
}

// Somebody goes to an address, rather than a program asking for something.
function isVisit(req) {
  return req.method === "GET" && (req.headers.accept ?? "").includes("text/html");
}

function leaveHub(url) {
  const [, , ...parts] = url.split("?", 1)[0].split("/");
  const [page = "", , slug = "", app] = parts[0] === "hub" ? parts.slice(1) : parts;
  if (!HUB_PAGES.has(page)) return;
  if (!SLUG.test(slug)) throw new Elsewhere("/");
  // Somebody's bookmark of a file: our page starts the server and then goes there.
  const isLab = page === "user" && LAB_PAGES.has(app);
  const next = isLab ? `?next=${encodeURIComponent(url)}` : "";
  throw new Elsewhere(`/workspaces/${slug}/notebooks/${next}`);
}

// What the next server may believe about who asks, and under which address.
function introduce(req) {
  const headers = req.headers;
  const known = settings.trusted_proxy ? headers : {};
  const remote = req.socket.remoteAddress ?? "";
  const before = known["x-forwarded-for"];
  const claimed = { proto: known["x-forwarded-proto"], host: known["x-forwarded-host"] };
  for (const name of Object.keys(headers)) {
    if (name.startsWith("x-forwarded-") || CLAIMS.includes(name)) delete headers[name];
  }
  headers["x-forwarded-for"] = before ? `${before}, ${remote}` : remote;
  headers["x-forwarded-proto"] = claimed.proto ?? settings.scheme;
  headers["x-forwarded-host"] = claimed.host ?? headers.host ?? "";
}

function within(prefix, folder) {
  return prefix === folder || Boolean(prefix?.startsWith(`${folder}/`));
}

function dropPlatformCookies(req) {
  const kept = (req.headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair && !PLATFORM_COOKIE.test(pair.split("=", 1)[0].trim()));
  if (kept.length) req.headers.cookie = kept.join("; ");
  else delete req.headers.cookie;
}

function enterStore(req, prefix) {
  // Routing decodes, the store must not: an encoded prefix is nobody's link.
  if (!req.url.startsWith(`${prefix}/`)) throw new BadRequest();
  req.url = req.url.slice(prefix.length);
  req.headers["x-forwarded-prefix"] = prefix;
  delete req.headers.cookie;
}

// A person's server must not overwrite the platform's session in the browser.
function keepPlatformCookies(answer, req) {
  const set = answer.headers["set-cookie"];
  if (!set || !within(req.routePrefix, `${NOTEBOOKS}/user`)) return;
  answer.headers["set-cookie"] = set.filter(
    (cookie) => !PLATFORM_COOKIE.test(cookie.split("=", 1)[0].trim()),
  );
}

// The web answers /ready; when it is down, the supervisor still knows the state of all.
function answerReady(res) {
  res.writeHead(503, { "content-type": "application/json", "cache-control": "no-store" });
  const channel = createConnection(settings.status_socket);
  channel.on("error", () => res.end('{"ready": false, "components": []}'));
  channel.pipe(res);
}

function explain(status, req, res) {
  // A browser reads no answer before all it sends was taken, and nobody else takes it now.
  req.unpipe().resume();
  const headers = { "cache-control": "no-store", ...(status === 503 && { "retry-after": "3" }) };
  const accept = req.headers.accept ?? "";
  if (!accept.includes("text/html")) {
    const message = status === 503 ? "A part of the platform does not answer." : "Bad request.";
    const code = status === 503 ? "OUTAGE" : "INVALID";
    res.writeHead(status, { ...headers, "content-type": "application/json" });
    return res.end(JSON.stringify({ code, message }));
  }
  res.writeHead(status, {
    ...headers,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'`,
  });
  res.end(errorDocument(status, req.headers["accept-language"], req.method === "GET"));
}

// An answer that ends before its end, such as a zip whose files changed, ends so for the
// browser too: it would wait for the rest for ever.
function breakOffTogether(proxyRes, _req, res) {
  proxyRes.on("close", () => {
    if (!proxyRes.complete) res.destroy();
  });
}

const door = new FrontDoor({
  defaultTarget: settings.web,
  authToken: process.env.CONFIGPROXY_AUTH_TOKEN,
  log: defaultLogger({ level: settings.log_level }),
});
await door.addRoute(STORE, { target: settings.store });
await door.addRoute(CONNECTED, { target: settings.gateway });
// Bodies of files have a way of their own.
const send = door.proxy.web.bind(door.proxy);
door.proxy.web = (req, res, options, failed) =>
  (STORES.includes(req.routePrefix) ? carry : send)(req, res, options, failed);
door.proxy.on("proxyRes", keepPlatformCookies);
door.proxy.on("proxyRes", breakOffTogether);
// A laptop that is closed resets its websocket, at any moment and on either side; without
// a listener Node would end the one public door for everybody.
const ignoreReset = (socket) => socket.on("error", () => socket.destroy());
door.proxyServer.prependListener("upgrade", (_req, socket) => ignoreReset(socket));
door.proxy.on("open", ignoreReset);
process.on("uncaughtException", (error) => {
  if (!["ECONNRESET", "EPIPE", "ERR_STREAM_WRITE_AFTER_END"].includes(error.code)) {
    console.error(error);
    process.exit(1);
  }
  door.log.warn("connection lost: %s", error.code);
});
// Node would end uploads that last longer than five minutes.
door.proxyServer.requestTimeout = 0;
door.proxyServer.keepAliveTimeout = 65_000;
door.apiServer.listen(settings.api_port, "127.0.0.1");
door.proxyServer.listen(settings.port, settings.address);
for (const server of [door.apiServer, door.proxyServer]) {
  server.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
}
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));

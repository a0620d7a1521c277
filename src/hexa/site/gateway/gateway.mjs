// The gateway: the one S3 endpoint of every session. A kernel has one endpoint and one
// pair of keys, the team may have buckets in many places.
//
//   a bucket of our own     handed to the embedded store as it came, which judges it itself
//   a connected bucket      the session's signature is verified here, what it may do is
//                           asked of the web, and the request goes on signed by the key of
//                           that bucket, which never enters a sandbox
//
// Links of pages to connected buckets come here too, signed by the platform.

import { createServer, request as plain } from "node:http";
import { Agent as SecureAgent, request as secure } from "node:https";
import { pipeline } from "node:stream";

import { answer as passBack, ask as passBody, Pouring } from "./bodies.mjs";
import { Unchunked } from "./chunks.mjs";
import { endToEnd, forRequest } from "./headers.mjs";
import { checkDeletion, holding, judged } from "./rules.mjs";
import { claim, encodePath, Refused, signed, target, UNSIGNED, verify, written } from "./signature.mjs";

const settings = JSON.parse(process.env.GATEWAY_SETTINGS);
const LINK = "hexa-link.";
const FRESH_MS = 4_000;
const KEPT_MS = 30_000;
const MOST_KEPT = 10_000;
const ASKING_MS = 8_000;
const CONNECTING_MS = 5_000;
const SILENCE_MS = 120_000;
const BROKEN_MS = 10_000;
const LONGEST_DELETION = 2 << 20;
const PASSING = { keepAlive: true, maxSockets: 256, keepAliveMsecs: 15_000 };
// What the next store is not to be told.
const OURS = new Set([
  "host", "authorization", "cookie", "x-amz-date", "x-amz-security-token",
  "x-amz-content-sha256", "x-amz-request-payer", "forwarded", "origin", "referer",
]);
// Whoever runs another store must have no say over the platform's own pages.
const UNWANTED = [
  "set-cookie", "clear-site-data", "strict-transport-security", "service-worker-allowed",
  "refresh", "location", "link", "alt-svc",
];
const BROKEN_CODES = {
  InvalidAccessKeyId: "refuses its key; it may have been revoked",
  SignatureDoesNotMatch: "refuses its key; it may have been revoked",
  InvalidToken: "refuses its key; it may have been revoked",
  ExpiredToken: "refuses its key; it may have been revoked",
  RequestTimeTooSkewed: "and the platform have clocks that differ too much",
  PermanentRedirect: "says that the bucket lies in another region",
  AuthorizationHeaderMalformed: "says that the bucket lies in another region",
  NoSuchBucket: "has no such bucket any more",
};
// Node names what is wrong with a certificate, or with the names in it.
const CERTIFICATE = /CERT|UNABLE_TO_VERIFY/;

const agents = { "http:": new Pouring(PASSING), "https:": new SecureAgent(PASSING) };
const permits = new Map();
const broken = new Map();

async function answer(req, res) {
  if (req.url === "/healthz") return res.end();
  const asked = target(req.url);
  const claimed = asked.bucket ? claim(req, asked.query) : null;
  const permit = claimed ? await permitOf(claimed.keyId, asked.bucket) : null;
  if (!permit?.drives.length) return passOn(req, res, claimed);
  verify(req, asked, claimed, permit.secret);
  const { drive, deletes } = judged(req.method, asked, permit.drives);
  if (drive.refusal) throw new Refused(400, "ConnectedBucketBroken", drive.refusal);
  const body = deletes ? await whole(req) : null;
  if (body) checkDeletion(body, permit.drives);
  await checkSource(req, claimed.keyId, drive);
  send(req, res, asked, drive, body);
}

// What a session may do in a bucket, as the web says. For buckets of our own that is
// nothing it must wait for: the store judges them, also while the web is away.
async function permitOf(keyId, bucket) {
  const name = `${keyId} ${bucket}`;
  const kept = permits.get(name);
  const age = kept ? Date.now() - kept.at : Number.POSITIVE_INFINITY;
  if (age < FRESH_MS) return kept.permit;
  const asking = kept?.asking ?? ask(name, keyId, bucket);
  if (kept) kept.asking = asking;
  const isOwn = kept?.permit && !kept.permit.drives.length;
  if (isOwn && age < KEPT_MS) return kept.permit;
  return asking;
}

async function ask(name, keyId, bucket) {
  let permit = null;
  try {
    const query = new URLSearchParams({ key: keyId, bucket });
    const told = await fetch(`${settings.web}/internal/gateway/?${query}`, {
      headers: { authorization: `Bearer ${settings.token}` },
      signal: AbortSignal.timeout(ASKING_MS),
    });
    if (told.ok) permit = await told.json();
  } catch (error) {
    console.error(`web does not answer: ${error.message}`);
  }
  if (permits.size > MOST_KEPT) permits.clear();
  permits.set(name, { at: Date.now(), permit });
  return permit;
}

function passOn(req, res, claimed) {
  if (claimed?.keyId.startsWith(LINK)) {
    throw new Refused(403, "AccessDenied", "This link is over. Open the page again.");
  }
  const headers = forRequest(req.headers);
  const options = { method: req.method, path: req.url, headers, agent: agents["http:"] };
  const going = plain(settings.store, { ...options, setHost: false });
  relay(req, res, going, req, () => {
    throw new Refused(503, "ServiceUnavailable", "The file storage does not answer.");
  });
}

function send(req, res, asked, drive, body) {
  const known = broken.get(drive.id);
  if (known?.until > Date.now()) throw unreachable(asked.bucket, known.cause, 400);
  const place = new URL(drive.url);
  const at = drive.path_style ? `/${encodePath(asked.bucket)}` : "";
  const path = `${at}/${encodePath(asked.key)}`;
  const host = drive.path_style ? place.host : `${asked.bucket}.${place.host}`;
  const query = asked.query.filter(([name]) => !name.startsWith("X-Amz-") && name !== "x-id");
  const { headers, payload, content } = carried(req, body, drive);
  const all = signed(
    { method: req.method, path, query, headers: { ...headers, host }, payload },
    { ...drive.key, region: drive.region },
  );
  const search = written(query);
  const options = {
    method: req.method,
    path: search ? `${path}?${search}` : path,
    headers: all,
    agent: agents[place.protocol],
    lookup: pinned(drive.addresses),
    ...(drive.authority && { ca: drive.authority }),
  };
  const hostname = host.replace(/:\d+$/, "");
  const going = (place.protocol === "https:" ? secure : plain)(
    { ...options, hostname, servername: hostname, port: place.port || undefined },
  );
  relay(req, res, going, content, (error) => {
    const isTrust = CERTIFICATE.test(error.code);
    const cause = isTrust ? "shows a certificate that is not trusted" : "does not answer";
    broken.set(drive.id, { until: Date.now() + BROKEN_MS, cause });
    throw unreachable(asked.bucket, cause, 503);
  }, (found) => explain(found, res, asked.bucket));
}

// The addresses that were checked, and no others, whatever the name means by now.
function pinned(addresses) {
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return (_host, options, done) =>
    options.all ? done(null, found) : done(null, found[0].address, found[0].family);
}

function carried(req, body, drive) {
  const headers = {};
  for (const [name, value] of Object.entries(endToEnd(req.headers))) {
    const isTold = name.startsWith("x-forwarded-") || name.startsWith("sec-");
    if (!OURS.has(name) && !isTold) headers[name] = value;
  }
  if (drive.pays) headers["x-amz-request-payer"] = "requester";
  const payload = req.headers["x-amz-content-sha256"] ?? UNSIGNED;
  if (body) {
    headers["content-length"] = body.length;
    return { headers, payload, content: body };
  }
  if (!payload.startsWith("STREAMING-AWS4-")) return { headers, payload, content: req };
  headers["content-length"] = headers["x-amz-decoded-content-length"];
  const encodings = (headers["content-encoding"] ?? "").split(",").map((one) => one.trim());
  headers["content-encoding"] = encodings.filter((one) => one && one !== "aws-chunked").join(",");
  for (const name of ["x-amz-decoded-content-length", "x-amz-trailer"]) delete headers[name];
  if (!headers["content-encoding"]) delete headers["content-encoding"];
  return { headers, payload: UNSIGNED, content: pipeline(req, new Unchunked(), () => {}) };
}

// What is copied must be within the reach of the one who copies, and at the same store.
async function checkSource(req, keyId, drive) {
  const source = req.headers["x-amz-copy-source"];
  if (!source) return;
  const { bucket, key } = target(source.startsWith("/") ? source : `/${source}`);
  const permit = await permitOf(keyId, bucket);
  const from = holding(permit?.drives ?? [], key);
  if (from?.url !== drive.url) {
    const message = "Copies go within one store only: read the file and write it there.";
    throw new Refused(403, "AccessDenied", message);
  }
}

// The content goes out while the answer comes in; `failed` is called before any of it did.
function relay(req, res, going, content, failed, explained) {
  const connecting = setTimeout(() => going.destroy(new Error("no connection")), CONNECTING_MS);
  going.once("socket", (socket) => {
    // A connection that is used again would gather a listener by each request.
    if (socket.connecting) socket.once("connect", () => clearTimeout(connecting));
    else clearTimeout(connecting);
  });
  going.setTimeout(SILENCE_MS, () => going.destroy(new Error("silence")));
  going.once("error", (error) => {
    clearTimeout(connecting);
    if (res.headersSent || res.destroyed) return res.destroy();
    console.error(`not relayed: ${error.message}`);
    attempt(req, res, () => failed(error));
  });
  going.once("response", (found) => {
    clearTimeout(connecting);
    if (explained) for (const name of UNWANTED) delete found.headers[name];
    if (explained && found.statusCode >= 300) return explained(found);
    respond(found, res);
  });
  res.once("close", () => going.destroy());
  if (Buffer.isBuffer(content)) return going.end(content);
  if (content === req) return passBody(req, going);
  pipeline(content, going, (error) => {
    if (error && !res.headersSent && error.code !== "ERR_STREAM_PREMATURE_CLOSE") going.destroy(error);
  });
}

function respond(found, res) {
  res.writeHead(found.statusCode, endToEnd(found.headers));
  passBack(found, res);
}

// Why the bucket as a whole does not answer is said in words; all else goes on as it came.
async function explain(found, res, bucket) {
  const pieces = [];
  let size = 0;
  const isShort = Number(found.headers["content-length"] ?? 0) < 1 << 16;
  if (!isShort || found.statusCode === 304) return respond(found, res);
  for await (const piece of found) {
    pieces.push(piece);
    size += piece.length;
    if (size > 1 << 16) return res.destroy();
  }
  const body = Buffer.concat(pieces);
  const code = /<Code>(\w+)<\/Code>/.exec(body.toString("utf8"))?.[1];
  const isElsewhere = [301, 307].includes(found.statusCode) && "PermanentRedirect";
  const cause = BROKEN_CODES[code ?? isElsewhere];
  if (cause) {
    const message = `The store of s3://${bucket} ${cause}. An admin of the workspace can mend this.`;
    return refuse(res, new Refused(403, "ConnectedBucketBroken", message));
  }
  const headers = { ...endToEnd(found.headers), "content-length": body.length };
  res.writeHead(found.statusCode, headers);
  res.end(body);
}

function unreachable(bucket, cause, status) {
  const message = `The store of s3://${bucket} ${cause}. Other drives work as always.`;
  return new Refused(status, "ConnectedBucketUnreachable", message);
}

async function whole(req) {
  const pieces = [];
  let size = 0;
  for await (const piece of req) {
    size += piece.length;
    if (size > LONGEST_DELETION) throw new Refused(400, "MalformedXML", "The body is too long.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function refuse(res, refused) {
  if (res.headersSent) return res.destroy();
  const text = refused.message.replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${refused.code}</Code><Message>${text}</Message></Error>`;
  const length = Buffer.byteLength(body);
  // Who still sends would be read as the next request.
  res.writeHead(refused.status, {
    "content-type": "application/xml",
    "content-length": length,
    connection: "close",
  });
  res.end(body);
}

function attempt(req, res, action) {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    req.resume();
    refuse(res, error);
  }
}

const server = createServer({ highWaterMark: 256 << 10 }, (req, res) => {
  answer(req, res).catch((error) => {
    if (!(error instanceof Refused)) console.error(error);
    req.resume();
    refuse(res, error instanceof Refused ? error : new Refused(500, "InternalError", "Try again."));
  });
});
server.requestTimeout = 0;
server.headersTimeout = 60_000;
server.keepAliveTimeout = 65_000;
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
server.on("clientError", (_error, socket) => socket.destroy());
process.on("uncaughtException", (error) => {
  if (["ECONNRESET", "EPIPE", "ERR_STREAM_WRITE_AFTER_END"].includes(error.code)) return;
  console.error(error);
  process.exit(1);
});
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
server.listen(settings.port, "127.0.0.1");

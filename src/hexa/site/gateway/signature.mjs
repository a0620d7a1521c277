// AWS Signature Version 4: what a client signed is verified, what goes on is signed anew.
// Source: AWS, "Authenticating requests (AWS Signature Version 4)".

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

export const UNSIGNED = "UNSIGNED-PAYLOAD";
const ALGORITHM = "AWS4-HMAC-SHA256";
const SKEW_MS = 15 * 60_000;
const WEEK_S = 7 * 24 * 3600;

export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

const denied = (message) => new Refused(403, "AccessDenied", message);

// The target of a request, decoded once: { bucket, key, query: [[name, value]] }.
export function target(url) {
  const [path, search = ""] = split(url, "?");
  try {
    const decoded = decodeURIComponent(path).slice(1);
    const [bucket, key = ""] = split(decoded, "/");
    const pairs = search.split("&").filter(Boolean);
    const query = pairs.map((pair) => {
      const [name, value = ""] = split(pair, "=");
      return [decodeURIComponent(name), decodeURIComponent(value)];
    });
    return { bucket, key, query };
  } catch {
    throw new Refused(400, "InvalidURI", "The address is not percent-encoded well.");
  }
}

function split(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

// What a request says of its signature, in its headers or its query; null: nothing.
export function claim(req, query) {
  const header = req.headers.authorization;
  if (header?.startsWith(`${ALGORITHM} `)) {
    const fields = Object.fromEntries(
      header.slice(ALGORITHM.length + 1).split(/,\s*/).map((part) => split(part, "=")),
    );
    return described({
      credential: fields.Credential,
      signedHeaders: fields.SignedHeaders,
      signature: fields.Signature,
      date: req.headers["x-amz-date"],
    });
  }
  const told = new Map(query);
  if (told.get("X-Amz-Algorithm") !== ALGORITHM) return null;
  return described({
    credential: told.get("X-Amz-Credential"),
    signedHeaders: told.get("X-Amz-SignedHeaders"),
    signature: told.get("X-Amz-Signature"),
    date: told.get("X-Amz-Date"),
    lifetime: Number(told.get("X-Amz-Expires")),
    isLink: true,
  });
}

function described({ credential = "", signedHeaders = "", ...rest }) {
  const parts = credential.split("/");
  const [day, region, service] = parts.slice(-4, -1);
  const keyId = parts.slice(0, -4).join("/");
  return { keyId, day, region, service, signedHeaders: signedHeaders.split(";"), ...rest };
}

// Throws Refused unless the holder of `secret` signed this very request, not long ago.
export function verify(req, asked, claimed, secret, now = Date.now()) {
  checkTime(claimed, now);
  checkHeaders(req, claimed);
  const payload = claimed.isLink ? UNSIGNED : req.headers["x-amz-content-sha256"];
  const headers = Object.fromEntries(
    claimed.signedHeaders.map((name) => [name, req.headers[name] ?? ""]),
  );
  const query = asked.query.filter(([name]) => name !== "X-Amz-Signature");
  const path = `/${encodePath(asked.bucket)}${hasKey(req.url) ? `/${encodePath(asked.key)}` : ""}`;
  const expected = signature(
    { method: req.method, path, query, headers, payload: payload ?? UNSIGNED },
    { ...claimed, secret },
  );
  const given = Buffer.from(claimed.signature ?? "");
  const wanted = Buffer.from(expected);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new Refused(403, "SignatureDoesNotMatch", "The signature of this request is wrong.");
  }
}

// "/bucket" and "/bucket/" are signed differently.
function hasKey(url) {
  return split(url, "?")[0].indexOf("/", 1) > 0;
}

function checkTime(claimed, now) {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claimed.date ?? "");
  if (!match || match.slice(1, 4).join("") !== claimed.day) throw denied("The date is wrong.");
  const [year, month, ...rest] = match.slice(1).map(Number);
  const at = Date.UTC(year, month - 1, ...rest);
  if (claimed.isLink) {
    const { lifetime } = claimed;
    if (!(lifetime > 0 && lifetime <= WEEK_S)) throw denied("The link has no lifetime.");
    if (at - now > SKEW_MS || now > at + lifetime * 1000) throw denied("Request has expired");
  } else if (Math.abs(now - at) > SKEW_MS) {
    throw new Refused(403, "RequestTimeTooSkewed", "The clock of this machine is wrong.");
  }
}

// A header that changes what is done must be signed, else whoever holds a link could add it.
function checkHeaders(req, claimed) {
  const signed = new Set(claimed.signedHeaders);
  const loose = Object.keys(req.headers).filter(
    (name) => name.startsWith("x-amz-") && !signed.has(name),
  );
  if (!signed.has("host") || loose.length || claimed.service !== "s3") {
    throw denied("There were headers present in the request which were not signed");
  }
}

// The headers of a request signed by `key` ({ id, secret, token, region }).
export function signed({ method, path, query, headers, payload }, key, now = new Date()) {
  const date = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const all = { ...headers, "x-amz-date": date, "x-amz-content-sha256": payload };
  if (key.token) all["x-amz-security-token"] = key.token;
  const names = Object.keys(all)
    .filter((name) => /^(host|content-type|content-md5|x-amz-.*)$/.test(name))
    .sort();
  const scope = { day: date.slice(0, 8), region: key.region, service: "s3", date };
  const made = signature(
    {
      method,
      path,
      query,
      payload,
      headers: Object.fromEntries(names.map((name) => [name, all[name]])),
    },
    { ...scope, secret: key.secret },
  );
  const credential = `${key.id}/${scope.day}/${scope.region}/s3/aws4_request`;
  const list = names.join(";");
  all.authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${list}, Signature=${made}`;
  return all;
}

function signature({ method, path, query, headers, payload }, { secret, day, region, date, service }) {
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, " ")}\n`);
  const canonical = [method, path, written(query), lines.join(""), names.join(";"), payload];
  const scope = `${day}/${region}/${service}/aws4_request`;
  const hash = createHash("sha256").update(canonical.join("\n")).digest("hex");
  const text = `${ALGORITHM}\n${date}\n${scope}\n${hash}`;
  const steps = [day, region, service, "aws4_request", text];
  const last = steps.reduce(
    (key, step) => createHmac("sha256", key).update(step).digest(),
    `AWS4${secret}`,
  );
  return last.toString("hex");
}

// A query as it is signed, and as good a form as any to send it in.
export function written(query) {
  const pairs = query.map(([name, value]) => [encode(name), encode(value)]);
  const order = (a, b) => (a < b ? -1 : Number(a > b));
  pairs.sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]));
  return pairs.map((pair) => pair.join("=")).join("&");
}

export function encodePath(path) {
  return path.split("/").map(encode).join("/");
}

function encode(text) {
  const hex = (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

// What may be asked of a connected bucket, and of which drive that is asked.
//
// Only what is listed here goes on: whatever a store may learn to do is refused until then.

import { Refused } from "./signature.mjs";

const LISTING = [
  "list-type", "prefix", "delimiter", "max-keys", "marker", "start-after", "encoding-type",
  "continuation-token", "fetch-owner", "versions", "key-marker", "version-id-marker",
  "uploads", "upload-id-marker", "max-uploads", "optional-object-attributes",
];
const READING = [
  "versionId", "partNumber", "tagging", "attributes", "response-content-type",
  "response-content-language", "response-expires", "response-cache-control",
  "response-content-disposition", "response-content-encoding",
];
const PARTS = ["uploadId", "max-parts", "part-number-marker", "encoding-type"];

// By method, of an object and of a bucket: which parameters, and whether it writes.
const OBJECT = {
  GET: { allowed: [...READING, ...PARTS] },
  HEAD: { allowed: READING },
  PUT: { allowed: ["partNumber", "uploadId", "tagging"], writes: true },
  POST: { allowed: ["uploads", "uploadId"], needed: true, writes: true },
  DELETE: { allowed: ["uploadId"], writes: true },
};
const BUCKET = {
  GET: { allowed: [...LISTING, "location", "versioning"], lists: true },
  HEAD: { allowed: [] },
  POST: { allowed: ["delete"], needed: true, writes: true, deletes: true },
};

const refused = (message) => new Refused(403, "AccessDenied", message);

// The drive this request is for, and what kind of request it is. Throws Refused.
export function judged(method, { bucket, key, query }, drives) {
  const rule = (key ? OBJECT : BUCKET)[method];
  const names = query.map(([name]) => name).filter((name) => !/^(X-Amz-|x-id$)/.test(name));
  if (!rule || names.some((name) => !rule.allowed.includes(name)) || (rule.needed && !names.length)) {
    throw refused("A session may not do this to a connected bucket.");
  }
  const told = new Map(query);
  const isAbout = names.includes("location") || names.includes("versioning");
  const place = rule.lists && !isAbout ? (told.get("prefix") ?? "") : key;
  const isWhole = !rule.lists && !key;
  const drive = isAbout || isWhole ? drives[0] : holding(drives, place);
  if (!drive) throw refused(`Only ${drives.map((one) => addressOf(bucket, one)).join(", ")} is a drive here.`);
  if (rule.writes && !drive.write) throw refused(`${addressOf(bucket, drive)} can only be read.`);
  return { drive, deletes: Boolean(rule.deletes) };
}

// The innermost of the drives in which `key` lies.
export function holding(drives, key) {
  return drives
    .filter((drive) => key.startsWith(drive.prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

function addressOf(bucket, drive) {
  return `s3://${bucket}/${drive.prefix}`;
}

// A deletion names its objects in its body: each must be writable, none by its version.
export function checkDeletion(body, drives) {
  const text = body.toString("utf8");
  if (/<VersionId\b/i.test(text)) throw refused("A session may not erase versions.");
  const keys = [...text.matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map((match) => unescaped(match[1]));
  const isClean = (text.match(/<Key\b/g) ?? []).length === keys.length && !text.includes("<!");
  if (!isClean || !keys.every((key) => holding(drives, key)?.write)) {
    throw refused("Some of these objects may not be deleted.");
  }
}

const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(text) {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name) => {
    if (/^#x/i.test(name)) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return ENTITIES[name] ?? whole;
  });
}

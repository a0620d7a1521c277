// Headers that one connection speaks about itself go no further (RFC 9110, 7.6.1), nor does
// what a proxy before us was told.
const HOP = new Set([
  "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
  "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect",
]);

export function endToEnd(headers) {
  const kept = {};
  for (const name in headers) if (!HOP.has(name)) kept[name] = headers[name];
  return kept;
}

// A body whose length is not known is sent on in chunks of its own.
export function forRequest(headers) {
  const kept = endToEnd(headers);
  if (headers["transfer-encoding"]) kept["transfer-encoding"] = "chunked";
  return kept;
}

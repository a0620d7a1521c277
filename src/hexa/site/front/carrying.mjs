// What goes to the stores and back, whose bodies are large.

import { request } from "node:http";

import { answer, ask, Pouring } from "../gateway/bodies.mjs";
import { endToEnd, forRequest } from "../gateway/headers.mjs";

const agent = new Pouring({ keepAlive: true });
// People with credentials can sign a link to any content: it must never run as ours.
const HARMLESS = {
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
};

// `failed` is called while nothing was answered yet.
export function carry(req, res, { target }, failed) {
  const headers = forRequest(req.headers);
  const { hostname: host, port } = target;
  const going = request({
    host, port, method: req.method, path: req.url, headers, agent, setHost: false,
  });
  going.on("error", (error) => {
    if (res.destroyed) return;
    if (!res.headersSent) failed(error);
    // An answer that came whole before all was sent stands.
    else if (!res.writableEnded) res.destroy();
  });
  going.on("response", (found) => {
    res.writeHead(found.statusCode, { ...endToEnd(found.headers), ...HARMLESS });
    answer(found, res);
  });
  res.on("close", () => going.destroy());
  ask(req, going);
}

// Bodies of files on their way through this process. For each piece Node makes a buffer of
// 64 KiB, and collecting those was half of what a transfer cost.
//
//   Pouring   connections to a store that read into one buffer, again and again
//   answer    the body of an answer: a large one goes from that buffer straight to the
//             other socket, past the parser, for exactly as many bytes as were promised
//   ask       the body of a request: what was written of it is given back at once

import { Agent } from "node:http";
import { connect } from "node:net";

const READ = 64 << 10;
const POURED = 256 << 10;
// A connection that was poured from is not used again, which is not worth it for less.
const LARGE = 1 << 20;
const pouring = Symbol("pouring");

export class Pouring extends Agent {
  createConnection(options) {
    let room = Buffer.allocUnsafeSlow(READ);
    const take = (size, full) => {
      const piece = full.subarray(0, size);
      if (!socket[pouring]) return socket.push(Buffer.from(piece));
      if (room.length < POURED) room = Buffer.allocUnsafeSlow(POURED);
      return socket[pouring](piece);
    };
    // Each has its own, since what is still being written from it must not be read over.
    const socket = connect({ ...options, onread: { buffer: () => room, callback: take } });
    socket[pouring] = null;
    return socket;
  }
}

// After the head of `res` was written.
export function answer(found, res) {
  if (isLarge(found, res)) return pour(found, res);
  found.on("error", () => {});
  // What ends before its end does so for who asked, who would wait for the rest for ever.
  found.on("close", () => found.complete || res.destroy());
  res.on("close", () => found.destroy());
  found.pipe(res);
}

function isLarge(found, res) {
  const { headers, socket, statusCode } = found;
  const isWhole = res.req.method === "GET" && (statusCode === 200 || statusCode === 206);
  const isSized = Number(headers["content-length"]) >= LARGE && !headers["transfer-encoding"];
  // Without a socket, the answer to an earlier request is still on its way there.
  return isWhole && isSized && pouring in socket && Boolean(res.socket);
}

function pour(found, res) {
  const from = found.socket;
  let left = Number(found.headers["content-length"]);
  const write = steadily(res.socket, from);
  const take = (piece) => {
    const wanted = piece.length > left ? piece.subarray(0, left) : piece;
    left -= wanted.length;
    const goesOn = write(wanted);
    if (left) return goesOn;
    res.end();
    from.destroy();
    return false;
  };
  res.flushHeaders();
  // What came together with the head; all that follows passes the parser by.
  found.on("data", take);
  from[pouring] = take;
  found.on("error", () => {});
  from.on("close", () => left && res.destroy());
  res.on("close", () => from.destroy());
}

export function ask(req, going) {
  if (!(Number(req.headers["content-length"]) >= LARGE)) return req.pipe(going);
  const take = (piece) => {
    if (!going.destroyed && !going.write(piece, () => free(piece))) req.pause();
  };
  const end = () => going.end();
  going.on("drain", () => req.resume());
  going.on("close", () => req.off("data", take).off("end", end).resume());
  req.on("data", take).on("end", end);
}

// Writes to a socket; answers whether all of it is with the kernel, and else lets the
// source go on once it is.
function steadily(to, source) {
  let isHeld = false;
  const written = () => {
    if (!isHeld || to.writableLength) return;
    isHeld = false;
    source.resume();
  };
  return (piece) => {
    to.write(piece, written);
    isHeld = to.writableLength > 0;
    return !isHeld;
  };
}

// Gives the memory of a piece back, rather than to wait for the collector: one that has its
// memory for itself, as each has that the parser made.
function free({ buffer, byteLength }) {
  if (buffer.byteLength === byteLength) buffer.transfer(0);
}

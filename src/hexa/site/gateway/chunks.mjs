// Bodies that clients send in chunks which they sign one by one (aws-chunked). Those were
// signed with the session's key, which the other store does not know: it gets the plain
// bytes. Source: AWS, "Signature calculations: transferring payload in multiple chunks".

import { Transform } from "node:stream";

const LONGEST_LINE = 1024;

export class Unchunked extends Transform {
  #line = "";
  #left = 0;
  #state = "size";

  _transform(piece, _encoding, done) {
    try {
      let at = 0;
      while (at < piece.length) at = this.#take(piece, at);
      done();
    } catch (error) {
      done(error);
    }
  }

  _flush(done) {
    done(this.#state === "trailer" ? null : new Error("the body ended too early"));
  }

  #take(piece, at) {
    if (this.#state === "trailer") return piece.length;
    if (this.#state === "data") {
      const end = Math.min(piece.length, at + this.#left);
      this.push(piece.subarray(at, end));
      this.#left -= end - at;
      if (!this.#left) this.#state = "end";
      return end;
    }
    const end = piece.indexOf(0x0a, at);
    const stop = end < 0 ? piece.length : end + 1;
    this.#line += piece.toString("latin1", at, stop);
    if (this.#line.length > LONGEST_LINE) throw new Error("a chunk has no size");
    if (end >= 0) this.#lineEnded();
    return stop;
  }

  #lineEnded() {
    const line = this.#line.trim();
    this.#line = "";
    if (this.#state === "end") {
      this.#state = "size";
      return;
    }
    if (!/^[\da-f]+(;.*)?$/i.test(line)) throw new Error("a chunk has no size");
    this.#left = Number.parseInt(line, 16);
    this.#state = this.#left ? "data" : "trailer";
  }
}

// MD5 of what is sent, in a thread of its own: stores verify a request's body by it.
import SparkMD5 from "spark-md5";

const PIECE = 4 * 1024 * 1024;

addEventListener("message", async (event: MessageEvent<{ id: number; bytes: Blob }>) => {
  const { id, bytes } = event.data;
  try {
    const sum = new SparkMD5.ArrayBuffer();
    for (let at = 0; at < bytes.size; at += PIECE) {
      sum.append(await bytes.slice(at, at + PIECE).arrayBuffer());
    }
    postMessage({ id, hex: sum.end() });
  } catch {
    postMessage({ id }); // the file is gone from the disk, or changed since it was chosen
  }
});

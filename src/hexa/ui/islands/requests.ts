// Requests of islands to the platform: JSON both ways, with the token of the page.

/** The server understood and said no; its message may be shown. */
export class Refused extends Error {}

export async function postJson<Answer>(
  url: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", ...pageHeaders() },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  if (response.status >= 500) throw new Error(`The server answered ${response.status}.`);
  if (!response.ok) throw new Refused(await messageOf(response));
  return response.status === 204 ? ({} as Answer) : ((await response.json()) as Answer);
}

export async function messageOf(response: Response): Promise<string> {
  const isJson = response.headers.get("Content-Type")?.includes("json");
  const answer: unknown = isJson ? await response.json() : {};
  if (answer && typeof answer === "object" && "message" in answer) return String(answer.message);
  return document.body.dataset.failed ?? "";
}

function pageHeaders(): Record<string, string> {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
}

// Requests of islands to the platform: JSON both ways, with the token of the page.

/** The server understood and said no; its message may be shown. */
export class Refused extends Error {}

/** Nobody is signed in any more, or somebody anew, of whom this page does not know yet. */
export class SignedOut extends Error {}

export async function postJson<Answer>(
  url: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", ...pageHeaders() },
    body: JSON.stringify(body),
    redirect: "manual",
    ...(signal && { signal }),
  });
  if (response.type === "opaqueredirect") throw new SignedOut();
  if (response.status >= 500) throw new Error(`The server answered ${response.status}.`);
  if (response.status === 403 && !isJson(response)) {
    await refreshToken();
    throw new SignedOut();
  }
  if (!response.ok) throw new Refused(await messageOf(response));
  return response.status === 204 ? ({} as Answer) : ((await response.json()) as Answer);
}

/** After a new sign-in in another tab the token of this page is stale; the page is not. */
async function refreshToken(): Promise<void> {
  const response = await fetch(location.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.body.getAttribute("hx-headers");
  if (fresh && !response.redirected) document.body.setAttribute("hx-headers", fresh);
}

function isJson(response: Response): boolean {
  return response.headers.get("Content-Type")?.includes("json") === true;
}

export async function messageOf(response: Response): Promise<string> {
  const answer: unknown = isJson(response) ? await response.json() : {};
  if (answer && typeof answer === "object" && "message" in answer) return String(answer.message);
  return document.body.dataset.failed ?? "";
}

export function pageHeaders(): Record<string, string> {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
}

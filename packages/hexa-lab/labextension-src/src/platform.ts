/** The server's own routes, below `<base>/hexa/`, and what they answer. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

export interface Drive {
  name: string;
  access: 'read' | 'write';
}

export interface Kill {
  /** Tells one event from the next; absent, cause and message must do. */
  at?: string;
  cause: string;
  message: string;
}

export interface Status {
  workspace: { name: string; url: string } | null;
  drives: Drive[];
  /** When the idle server will be stopped; none while nothing threatens. */
  stopsAt: Date | null;
  lastKill: Kill | null;
}

/** The ways of naming one file in code. Folders and home files lack some. */
export interface Names {
  address: string;
  pandas?: string;
  r?: string;
  duckdb?: string;
}

/** How long a copy may wait: beyond, browsers no longer let a click reach the clipboard. */
const COPY_PATIENCE_MS = 2500;

export class Platform {
  readonly #settings: ServerConnection.ISettings;

  constructor(settings: ServerConnection.ISettings) {
    this.#settings = settings;
  }

  /** `now` has the server ask the platform, whose last answer may be seconds old. */
  async status({ now }: { now: boolean }): Promise<Status> {
    // Looking is not using: without the flag an open page would never be idle.
    const query: Record<string, string> = { no_track_activity: '1', ...(now && { now: '1' }) };
    return parsedStatus(await this.#json('hexa/status', {}, query));
  }

  async names(path: string): Promise<Names> {
    const signal = AbortSignal.timeout(COPY_PATIENCE_MS);
    return (await this.#json('hexa/address', { signal }, { path })) as Names;
  }

  async stop(): Promise<void> {
    await this.#request('hexa/stop', { method: 'POST' });
  }

  async restart(): Promise<void> {
    await this.#request('hexa/restart', { method: 'POST' });
  }

  async keep(): Promise<void> {
    await this.#request('hexa/keep', { method: 'POST' });
  }

  /** When this server's process began; a restarted server says another time. */
  async startedAt(): Promise<string> {
    const answer = (await this.#json('api/status', {}, { no_track_activity: '1' })) as { started: string };
    return answer.started;
  }

  /** Whether another process than the one that began at `since` answers now. */
  async isNewSince(since: string): Promise<boolean> {
    try {
      return (await this.startedAt()) !== since;
    } catch (error) {
      // Between two servers the hub answers, or nobody does. A new server refuses
      // until the reloaded page has signed in to it.
      return error instanceof ServerConnection.ResponseError && error.response.status === 403;
    }
  }

  async #json(route: string, init: RequestInit, query: Record<string, string>): Promise<unknown> {
    return (await this.#request(route, init, query)).json();
  }

  async #request(route: string, init: RequestInit, query: Record<string, string> = {}): Promise<Response> {
    const url = URLExt.join(this.#settings.baseUrl, route) + URLExt.objectToQueryString(query);
    const response = await ServerConnection.makeRequest(url, init, this.#settings);
    if (!response.ok) {
      throw await ServerConnection.ResponseError.create(response);
    }
    return response;
  }
}

interface RawStatus {
  workspace?: { name: string; url: string };
  drives?: Drive[];
  stop_warning?: { stops_at: string } | null;
  last_kill?: Kill | null;
}

function parsedStatus(answer: unknown): Status {
  const raw = answer as RawStatus;
  return {
    workspace: raw.workspace ?? null,
    drives: raw.drives ?? [],
    stopsAt: raw.stop_warning ? new Date(raw.stop_warning.stops_at) : null,
    lastKill: raw.last_kill ?? null
  };
}

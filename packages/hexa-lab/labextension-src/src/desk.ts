/** What every part of the extension shares: words, the platform, and its last status. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';
import { Poll } from '@lumino/polling';
import { type ISignal, Signal } from '@lumino/signaling';
import { Platform, type Status } from './platform';
import { type Words, wordsFor } from './words';

const LOOK_EVERY_MS = 30_000;
const LOOK_SELDOM_MS = 300_000;

export interface Change {
  /** None on the first look. */
  before: Status | null;
  now: Status;
}

export interface IDesk {
  readonly words: Words;
  readonly platform: Platform;
  /** None until the server has answered once. */
  readonly status: Status | null;
  readonly changed: ISignal<IDesk, Change>;
  /** Looks now rather than at the next turn, and where something happened, afresh. */
  look(afresh?: boolean): void;
}

export const IDesk = new Token<IDesk>('hexa-lab:IDesk', 'Words, platform and status of OpenHexa.');

class Desk implements IDesk {
  readonly changed = new Signal<this, Change>(this);
  status: Status | null = null;
  readonly #poll: Poll;
  #isAfresh = false;

  constructor(
    readonly words: Words,
    readonly platform: Platform
  ) {
    this.#poll = new Poll({
      name: 'hexa-lab:status',
      factory: () => this.#refresh(),
      frequency: { interval: LOOK_EVERY_MS, backoff: true, max: LOOK_SELDOM_MS },
      standby: 'when-hidden'
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) {
        this.look();
      }
    });
  }

  look(afresh = false): void {
    this.#isAfresh ||= afresh;
    void this.#poll.refresh();
  }

  async #refresh(): Promise<void> {
    const afresh = this.#isAfresh;
    this.#isAfresh = false;
    const now = await this.platform.status({ now: afresh });
    const before = this.status;
    this.status = now;
    this.changed.emit({ before, now });
  }
}

export const desk: JupyterFrontEndPlugin<IDesk> = {
  id: 'hexa-lab:desk',
  description: 'Words, platform and status of OpenHexa.',
  autoStart: true,
  provides: IDesk,
  requires: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator): IDesk =>
    new Desk(wordsFor(translator), new Platform(app.serviceManager.serverSettings))
};

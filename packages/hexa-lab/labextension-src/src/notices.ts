/** What happens to the server or its drives while somebody works, said when it happens. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { type Change, IDesk } from './desk';
import type { Drive, Kill } from './platform';
import { reasonOf } from './reasons';
import type { Words } from './words';

const TOAST_MS = 8000;
/** The last kill shown in this tab, so that a reload does not tell it again. */
const SHOWN_KILL = 'hexa-lab:shown-kill';
/** Who ends a program for its memory needs a moment to say so. */
const KILL_IS_KNOWN_MS = 1500;

export const notices: JupyterFrontEndPlugin<void> = {
  id: 'hexa-lab:notices',
  description: 'Says when the server idles, was killed, or its drives change.',
  autoStart: true,
  requires: [IDesk, IDefaultFileBrowser, IDocumentWidgetOpener],
  activate: (
    _app: JupyterFrontEnd,
    desk: IDesk,
    browser: IDefaultFileBrowser,
    opener: IDocumentWidgetOpener
  ) => {
    askWhyKernelsDie(opener, desk);
    const idleness = new Idleness(desk);
    desk.changed.connect((_desk, { before, now }: Change) => {
      idleness.show(now.stopsAt);
      showKill(now.lastKill);
      // Without a workspace the platform had not answered yet, and its drives are no news.
      const changes = before?.workspace ? changesOf(before.drives, now.drives, desk.words) : [];
      for (const message of changes) {
        Notification.info(message, { autoClose: TOAST_MS });
      }
      if (changes.length > 0) {
        void browser.model.refresh();
      }
    });
  }
};

/** At most one warning at a time; it goes when the reason for it goes. */
class Idleness {
  #notice = '';

  constructor(private readonly desk: IDesk) {}

  show(stopsAt: Date | null): void {
    if (stopsAt === null) {
      Notification.dismiss(this.#notice);
      this.#notice = '';
      return;
    }
    const { words } = this.desk;
    const at = stopsAt.toLocaleTimeString(words.language, { hour: '2-digit', minute: '2-digit' });
    const message = words.idle(at);
    if (Notification.manager.has(this.#notice)) {
      Notification.update({ id: this.#notice, message });
      return;
    }
    this.#notice = Notification.warning(message, {
      autoClose: false,
      actions: [{ label: words.keepRunning, displayType: 'accent', callback: () => void this.#keep() }]
    });
  }

  async #keep(): Promise<void> {
    const { words, platform } = this.desk;
    try {
      await platform.keep();
      Notification.success(words.kept, { autoClose: TOAST_MS });
    } catch (error) {
      Notification.error(words.refused(words.keepRunning, reasonOf(error, words)), { autoClose: false });
    }
    this.desk.look();
  }
}

/** JupyterLab says that a kernel died; why, the platform may know. */
function askWhyKernelsDie(opener: IDocumentWidgetOpener, desk: IDesk): void {
  const known = new WeakSet<DocumentRegistry.Context>();
  opener.opened.connect((_opener, { context }) => {
    if (known.has(context)) {
      return;
    }
    known.add(context);
    context.sessionContext.statusChanged.connect((_session, status) => {
      if (status === 'autorestarting' || status === 'dead') {
        setTimeout(() => desk.look(true), KILL_IS_KNOWN_MS);
      }
    });
  });
}

function showKill(kill: Kill | null): void {
  if (kill === null) {
    return;
  }
  const identity = `${kill.at ?? ''} ${kill.cause} ${kill.message}`;
  if (sessionStorage.getItem(SHOWN_KILL) === identity) {
    return;
  }
  sessionStorage.setItem(SHOWN_KILL, identity);
  Notification.error(kill.message, { autoClose: false });
}

function changesOf(before: Drive[], now: Drive[], words: Words): string[] {
  const access = new Map(before.map((drive) => [drive.name, drive.access]));
  const names = new Set(now.map((drive) => drive.name));
  const gone = before.filter(({ name }) => !names.has(name)).map(({ name }) => words.goneDrive(name));
  const changed = now.filter((drive) => access.get(drive.name) !== drive.access);
  return [...gone, ...changed.map((drive) => newsOf(drive, !access.has(drive.name), words))];
}

function newsOf({ name, access }: Drive, isNew: boolean, words: Words): string {
  if (isNew) {
    return words.newDrive(name, access === 'write');
  }
  return access === 'write' ? words.nowWritable(name) : words.nowReadOnly(name);
}

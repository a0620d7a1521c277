/** Restarting and stopping one's server, and leaving for the workspace. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, Notification, showDialog } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { IDesk } from './desk';
import { reasonOf } from './reasons';

const PALETTE = 'OpenHexa';
const ASK_EVERY_MS = 1000;
const PATIENCE_MS = 180_000;

export const SessionCommand = {
  restart: 'hexa:restart-server',
  stop: 'hexa:stop-server',
  openWorkspace: 'hexa:open-workspace'
} as const;

interface Question {
  title: string;
  body: string;
  accept: string;
}

export const sessions: JupyterFrontEndPlugin<void> = {
  id: 'hexa-lab:sessions',
  description: 'Restart, stop and leave from the File menu.',
  autoStart: true,
  requires: [IDesk, IDocumentManager],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, desk: IDesk, documents: IDocumentManager, palette: ICommandPalette | null) => {
    const { words } = desk;
    const unsaved = () => unsavedIn(app, documents);
    app.commands.addCommand(SessionCommand.restart, {
      label: words.restart,
      execute: async () => {
        const question = { title: words.restartQuestion, body: words.restartKeeps, accept: words.restart };
        if (await isAgreed(desk, question, unsaved())) {
          await restart(desk);
        }
      }
    });
    app.commands.addCommand(SessionCommand.stop, {
      label: words.stop,
      execute: async () => {
        const question = { title: words.stopQuestion, body: words.stopKeeps, accept: words.stop };
        if (await isAgreed(desk, question, unsaved())) {
          await stop(desk);
        }
      }
    });
    app.commands.addCommand(SessionCommand.openWorkspace, {
      label: () => wayBack(desk).label,
      execute: () => window.location.assign(wayBack(desk).url)
    });
    desk.changed.connect(() => app.commands.notifyCommandChanged(SessionCommand.openWorkspace));
    for (const command of Object.values(SessionCommand)) {
      palette?.addItem({ command, category: PALETTE });
    }
  }
};

/** Where this session came from; before the first status, the platform's front page. */
export function wayBack(desk: IDesk): { label: string; url: string } {
  const workspace = desk.status?.workspace;
  return workspace
    ? { label: desk.words.backTo(workspace.name), url: workspace.url }
    : { label: desk.words.backToPlatform, url: '/' };
}

function unsavedIn(app: JupyterFrontEnd, documents: IDocumentManager): DocumentRegistry.Context[] {
  const contexts = new Set<DocumentRegistry.Context>();
  for (const widget of app.shell.widgets('main')) {
    const context = documents.contextForWidget(widget);
    if (context?.model.dirty && context.contentsModel?.writable) {
      contexts.add(context);
    }
  }
  return [...contexts];
}

/** Asks, and saves first if wished. A file that cannot be saved is a no. */
async function isAgreed(desk: IDesk, question: Question, unsaved: DocumentRegistry.Context[]): Promise<boolean> {
  const saveFirst = { label: desk.words.saveFirst(unsaved.length), caption: '', checked: true, className: '' };
  const answer = await showDialog({
    title: question.title,
    body: question.body,
    checkbox: unsaved.length > 0 ? saveFirst : null,
    buttons: [
      Dialog.cancelButton({ label: desk.words.cancel }),
      Dialog.warnButton({ label: question.accept })
    ]
  });
  if (!answer.button.accept) {
    return false;
  }
  if (answer.isChecked !== true) {
    return true;
  }
  const outcomes = await Promise.allSettled(unsaved.map((context) => context.save()));
  return outcomes.every((outcome) => outcome.status === 'fulfilled');
}

async function stop(desk: IDesk): Promise<void> {
  const waiting = wait(desk.words.stopping, desk);
  try {
    await desk.platform.stop();
  } catch (error) {
    waiting.reject();
    refuse(desk, desk.words.stop, error);
    return;
  }
  window.location.assign(wayBack(desk).url);
}

async function restart(desk: IDesk): Promise<void> {
  const { words, platform } = desk;
  const waiting = wait(words.restarting, desk, words.restartingNote);
  let since: string;
  try {
    since = await platform.startedAt();
    await platform.restart();
  } catch (error) {
    waiting.reject();
    refuse(desk, words.restart, error);
    return;
  }
  if (await isBack(desk, since)) {
    window.location.reload();
    return;
  }
  waiting.reject();
  Notification.warning(words.restartLate, { autoClose: false });
}

/**
 * A dialog, because nothing typed from now on could be kept. JupyterLab's own one about
 * a lost connection queues behind it.
 */
function wait(title: string, desk: IDesk, body = ''): Dialog<unknown> {
  const waiting = new Dialog({ title, body, buttons: [Dialog.cancelButton({ label: desk.words.close })] });
  void waiting.launch();
  return waiting;
}

async function isBack(desk: IDesk, since: string): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    if (await desk.platform.isNewSince(since)) {
      return true;
    }
  }
  return false;
}

function refuse(desk: IDesk, action: string, error: unknown): void {
  Notification.error(desk.words.refused(action, reasonOf(error, desk.words)), { autoClose: false });
}

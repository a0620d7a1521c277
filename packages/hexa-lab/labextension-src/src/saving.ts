/** A save that fails keeps the edit, says why, and offers somewhere else to put it. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import { copyToHome } from './copies';
import { IDesk } from './desk';
import { reasonOf } from './reasons';

/** JupyterLab clips the text of a notification there. */
const NOTIFICATION_CHARACTERS = 140;
const TOAST_MS = 8000;

type Context = DocumentRegistry.Context;

export const saving: JupyterFrontEndPlugin<void> = {
  id: 'hexa-lab:saving',
  description: 'Failed saves keep the edit and say why.',
  autoStart: true,
  requires: [IDesk, IDocumentManager, IDocumentWidgetOpener],
  activate: (
    app: JupyterFrontEnd,
    desk: IDesk,
    documents: IDocumentManager,
    opener: IDocumentWidgetOpener
  ) => {
    const failures = new Failures(desk, documents, rememberedFailures(app.serviceManager.contents));
    const known = new WeakSet<Context>();
    opener.opened.connect((_opener, { context }) => {
      if (!known.has(context)) {
        known.add(context);
        context.saveState.connect((_context, state) => failures.follow(context, state));
      }
    });
  }
};

/**
 * Why requests failed for the paths in this map: a save's signal does not carry its
 * reason. Whoever wants to know of a path puts it in, and takes it out again.
 */
function rememberedFailures(contents: Contents.IManager): Map<string, unknown> {
  const failures = new Map<string, unknown>();
  const remembering =
    <Arguments extends [string, ...unknown[]], Result>(request: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      try {
        return await request(...given);
      } catch (error) {
        if (failures.has(given[0])) {
          failures.set(given[0], error);
        }
        throw error;
      }
    };
  // A save first asks whether the file changed in the meantime, and may fail there.
  contents.get = remembering(contents.get.bind(contents));
  contents.save = remembering(contents.save.bind(contents));
  return failures;
}

class Failures {
  readonly #notices = new Map<Context, string>();

  constructor(
    private readonly desk: IDesk,
    private readonly documents: IDocumentManager,
    private readonly reasons: Map<string, unknown>
  ) {}

  follow(context: Context, state: DocumentRegistry.SaveState): void {
    if (state === 'started') {
      this.reasons.set(context.path, undefined);
      return;
    }
    Notification.dismiss(this.#notices.get(context) ?? '');
    this.#notices.delete(context);
    if (state === 'failed') {
      this.#show(context);
    }
    this.reasons.delete(context.path);
  }

  #show(context: Context): void {
    const { words } = this.desk;
    const file = PathExt.basename(context.path);
    closeStockDialog();
    const message = words.saveFailed(file, reasonOf(this.reasons.get(context.path), words));
    const notice = Notification.error(message, { autoClose: false, actions: this.#actions(context, message) });
    this.#notices.set(context, notice);
  }

  #actions(context: Context, message: string): Notification.IAction[] {
    const { words } = this.desk;
    const actions: Notification.IAction[] = [
      { label: words.tryAgain, displayType: 'accent', callback: () => void retry(context) },
      { label: words.saveCopy, callback: () => void this.#saveCopy(context) }
    ];
    if (message.length > NOTIFICATION_CHARACTERS) {
      actions.push({
        label: words.details,
        displayType: 'link',
        callback: (event) => {
          // Reading the details is not an answer: the notification stays.
          event.preventDefault();
          void showDialog({ body: message, buttons: [Dialog.okButton({ label: words.close })] });
        }
      });
    }
    return actions;
  }

  async #saveCopy(context: Context): Promise<void> {
    const { words } = this.desk;
    try {
      const path = await copyToHome(context, this.documents.services.contents, words);
      Notification.success(words.copySaved(path), {
        autoClose: TOAST_MS,
        actions: [{ label: words.open, callback: () => void this.documents.openOrReveal(path) }]
      });
    } catch (error) {
      Notification.error(words.copyFailed(reasonOf(error, words)), {
        autoClose: false,
        actions: this.#actions(context, '')
      });
    }
  }
}

async function retry(context: Context): Promise<void> {
  try {
    await context.save();
  } catch (error) {
    // The context has said so by its signal already, which shows the next notification.
    console.warn('hexa-lab: the file could not be saved again', error);
  }
}

/**
 * Closes JupyterLab's "File Save Error" dialog: it says less than our notification and
 * stands in the way of the edit. When the signal arrives it has just been made, so it
 * is the newest and not yet on the screen.
 */
function closeStockDialog(): void {
  const dialogs: Dialog<unknown>[] = [];
  Dialog.tracker.forEach((dialog) => dialogs.push(dialog));
  const newest = dialogs.at(-1);
  if (newest?.isAttached === false) {
    newest.reject();
  }
}

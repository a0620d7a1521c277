/** Copy Path gives what code can open, and the lines of code that open it. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import { fileIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import { addressOf } from './addresses';
import { IDesk } from './desk';
import type { Names } from './platform';
import type { Words } from './words';

const ITEMS = '.jp-DirListing-item[data-isdir]';
/** Just below Copy Path, which JupyterLab ranks 14. */
const SUBMENU_RANK = 14.5;
const TOAST_MS = 3000;
const TOAST_CHARACTERS = 110;
const STOCK_COPY_PATH = 'filebrowser:copy-path';

type Form = keyof Names;

const FORMS: { command: string; form: Form; label: (words: Words) => string }[] = [
  { command: 'hexa:copy-address', form: 'address', label: (words) => words.copyAddress },
  { command: 'hexa:copy-pandas', form: 'pandas', label: (words) => words.copyPandas },
  { command: 'hexa:copy-r', form: 'r', label: (words) => words.copyR },
  { command: 'hexa:copy-duckdb', form: 'duckdb', label: (words) => words.copyDuckdb }
];

export const copying: JupyterFrontEndPlugin<void> = {
  id: 'hexa-lab:copying',
  description: 'Copy Path gives usable addresses and lines of code.',
  autoStart: true,
  requires: [IDesk, IFileBrowserFactory],
  activate: (app: JupyterFrontEnd, desk: IDesk, browsers: IFileBrowserFactory) => {
    const selected = () => [...(browsers.tracker.currentWidget?.selectedItems() ?? [])];
    const commandFor = (form: Form, label: string): CommandRegistry.ICommandOptions => ({
      label,
      icon: fileIcon.bindprops({ stylesheet: 'menuItem' }),
      isVisible: () => isOffered(form, selected()),
      execute: () => copy(desk, form, selected())
    });
    for (const { command, form, label } of FORMS) {
      app.commands.addCommand(command, commandFor(form, label(desk.words)));
    }
    app.contextMenu.addItem({
      type: 'submenu',
      submenu: submenu(app.commands, desk.words),
      selector: ITEMS,
      rank: SUBMENU_RANK
    });
    // The file browser registers its command in a plugin that may start after this one.
    void app.restored.then(() =>
      replaceCommand(app.commands, STOCK_COPY_PATH, commandFor('address', desk.words.copyPath))
    );
  }
};

function submenu(commands: CommandRegistry, words: Words): Menu {
  const menu = new Menu({ commands });
  menu.id = 'hexa-copy-for-code';
  menu.title.label = words.copyAs;
  for (const { command } of FORMS) {
    menu.addItem({ command });
  }
  return menu;
}

/** An address names anything; a line of code reads files, not folders. */
function isOffered(form: Form, items: Contents.IModel[]): boolean {
  return items.length > 0 && (form === 'address' || items.every((item) => item.type !== 'directory'));
}

async function copy(desk: IDesk, form: Form, items: Contents.IModel[]): Promise<void> {
  const found = await Promise.all(items.map((item) => named(desk, form, item.path)));
  const text = found.map(({ text }) => text).join('\n');
  Clipboard.copyToSystem(text);
  if (found.some(({ isFallback }) => isFallback)) {
    Notification.warning(desk.words.noLine, { autoClose: TOAST_MS });
    return;
  }
  const message = items.length === 1 ? desk.words.copied(clipped(text)) : desk.words.copiedMany(items.length);
  Notification.success(message, { autoClose: TOAST_MS });
}

async function named(desk: IDesk, form: Form, path: string): Promise<{ text: string; isFallback: boolean }> {
  try {
    const text = (await desk.platform.names(path))[form];
    if (text !== undefined) {
      return { text, isFallback: false };
    }
  } catch (error) {
    console.warn('hexa-lab: the server did not name the file', error);
  }
  return { text: addressOf(path), isFallback: form !== 'address' };
}

function clipped(text: string): string {
  const line = text.split('\n').at(-1) ?? text;
  return line.length > TOAST_CHARACTERS ? `${line.slice(0, TOAST_CHARACTERS)}…` : line;
}

/**
 * Gives a command that another plugin registered a new meaning.
 *
 * Lumino lets only the registrant take a command back, so this reaches for its table.
 * Should that table move, the stock command stays and ours stands beside it.
 */
function replaceCommand(commands: CommandRegistry, id: string, options: CommandRegistry.ICommandOptions): void {
  const table = (commands as unknown as { _commands?: Map<string, unknown> })._commands;
  if (table?.delete(id)) {
    commands.addCommand(id, options);
  }
}

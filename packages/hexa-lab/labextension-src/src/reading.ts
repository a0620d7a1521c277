/** Drives one may only read say so, in the listing and inside. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { DirListing, IDefaultFileBrowser, IDefaultFileBrowserRenderer } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';
import { driveOf } from './addresses';
import { IDesk } from './desk';

class Renderer extends DirListing.Renderer {
  constructor(private readonly caption: string) {
    super();
  }

  override updateItemNode(...drawn: Parameters<DirListing.Renderer['updateItemNode']>): void {
    super.updateItemNode(...drawn);
    const [node, model] = drawn;
    // Nodes are drawn again for other files, so the caption is taken off as well.
    const text = node.querySelector<HTMLElement>('.jp-DirListing-itemText');
    if (text && isClosedDrive(model)) {
      text.dataset['hexaCaption'] = this.caption;
    } else if (text) {
      delete text.dataset['hexaCaption'];
    }
  }
}

export const readOnlyBadge: JupyterFrontEndPlugin<IDefaultFileBrowserRenderer> = {
  id: 'hexa-lab:read-only-badge',
  description: 'Marks read-only drives in the file browser.',
  autoStart: true,
  provides: IDefaultFileBrowserRenderer,
  requires: [IDesk],
  activate: (_app: JupyterFrontEnd, desk: IDesk) => new Renderer(desk.words.readOnly)
};

export const readOnlyLine: JupyterFrontEndPlugin<void> = {
  id: 'hexa-lab:read-only-line',
  description: 'Says inside a read-only drive what one can do there.',
  autoStart: true,
  requires: [IDesk, IDefaultFileBrowser],
  activate: (_app: JupyterFrontEnd, desk: IDesk, browser: IDefaultFileBrowser) => {
    const line = new Widget();
    line.addClass('hexa-ReadOnlyLine');
    line.node.textContent = desk.words.readOnlyHere;
    const draw = () => browser.header.setHidden(!isReadOnly(desk, browser.model.path));
    // Above the buttons that make and upload files, which will be refused here.
    browser.header.addWidget(line);
    draw();
    browser.model.pathChanged.connect(draw);
    desk.changed.connect(draw);
  }
};

function isClosedDrive(model: Contents.IModel): boolean {
  return model.type === 'directory' && !model.writable && driveOf(model.path) === model.path;
}

function isReadOnly(desk: IDesk, path: string): boolean {
  const name = driveOf(path);
  return desk.status?.drives.some((drive) => drive.name === name && drive.access === 'read') ?? false;
}

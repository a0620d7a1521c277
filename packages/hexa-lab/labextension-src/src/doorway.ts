/** The mark at the top left: a link back to the workspace. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';
import { IDesk } from './desk';
import { wayBack } from './sessions';

/** Left of the menu bar, which JupyterLab ranks 100. */
const RANK = 0;
const SVG = 'http://www.w3.org/2000/svg';
const HEXAGON = 'M12 2.5 20.2 7.25v9.5L12 21.5l-8.2-4.75v-9.5Z';

export const doorway: JupyterFrontEndPlugin<void> = {
  id: 'hexa-lab:doorway',
  description: 'A link back to the workspace, left of the menu.',
  autoStart: true,
  requires: [IDesk],
  activate: (app: JupyterFrontEnd, desk: IDesk) => {
    const link = document.createElement('a');
    link.className = 'hexa-Doorway-link';
    const name = document.createElement('span');
    name.className = 'hexa-Doorway-name';
    link.append(mark(), name);
    const draw = () => {
      const { label, url } = wayBack(desk);
      link.href = url;
      link.title = label;
      link.setAttribute('aria-label', label);
      name.textContent = desk.status?.workspace?.name ?? '';
    };
    draw();
    desk.changed.connect(draw);
    const widget = new Widget();
    widget.id = 'hexa-doorway';
    widget.addClass('hexa-Doorway');
    widget.node.append(link);
    app.shell.add(widget, 'top', { rank: RANK });
  }
};

function mark(): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', HEXAGON);
  svg.append(path);
  return svg;
}

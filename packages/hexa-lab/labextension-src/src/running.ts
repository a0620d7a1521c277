/** A cell that is run before its kernel is there waits for it; JupyterLab would let it go. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookCellExecutor, runCell } from '@jupyterlab/notebook';

const PATIENCE_MS = 60_000;
const WAITING = '*';

export const running: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: 'hexa-lab:running',
  description: 'Runs cells, also those that were run before their kernel was there.',
  autoStart: true,
  provides: INotebookCellExecutor,
  activate: () => ({
    runCell: async (options) => {
      const { cell, sessionContext } = options;
      if (cell.model.type === 'code' && sessionContext && !sessionContext.isReady) {
        cell.setPrompt(WAITING);
        const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
        await Promise.race([sessionContext.ready, late]);
      }
      return runCell(options);
    }
  })
};

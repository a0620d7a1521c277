/**
 * What we use of the package, which JupyterLab shares with us when it runs. To depend on
 * it for its types would install some 270 packages more on every set-up.
 */
declare module '@jupyterlab/notebook' {
  import type { ISessionContext } from '@jupyterlab/apputils';
  import type { Token } from '@lumino/coreutils';

  interface RunOptions {
    cell: { readonly model: { readonly type: string }; setPrompt(value: string): void };
    sessionContext?: ISessionContext;
  }

  export interface INotebookCellExecutor {
    /** Whether it ran. */
    runCell(options: RunOptions): Promise<boolean>;
  }

  export const INotebookCellExecutor: Token<INotebookCellExecutor>;

  export function runCell(options: RunOptions): Promise<boolean>;
}

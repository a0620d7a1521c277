/** A copy of an open document in the home, under a name that nothing has yet. */
import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { type Contents, ServerConnection } from '@jupyterlab/services';
import type { Words } from './words';

const MOST_COPIES = 100;

/** Path of the copy. Rejects if it cannot be written either. */
export async function copyToHome(
  context: DocumentRegistry.Context,
  contents: Contents.IManager,
  words: Words
): Promise<string> {
  const path = await freeName(PathExt.basename(context.path), contents, words);
  const model = context.model;
  const isNotebook = context.contentsModel?.type === 'notebook';
  await contents.save(path, {
    type: context.contentsModel?.type ?? 'file',
    format: isNotebook ? 'json' : (context.contentsModel?.format ?? 'text'),
    content: isNotebook ? model.toJSON() : model.toString()
  });
  return path;
}

async function freeName(name: string, contents: Contents.IManager, words: Words): Promise<string> {
  const extension = PathExt.extname(name);
  const stem = name.slice(0, name.length - extension.length);
  for (let number = 1; number <= MOST_COPIES; number++) {
    const candidate = words.copyOf(stem, number) + extension;
    if (!(await exists(candidate, contents))) {
      return candidate;
    }
  }
  throw new Error(name);
}

async function exists(path: string, contents: Contents.IManager): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch (error) {
    if (error instanceof ServerConnection.ResponseError && error.response.status === 404) {
      return false;
    }
    throw error;
  }
}

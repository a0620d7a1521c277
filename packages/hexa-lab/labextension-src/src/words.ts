/**
 * What the extension says, in English and in French.
 *
 * Messages are functions of what they mention, so that the compiler, not a test,
 * refuses a translation that lacks or misplaces a value.
 */
import type { ITranslator } from '@jupyterlab/translation';

export interface Words {
  language: 'en' | 'fr';
  copyPath: string;
  copyAs: string;
  copyAddress: string;
  copyPandas: string;
  copyR: string;
  copyDuckdb: string;
  copied(what: string): string;
  copiedMany(count: number): string;
  noLine: string;
  backTo(workspace: string): string;
  backToPlatform: string;
  restart: string;
  restartQuestion: string;
  restartKeeps: string;
  stop: string;
  stopQuestion: string;
  stopKeeps: string;
  saveFirst(count: number): string;
  cancel: string;
  restarting: string;
  restartingNote: string;
  restartLate: string;
  stopping: string;
  refused(action: string, reason: string): string;
  readOnly: string;
  readOnlyHere: string;
  saveFailed(file: string, reason: string): string;
  unreachable: string;
  unknownReason: string;
  tryAgain: string;
  saveCopy: string;
  details: string;
  close: string;
  copySaved(file: string): string;
  copyFailed(reason: string): string;
  copyOf(stem: string, number: number): string;
  open: string;
  idle(at: string): string;
  keepRunning: string;
  kept: string;
  newDrive(name: string, writable: boolean): string;
  nowWritable(name: string): string;
  nowReadOnly(name: string): string;
  goneDrive(name: string): string;
}

const ENGLISH: Words = {
  language: 'en',
  copyPath: 'Copy Path',
  copyAs: 'Copy for code',
  copyAddress: 'Copy address',
  copyPandas: 'Copy pandas line',
  copyR: 'Copy R line',
  copyDuckdb: 'Copy DuckDB line',
  copied: (what) => `Copied ${what}`,
  copiedMany: (count) => `Copied ${count} lines`,
  noLine: 'The server did not give the line of code. The address was copied instead.',
  backTo: (workspace) => `Back to workspace ${workspace}`,
  backToPlatform: 'Back to OpenHexa',
  restart: 'Restart my server',
  restartQuestion: 'Restart your server?',
  restartKeeps:
    'Saved files are kept, in your home and in the drives. Running notebooks stop: run their cells again afterwards.',
  stop: 'Stop my server',
  stopQuestion: 'Stop your server?',
  stopKeeps:
    'Saved files are kept, in your home and in the drives. Running notebooks stop and forget their variables. You can open notebooks again from the workspace at any time.',
  saveFirst: (count) => (count === 1 ? 'Save 1 unsaved file first' : `Save ${count} unsaved files first`),
  cancel: 'Cancel',
  restarting: 'Restarting your server',
  restartingNote: 'This usually takes less than 20 seconds. The page reloads by itself.',
  restartLate: 'Your server has not come back yet. Reload the page, or open it again from the workspace.',
  stopping: 'Stopping your server',
  refused: (action, reason) => `${action}: this did not work. ${reason}`,
  readOnly: 'read only',
  readOnlyHere: 'Read only: you can open and copy what is here, not change it.',
  saveFailed: (file, reason) => `Could not save ${file}. Your edit is kept in this tab. ${reason}`,
  unreachable: 'The server cannot be reached.',
  unknownReason: 'The server gave no reason.',
  tryAgain: 'Try again',
  saveCopy: 'Save a copy in my home',
  details: 'Details',
  close: 'Close',
  copySaved: (file) => `Saved a copy in your home: ${file}`,
  copyFailed: (reason) => `Could not save a copy in your home. Your edit is kept in this tab. ${reason}`,
  copyOf: (stem, number) => (number === 1 ? `${stem} (copy)` : `${stem} (copy ${number})`),
  open: 'Open',
  idle: (at) => `Nothing has run here for a while. Your server stops at ${at}; saved files are kept.`,
  keepRunning: 'Keep running',
  kept: 'Your server keeps running.',
  newDrive: (name, writable) =>
    writable ? `New drive: ${name}` : `New drive: ${name}. You can read it, not change it.`,
  nowWritable: (name) => `You can now write to ${name}.`,
  nowReadOnly: (name) => `${name} is now read only for you.`,
  goneDrive: (name) => `You no longer have access to ${name}.`
};

const FRENCH: Words = {
  language: 'fr',
  copyPath: 'Copier le chemin',
  copyAs: 'Copier pour le code',
  copyAddress: 'Copier l’adresse',
  copyPandas: 'Copier la ligne pandas',
  copyR: 'Copier la ligne R',
  copyDuckdb: 'Copier la ligne DuckDB',
  copied: (what) => `Copié : ${what}`,
  copiedMany: (count) => `${count} lignes copiées`,
  noLine: 'Le serveur n’a pas donné la ligne de code. L’adresse a été copiée à la place.',
  backTo: (workspace) => `Retour à l’espace de travail ${workspace}`,
  backToPlatform: 'Retour à OpenHexa',
  restart: 'Redémarrer mon serveur',
  restartQuestion: 'Redémarrer votre serveur ?',
  restartKeeps:
    'Les fichiers enregistrés sont conservés, dans votre dossier personnel et dans les espaces de fichiers. Les carnets en cours s’arrêtent : il faudra relancer leurs cellules.',
  stop: 'Arrêter mon serveur',
  stopQuestion: 'Arrêter votre serveur ?',
  stopKeeps:
    'Les fichiers enregistrés sont conservés, dans votre dossier personnel et dans les espaces de fichiers. Les carnets en cours s’arrêtent et oublient leurs variables. Vous pourrez rouvrir les carnets depuis l’espace de travail à tout moment.',
  saveFirst: (count) =>
    count === 1 ? 'Enregistrer d’abord 1 fichier modifié' : `Enregistrer d’abord ${count} fichiers modifiés`,
  cancel: 'Annuler',
  restarting: 'Redémarrage de votre serveur',
  restartingNote: 'Cela prend d’ordinaire moins de 20 secondes. La page se recharge d’elle-même.',
  restartLate:
    'Votre serveur n’est pas encore revenu. Rechargez la page, ou rouvrez-le depuis l’espace de travail.',
  stopping: 'Arrêt de votre serveur',
  refused: (action, reason) => `${action} : cela n’a pas fonctionné. ${reason}`,
  readOnly: 'lecture seule',
  readOnlyHere: 'Lecture seule : vous pouvez ouvrir et copier ce qui est ici, pas le modifier.',
  saveFailed: (file, reason) =>
    `${file} n’a pas pu être enregistré. Vos modifications restent dans cet onglet. ${reason}`,
  unreachable: 'Le serveur est injoignable.',
  unknownReason: 'Le serveur n’a pas dit pourquoi.',
  tryAgain: 'Réessayer',
  saveCopy: 'Enregistrer une copie chez moi',
  details: 'Détails',
  close: 'Fermer',
  copySaved: (file) => `Copie enregistrée chez vous : ${file}`,
  copyFailed: (reason) =>
    `La copie n’a pas pu être enregistrée chez vous. Vos modifications restent dans cet onglet. ${reason}`,
  copyOf: (stem, number) => (number === 1 ? `${stem} (copie)` : `${stem} (copie ${number})`),
  open: 'Ouvrir',
  idle: (at) =>
    `Rien ne tourne ici depuis un moment. Votre serveur s’arrêtera à ${at} ; les fichiers enregistrés sont conservés.`,
  keepRunning: 'Garder actif',
  kept: 'Votre serveur reste actif.',
  newDrive: (name, writable) =>
    writable
      ? `Nouvel espace de fichiers : ${name}`
      : `Nouvel espace de fichiers : ${name}. Vous pouvez le lire, pas le modifier.`,
  nowWritable: (name) => `Vous pouvez maintenant écrire dans ${name}.`,
  nowReadOnly: (name) => `${name} est maintenant en lecture seule pour vous.`,
  goneDrive: (name) => `Vous n’avez plus accès à ${name}.`
};

/** The table for the language JupyterLab was started in. */
export function wordsFor(translator: ITranslator): Words {
  return translator.languageCode.toLowerCase().startsWith('fr') ? FRENCH : ENGLISH;
}

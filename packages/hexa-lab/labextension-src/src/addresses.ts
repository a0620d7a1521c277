/**
 * A file's address, as far as the browser alone can tell.
 *
 * The server has the whole grammar (hexakit). This stands in for it when it does not
 * answer, because a path that cannot be pasted is what people came from.
 */
const DRIVE = /^(s3|gcs):([^/~]+)((?:~[^/~]+)*)(?:\/(.*))?$/s;
const HOME = '/home/hexa';

/** Whether a contents path lies in a drive rather than in the home. */
export function inDrive(path: string): boolean {
  return DRIVE.test(path);
}

/** The folder of its bucket that a drive is, if it is one: `~raw~2026`, "raw/2026/". */
function folderOf(marks: string): string {
  const names = marks.split('~').slice(1);
  return names
    .map(name => `${name.replaceAll(/%(7E|25)/g, sign => (sign === '%25' ? '%' : '~'))}/`)
    .join('');
}

/** Name of the drive a contents path lies in, `s3:bucket`; none for the home. */
export function driveOf(path: string): string | null {
  const match = DRIVE.exec(path);
  return match ? `${match[1]}:${match[2]}${match[3] ?? ''}` : null;
}

/** `s3://bucket/key` or `gs://bucket/key`; for the home, the absolute POSIX path. */
export function addressOf(path: string): string {
  const match = DRIVE.exec(path);
  if (!match) {
    return path === '' ? HOME : `${HOME}/${path}`;
  }
  const scheme = match[1] === 'gcs' ? 'gs' : 's3';
  return `${scheme}://${match[2]}/${folderOf(match[3] ?? '')}${match[4] ?? ''}`;
}

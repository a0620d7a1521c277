// What `hexa.ui.uploads` gives, in the language of the page.
export type Words = Record<
  | "of"
  | "left"
  | "waiting"
  | "more_waiting"
  | "checking"
  | "paused"
  | "lost"
  | "silent"
  | "down"
  | "signed_out"
  | "sign_in"
  | "asking"
  | "done"
  | "same"
  | "skipped"
  | "failed"
  | "incomplete"
  | "unreadable"
  | "full"
  | "altered"
  | "expired"
  | "taken"
  | "not_accepted"
  | "pause"
  | "resume"
  | "cancel"
  | "again"
  | "dismiss"
  | "pause_all"
  | "resume_all"
  | "cancel_all"
  | "files_of"
  | "all_done"
  | "some_failed"
  | "reading"
  | "started"
  | "clash_title"
  | "clash_there"
  | "clash_yours"
  | "clash_kept"
  | "clash_lost"
  | "clash_type"
  | "clash_only"
  | "clash_all"
  | "replace"
  | "keep_both"
  | "skip"
  | "refused_title"
  | "refused_more"
  | "go_on"
  | "stop"
  | "not_the_file",
  string
>;

export function filled(words: string, values: Record<string, string | number>): string {
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function counted(count: number): string {
  return new Intl.NumberFormat(document.documentElement.lang).format(count);
}

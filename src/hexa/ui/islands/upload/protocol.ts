// What the island and the platform say to each other, JSON both ways, all by POST.
//
//   check    {names, total}                     → {refused: {name: why}}
//   offer    {wishes: [{name, size, …}]}        → {files: [Offer]}, in their order
//   resume   {upload, size}                     → an Offer of parts
//   part     {upload, number, sent, ahead}      → Link, to which the part is PUT, and with it
//                                                 those of the numbers `ahead`
//   complete {upload, parts, …Choice}           → Done, or Taken
//   stored   {keys}                             → {sizes: {key: bytes}}
//   cancel   {upload}
//
// A link is used within LINK_LIFE_MS. It leads to the store; `through` is the same by way
// of the platform, for browsers that cannot reach the store.

export const LINK_LIFE_MS = 110_000;

export type Address = "check" | "offer" | "resume" | "part" | "complete" | "stored" | "cancel";
export type Addresses = Record<Address, string>;

export interface Link {
  url: string;
  through: string;
  headers: Record<string, string>;
}

export interface PartLink extends Link {
  ahead: Link[];
}

export interface Whole extends Link {
  how: "whole";
  key: string;
}

export interface Parts {
  how: "parts";
  upload: string;
  key: string;
  part_size: number;
  /** Number, MD5 in hexadecimal, and bytes of each that has arrived. */
  stored: [number, string, number][];
  /** Numbers and links of the parts to begin with, which need not be asked for. */
  first: [number, Link][];
}

export interface Taken {
  how: "taken";
  key: string;
  size: number;
  modified: string;
  etag: string;
  /** In how large parts we send a file of its size. */
  part_size: number;
  /** Whether what is replaced stays as a version. */
  kept: boolean;
  /** Whether it can stand beside: not once a store without versions has its parts. */
  beside: boolean;
}

export type Offer = Whole | Parts | Taken | { how: "refused"; message: string };

export interface Done {
  how: "done";
  key: string;
  size: number;
}

/** What a person chose for a name that is taken. */
export interface Choice {
  replaces?: string;
  /** The name that was typed, where what is replaced is gone for good. */
  confirmed?: string;
  beside?: true;
}

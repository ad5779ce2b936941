/** Types of which only the code matters here (IANA, "Resource Record (RR) TYPEs"); the others are in `records` and core. */
export const NS = 2
export const SOA = 6
/** RFC 9824 §2: a synthetic type that says "this name does not exist". */
export const NXNAME = 128
export const ANY = 255

/** The public surface of @portolan/loc. */
export { distanceMetres } from './distance.ts'
export type { Located, LocFact, PlaceAbsent, PlaceUnknown, UnknownReason } from './fact.ts'
export type { Found, FoundNone, FoundRecords, FoundUnusable } from './find.ts'
export { LOC, type Loc, positionOf } from './loc.ts'
export { type LocOptions, type LocServiceFact, loc } from './plugin.ts'
export type { LocPolicy } from './policy.ts'
export type { Position } from './position.ts'
export { formatLoc, parseLoc } from './presentation.ts'

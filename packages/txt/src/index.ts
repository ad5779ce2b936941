/** The public surface of @portolan/txt. */
export { type Attribute, attributesOf } from './attributes.ts'
export { chooseMechanism, type MechanismChoice } from './choose.ts'
export type { HintAbsent, HintOffered, HintWithheld, TxtFact, WithheldReason } from './fact.ts'
export { type Hint, hintRecord, parseHint } from './hint.ts'
export { txt } from './plugin.ts'
export { TXT, type Txt } from './txt.ts'

/** The judge on Node: synchronous, so that its verdict stands before anything is written (docs/limits.md). */
import { isReadable } from './certificate.node.ts'
import { judgeDane } from './dane.node.ts'
import { judgePkix } from './pkix.node.ts'
import type { Judge } from './verdict.ts'

export const judge: Judge | undefined = { isReadable, judgeDane, judgePkix }

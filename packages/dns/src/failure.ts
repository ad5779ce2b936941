/** Errors of one question to one server. */
import { LookupError, type Query, typeText } from '@portolan/core'

export type Failure = (
  code: LookupError['code'],
  why: string,
  more?: { readonly cause?: unknown; readonly attempts?: readonly unknown[] },
) => LookupError

export function failureOf({ name, type }: Query, server: string): Failure {
  return (code, why, more) => new LookupError(code, why, { owner: name, type: typeText(type), server, ...more })
}

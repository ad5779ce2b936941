/** The dates of a certificate (RFC 5280 §4.1.2.5), in the two forms that the RFC allows and no other. */
import { contentOf, type Element, elementsIn, latin1Text, TAG, wholeElement } from './der.ts'

export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18

/** `undefined` where `der` is no Validity, or a date lacks its seconds or its Z, or is on no calendar. */
export function readValidity(der: Uint8Array): Validity | undefined {
  const whole = wholeElement(der, TAG.sequence)
  const [notBefore, notAfter, ...surplus] = (whole && elementsIn(der, whole)) ?? []
  const notBeforeMs = notBefore && milliseconds(der, notBefore)
  const notAfterMs = notAfter && milliseconds(der, notAfter)
  if (notBeforeMs === undefined || notAfterMs === undefined || surplus.length > 0) return undefined
  return { notBeforeMs, notAfterMs }
}

function milliseconds(der: Uint8Array, time: Element): number | undefined {
  if (time.end - time.contentStart > 'YYYYMMDDHHMMSSZ'.length) return undefined
  const text = latin1Text(contentOf(der, time))
  const digits = time.tag === UTC_TIME ? withCentury(text) : time.tag === GENERALIZED_TIME ? text : ''
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)?.slice(1)
  if (parts === undefined) return undefined
  const [year, month, day, hour, minute, second] = parts
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const at = new Date(iso)
  // Date rolls 30 February and 24 o'clock over into the next day; both are on no calendar.
  return Number.isNaN(at.getTime()) || at.toISOString() !== iso ? undefined : at.getTime()
}

/** Two digits: 50 to 99 are of the last century (§4.1.2.5.1). */
function withCentury(text: string): string {
  return `${text >= '5' ? '19' : '20'}${text}`
}

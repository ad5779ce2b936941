/** What a broker's reason code asks of the client: MQTT 5 §2.4 and MQTT 3.1.1 §3.2.2.3 in one table, their numbers don't meet. */

/**
 * `next`: try another, this one may be asked again soon. `leave`: not this one for a while. `credentials`, `request`:
 * what we sent is at fault, so asking again with the same cannot help. `stand-back`: our own session was taken over by
 * someone with the same client id, who would be thrown out by a quick return.
 */
export type Effect = 'next' | 'leave' | 'credentials' | 'request' | 'stand-back'

export interface Reason {
  readonly text: string
  readonly effect: Effect
  /** Whether it speaks of one address, or of the broker however it is reached. */
  readonly scope: 'address' | 'candidate'
  /** How long it holds, in milliseconds; absent = the ordinary failure mark. */
  readonly markMs?: number
}

/** A broker that refused what we are is not asked again before this, however the rest goes. */
const FAULT_MARK_MS = 3_600_000
/** "Use another server" is for now (MQTT 5 §4.13.2)... */
const ELSEWHERE_MARK_MS = 300_000
/** ...and "server moved" is for good: until DNS says otherwise, or a day has passed. */
const MOVED_MARK_MS = 86_400_000

const next = (text: string, scope: Reason['scope'] = 'address'): Reason => ({ text, effect: 'next', scope })
const request = (text: string): Reason => ({
  text,
  effect: 'request',
  scope: 'candidate',
  markMs: FAULT_MARK_MS,
})
const credentials = (text: string): Reason => ({
  text,
  effect: 'credentials',
  scope: 'candidate',
  markMs: FAULT_MARK_MS,
})

const REASONS: ReadonlyMap<number, Reason> = new Map([
  [1, request('unacceptable protocol version')],
  [2, request('client identifier rejected')],
  [3, next('server unavailable')],
  [4, credentials('bad user name or password')],
  [5, credentials('not authorized')],
  [0x80, next('unspecified error')],
  [0x81, request('malformed packet')],
  [0x82, request('protocol error')],
  [0x83, next('implementation specific error')],
  [0x84, request('unsupported protocol version')],
  [0x85, request('client identifier not valid')],
  [0x86, credentials('bad user name or password')],
  [0x87, credentials('not authorized')],
  [0x88, next('server unavailable')],
  [0x89, next('server busy')],
  [0x8a, credentials('banned')],
  [0x8b, next('server shutting down')],
  [0x8c, credentials('bad authentication method')],
  [0x8e, { text: 'session taken over', effect: 'stand-back', scope: 'address' }],
  [0x90, request('topic name of the will invalid')],
  [0x95, request('packet too large')],
  [0x97, next('quota exceeded', 'candidate')],
  [0x99, request('payload format of the will invalid')],
  [0x9a, request('retain not supported')],
  [0x9b, request('QoS of the will not supported')],
  [0x9c, { text: 'use another server', effect: 'leave', scope: 'candidate', markMs: ELSEWHERE_MARK_MS }],
  [0x9d, { text: 'server moved', effect: 'leave', scope: 'candidate', markMs: MOVED_MARK_MS }],
  [0x9f, next('connection rate exceeded')],
])

/** The meaning of a code in CONNACK or DISCONNECT; one that nobody assigned is a reason to try the next broker. */
export function reasonOf(code: number): Reason {
  return REASONS.get(code) ?? next(`reason code ${code}`)
}

/** `0x9c use another server`, and plain numbers for MQTT 3. */
export function reasonText(code: number): string {
  const number = code < 0x80 ? String(code) : `0x${code.toString(16)}`
  const { text } = reasonOf(code)
  return text.startsWith('reason code') ? text : `${number} ${text}`
}

/** What the connector tells of, each decision as it is taken. */
import type { Candidate, Plan } from '@portolan/core'
import type { AttemptError, Endpoint } from './errors.ts'

interface At {
  /** Milliseconds since 1970. */
  readonly atMs: number
}

export type ConnectEvent = At &
  (
    | { readonly type: 'discovering' }
    | { readonly type: 'candidate'; readonly candidate: Candidate }
    | { readonly type: 'discovered'; readonly plan: Plan }
    /** What was known before is used on, as far as it has not expired. */
    | { readonly type: 'discovery-failed'; readonly error: unknown }
    | { readonly type: 'dialling'; readonly endpoint: Endpoint }
    /** Before CONNECT left: no connection, no TLS (`mqtt/tls-failed`), or a peer that was refused (`mqtt/tls-refused`). */
    | { readonly type: 'attempt-failed'; readonly endpoint: Endpoint; readonly error: AttemptError }
    /** The plugin that refused asked past the caches, and DNS says something else by now: the same addresses are tried again. */
    | { readonly type: 'rechecked'; readonly candidate: Candidate }
    /** `by`: the plugin that accepted the certificate, or `pkix`; `undefined` over plain TCP, which proves nothing. */
    | { readonly type: 'proved'; readonly endpoint: Endpoint; readonly by: string | undefined; readonly detail: string }
    /** MQTT may flow from here on; CONNECT is the first packet. */
    | { readonly type: 'connect-sent'; readonly endpoint: Endpoint }
    | {
        readonly type: 'connack'
        readonly endpoint: Endpoint
        readonly reasonCode: number
        readonly reason: string
        readonly sessionPresent: boolean
        /** MQTT 5 §3.2.2.3.16; not followed. */
        readonly serverReference: string | undefined
      }
    /** After CONNECT left and before the connection was up: silence, garbage, or closed. */
    | { readonly type: 'connect-failed'; readonly endpoint: Endpoint; readonly error: AttemptError }
    | { readonly type: 'connected'; readonly endpoint: Endpoint }
    | { readonly type: 'lost'; readonly endpoint: Endpoint; readonly error: AttemptError }
    | { readonly type: 'waiting'; readonly untilMs: number; readonly delayMs: number }
    /** The client ends; it emits the same error. */
    | { readonly type: 'gave-up'; readonly error: Error }
    | { readonly type: 'stopped' }
  )

/** An event before its time is put on. */
export type Untimed<E = ConnectEvent> = E extends unknown ? Omit<E, 'atMs'> : never

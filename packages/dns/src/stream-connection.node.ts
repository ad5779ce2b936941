/** One connection that carries many questions at once, answered in any order (RFC 7766 §6.2.1.1, §7). */
import type { Socket } from 'node:net'
import { MalformedMessageError } from './errors.ts'
import { framed, frameReader } from './frames.ts'
import { messageIds } from './message-ids.ts'
import { type InTurn, readingInTurns } from './reading.node.ts'

/** Ids of questions that were given up stay taken, since their replies may still come; past this a new connection is made. */
const MAX_IDS = 4_096
const HEADER_OCTETS = 12

export interface StreamListener {
  /** @param inTurn for what is too much to read in one piece */
  onReply(octets: Uint8Array, inTurn: InTurn): void
  /** @param mayAskAgain whether another connection may fare better */
  onEnd(cause: Error, mayAskAgain: boolean): void
}

export interface StreamConnection {
  readonly hasRoom: boolean
  /** Sends what `write` makes of a free id. The returned function ends the waiting for its reply. */
  send(write: (id: number) => Uint8Array, listener: StreamListener): () => void
  /** Whether anything came since that moment; where nothing did, the connection may be dead without knowing it. */
  hasReceivedSince(monotonicMs: number): boolean
  /** @param mayAskAgain what to tell those that wait; by default, whether the connection had come about */
  end(cause: Error, mayAskAgain?: boolean): void
}

/** Given-up questions wait with this. */
const NOBODY: StreamListener = { onReply() {}, onEnd() {} }

export interface StreamSettings {
  /** A socket that is connecting; `readyEvent` says when it may be trusted to carry questions. */
  dial(): Socket
  readonly readyEvent: 'connect' | 'secureConnect'
  /** A connection without questions closes after this time, and never keeps the process from ending. */
  readonly idleMs: number
  monotonicNow(): number
  readonly randomId?: (() => number) | undefined
}

export function streamConnection(settings: StreamSettings, onClose: () => void): StreamConnection {
  const { idleMs, monotonicNow, readyEvent } = settings
  const socket = settings.dial()
  const waiting = messageIds<StreamListener>(settings.randomId)
  const frames = frameReader()
  const inTurn = readingInTurns(monotonicNow)
  let live = 0
  let isReady = false
  let isOpen = true
  let receivedAtMs = -Infinity
  let idle: ReturnType<typeof setTimeout> | undefined
  const end = (cause: Error, mayAskAgain = isReady) => {
    if (!isOpen) return
    isOpen = false
    clearTimeout(idle)
    socket.destroy()
    onClose()
    for (const listener of [...waiting.all()]) listener.onEnd(cause, mayAskAgain)
  }
  const settle = () => {
    live--
    if (live > 0 || !isOpen) return
    socket.unref()
    idle = setTimeout(() => end(new Error('the connection was idle')), idleMs)
    idle.unref()
  }
  socket.once(readyEvent, () => {
    isReady = true
  })
  socket.on('error', (error) => end(error))
  socket.on('close', () => end(new Error(closeText(frames.pendingOctets))))
  socket.on('data', (chunk) => {
    receivedAtMs = monotonicNow()
    for (const message of frames.push(chunk)) {
      if (message.length < HEADER_OCTETS)
        return end(new MalformedMessageError('it has no whole header', message.length))
      const id = new DataView(message.buffer, message.byteOffset).getUint16(0)
      const listener = waiting.get(id)
      waiting.free(id)
      if (listener !== undefined) inTurn(() => listener.onReply(message, inTurn))
    }
  })
  return {
    get hasRoom() {
      return isOpen && waiting.size < MAX_IDS
    },
    send(write, listener) {
      clearTimeout(idle)
      // Once: a socket that just broke has no handle left, and each call would then leave a listener on it.
      if (live++ === 0) socket.ref()
      const id = waiting.take(listener)
      socket.write(framed(write(id)))
      return () => {
        if (waiting.get(id) === listener) waiting.replace(id, NOBODY)
        settle()
      }
    },
    hasReceivedSince: (sinceMs) => receivedAtMs >= sinceMs,
    end,
  }
}

function closeText(pendingOctets: number): string {
  if (pendingOctets === 0) return 'the server closed the connection'
  return `the server closed the connection inside a message, ${pendingOctets} octets into it`
}

/** The stream that mqtt.js gets: it finds and proves a broker while it is constructed, so CONNECT waits for the verdict. */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Clock } from './clock.ts'

/** After our side has said goodbye, a broker that keeps the connection open is left to itself. */
const LINGER_MS = 2_000

export interface ProvedStreamOptions {
  /** Resolves with a connection that may carry MQTT; heeds the signal at once. */
  open(signal: AbortSignal): Promise<Socket>
  /** What to tell of a socket that broke: an error with a `code`, without which mqtt.js drops it. */
  describe(cause: Error): Error
  readonly clock: Clock
}

export class ProvedStream extends Duplex {
  readonly #options: ProvedStreamOptions
  readonly #abort = new AbortController()
  #socket: Socket | undefined
  #hasEnded = false
  #cancelLinger: () => void = () => {}

  constructor(options: ProvedStreamOptions) {
    super({ allowHalfOpen: false })
    this.#options = options
  }

  override _construct(callback: (error?: Error | null) => void): void {
    this.#options.open(this.#abort.signal).then(
      (socket) => {
        if (this.destroyed) socket.destroy()
        else this.#attach(socket)
        callback()
      },
      // Destroyed meanwhile: the abort is our own doing and no error.
      (error: Error) => (this.destroyed ? callback() : callback(error)),
    )
  }

  #attach(socket: Socket): void {
    this.#socket = socket
    socket.on('data', (chunk: Uint8Array) => {
      if (!this.push(chunk)) socket.pause()
    })
    socket.on('end', () => {
      this.#hasEnded = true
      this.push(null)
    })
    socket.on('error', (error) => this.destroy(this.#options.describe(error)))
    // After an orderly end the stream closes once mqtt.js has read what came before it: a refusal, perhaps.
    socket.on('close', () => {
      if (!this.#hasEnded) this.destroy()
    })
    socket.pause()
    if (socket.destroyed) this.destroy()
  }

  override _read(): void {
    this.#socket?.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#socket === undefined) callback(new Error('no connection to write to'))
    else this.#socket.write(chunk, (error) => callback(error ? this.#options.describe(error) : null))
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#cancelLinger = this.#options.clock.after(LINGER_MS, () => this.destroy())
    if (this.#socket === undefined) callback()
    else this.#socket.end(() => callback())
  }

  /** Node puts `_destroy` off until `_construct` has called back, so the dialling is aborted here. */
  override destroy(error?: Error): this {
    this.#abort.abort()
    return super.destroy(error)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#cancelLinger()
    this.#socket?.destroy()
    callback(error)
  }
}

/** Stands between a TLS connection and the MQTT engine: counts what came out of TLS, and can hold both directions. */
import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

export class Tap extends Duplex {
  readonly #socket: TLSSocket
  readonly #received: (octets: number) => void
  /** What waits while frozen, in order. */
  readonly #held: (() => void)[] = []
  #frozen = false

  /** @param received called with the count of each piece that came */
  constructor(socket: TLSSocket, received: (octets: number) => void) {
    super({ emitClose: true })
    this.#socket = socket
    this.#received = received
    socket.on('data', (chunk) => this.#arrived(chunk))
    socket.on('end', () => this.#whenThawed(() => this.push(null)))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  freeze(): void {
    this.#frozen = true
  }

  thaw(): void {
    this.#frozen = false
    for (const step of this.#held.splice(0)) step()
  }

  override _read(): void {
    if (!this.#frozen) this.#socket.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#whenThawed(() => {
      if (this.#socket.writable) this.#socket.write(chunk, done)
      else done()
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#whenThawed(() => this.#socket.end(() => done()))
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#held.length = 0
    this.#socket.destroy()
    done(error)
  }

  #arrived(chunk: Uint8Array): void {
    this.#received(chunk.length)
    this.#whenThawed(() => {
      if (!this.push(chunk)) this.#socket.pause()
    })
  }

  #whenThawed(step: () => void): void {
    if (this.#frozen) this.#held.push(step)
    else step()
  }
}

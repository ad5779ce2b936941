/** Puts an mqtt.js client on top of the connector: the client asks for streams, the connector makes proved ones. */
import type { MqttClient } from 'mqtt'
import { SeekingClient } from './client.ts'
import { systemClock } from './clock.ts'
import { Connector, type ConnectorOptions } from './connector.ts'
import { limitsOf } from './limits.ts'
import type { ConnectThroughOptions } from './options.ts'
import { rejectReplaced } from './replaced.ts'
import { ProvedStream } from './stream.ts'
import { secureContextOf } from './tls-options.ts'

/** mqtt.js asks for the next stream this soon; the connector waits inside it, for as long as the machine decides. */
const NEXT_STREAM_MS = 1
/** Each step has a limit of its own, and a wait inside a stream must not be cut short: mqtt.js's limit is put off. */
const NEVER_MS = 2 ** 31 - 1

/**
 * Connects by the candidates of a discovery, and keeps the client connected by it.
 * @returns the client after CONNACK; it goes on by itself until `end()`, the signal, or an 'error' with a ConnectError
 * @throws ConnectError; what discovery threw where it gave no candidate; InvalidOptionError; the signal's reason
 */
export async function connectThrough(options: ConnectThroughOptions): Promise<MqttClient> {
  const { signal, mqtt = {} } = options
  rejectReplaced(mqtt)
  const settings = connectorSettings(options)
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    let connector: Connector | undefined
    let stream: ProvedStream | undefined

    const seek = (client: MqttClient) => {
      signal?.addEventListener('abort', onAbort, { once: true })
      client.options.reconnectPeriod = NEXT_STREAM_MS
      return new Connector({ ...settings, onGiveUp })
    }
    const nextStream = (client: MqttClient) => {
      discard(stream)
      const seeking = connector === undefined || connector.hasStopped ? seek(client) : connector
      connector = seeking
      const opened: ProvedStream = new ProvedStream({
        clock: settings.clock,
        open: (aborted) => seeking.open(aborted, (error) => opened.destroy(error)),
        describe: (cause) => seeking.describe(cause),
      })
      opened.once('close', () => {
        if (stream === opened && !client.disconnecting) seeking.closed()
      })
      stream = opened
      return opened
    }
    const stop = () => {
      connector?.stop()
      signal?.removeEventListener('abort', onAbort)
    }
    const onAbort = () => {
      reject(signal?.reason)
      client.end(true)
    }
    const onGiveUp = (error: Error) => {
      reject(error)
      client.emit('error', error)
      client.end(true)
    }

    const client = new SeekingClient(nextStream, {
      ...mqtt,
      reconnectOnConnackError: true,
      connectTimeout: NEVER_MS,
    })
    // A listener from the first moment: an 'error' without one would end the program.
    client.on('error', (error) => connector?.clientError(error, stream?.destroyed === false && !client.disconnecting))
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack') connector?.connack(packet)
      else connector?.packet(packet.cmd)
    })
    client.on('disconnect', (packet) => connector?.disconnect(packet))
    client.on('connect', () => {
      connector?.up()
      client.options.reconnectPeriod = mqtt.reconnectPeriod === 0 ? 0 : NEXT_STREAM_MS
      resolve(client)
    })
    client.on('close', () => {
      if (client.options.reconnectPeriod === 0) stop()
    })
    client.on('end', stop)
  })
}

/** A stream that nobody waits for. mqtt.js must not hear of its end, or it would ask for yet another. */
function discard(stream: ProvedStream | undefined): void {
  if (stream === undefined || stream.destroyed) return
  stream.removeAllListeners()
  stream.on('error', () => {})
  stream.destroy()
}

function connectorSettings(options: ConnectThroughOptions): Omit<ConnectorOptions, 'onGiveUp'> {
  const { mqtt = {}, plugins = [], clock = systemClock, onEvent = () => {} } = options
  // A period that the caller gave to mqtt.js is what the first wait is measured by; 0 is none at all.
  const period = mqtt.reconnectPeriod === 0 ? undefined : mqtt.reconnectPeriod
  const { backoffBaseMs = period, connackTimeoutMs = mqtt.connectTimeout } = options
  const limits = limitsOf({ ...options, backoffBaseMs, connackTimeoutMs })
  const { ca, cert, key } = mqtt
  const tls = { ca, cert, key, ...options.tls }
  return {
    domain: options.domain,
    discover: options.discover,
    plugins,
    lookup: options.lookup,
    clock,
    connectionAttemptDelayMs: limits.connectionAttemptDelayMs,
    connackTimeoutMs: limits.connackTimeoutMs,
    settings: {
      backoff: { baseMs: limits.backoffBaseMs, maxMs: limits.backoffMaxMs },
      failureMarkMs: limits.failureMarkMs,
      stableAfterMs: limits.stableAfterMs,
      credentialRefusals: limits.credentialRefusals,
    },
    dial: {
      secureContext: secureContextOf(tls),
      alpnProtocols: tls.alpnProtocols ?? ['mqtt'],
      connectTimeoutMs: limits.connectTimeoutMs,
      tlsTimeoutMs: limits.tlsTimeoutMs,
    },
    tell: (event) => guarded(() => onEvent(event)),
  }
}

/** What a listener throws is the program's matter, and must not decide about a connection. */
function guarded(listen: () => void): void {
  try {
    listen()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

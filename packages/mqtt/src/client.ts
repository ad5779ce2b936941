/** mqtt.js's client, with an `end` that also ends a connection that is still being sought. */
import { type DoneCallback, type IDisconnectPacket, MqttClient } from 'mqtt'

type Goodbye = Partial<IDisconnectPacket>

export class SeekingClient extends MqttClient {
  /**
   * As mqtt.js has it. Where no connection is up there is nobody to say goodbye to: mqtt.js would put DISCONNECT in a
   * queue and leave the stream to find a broker for it.
   */
  override end(
    force?: boolean | Goodbye | DoneCallback,
    goodbye?: Goodbye | DoneCallback,
    done?: DoneCallback,
  ): MqttClient {
    const given = [force, goodbye, done]
    const callback = given.find((argument) => typeof argument === 'function')
    const properties = given.find((argument) => typeof argument === 'object' && argument !== null)
    // Unacknowledged messages hold an end without force back. Once the connection is lost nothing can acknowledge them, and
    // mqtt.js, which does not reconnect while it ends, would wait for ever.
    this.once('close', () => this.emit('outgoingEmpty'))
    return super.end(force === true || !this.connected, properties ?? {}, callback)
  }
}

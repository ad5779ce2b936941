/** What a broker refuses after the connection is up. */
import { PortolanError } from '@portolan/core'

/** The broker took the client and not the topic. */
export class TopicRefusedError extends PortolanError {
  override readonly name = 'TopicRefusedError'
  readonly code = 'cli/topic-refused'
  readonly topic: string
  constructor(topic: string, cause: unknown) {
    super(`the broker refuses ${JSON.stringify(topic)}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
    this.topic = topic
  }
}

/** What the testbed refuses: its errors say which option or record cannot be, before anything is served. */
import { PortolanError } from '@portolan/core'

export type TestbedErrorCode = 'testbed/closed' | 'testbed/no-such-zone' | 'testbed/no-such-records' | 'testbed/listen'

/** A call that the testbed cannot carry out in the state it is in. Options that cannot be used are core's InvalidOptionError. */
export class TestbedError extends PortolanError {
  override readonly name = 'TestbedError'
  readonly code: TestbedErrorCode
  constructor(code: TestbedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

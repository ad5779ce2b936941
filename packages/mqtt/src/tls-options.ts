/** From the caller's TLS options to one context, made once: bad keys are told before anything is opened. */
import { createSecureContext, type SecureContext } from 'node:tls'
import { InvalidOptionError } from '@portolan/core'
import type { TlsOptions } from './options.ts'

/** @throws InvalidOptionError */
export function secureContextOf({ alpnProtocols: _, minVersion, ...options }: TlsOptions): SecureContext {
  const hasClientCertificate = options.cert !== undefined || options.pfx !== undefined
  const least = minVersion ?? (hasClientCertificate ? 'TLSv1.3' : 'TLSv1.2')
  try {
    return createSecureContext({ ...options, minVersion: least })
  } catch (error) {
    throw new InvalidOptionError('tls', error instanceof Error ? error.message : String(error), { cause: error })
  }
}

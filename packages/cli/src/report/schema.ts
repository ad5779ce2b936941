/** `Report` and `Failure` as schemas, for programs that read what `portolan discover --json` prints. */
import { z } from 'zod'
import type { Broker, Dane, Failure, Judgement, Place, Report, Sasl, StruckOut, TraceLine } from './report.ts'

const security = z.enum(['secure', 'insecure', 'indeterminate'])
const time = z.iso.datetime()
const port = z.int().min(0).max(65_535)

const judgement: z.ZodType<Judgement> = z.object({
  state: security,
  reason: z.string().nullable(),
  detail: z.string().nullable(),
})

const place: z.ZodType<Place> = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('located'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    distanceMetres: z.number().min(0),
  }),
  z.object({ status: z.literal('unknown'), reason: z.string(), detail: z.string() }),
  z.object({ status: z.enum(['absent', 'not-asked']) }),
])

const sasl: z.ZodType<Sasl> = z.discriminatedUnion('status', [
  z.object({ status: z.literal('offered'), mechanisms: z.array(z.string()) }),
  z.object({ status: z.literal('withheld'), reason: z.string(), detail: z.string() }),
  z.object({ status: z.literal('absent') }),
])

const dane: z.ZodType<Dane> = z.object({
  state: z.enum(['secure-present', 'secure-absent', 'insecure', 'indeterminate', 'failed']),
  owner: z.string(),
  records: z.array(z.string()),
  usable: z.int().min(0),
  detail: z.string().nullable(),
})

const broker: z.ZodType<Broker> = z.object({
  rank: z.int().min(1),
  host: z.string(),
  port,
  tls: z.boolean(),
  priority: port,
  weight: port,
  canonicalName: z.string(),
  addresses: z.array(z.object({ family: z.literal([4, 6]), address: z.string(), security })),
  security: judgement,
  place,
  sasl,
  dane,
  identity: z.object({
    serverName: z.string(),
    referenceNames: z.array(z.string()),
    requirement: z.enum(['dane', 'pkix', 'refuse']),
  }),
  why: z.array(z.string()),
  expiresAt: time,
})

const struckOut: z.ZodType<StruckOut> = z.object({ host: z.string(), port, code: z.string(), detail: z.string() })

const traceLine: z.ZodType<TraceLine> = z.object({
  at: time,
  subject: z.string(),
  type: z.string().nullable(),
  code: z.string(),
  security: z.enum(['secure', 'insecure', 'indeterminate', 'bogus']).nullable(),
  detail: z.string(),
})

/** Fields that it does not know are left out, so that a later `portolan` of the same version still reads. */
export const reportSchema: z.ZodType<Report> = z.object({
  version: z.literal(1),
  domain: z.string(),
  service: z.object({ name: z.string(), fallback: z.boolean(), security: judgement }),
  expiresAt: time,
  brokers: z.array(broker),
  struckOut: z.array(struckOut),
  trace: z.array(traceLine),
})

export const failureSchema: z.ZodType<Failure> = z.object({
  version: z.literal(1),
  domain: z.string(),
  error: z.object({
    code: z.string(),
    message: z.string(),
    advice: z.array(z.string()),
    exitStatus: z.int(),
    struckOut: z.array(struckOut),
  }),
})

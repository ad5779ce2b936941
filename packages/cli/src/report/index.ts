/** What `portolan discover --json` prints: its types and schemas (docs/json.md). */
export type { Broker, Dane, Failure, Judgement, Place, Report, Sasl, Security, StruckOut, TraceLine } from './report.ts'
export { failureSchema, reportSchema } from './schema.ts'

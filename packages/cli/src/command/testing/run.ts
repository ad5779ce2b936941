/** The command in process, over core's own discovery, with answers from a table. */
import { parseName, type Srv } from '@portolan/core'
import { bogusError, type FakeAnswer, fakeLookup, seededRandom } from '@portolan/core/testing'
import { hintRecord } from '@portolan/txt'
import { discover as composed, type Discover, type DiscoverOptions } from '../../discover.ts'
import type { CommandIo } from '../io.ts'
import { main } from '../main.ts'
import { recordedIo } from './io.ts'

const NOW: number = Date.UTC(2026, 10, 22, 12)
export const SERVICE: string = '_secure-mqtt._tcp.fleet.example.'

export type Table = Readonly<Record<string, FakeAnswer | Error>>

function place(latitude: number, longitude: number): FakeAnswer {
  const metres = { altitudeMetres: 0, sizeMetres: 1, horizontalPrecisionMetres: 10, verticalPrecisionMetres: 10 }
  return { records: [{ latitude, longitude, ...metres }] }
}

export function srv(priority: number, weight: number, host: string): Srv {
  return { priority, weight, port: 8883, target: parseName(`${host}.fleet.example`) }
}

export const BERLIN: Srv = srv(10, 60, 'berlin')
const CAPE_TOWN = srv(10, 40, 'cape-town')
export const FLEET: Table = {
  [`${SERVICE} SRV`]: { records: [BERLIN, CAPE_TOWN, srv(20, 1, 'spare')], expiresAtMs: NOW + 299_000 },
  [`${SERVICE} TXT`]: { records: [hintRecord(['SCRAM-SHA-256', 'EXTERNAL'])] },
  'berlin.fleet.example. A': { records: ['192.0.2.1'] },
  'berlin.fleet.example. AAAA': { records: ['2001:db8::1'] },
  '_8883._tcp.berlin.fleet.example. TLSA': {
    records: [{ usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32).fill(0xab) }],
  },
  'berlin.fleet.example. LOC': place(52.52, 13.4),
  'cape-town.fleet.example. A': { records: ['192.0.2.2'] },
  'cape-town.fleet.example. LOC': place(-33.92, 18.42),
  'spare.fleet.example. A': bogusError('spare.fleet.example.', 'A'),
}

export interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
  readonly asked: readonly DiscoverOptions[]
}

export async function run(
  args: string,
  table: Table = FLEET,
  io: Partial<CommandIo> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const asked: DiscoverOptions[] = []
  const discover: Discover = (domain, options = {}) => {
    asked.push(options)
    return composed(domain, { ...options, lookup: fakeLookup(table), random: seededRandom(7) })
  }
  const recorded = recordedIo(files, { now: () => NOW, ...io })
  const status = await main(args.split(' ').filter(Boolean), recorded, { discover, connect: unused })
  return { status, asked, ...recorded.printed() }
}

async function unused(): Promise<never> {
  throw new Error('connect was called')
}

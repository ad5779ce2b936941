/** The zones of the interop suites: a fleet with every kind of record that discovery reads, one broker in somebody else's zone. */
import type { ZoneSource } from './farm.ts'

/** Places as published, with the distance from Frankfurt (50.11 N 8.68 E) on the WGS 84 ellipsoid. */
export const FRANKFURT = '50.1109,8.6821'

const TLSA = `3 1 1 ${'ab'.repeat(32)}`

const FLEET_RECORDS = `
_secure-mqtt._tcp SRV 10 60 8883 fra
_secure-mqtt._tcp SRV 10 30 8883 iad
_secure-mqtt._tcp SRV 10 0 8884 sin
_secure-mqtt._tcp SRV 10 10 8883 ams
_secure-mqtt._tcp SRV 20 5 8883 backup.partner.test.
_secure-mqtt._tcp SRV 20 0 8883 last
_secure-mqtt._tcp TXT "v=mqtt1" "sasl=SCRAM-SHA-256 EXTERNAL"
_secure-mqtt._tcp LOC 35 41 22.000 N 139 41 30.000 E 40.00m 1m 10000m 10m
fra A 127.0.0.1
fra A 127.0.0.2
fra AAAA ::1
fra LOC 50 6 39.240 N 8 40 55.560 E 112.00m 10m 100m 10m
_8883._tcp.fra TLSA ${TLSA}
iad A 127.0.0.3
iad LOC 38 56 40.000 N 77 27 20.000 W 95.00m 1m 10000m 10m
_8883._tcp.iad TLSA ${TLSA}
sin AAAA ::1
sin LOC 1 21 0.000 N 103 59 0.000 E -2.00m 1m 10000m 10m
_8884._tcp.sin TLSA ${TLSA}
ams CNAME edge
edge A 127.0.0.4
edge LOC 52 18 31.000 N 4 45 50.000 E -3.35m
_8883._tcp.edge TLSA ${TLSA}
last A 127.0.0.6
_8883._tcp.last TLSA ${TLSA}
`

export const FLEET_ZONES: readonly ZoneSource[] = [
  { origin: '.', records: '' },
  { origin: 'test.', records: '' },
  { origin: 'fleet.test.', records: FLEET_RECORDS },
  {
    origin: 'partner.test.',
    records: `backup A 127.0.0.5\nbackup LOC 48 51 24.000 N 2 21 7.000 E 35.00m\n_8883._tcp.backup TLSA ${TLSA}`,
    algorithm: 'RSASHA256',
    bits: 2048,
    denial: 'nsec3',
  },
  {
    origin: 'plain.test.',
    records: `_secure-mqtt._tcp SRV 0 0 8883 b1\n_secure-mqtt._tcp TXT "v=mqtt1" "sasl=PLAIN"\nb1 A 127.0.0.7`,
    signer: 'unsigned',
  },
]

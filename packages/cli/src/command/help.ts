/** The words of `--help`. */
import { EXIT_MEANINGS } from './exit-status.ts'

export const SUMMARY =
  'Finds the MQTT brokers of a domain through DNS, nearest first, and proves that they are its own.'

export const PROGRAM_EXAMPLES: string = section('Examples', [
  'portolan discover fleet.example',
  'portolan discover fleet.example --near 52.52,13.40',
  "portolan sub fleet.example -t 'fleet/+/position'",
  'portolan pub fleet.example -t fleet/7/position -m 52.52,13.40',
  'portolan help discover',
])

const EXIT_STATUS: string = section(
  'Exit status',
  EXIT_MEANINGS.map(([status, meaning]) => `${String(status).padStart(3)}  ${meaning}`),
)

export const DISCOVER_NOTES: string = [
  section('Examples', [
    'portolan discover fleet.example                           as the system resolves',
    'portolan discover fleet.example --near -33.92,18.42       nearest to Cape Town first',
    'portolan discover fleet.example --resolver 192.0.2.53     asks that resolver',
    'portolan discover fleet.example --json | jq .brokers[0]   for programs',
    'portolan discover fleet.test --resolver 127.0.0.1:5353 --trust-anchor root.ds',
  ]),
  section('Columns', [
    'km         from --near to the place that the broker publishes (LOC); ? where that is not known',
    'SASL       mechanisms that the domain recommends (TXT), shown only when they are proved',
    'DANE       the TLSA record that would prove the certificate; none: proved that there is none',
    'security   secure: proved by DNSSEC from the trust anchor down; insecure: the zone is not signed',
    'why        SRV priority, distance band, and the draw by weight',
  ]),
  EXIT_STATUS,
].join('\n')

export const SUB_NOTES: string = [
  section('Examples', [
    "portolan sub fleet.example -t '#' -v                      everything, with its topic",
    'portolan sub fleet.example -t alarm -q 1 -C 1             waits for one message',
    'portolan sub fleet.example -t alarm -W 60                 or for a minute',
  ]),
  EXIT_STATUS,
].join('\n')

export const PUB_NOTES: string = [
  section('Examples', [
    'portolan pub fleet.example -t lamp -m on -q 1 -r',
    'tail -f positions | portolan pub fleet.example -t fleet/7/position -l',
  ]),
  EXIT_STATUS,
].join('\n')

function section(title: string, lines: readonly string[]): string {
  return `\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

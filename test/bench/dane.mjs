/**
 * What a DANE verdict costs beside the TLS handshake that it judges, and what loading the package costs.
 * Run over the built packages: `node test/bench/dane.mjs`. Prints medians; the server runs in a process of its own.
 */
import { execFileSync, fork } from 'node:child_process'
import { connect, createServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { parseName } from '@portolan/core'
import { judgeDane, readPeerChain, tlsaFor } from '@portolan/dane/node'

const HANDSHAKES = 150
/** Certificates nobody has seen: as many are judged before, so that it is compiled code that is measured, as in the handshake. */
const FRESH = 200
const NAME = 'broker.fleet.test'

if (process.argv[2] === 'server') serve(JSON.parse(process.argv[3] ?? '{}'))
else await main()

function serve({ cert, key }) {
  const server = createServer({ cert, key }, (socket) => socket.on('error', () => {}).end())
  server.listen(0, '127.0.0.1', () => process.send?.(server.address().port))
}

async function main() {
  const [core, dane] = ['@portolan/core', '@portolan/dane/node'].map(loading)
  console.log(
    `Loading: @portolan/core ${core.toFixed(0)} ms, @portolan/dane with it ${dane.toFixed(0)} ms; only what composes it loads it`,
  )
  const { make } = await import('../../packages/dane/dist/testing/pki.js')
  const root = await make({ subject: 'CN=Root', ca: true })
  const ca = await make({ subject: 'CN=CA', issuer: root, ca: true })
  const leaves = []
  for (let i = 0; i < 4 * FRESH; i++) leaves.push(await make({ subject: `CN=${i}`, issuer: ca, dnsNames: [NAME] }))
  const [leaf] = leaves
  const child = fork(fileURLToPath(import.meta.url), [
    'server',
    JSON.stringify({ cert: `${leaf.pem}\n${ca.pem}`, key: leaf.keyPem }),
  ])
  const port = await new Promise((done) => child.once('message', done))
  try {
    const handshake = median(await handshakes(port))
    console.log(`TLS 1.3 handshake, P-256, loopback, no verdict: ${handshake.toFixed(3)} ms`)
    const usage3 = [tlsaFor(leaf.der)]
    const usage2 = [tlsaFor(ca.der, { usage: 2, selector: 0 })]
    const known = [leaf.der, ca.der]
    report('usage 3, certificate seen before', handshake, () => judge(usage3, known))
    report('usage 2, one intermediate, seen before', handshake, () => judge(usage2, known))
    let next = 0
    const fresh = () => [leaves[next++].der, ca.der]
    report('usage 2, one intermediate, leaf never seen', handshake, () => judge(usage2, fresh()), FRESH)
    report('usage 3 that does not match, never seen', handshake, () => judge(usage3, fresh()), FRESH)
  } finally {
    child.kill()
  }
}

/** Milliseconds to import a package in a fresh process. */
function loading(name) {
  const script = `const begin = performance.now(); await import('${name}'); console.log(performance.now() - begin)`
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  const once = () => Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd }))
  return median(Array.from({ length: 5 }, once))
}

function judge(tlsa, chain) {
  return judgeDane(tlsa, { chain, referenceNames: [parseName(NAME)] }, Date.now())
}

async function handshakes(port) {
  const times = []
  for (let i = 0; i < HANDSHAKES; i++) {
    await new Promise((done, fail) => {
      const begin = performance.now()
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, servername: NAME })
      socket.once('error', fail)
      socket.once('secureConnect', () => {
        times.push(performance.now() - begin)
        readPeerChain(socket)
        socket.destroy()
        done()
      })
    })
  }
  return times
}

function report(title, handshake, run, times = 500) {
  for (let i = 0; i < times; i++) run()
  const measured = Array.from({ length: times }, () => {
    const begin = performance.now()
    run()
    return performance.now() - begin
  })
  const ms = median(measured)
  console.log(`${title}: ${ms.toFixed(3)} ms, ${((100 * ms) / handshake).toFixed(1)} % of the handshake`)
}

function median(times) {
  return times.toSorted((a, b) => a - b)[times.length >> 1]
}

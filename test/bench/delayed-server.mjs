/**
 * A testbed behind a delay, in a process of its own (started by delayed.mjs): each datagram is answered one round trip later;
 * a TCP connection pays one more for its handshake.
 */
import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'
import { A, AAAA, CNAME, parseName, SRV } from '@portolan/core'
import { TLSA } from '@portolan/dane'
import { LOC } from '@portolan/loc'
import { startTestbed } from '@portolan/testbed'
import { TXT } from '@portolan/txt'

const AMSTERDAM = {
  latitude: 52.37,
  longitude: 4.9,
  altitudeMetres: 0,
  sizeMetres: 1,
  horizontalPrecisionMetres: 10,
  verticalPrecisionMetres: 10,
}
const [roundTripMs, ...sizes] = process.argv.slice(2).map(Number)
const testbed = await startTestbed({ zones: sizes.map((n) => ({ name: `s${n}.test.` })) })
for (const n of sizes) publish(testbed.zone(`s${n}.test`), n)
const fleet = testbed.zone('fleet.test')
fleet.add('plain', A, '192.0.2.1')
fleet.add('alias', CNAME, parseName('away.partner.test'))
testbed.zone('partner.test').add('away', A, '192.0.2.2')
const port = await delayed(testbed.resolver, roundTripMs)
process.send?.({ delayed: { host: '127.0.0.1', port }, trustAnchors: testbed.trustAnchors })
process.once('disconnect', () => process.exit())

function publish(zone, n) {
  const service = '_secure-mqtt._tcp'
  const text = new TextEncoder()
  zone.add(service, TXT, [text.encode('v=mqtt1'), text.encode('sasl=SCRAM-SHA-256')])
  const targets = Array.from({ length: n }, (_, i) => ({
    priority: 1,
    weight: i % 10,
    port: 8883,
    target: parseName(`b${i}.s${n}.test`),
  }))
  zone.replace(service, SRV, targets)
  for (let i = 0; i < n; i++) {
    zone.add(`b${i}`, A, `192.0.2.${i % 250}`)
    zone.add(`b${i}`, AAAA, `2001:db8::${i + 1}`)
    zone.add(`b${i}`, LOC, AMSTERDAM)
    zone.add(`_8883._tcp.b${i}`, TLSA, { usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32).fill(i) })
  }
}

function delayed({ host, port }, roundTripMs) {
  return new Promise((done) => {
    const tcp = createServer((near) => {
      const far = connect(port, host)
      near.on('error', () => far.destroy()).on('close', () => far.destroy())
      far.on('error', () => near.destroy()).on('close', () => near.destroy())
      const readyAtMs = performance.now() + roundTripMs
      near.on('data', (octets) => {
        const handshakeMs = Math.max(0, readyAtMs - performance.now())
        setTimeout(() => far.write(octets), handshakeMs + roundTripMs)
      })
      far.on('data', (octets) => near.write(octets))
    })
    tcp.listen(0, '127.0.0.1', () => {
      const near = createSocket('udp4')
      // Replies are replayed once they are known: what is measured is the client, as behind a resolver with a warm cache.
      const replies = new Map()
      near.on('message', (question, from) => {
        const key = question.toString('latin1', 2)
        const send = (reply) =>
          near.send(Buffer.concat([question.subarray(0, 2), reply.subarray(2)]), from.port, from.address)
        setTimeout(() => {
          const known = replies.get(key)
          if (known !== undefined) return send(known)
          const far = createSocket('udp4')
          far.once('message', (reply) => {
            replies.set(key, reply)
            send(reply)
            far.close()
          })
          far.send(question, port, host)
        }, roundTripMs)
      })
      near.bind(tcp.address().port, '127.0.0.1', () => done(tcp.address().port))
    })
  })
}

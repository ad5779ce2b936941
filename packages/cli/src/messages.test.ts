import { type Fleet, startFleet, startTestbed, type Testbed } from '@portolan/testbed'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandIo } from './command/io.ts'
import { main } from './command/main.ts'
import { recordedIo } from './command/testing/io.ts'

let testbed: Testbed
let fleet: Fleet
beforeAll(async () => {
  testbed = await startTestbed()
  fleet = await startFleet(testbed)
})
afterAll(() => testbed?.close())

async function run(args: string, differing: Partial<CommandIo> = {}) {
  const { host, port } = testbed.resolver
  const io = recordedIo({ 'root.ds': testbed.trustAnchors.join('\n'), 'message.bin': 'from a file' }, differing)
  const status = await main(`${args} --resolver ${host}:${port} --trust-anchor root.ds`.split(' '), io)
  return { status, ...io.printed() }
}

describe('portolan pub and sub', () => {
  // Retained messages, so that neither has to wait for the other.
  it.each([
    ['-m on', 'on'],
    ['-f message.bin', 'from a file'],
    ['-l', 'last line'],
    ['-s', 'first line\nlast line\n'],
  ])('carry a message given with %s', async (source, message) => {
    const stdin = async function* () {
      yield new TextEncoder().encode('first line\nlast ')
      yield new TextEncoder().encode('line\n')
    }
    const topic = `lamp/${message.length}`
    const published = await run(`pub fleet.test -t ${topic} ${source} -r -q 1`, { stdin })
    expect(published).toEqual({ status: 0, out: '', err: '' })
    const received = await run(`sub fleet.test -t ${topic} -C 1 -v -q 2`)
    expect(received).toEqual({ status: 0, out: `${topic} ${message}\n`, err: '' })
  })

  it('speak MQTT 5 with -V, several topics, and no end of line with -N', async () => {
    await run('pub fleet.test -t a/1 -m one -r -q 1 -V mqttv5')
    await run('pub fleet.test -t b/1 -m two -r -q 1 -V 5')
    const { status, out } = await run('sub fleet.test -t a/1 -t b/1 -C 2 -N -V mqttv5')
    expect(status).toBe(0)
    expect(['onetwo', 'twoone']).toContain(out)
  })

  it('tell each decision with --verbose, the proof of the certificate among them', async () => {
    const { status, err } = await run('pub fleet.test -t lamp -n --verbose --near 50.11,8.68')
    expect(status).toBe(0)
    expect(err).toMatch(/^ranked +frankfurt\.fleet\.test: place 1/m)
    expect(err).toMatch(/^peer-accepted +frankfurt\.fleet\.test: 127\.\S+ port \d+, by dane: TLSA /m)
    expect(err.indexOf('peer-accepted')).toBeLessThan(err.indexOf('connect-sent'))
  })

  it('go on at another broker where theirs is lost, with what they subscribed to', async () => {
    const topic = 'survivor'
    let connections = 0
    const err = (text: string) => {
      if (!text.startsWith('connected')) return
      connections++
      if (connections === 1) void fleet.frankfurt.kill()
      // Retained, so it is there whether the subscription is back already or not.
      else void run(`pub fleet.test -t ${topic} -m alive -r -q 1`)
    }
    const { status, out } = await run(`sub fleet.test -t ${topic} -C 1 -q 1 --near 50.11,8.68 --verbose`, { err })
    await fleet.frankfurt.revive()
    expect([status, out, connections]).toEqual([0, 'alive\n', 2])
  })

  it('end with 9 where no broker is left', async () => {
    await Promise.all(fleet.brokers.map((broker) => broker.kill()))
    const { status, err } = await run('sub fleet.test -t a')
    await Promise.all(fleet.brokers.map((broker) => broker.revive()))
    expect(err).toContain('[mqtt/no-broker]')
    expect(status).toBe(9)
  })

  it('end with 10 where the brokers refuse who we are', async () => {
    const undo = fleet.brokers.map((broker) => broker.refuse(0x86))
    const { status, err } = await run('pub fleet.test -t a -m b -u me -P wrong')
    for (const back of undo) back()
    expect(err).toContain('[mqtt/refused-credentials]')
    expect(err).toContain('Check -u and -P')
    expect(status).toBe(10)
  })

  it('end with 11 where the broker, or MQTT itself, refuses the topic', async () => {
    const { status, err } = await run('sub fleet.test -t a/#/b')
    expect(err).toContain('[cli/topic-refused]')
    expect(status).toBe(11)
  })

  it('end with 27 when the seconds of -W are over, and 130 when interrupted', async () => {
    expect((await run('sub fleet.test -t nothing -W 1')).status).toBe(27)
    const interruption = new AbortController()
    const err = (text: string) => {
      if (text.startsWith('connected')) interruption.abort(new DOMException('interrupted', 'AbortError'))
    }
    expect((await run('sub fleet.test -t nothing --verbose', { err, signal: interruption.signal })).status).toBe(130)
  })

  it('refuse a domain without DANE, and say what to publish and how to go on', async () => {
    const { status, err } = await run('pub plain.test -t lamp -m on')
    expect(status).toBe(8)
    expect(err).toContain('IN TLSA 3 1 1')
    expect(err).toContain('--dane opportunistic')
  })

  it('let PKIX decide there when they are told so, which does not know the brokers of a testbed', async () => {
    const { status, err } = await run('pub plain.test -t lamp -m on --dane opportunistic')
    expect(err).toContain('[mqtt/tls-refused]')
    expect(status).toBe(9)
  })

  it('keep what a message holds from moving the cursor of a terminal', async () => {
    await run('pub fleet.test -t rude -s -r -q 1', {
      stdin: async function* () {
        yield new TextEncoder().encode('\x1b[2Jhello')
      },
    })
    expect((await run('sub fleet.test -t rude -C 1')).out).toBe('\x1b[2Jhello\n')
    expect((await run('sub fleet.test -t rude -C 1', { outIsTerminal: true })).out).toBe('�[2Jhello\n')
  })

  it.each([
    ['pub fleet.test -t lamp', 'name one of -m, -f, -l, -s and -n'],
    ['pub fleet.test -t lamp -m on -n', 'name one of -m, -f, -l, -s and -n'],
    ['pub fleet.test -t lamp -f missing', 'missing cannot be read'],
    ['pub fleet.test -t lamp/# -m on', '+ and # are for subscribing'],
    ['pub fleet.test -m on', "required option '-t, --topic <topic>' not specified"],
    ['sub fleet.test', "required option '-t, --topic <filter>' not specified"],
    ['sub fleet.test -t a -q 3', 'Expected 0, 1 or 2'],
    ['sub fleet.test -t a -C 0', 'Expected a count, from 1'],
    ['sub fleet.test -t a -c', 'name it with -i'],
    ['sub fleet.test -t a --cert c.pem', '--cert and --key'],
    ['sub fleet.test -t a --dane sometimes', 'Allowed choices are required, opportunistic, report'],
  ])('refuse %s before anything is asked', async (args, words) => {
    const before = testbed.questions.length
    const { status, err } = await run(args)
    expect(err).toContain(words)
    expect(status).toBe(2)
    expect(testbed.questions.length).toBe(before)
  })
})

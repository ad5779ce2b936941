import { describe, expect, it } from 'vitest'
import { finish, freePort, start } from './processes.ts'
import { installAdvice, missingOf } from './servers.ts'

const NODE = process.execPath

describe('start', () => {
  it('is ready by the line that the process prints, and gone after stop', async () => {
    const running = await start(NODE, ['-e', 'console.log("listening"); setInterval(() => {}, 1e6)'], {
      ready: /^listening$/m,
    })
    expect(running.output()).toBe('listening\n')
    await running.stop()
    expect(() => process.kill(running.pid, 0)).toThrow('ESRCH')
  })

  it('is ready by its port', async () => {
    const port = await freePort()
    const running = await start(NODE, ['-e', `require("net").createServer().listen(${port}, "127.0.0.1")`], {
      ready: port,
    })
    await running.stop()
  })

  it('rejects with the output of a process that ends early, cannot start or says nothing', async () => {
    await expect(start(NODE, ['-e', 'console.error("port taken")'], { ready: /up/ })).rejects.toThrow('port taken')
    await expect(start('/nowhere/named', [], { ready: /up/ })).rejects.toThrow('ENOENT')
    const silent = start(NODE, ['-e', 'setInterval(() => {}, 1e6)'], { ready: /up/, timeoutMs: 300 })
    await expect(silent).rejects.toThrow('300 ms passed')
  })
})

describe('finish', () => {
  it('gives status and both streams', async () => {
    const script = 'process.stdin.on("data", (d) => console.log(String(d))); console.error("e"); process.exitCode = 3'
    expect(await finish(NODE, ['-e', script], { input: 'in' })).toEqual({ status: 3, stdout: 'in\n', stderr: 'e\n' })
  })

  it('rejects where something keeps the process alive', async () => {
    const left = finish(NODE, ['-e', 'setInterval(() => {}, 1e6)'], { timeoutMs: 500 })
    await expect(left).rejects.toThrow('did not end by itself')
  })
})

describe('installAdvice', () => {
  it('names each missing program and each package once', () => {
    const missing = missingOf(['named', 'delv', 'dig', 'kdig'], (program) => program === 'named')
    expect(installAdvice(missing)).toBe(
      'Not installed: delv, dig, kdig. On Debian: apt-get install bind9-dnsutils knot-dnsutils',
    )
  })
})

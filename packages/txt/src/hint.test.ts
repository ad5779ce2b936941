import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hintRecord, isHint, parseHint } from './hint.ts'
import { TXT } from './txt.ts'

const strings = (...all: readonly string[]) =>
  all.map((text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)))
const malformed = expect.objectContaining({ code: 'core/malformed-record' })

describe('which record is a hint', () => {
  it.each<[boolean, string[]]>([
    [true, ['v=mqtt1']],
    [true, ['v=mqtt1', 'sasl=PLAIN']],
    [true, ['V=mqtt1', 'x']],
    [false, ['sasl=PLAIN', 'v=mqtt1']],
    [false, ['', 'v=mqtt1']],
    [false, ['v=mqtt2', 'sasl=PLAIN']],
    [false, ['v=MQTT1']],
    [false, ['v=mqtt1 ']],
    [false, ['v']],
    [false, ['v=']],
    [false, ['v=spf1 -all']],
    [false, ['txtvers=1', 'sasl=PLAIN']],
    [false, ['']],
    [false, []],
  ])('%s: %j', (expected, texts) => expect(isHint(strings(...texts))).toBe(expected))
})

describe('what a hint says', () => {
  it.each<[string[], readonly string[] | undefined]>([
    [
      ['v=mqtt1', 'sasl=SCRAM-SHA-256 EXTERNAL'],
      ['SCRAM-SHA-256', 'EXTERNAL'],
    ],
    [['v=mqtt1', 'SASL=PLAIN'], ['PLAIN']],
    [['v=mqtt1', 'later=x', 'sasl=PLAIN', 'sasl=EXTERNAL'], ['PLAIN']],
    [
      ['v=mqtt1', 'sasl=PLAIN EXTERNAL PLAIN'],
      ['PLAIN', 'EXTERNAL'],
    ],
    [['v=mqtt1', 'sasl=ABCDEFGHIJKLMNOPQRST'], ['ABCDEFGHIJKLMNOPQRST']],
    [['v=mqtt1', 'sasl=X-9_Y'], ['X-9_Y']],
    [['v=mqtt1'], undefined],
    [['v=mqtt1', '=sasl', 'saslx=PLAIN'], undefined],
  ])('%j', (texts, mechanisms) => expect(parseHint(strings(...texts))).toEqual({ mechanisms }))

  it.each([
    ['sasl', 'has no value'],
    ['sasl=', '""'],
    ['sasl= PLAIN', '""'],
    ['sasl=PLAIN ', '""'],
    ['sasl=PLAIN  EXTERNAL', '""'],
    ['sasl=plain', '"plain"'],
    ['sasl=PLAIN,EXTERNAL', '"PLAIN,EXTERNAL"'],
    ['sasl=ABCDEFGHIJKLMNOPQRSTU', '"ABCDEFGHIJKLMNOPQRSTU"'],
    ['sasl=PL\u00c4IN', 'RFC 4422'],
    ['sasl=PLAIN\n', 'RFC 4422'],
  ])('refuses %j whole, and says what is wrong', (sasl, part) => {
    expect(() => parseHint(strings('v=mqtt1', sasl))).toThrow(malformed)
    expect(() => parseHint(strings('v=mqtt1', sasl))).toThrow(part)
  })

  it('is no hint without the version', () => expect(() => parseHint(strings('sasl=PLAIN'))).toThrow(malformed))

  it('any strings end in a value or our error', () => {
    const string = fc.oneof(
      fc.constantFrom('v=mqtt1', 'sasl', 'sasl='),
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `sasl=${text}`),
    )
    fc.assert(
      fc.property(fc.array(string, { maxLength: 5 }), (rest) => {
        try {
          const { mechanisms = ['X'] } = parseHint(strings('v=mqtt1', ...rest))
          for (const name of mechanisms) expect(name).toMatch(/^[A-Z0-9_-]{1,20}$/)
        } catch (error) {
          expect(error).toEqual(malformed)
        }
      }),
    )
  })
})

describe('hintRecord', () => {
  it('writes what docs/profile.md shows', () => {
    const rdata = TXT.encode(hintRecord(['SCRAM-SHA-256', 'EXTERNAL']))
    expect(String.fromCharCode(...rdata)).toBe('\x07v=mqtt1\x1bsasl=SCRAM-SHA-256 EXTERNAL')
  })

  it('is read as it was written', () => {
    const name = fc.stringMatching(/^[A-Z0-9_-]{1,20}$/)
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 11 }), (mechanisms) => {
        expect(parseHint(TXT.decode(TXT.encode(hintRecord(mechanisms))))).toEqual({ mechanisms })
      }),
    )
  })

  it.each<[string, string[]]>([
    ['no mechanism', []],
    ['a lower-case name', ['plain']],
    ['two names in one', ['PLAIN EXTERNAL X', '']],
    ['more than a string holds', Array.from({ length: 13 }, (_, i) => `ABCDEFGHIJKLMNOPQR${10 + i}`)],
    ['far more', Array.from({ length: 300_000 }, () => 'ABCDEFGHIJKLMNOPQRST')],
  ])('refuses %s', (_, mechanisms) => expect(() => hintRecord(mechanisms)).toThrow(malformed))
})

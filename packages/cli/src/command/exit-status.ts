/** What the command's exit status says; part of its interface, as the README lists it. */
export const EXIT = {
  done: 0,
  /** A fault in Portolan itself. */
  fault: 1,
  usage: 2,
  noSuchDomain: 3,
  notOffered: 4,
  noService: 5,
  bogus: 6,
  unreachable: 7,
  noneUsable: 8,
  notConnected: 9,
  loginRefused: 10,
  topicRefused: 11,
  /** As mosquitto_sub has it. */
  waitOver: 27,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

/** For `--help` and the documents. */
export const EXIT_MEANINGS: readonly (readonly [ExitStatus, string])[] = [
  [EXIT.done, 'done: brokers found, messages published or received'],
  [EXIT.fault, 'a fault in portolan itself'],
  [EXIT.usage, 'the command line, or a file it names, cannot be used'],
  [EXIT.noSuchDomain, 'no such domain'],
  [EXIT.notOffered, 'the domain says that it offers no such service'],
  [EXIT.noService, 'the domain publishes no broker'],
  [EXIT.bogus, 'the answer is forged or broken: DNSSEC refuses it'],
  [EXIT.unreachable, 'nobody answered, or not in time'],
  [EXIT.noneUsable, 'brokers are published, and none can be used'],
  [EXIT.notConnected, 'no broker took the connection, or it was lost for good'],
  [EXIT.loginRefused, 'the brokers refuse the user name or password'],
  [EXIT.topicRefused, 'the broker refuses the topic'],
  [EXIT.waitOver, 'the seconds of -W are over'],
  [EXIT.interrupted, 'interrupted'],
]

/** Node's transports: UDP, TCP and the servers that the system is configured with. */
export {}

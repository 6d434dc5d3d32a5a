/** The STRICT protocol as PROTOCOL.md has it: codec, state machine and the batching of quotes. No sockets, no engines. */
package io.ebridge.ratls.strict;

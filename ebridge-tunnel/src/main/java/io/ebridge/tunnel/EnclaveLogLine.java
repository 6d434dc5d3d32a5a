package io.ebridge.tunnel;

import io.ebridge.protocol.LogLine;
import io.ebridge.vsock.Cid;
import java.time.Instant;

/**
 * One line of an enclave's log, attributed by the host. The text is safe to show, see {@link io.ebridge.protocol.LogLines};
 * what it says is the enclave's word only.
 *
 * @param cid which enclave
 * @param appName the name that the enclave gives itself
 * @param arrived when the host had read it
 * @param level the level found in the line (the {@code level} member of a JSON line, or a level as one of its first words),
 *     else {@code INFO}
 * @param line the text, and whether it is a piece of a longer line
 */
public record EnclaveLogLine(Cid cid, String appName, Instant arrived, System.Logger.Level level, LogLine line) {}

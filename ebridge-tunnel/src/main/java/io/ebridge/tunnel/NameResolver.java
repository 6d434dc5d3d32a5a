package io.ebridge.tunnel;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Turns a host name into addresses. The bridge calls it on threads of its own, for at most 32 names at once, caches the answer
 * and gives up waiting after a deadline; an implementation may block and should be interruptible.
 *
 * <p>A name counts until the implementation has come back, whether anybody still waits or not. An enclave that has as many
 * names in work as there are places free (16 while no other enclave asks) is refused the next one with
 * {@link BridgeReason#TOO_MANY_NAMES}: slow names of one enclave leave places for the others. Names whose answer is cached or in
 * work, and address literals, take none.
 */
@FunctionalInterface
public interface NameResolver {
    /**
     * Resolves a name.
     *
     * @param host a host name in lower case, never an address literal
     * @return the addresses, in the order in which to try them; not empty
     * @throws IOException if it cannot be resolved
     */
    List<InetAddress> resolve(String host) throws IOException;

    /**
     * {@return the resolver of the operating system, with its hosts file and its search for the right server}
     */
    static NameResolver system() {
        return host -> List.of(InetAddress.getAllByName(host));
    }
}

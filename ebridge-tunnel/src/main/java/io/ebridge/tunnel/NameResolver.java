package io.ebridge.tunnel;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Turns a host name into addresses. The bridge calls it on threads of its own, a few at a time, caches the answer and gives
 * up waiting after a deadline; an implementation may block and should be interruptible.
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

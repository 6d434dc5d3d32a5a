package io.ebridge.tunnel;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The addresses of this machine: a connection to one of them reaches what listens here, exactly as loopback does. Asks the
 * system, so not for event loops.
 */
final class OwnAddresses {
    private static final long KEPT_NANOS = 5_000_000_000L;

    private volatile Set<InetAddress> known = Set.of();
    private volatile long asked;
    private volatile boolean ever;

    boolean contains(InetAddress address) {
        long now = System.nanoTime();
        if (!ever || now - asked > KEPT_NANOS) {
            try {
                known = NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .map(OwnAddresses::withoutZone)
                        .collect(Collectors.toUnmodifiableSet());
            } catch (SocketException e) {
                // No interfaces to be had: the kinds of the addresses still decide.
                Events.log(System.Logger.Level.DEBUG, "The addresses of this machine are not known", e);
            }
            asked = now;
            ever = true;
        }
        return known.contains(withoutZone(address));
    }

    private static InetAddress withoutZone(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("An address has four or sixteen bytes", e);
        }
    }
}

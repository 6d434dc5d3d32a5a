package io.ebridge.tunnel;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The addresses of this machine, as last seen: a connection to one of them reaches what listens here, exactly as loopback does. */
final class OwnAddresses {
    private static final long KEPT_NANOS = 5_000_000_000L;

    private volatile Set<InetAddress> known = Set.of();
    private volatile long asked;
    private volatile boolean ever;

    boolean fresh() {
        return ever && System.nanoTime() - asked <= KEPT_NANOS;
    }

    /** Asks the system, so not for event loops. */
    void refresh() {
        long now = System.nanoTime();
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

    Set<InetAddress> among(List<InetAddress> addresses) {
        Set<InetAddress> own = known;
        return addresses.stream()
                .filter(address -> own.contains(withoutZone(address)))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static InetAddress withoutZone(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("An address has four or sixteen bytes", e);
        }
    }
}

package io.ebridge.protocol;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where an enclave wants to be connected to: a host and a port, as they stand in a target line.
 *
 * <p><b>Guaranteed:</b> the host is exactly one of these three, so that two readers never understand it differently.
 *
 * <ul>
 *   <li>an IPv4 address of four decimal numbers without leading zeros;
 *   <li>an IPv6 address as in RFC 4291 section 2.2, without brackets and without a zone;
 *   <li>a DNS name in ASCII: at most 253 characters, labels of 1 to 63 letters, digits, {@code -} and {@code _}, no {@code -} at either
 *       end of a label. Names that end in a number ({@code 127.1}, {@code 0x7f.0.0.1}, {@code 2130706433}) are refused, since some
 *       resolvers take them for addresses.
 * </ul>
 *
 * <p>Letters are turned to lower case, and one dot at the end of a name is dropped. <b>Not guaranteed:</b> that the host may be reached.
 * A name can resolve to any address, and {@code ::ffff:127.0.0.1} is an address of the host itself: look at {@link #literal()} and at what
 * a name resolves to.
 *
 * @param host the host, in lower case, without brackets
 * @param port the TCP port, 1 to 65535
 */
public record Target(String host, int port) {
    private static final int MAX_NAME = 253;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
    private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");

    /**
     * Checks the values, and turns the host to lower case.
     *
     * @param host the host, without brackets
     * @param port the TCP port
     * @throws IllegalArgumentException if the host or the port is not allowed
     */
    public Target {
        Objects.requireNonNull(host, "host");
        host = canonical(host);
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a target's port must be from 1 to 65535, not " + port);
        }
    }

    /**
     * Reads {@code host:port}, with brackets around an IPv6 address.
     *
     * @param text the text
     * @return the target
     * @throws IllegalArgumentException if it is not exactly that
     */
    public static Target parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("a target must be host:port");
        }
        String host = text.substring(0, colon);
        String port = text.substring(colon + 1);
        boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (bracketed != host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a target must have brackets around an IPv6 address, and nothing else");
        }
        if (!PORT.matcher(port).matches()) {
            throw new IllegalArgumentException("a target's port must be decimal, from 1 to 65535");
        }
        return new Target(host, Integer.parseInt(port));
    }

    /**
     * Returns the host as an address if it is one; never asks a resolver. An IPv4-mapped IPv6 address comes out as the IPv4 address.
     *
     * @return the address; empty if the host is a name
     */
    public Optional<InetAddress> literal() {
        return Optional.ofNullable(IpLiterals.parse(host)).map(IpLiterals::address);
    }

    /**
     * Returns the target for a socket; never asks a resolver.
     *
     * @return a resolved address if the host is a literal, else an unresolved one
     */
    public InetSocketAddress toSocketAddress() {
        return literal()
                .map(address -> new InetSocketAddress(address, port))
                .orElseGet(() -> InetSocketAddress.createUnresolved(host, port));
    }

    /**
     * Returns {@code host:port}, with brackets around an IPv6 address, which {@link #parse} reads.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** The target line. */
    ByteBuffer toLine() {
        return ByteBuffer.wrap((this + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static String canonical(String given) {
        String host = given.toLowerCase(Locale.ROOT);
        if (IpLiterals.parse(host) != null) {
            return host;
        }
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        String[] labels = host.split("\\.", -1);
        boolean name = host.length() <= MAX_NAME
                && !NUMBER.matcher(labels[labels.length - 1]).matches();
        for (int i = 0; i < labels.length && name; i++) {
            name = LABEL.matcher(labels[i]).matches();
        }
        if (!name) {
            throw new IllegalArgumentException("a target's host must be a DNS name or an IP address");
        }
        return host;
    }
}

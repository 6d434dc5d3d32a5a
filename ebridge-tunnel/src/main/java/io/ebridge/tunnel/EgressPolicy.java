package io.ebridge.tunnel;

import io.ebridge.protocol.Target;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Which targets an enclave may reach through the host: by exact host name, name suffix, address or CIDR block, each with
 * ports. Nothing is allowed unless a rule says so.
 *
 * <p><strong>Guaranteed:</strong> a name is dialled only if a name rule covers it, and then only at those of its resolved
 * addresses that are public or private. Loopback, link-local, cloud metadata, multicast, unspecified and reserved addresses
 * stay closed, whatever a name resolves to, unless an address rule names them: a rule of a block that lies within such a
 * range (for metadata, and for the host's own addresses: the very address) and that covers the port. {@code 0.0.0.0/0} names
 * neither these nor the private ranges. The address that was checked is the address that is dialled. IPv6 addresses that
 * carry an IPv4 address count as what they carry.
 *
 * <p><strong>Not guaranteed:</strong> that the machine behind an allowed name is the right one; the enclave must
 * authenticate it (TLS). Whoever controls the zone of an allowed suffix decides which public or private machines are
 * reached; see {@link Builder#publicAddressesOnly()}.
 *
 * <p>Rules as text: {@code kms.eu-west-1.amazonaws.com:443}, {@code *.example.com:443} (any depth, not the apex),
 * {@code 10.0.0.0/8:5432}, {@code [2001:db8::/32]:8000-8010}, {@code 127.0.0.1:9000}, {@code example.com:*}. The rule
 * {@code localhost:9000} names loopback for that one name.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class EgressPolicy {
    private static final EgressPolicy DENY_ALL = builder().build();

    private record NameRule(String name, boolean suffix, PortRange ports) {
        boolean covers(String host, int port) {
            return ports.contains(port)
                    && (suffix ? host.length() > name.length() && host.endsWith(name) : host.equals(name));
        }
    }

    private record AddressRule(AddressRange range, PortRange ports) {}

    private final List<NameRule> names;
    private final List<AddressRule> addresses;
    private final boolean publicOnly;

    private EgressPolicy(Builder builder) {
        this.names = List.copyOf(builder.names);
        this.addresses = List.copyOf(builder.addresses);
        this.publicOnly = builder.publicOnly;
    }

    /**
     * {@return the policy that refuses every target}
     */
    public static EgressPolicy denyAll() {
        return DENY_ALL;
    }

    /**
     * A policy of rules written as text.
     *
     * @param rules the rules, see the class comment
     * @return the policy
     * @throws IllegalArgumentException if a rule cannot be read; the message quotes it
     */
    public static EgressPolicy allow(String... rules) {
        Builder builder = builder();
        for (String rule : rules) {
            builder.allow(rule);
        }
        return builder.build();
    }

    /**
     * {@return a builder that so far allows nothing}
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Checks a target as an enclave would write it: a name must be covered by a name rule, an address literal by an
     * address rule. For a name, each resolved address has to pass {@link #check(Target, InetAddress)} as well.
     *
     * @param target the target
     * @throws BridgeException with {@link BridgeReason#TARGET_NOT_ALLOWED}
     */
    public void check(Target target) throws BridgeException {
        InetAddress literal = target.literal().orElse(null);
        boolean allowed = literal != null
                ? named(literal, target.port(), AddressKind.of(literal))
                : names.stream().anyMatch(rule -> rule.covers(target.host(), target.port()));
        if (!allowed) {
            throw new BridgeException(BridgeReason.TARGET_NOT_ALLOWED, target + " is not allowed by the egress policy");
        }
    }

    /**
     * Checks one address that an allowed name resolved to.
     *
     * @param target the target; if its host is an address literal, {@code address} must equal it
     * @param address what it resolved to
     * @throws BridgeException with {@link BridgeReason#ADDRESS_NOT_ALLOWED}, or as {@link #check(Target)} throws
     */
    public void check(Target target, InetAddress address) throws BridgeException {
        check(target);
        InetAddress literal = target.literal().orElse(null);
        boolean allowed = literal != null ? literal.equals(address) : addressAllowed(target, address);
        if (!allowed) {
            throw new BridgeException(
                    BridgeReason.ADDRESS_NOT_ALLOWED,
                    target.host() + " resolves to " + address.getHostAddress() + " ("
                            + AddressKind.of(address).kind() + "), which no rule names");
        }
    }

    /** Whether an address of the host itself may be dialled: only if a rule names that very address. */
    boolean ownAddressAllowed(InetAddress address, int port) {
        int bits = address.getAddress().length * 8;
        return addresses.stream()
                .anyMatch(rule ->
                        rule.ports.contains(port) && rule.range.prefix() == bits && rule.range.contains(address));
    }

    private boolean addressAllowed(Target target, InetAddress address) {
        AddressKind.Found found = AddressKind.of(address);
        return switch (found.kind()) {
            case PUBLIC -> true;
            case PRIVATE -> !publicOnly || named(address, target.port(), found);
            case LOOPBACK -> target.host().equals("localhost") || named(address, target.port(), found);
            default -> named(address, target.port(), found);
        };
    }

    private boolean named(InetAddress address, int port, AddressKind.Found found) {
        AddressRange block = found.block();
        return addresses.stream()
                .anyMatch(rule -> rule.ports.contains(port)
                        && rule.range.contains(address)
                        && (block == null || rule.range.within(block)));
    }

    @Override
    public String toString() {
        List<String> rules = new ArrayList<>();
        names.forEach(rule -> rules.add((rule.suffix ? "*" : "") + rule.name + ":" + rule.ports));
        addresses.forEach(rule -> rules.add("[" + rule.range + "]:" + rule.ports));
        return "EgressPolicy" + rules;
    }

    /** Collects rules. Not safe for use by several threads. */
    public static final class Builder {
        private final List<NameRule> names = new ArrayList<>();
        private final List<AddressRule> addresses = new ArrayList<>();
        private boolean publicOnly;

        private Builder() {}

        /**
         * Adds one rule written as text.
         *
         * @param rule see {@link EgressPolicy}
         * @return this
         * @throws IllegalArgumentException if it cannot be read
         */
        public Builder allow(String rule) {
            Objects.requireNonNull(rule, "rule");
            try {
                int colon = rule.lastIndexOf(':');
                if (colon <= 0 || rule.endsWith("]")) {
                    throw new IllegalArgumentException("a rule ends in :port, :first-last or :*");
                }
                String host = rule.substring(0, colon);
                PortRange ports = PortRange.parse(rule.substring(colon + 1));
                if (host.startsWith("[") && host.endsWith("]")) {
                    addresses.add(new AddressRule(AddressRange.parse(host.substring(1, host.length() - 1)), ports));
                } else if (host.indexOf(':') >= 0) {
                    throw new IllegalArgumentException("an IPv6 address stands in brackets");
                } else if (host.indexOf('/') >= 0 || AddressRange.literal(host) != null) {
                    addresses.add(new AddressRule(AddressRange.parse(host), ports));
                } else if (host.startsWith("*.")) {
                    names.add(new NameRule("." + name(host.substring(2)), true, ports));
                } else {
                    names.add(new NameRule(name(host), false, ports));
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("Egress rule '" + rule + "': " + e.getMessage(), e);
            }
            return this;
        }

        /**
         * Allows one exact host name.
         *
         * @param host the name, in ASCII (punycode for others)
         * @param port the TCP port
         * @return this
         */
        public Builder host(String host, int port) {
            names.add(new NameRule(name(host), false, new PortRange(port, port)));
            return this;
        }

        /**
         * Allows every name below a domain, at any depth, but not the domain itself.
         *
         * @param domain such as {@code example.com}
         * @param port the TCP port
         * @return this
         */
        public Builder below(String domain, int port) {
            names.add(new NameRule("." + name(domain), true, new PortRange(port, port)));
            return this;
        }

        /**
         * Allows a block of addresses, and names every address in it that would otherwise stay closed.
         *
         * @param block an address or CIDR block, such as {@code 10.1.0.0/16}
         * @param firstPort the lowest TCP port
         * @param lastPort the highest TCP port
         * @return this
         */
        public Builder addresses(String block, int firstPort, int lastPort) {
            addresses.add(new AddressRule(AddressRange.parse(block), new PortRange(firstPort, lastPort)));
            return this;
        }

        /**
         * Refuses private addresses too (RFC 1918, RFC 6598, RFC 4193) when a name resolves to them and no address rule
         * names them. Not the default, because cloud services are often reached at private endpoints.
         *
         * @return this
         */
        public Builder publicAddressesOnly() {
            publicOnly = true;
            return this;
        }

        /**
         * {@return the policy}
         */
        public EgressPolicy build() {
            return new EgressPolicy(this);
        }

        private static String name(String host) {
            Target target = new Target(host, 1);
            if (target.literal().isPresent()) {
                throw new IllegalArgumentException("'" + host + "' is an address; use an address rule");
            }
            return target.host();
        }
    }
}

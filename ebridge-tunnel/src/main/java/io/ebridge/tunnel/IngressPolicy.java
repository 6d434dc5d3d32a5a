package io.ebridge.tunnel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which TCP ports of the host an enclave may claim for its server tunnels, where they are bound, and how many. Nothing is
 * allowed unless a rule says so.
 *
 * <p><strong>Guaranteed:</strong> no listener is opened for an enclave on a port that no rule grants; settings that ask
 * for one are refused as a whole, before any listener opens; a rule with an address grants no other address. <strong>Not guaranteed:</strong> who connects to such a port; that is for the service in the
 * enclave to find out.
 *
 * <p>Granted ports are bound where the settings say, on all interfaces unless they name one, as clients elsewhere need it; a rule
 * with an address confines them. Immutable and safe for use by several threads.
 */
public final class IngressPolicy {
    /** How many server tunnels an enclave may have unless a policy says otherwise. */
    public static final int DEFAULT_MAX_TUNNELS = 16;

    private static final IngressPolicy DENY_ALL = builder().build();

    private record Rule(PortRange ports, @Nullable InetAddress bind, @Nullable InetSocketAddress mapped) {}

    private final List<Rule> rules;
    private final int maxTunnels;

    private IngressPolicy(Builder builder) {
        this.rules = List.copyOf(builder.rules);
        this.maxTunnels = builder.maxTunnels;
    }

    /**
     * {@return the policy that grants no port}
     */
    public static IngressPolicy denyAll() {
        return DENY_ALL;
    }

    /**
     * A policy that grants the given ports, on any address.
     *
     * @param ports TCP ports, 1 to 65535; 0 grants a claim for "any free port"
     * @return the policy
     */
    public static IngressPolicy allow(int... ports) {
        Builder builder = builder();
        for (int port : ports) {
            builder.port(port);
        }
        return builder.build();
    }

    /**
     * {@return a builder that so far grants nothing}
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return how many server tunnels one enclave may have}
     */
    public int maxTunnels() {
        return maxTunnels;
    }

    /**
     * Finds where a claimed port is to be bound.
     *
     * @param address the address that the enclave's settings name; usually the wildcard
     * @param port the port that they name, 0 for any free one
     * @return the address to listen at: the claimed one, or where the rule that grants it says
     * @throws BridgeException with {@link BridgeReason#PORT_NOT_ALLOWED}
     */
    public InetSocketAddress check(InetAddress address, int port) throws BridgeException {
        for (Rule rule : rules) {
            if (rule.ports.contains(port)) {
                if (rule.mapped != null) {
                    return rule.mapped;
                }
                if (rule.bind == null) {
                    return new InetSocketAddress(address, port);
                }
                if (address.isAnyLocalAddress() || address.equals(rule.bind)) {
                    return new InetSocketAddress(rule.bind, port);
                }
            }
        }
        throw new BridgeException(
                BridgeReason.PORT_NOT_ALLOWED,
                "The ingress policy does not grant TCP port " + port + " on " + address.getHostAddress());
    }

    @Override
    public String toString() {
        return "IngressPolicy" + rules;
    }

    /** Collects rules; the first that covers a port decides. Not safe for use by several threads. */
    public static final class Builder {
        private final List<Rule> rules = new ArrayList<>();
        private int maxTunnels = DEFAULT_MAX_TUNNELS;

        private Builder() {}

        /**
         * Grants a port, on any address.
         *
         * @param port 1 to 65535; 0 grants a claim for "any free port"
         * @return this
         */
        public Builder port(int port) {
            return ports(port, port);
        }

        /**
         * Grants a range of ports, on any address.
         *
         * @param first the lowest
         * @param last the highest
         * @return this
         */
        public Builder ports(int first, int last) {
            rules.add(new Rule(new PortRange(first, last), null, null));
            return this;
        }

        /**
         * Grants a range of ports on one address only, for instance the loopback address; a claim for all interfaces gets
         * that address too.
         *
         * @param bind the address to bind
         * @param first the lowest
         * @param last the highest
         * @return this
         */
        public Builder portsOn(InetAddress bind, int first, int last) {
            rules.add(new Rule(new PortRange(first, last), Objects.requireNonNull(bind, "bind"), null));
            return this;
        }

        /**
         * Grants a port, but listens elsewhere; so can two enclaves both claim 8080. Port 0 lets the system choose;
         * {@link BridgedEnclave#listening()} tells which.
         *
         * @param claimed the port that the enclave's settings name
         * @param listenAt where to listen instead
         * @return this
         */
        public Builder map(int claimed, InetSocketAddress listenAt) {
            if (listenAt.isUnresolved()) {
                throw new IllegalArgumentException("Unresolved: " + listenAt);
            }
            rules.add(new Rule(new PortRange(claimed, claimed), null, listenAt));
            return this;
        }

        /**
         * Limits how many server tunnels one enclave may have.
         *
         * @param count 0 to 1024; default {@value IngressPolicy#DEFAULT_MAX_TUNNELS}
         * @return this
         */
        public Builder maxTunnels(int count) {
            if (count < 0 || count > 1024) {
                throw new IllegalArgumentException("maxTunnels " + count + " is not within 0 to 1024");
            }
            maxTunnels = count;
            return this;
        }

        /**
         * {@return the policy}
         */
        public IngressPolicy build() {
            return new IngressPolicy(this);
        }
    }
}

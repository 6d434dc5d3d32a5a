package io.ebridge.tunnel;

import io.ebridge.protocol.EnvironmentFilter;
import io.ebridge.protocol.Limits;
import io.ebridge.vsock.Cid;
import io.ebridge.vsock.VsockTransport;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the builder of a host bridge has collected. */
record HostSettings(
        VsockTransport transport,
        Set<Cid> accepted,
        long initPort,
        long logPort,
        EnvironmentFilter environment,
        IngressPolicy ingress,
        Map<Cid, IngressPolicy> ingressOf,
        EgressPolicy egress,
        Map<Cid, EgressPolicy> egressOf,
        TunnelLimits limits,
        Limits protocolLimits,
        BridgeListener listener,
        Consumer<EnclaveLogLine> log,
        NameResolver resolver,
        @Nullable Executor serviceThreads,
        InstantSource clock,
        int eventLoops) {

    IngressPolicy ingress(Cid cid) {
        return ingressOf.getOrDefault(cid, ingress);
    }

    EgressPolicy egress(Cid cid) {
        return egressOf.getOrDefault(cid, egress);
    }
}

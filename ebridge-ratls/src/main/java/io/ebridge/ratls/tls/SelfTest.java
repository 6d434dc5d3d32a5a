package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.TlsProvider;
import io.ebridge.ratls.strict.Binding;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.x500.X500Name;

/**
 * Tries to resume a session against itself, once for each TLS implementation: a client that keeps its cache, and whatever ticket it was given, against
 * two server engines made as this library makes them. If the second handshake shows no certificate, sessions can be resumed and nothing starts. Where
 * there is an exporter, both ends must also come to the same value, and two connections to different ones.
 */
public final class SelfTest {

    private static final Set<TlsProvider> PASSED = EnumSet.noneOf(TlsProvider.class);
    private static final Set<TlsProvider> PASSED_EXPORTING = EnumSet.noneOf(TlsProvider.class);
    private static final String HOST = "self.test";
    private static final int MAX_STEPS = 200;

    private SelfTest() {}

    public static void require(TlsStack stack) throws SSLException {
        synchronized (PASSED) {
            Set<TlsProvider> passed = stack.exports() ? PASSED_EXPORTING : PASSED;
            if (passed.contains(stack.kind())) {
                return;
            }
            run(stack);
            passed.add(stack.kind());
        }
    }

    static void run(TlsStack stack) throws SSLException {
        SecureRandom random = new SecureRandom();
        KeyPair keys = LeafCertificates.newKeys(random);
        Instant now = Instant.now();
        Leaf leaf = new Leaf(
                keys.getPrivate(),
                List.of(LeafCertificates.build(
                        new LeafCertificates.Spec(
                                new X500Name("CN=" + HOST),
                                null,
                                List.of(HOST),
                                now.minus(Duration.ofDays(1)),
                                now.plus(Duration.ofDays(1)),
                                Map.of()),
                        keys,
                        random)));
        int[] checks = new int[1];
        // The worst client there is: one context, the same host and port each time, so that it resumes what it can.
        PeerTrust trust = new PeerTrust(chain -> checks[0]++, null);
        try (TlsStack.ResumingClient client = stack.resumingClient(trust, random, HOST, 443)) {
            for (int i = 1; i <= 2; i++) {
                SSLEngine ours = stack.newEngine(false, leaf, PeerTrust.refusing(), random);
                try {
                    connect(client.next(), ours);
                } finally {
                    stack.release(ours);
                }
                if (checks[0] != i) {
                    throw new AttestedTlsException(
                            Reason.SELF_TEST, stack.kind() + " resumed a session: the certificate was not shown again");
                }
            }
        }
        if (stack.exports()) {
            compareExporters(stack, leaf, random);
        }
    }

    /** Both ends of a connection must come to one value, and two connections to two. */
    private static void compareExporters(TlsStack stack, Leaf leaf, SecureRandom random) throws SSLException {
        Set<String> seen = new HashSet<>();
        for (int i = 1; i <= 2; i++) {
            PeerTrust trust = new PeerTrust(chain -> {}, null);
            SSLEngine client = stack.newEngine(true, null, trust, random);
            SSLEngine server = stack.newEngine(false, leaf, PeerTrust.refusing(), random);
            try {
                connect(client, server);
                byte[] value = stack.export(client, Binding.EXPORTER_LABEL, Binding.EXPORTER_BYTES);
                if (!MessageDigest.isEqual(value, stack.export(server, Binding.EXPORTER_LABEL, Binding.EXPORTER_BYTES))
                        || value.length != Binding.EXPORTER_BYTES
                        || !seen.add(HexFormat.of().formatHex(value))) {
                    throw new AttestedTlsException(
                            Reason.SELF_TEST, stack.kind() + " exports values that do not tell connections apart");
                }
            } finally {
                Reference.reachabilityFence(trust);
                stack.release(client);
                stack.release(server);
            }
        }
    }

    private static void connect(SSLEngine client, SSLEngine server) throws SSLException {
        int size = 2
                * Math.max(
                        client.getSession().getPacketBufferSize(),
                        server.getSession().getPacketBufferSize());
        ByteBuffer toServer = ByteBuffer.allocate(size).flip();
        ByteBuffer toClient = ByteBuffer.allocate(size).flip();
        client.beginHandshake();
        server.beginHandshake();
        boolean sent = false;
        for (int step = 0; step < MAX_STEPS; step++) {
            boolean done = idle(client) && idle(server);
            if (done && !sent) {
                // One byte each way, so that tickets sent after the handshake are taken too.
                pass(server, ByteBuffer.wrap(new byte[1]), toClient);
                pass(client, ByteBuffer.wrap(new byte[1]), toServer);
                sent = true;
            } else if (done && !toServer.hasRemaining() && !toClient.hasRemaining()) {
                return;
            }
            step(client, toClient, toServer);
            step(server, toServer, toClient);
        }
        throw new AttestedTlsException(Reason.SELF_TEST, "the TLS implementation does not finish a handshake");
    }

    private static boolean idle(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        } else if (status == HandshakeStatus.NEED_WRAP) {
            pass(engine, ByteBuffer.allocate(0), out);
        } else if (in.hasRemaining()) {
            engine.unwrap(in, ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()));
        }
    }

    private static void pass(SSLEngine engine, ByteBuffer data, ByteBuffer out) throws SSLException {
        out.compact();
        try {
            engine.wrap(data, out);
        } finally {
            out.flip();
        }
    }
}

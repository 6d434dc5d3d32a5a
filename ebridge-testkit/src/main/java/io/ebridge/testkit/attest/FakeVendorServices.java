package io.ebridge.testkit.attest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.EvidenceFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Intel's Provisioning Certification Service (API version 4), a cache of it (PCCS), and AMD's Key Distribution Service, over HTTP on a free port of the
 * loopback address: they serve the collateral of fakes.
 *
 * <p>Guarantees: paths, parameters, headers and encodings as the vendors document them; 400 for parameters that are wrong, 404 for a platform that is
 * none of the fakes', 405 for other methods than GET. What it serves is current by the fakes' clocks, at every request anew. Not guaranteed: access
 * control, or any path that the suite does not ask for.
 *
 * <pre>{@code
 * try (FakeVendorServices services = FakeVendorServices.start(enclave);
 *         HttpCollateralSource source = HttpCollateralSource.builder()
 *                 .intelPcs(services.intel(), services.intelRootCrl())
 *                 .amdKds(services.amd())
 *                 .build()) { … }
 * }</pre>
 *
 * <p>Thread-safe. Two threads answer; {@link #close} ends them.
 */
public final class FakeVendorServices implements AutoCloseable {
    private static final int MAX_LOG = 10_000;

    private final HttpServer server;
    private final ExecutorService threads;
    private final List<FakeQuotingEnclave> fakes;
    private final List<String> requests = new ArrayList<>();
    private int failures;
    private int failureStatus;
    private int retryAfterSeconds;

    private FakeVendorServices(List<FakeQuotingEnclave> fakes, HttpServer server, ExecutorService threads) {
        this.fakes = fakes;
        this.server = server;
        this.threads = threads;
    }

    /**
     * Starts to serve the collateral of some fakes.
     *
     * @param fakes SGX, TDX and SEV-SNP enclaves, each on another platform
     * @return the running services
     * @throws UncheckedIOException if no port can be bound
     */
    public static FakeVendorServices start(FakeQuotingEnclave... fakes) {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no port for the fake vendor services", e);
        }
        ExecutorService threads = Executors.newFixedThreadPool(2, r -> {
            Thread t = new Thread(r, "fake-vendor-services");
            t.setDaemon(true);
            return t;
        });
        FakeVendorServices services = new FakeVendorServices(List.of(fakes), server, threads);
        server.setExecutor(threads);
        server.createContext("/", services::handle);
        server.start();
        return services;
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    /**
     * Where Intel's service is.
     *
     * @return the base address, without a slash at the end
     */
    public URI intel() {
        return at("/intel");
    }

    /**
     * Where Intel's root CA has its revocation list.
     *
     * @return the address of the list
     */
    public URI intelRootCrl() {
        return at("/intel/IntelSGXRootCA.der");
    }

    /**
     * Where a cache of Intel's service is; its revocation lists come as hexadecimal text, as such caches send them.
     *
     * @return the base address, without a slash at the end
     */
    public URI pccs() {
        return at("/pccs");
    }

    /**
     * Where AMD's service is.
     *
     * @return the base address, without a slash at the end
     */
    public URI amd() {
        return at("/amd");
    }

    /**
     * Answers the next requests with an error.
     *
     * @param times how many
     * @param status the HTTP status, 400 to 599
     * @param retryAfter seconds for {@code Retry-After}, or a negative number for none
     * @throws IllegalArgumentException if the status is out of range
     */
    public synchronized void failNext(int times, int status, int retryAfter) {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status " + status);
        }
        failures = times;
        failureStatus = status;
        retryAfterSeconds = retryAfter;
    }

    /**
     * The requests so far, with path and parameters.
     *
     * @return the first 10,000 of them
     */
    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    /** Stops serving; requests under way are cut. Idempotent. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** What is sent. */
    private record Answer(int status, String type, byte[] body, Map<String, String> headers) {
        static Answer of(int status) {
            return new Answer(status, "text/plain", new byte[0], Map.of());
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer a = answer(exchange);
            exchange.getResponseHeaders().set("Content-Type", a.type());
            a.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(a.status(), a.body().length == 0 ? -1 : a.body().length);
            if (a.body().length > 0) {
                exchange.getResponseBody().write(a.body());
            }
        }
    }

    private Answer answer(HttpExchange exchange) {
        URI uri = exchange.getRequestURI();
        synchronized (this) {
            if (requests.size() < MAX_LOG) {
                requests.add(uri.toString());
            }
            if (failures > 0) {
                failures--;
                return new Answer(
                        failureStatus,
                        "text/plain",
                        new byte[0],
                        retryAfterSeconds < 0 ? Map.of() : Map.of("Retry-After", Integer.toString(retryAfterSeconds)));
            }
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            return Answer.of(405);
        }
        Map<String, String> query = new HashMap<>();
        if (uri.getQuery() != null) {
            for (String pair : uri.getQuery().split("&")) {
                int eq = pair.indexOf('=');
                query.put(eq < 0 ? pair : pair.substring(0, eq), eq < 0 ? "" : pair.substring(eq + 1));
            }
        }
        String path = uri.getPath();
        if (path.startsWith("/intel/")) {
            return intel(path.substring(6), query, false);
        }
        if (path.startsWith("/pccs/")) {
            return intel(path.substring(5), query, true);
        }
        return path.startsWith("/amd/") ? amd(path.substring(4).split("/"), query) : Answer.of(404);
    }

    private Answer intel(String path, Map<String, String> query, boolean cache) {
        return switch (path) {
            case "/sgx/certification/v4/tcb" -> tcbInfo(EvidenceFormat.SGX, query);
            case "/tdx/certification/v4/tcb" -> tcbInfo(EvidenceFormat.TDX, query);
            case "/sgx/certification/v4/qe/identity" -> identity(EvidenceFormat.SGX);
            case "/tdx/certification/v4/qe/identity" -> identity(EvidenceFormat.TDX);
            case "/sgx/certification/v4/pckcrl" -> pckCrl(query, cache);
            case "/sgx/certification/v4/rootcacrl", "/IntelSGXRootCA.der" -> rootCrl(cache);
            default -> Answer.of(404);
        };
    }

    private @Nullable FakeQuotingEnclave intelFake(@Nullable EvidenceFormat format, @Nullable String fmspc) {
        for (FakeQuotingEnclave f : fakes) {
            DcapMachine m = machine(f);
            if (m != null
                    && (format == null || f.format() == format)
                    && (fmspc == null
                            || HexFormat.of().formatHex(m.fmspc(f.seed())).equals(fmspc))) {
                return f;
            }
        }
        return null;
    }

    private static @Nullable DcapMachine machine(FakeQuotingEnclave f) {
        return f.platform() instanceof FakeSgx s ? s.machine() : f.platform() instanceof FakeTdx t ? t.machine() : null;
    }

    private Answer tcbInfo(EvidenceFormat format, Map<String, String> query) {
        String fmspc = query.getOrDefault("fmspc", "").toLowerCase(Locale.ROOT);
        if (!fmspc.matches("[0-9a-f]{12}")) {
            return Answer.of(400);
        }
        return json(intelFake(format, fmspc), Kind.TCB_INFO, "TCB-Info-Issuer-Chain", Kind.TCB_INFO_CHAIN);
    }

    private Answer identity(EvidenceFormat format) {
        return json(
                intelFake(format, null), Kind.QE_IDENTITY, "SGX-Enclave-Identity-Issuer-Chain", Kind.QE_IDENTITY_CHAIN);
    }

    private static Answer json(@Nullable FakeQuotingEnclave fake, Kind kind, String header, Kind chain) {
        if (fake == null) {
            return Answer.of(404);
        }
        Collateral c = fake.collateral();
        return piece(c, kind, "application/json", chainHeader(c, header, chain));
    }

    private static Map<String, String> chainHeader(Collateral c, String header, Kind chain) {
        List<Bytes> pieces = c.pieces(chain);
        return pieces.isEmpty()
                ? Map.of()
                : Map.of(header, percent(pieces.get(0).toByteArray()));
    }

    /** Percent-encoded as Intel's headers are: everything but letters, digits and four marks. */
    private static String percent(byte[] text) {
        StringBuilder out = new StringBuilder(text.length * 5 / 4);
        for (byte b : text) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                out.append(c);
            } else {
                out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return out.toString();
    }

    private static Answer piece(Collateral c, Kind kind, String type, Map<String, String> headers) {
        List<Bytes> pieces = c.pieces(kind);
        return pieces.isEmpty()
                ? Answer.of(404)
                : new Answer(200, type, pieces.get(0).toByteArray(), headers);
    }

    private Answer pckCrl(Map<String, String> query, boolean cache) {
        String ca = query.getOrDefault("ca", "");
        if (!ca.equals("platform") && !ca.equals("processor")) {
            return Answer.of(400);
        }
        for (FakeQuotingEnclave f : fakes) {
            DcapMachine m = machine(f);
            if (m != null && m.platformCa() == ca.equals("platform")) {
                Collateral c = f.collateral();
                return crl(c, Kind.PCK_CRL, chainHeader(c, "SGX-PCK-CRL-Issuer-Chain", Kind.PCK_CRL_CHAIN), cache);
            }
        }
        return Answer.of(404);
    }

    private Answer rootCrl(boolean cache) {
        FakeQuotingEnclave f = intelFake(null, null);
        return f == null ? Answer.of(404) : crl(f.collateral(), Kind.ROOT_CA_CRL, Map.of(), cache);
    }

    private static Answer crl(Collateral c, Kind kind, Map<String, String> headers, boolean hex) {
        Answer a = piece(c, kind, "application/pkix-crl", headers);
        return hex && a.status() == 200
                ? new Answer(
                        200,
                        "text/plain",
                        HexFormat.of().formatHex(a.body()).getBytes(StandardCharsets.US_ASCII),
                        headers)
                : a;
    }

    /** {@code /vcek/v1/Milan/…}: a chip id with its versions, {@code cert_chain} or {@code crl}. */
    private Answer amd(String[] path, Map<String, String> query) {
        if (path.length != 5 || !path[2].equals("v1") || !(path[1].equals("vcek") || path[1].equals("vlek"))) {
            return Answer.of(404);
        }
        boolean vlek = path[1].equals("vlek");
        boolean known = false;
        for (FakeQuotingEnclave f : fakes) {
            if (!(f.platform() instanceof FakeSnp p) || !p.product().line().equals(path[3])) {
                continue;
            }
            if (path[4].equals("crl")) {
                return piece(f.collateral(), Kind.AMD_CRL, "application/pkix-crl", Map.of());
            }
            if (p.isVlek() != vlek) {
                continue;
            }
            if (path[4].equals("cert_chain")) {
                return chain(f.collateral(), vlek ? Kind.ASVK : Kind.ASK);
            }
            known = true;
            if (!vlek && isFor(p, f.seed(), path[4], query)) {
                return piece(f.collateral(), Kind.VCEK, "application/x-x509-ca-cert", Map.of());
            }
        }
        return Answer.of(known && !path[4].matches("[0-9a-f]{16}|[0-9a-f]{128}") ? 400 : 404);
    }

    private static Answer chain(Collateral c, Kind issuer) {
        StringBuilder pem = new StringBuilder();
        for (Kind kind : List.of(issuer, Kind.ARK)) {
            c.pieces(kind).forEach(p -> pem.append(CertSpec.pem(p.toByteArray())));
        }
        return new Answer(200, "application/x-pem-file", pem.toString().getBytes(StandardCharsets.US_ASCII), Map.of());
    }

    private static boolean isFor(FakeSnp p, Seed seed, String chip, Map<String, String> query) {
        byte[] id = p.chipId(seed);
        boolean turin = p.product() == io.ebridge.attest.snp.SnpProduct.TURIN;
        return HexFormat.of().formatHex(turin ? Arrays.copyOf(id, 8) : id).equals(chip.toLowerCase(Locale.ROOT))
                && is(query, "blSPL", p.reportedTcb().bootloader())
                && is(query, "teeSPL", p.reportedTcb().tee())
                && is(query, "snpSPL", p.reportedTcb().snp())
                && is(query, "ucodeSPL", p.reportedTcb().microcode())
                && (!turin || is(query, "fmcSPL", p.reportedTcb().fmc()));
    }

    private static boolean is(Map<String, String> query, String name, int value) {
        String text = query.getOrDefault(name, "");
        return text.matches("[0-9]{1,3}") && Integer.parseInt(text) == value;
    }
}

package io.ebridge.testkit.attest;

import io.ebridge.attest.EvidenceFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** How each {@link Defect} is made. */
final class Defects {
    /** Where a defect is to be made. */
    record Scene(FakePlatform platform, Seed seed, Instant now) {
        /** The clock in whole seconds, as certificates have it. */
        Instant second() {
            return now.truncatedTo(ChronoUnit.SECONDS);
        }
    }

    private static final Map<Defect, Function<Scene, Tampering>> MAKERS = makers();

    private Defects() {}

    private static Map<Defect, Function<Scene, Tampering>> makers() {
        Map<Defect, Function<Scene, Tampering>> m = new EnumMap<>(Defect.class);
        m.put(
                Defect.TRUNCATED,
                s -> Tampering.at(Site.EVIDENCE, b -> java.util.Arrays.copyOf(b, Math.min(b.length - 200, 1000))));
        m.put(
                Defect.TRAILING_BYTE,
                s -> Tampering.at(Site.EVIDENCE, b -> {
                    byte[] longer = java.util.Arrays.copyOf(b, b.length + 1);
                    longer[b.length] = 1;
                    return longer;
                }));
        m.put(
                Defect.WRONG_REPORT_DATA,
                s -> Tampering.at(Site.REQUEST, r -> {
                    byte[] other = r.reportData().toByteArray();
                    other[63] ^= 1;
                    return new io.ebridge.attest.EvidenceRequest(
                            io.ebridge.attest.Bytes.of(other), r.nonce(), r.publicKeySha256());
                }));
        m.put(
                Defect.ANOTHER_FORMAT,
                s -> Tampering.at(Site.FORMAT, f -> f == EvidenceFormat.SGX ? EvidenceFormat.TDX : EvidenceFormat.SGX));
        m.put(Defect.COLLATERAL_SOURCE_DOWN, s -> Tampering.NONE);
        NitroDefects.addTo(m);
        DcapDefects.addTo(m);
        DcapDocumentDefects.addTo(m);
        SnpDefects.addTo(m);
        CarrierDefects.addTo(m);
        return m;
    }

    static Tampering make(Defect defect, Scene scene) {
        Function<Scene, Tampering> maker = MAKERS.get(defect);
        if (maker == null) {
            throw new IllegalStateException("nobody makes " + defect);
        }
        return maker.apply(scene);
    }

    /** A certificate that ended two seconds ago. */
    static Function<Scene, Tampering> expired(Site<CertSpec> site) {
        return s -> Tampering.in(site, c -> {
            c.notAfter = s.second().minusSeconds(2);
            if (!c.notBefore.isBefore(c.notAfter)) {
                c.notBefore = c.notAfter.minus(Duration.ofHours(1));
            }
        });
    }

    /** A certificate that starts in ten minutes: more than any clock skew. */
    static Function<Scene, Tampering> notYetValid(Site<CertSpec> site) {
        return s -> Tampering.in(site, c -> c.notBefore = s.second().plusSeconds(600));
    }

    /** A certificate whose signature is wrong by one bit. */
    static Function<Scene, Tampering> badSignature(Site<CertSpec> site) {
        return change(site, c -> c.breakSignature = true);
    }

    /** The same change whatever the scene. */
    static <T> Function<Scene, Tampering> change(Site<T> site, Consumer<T> change) {
        return s -> Tampering.in(site, change);
    }
}

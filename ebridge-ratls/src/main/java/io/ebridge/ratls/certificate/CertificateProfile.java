package io.ebridge.ratls.certificate;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.certificate.TaggedEvidence;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.tls.LeafCertificates;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.jspecify.annotations.Nullable;

/**
 * How a certificate carries evidence.
 *
 * <p>{@link #enclaveOs Enclave OS v1} (the seed's): a leaf signed by an intermediate CA, raw extension values, report data over key and minute.
 * {@link #interoperable() CCC interoperable}: self-signed, tagged evidence as Gramine makes it. {@link #ebridge() Ours}: self-signed, for any format of
 * evidence, report data over key, service, configuration root and time.
 */
public final class CertificateProfile {

    /** Where our own extensions are, unless told otherwise: an arc from a UUID, as ITU-T X.667 allows anybody. */
    public static final String DEFAULT_ARC = "2.25.186270158734915230581394870258143921077";

    /** The kinds. */
    public enum Kind {
        /** Enclave OS, first profile. */
        ENCLAVE_OS,
        /** Interoperable RA-TLS of the Confidential Computing Consortium, and the older forms that are read beside it. */
        INTEROPERABLE,
        /** Ours. */
        EBRIDGE
    }

    private static final Duration ENCLAVE_OS_LIFETIME = Duration.ofHours(24);

    private final Kind kind;
    private final @Nullable CertificateIssuer issuer;
    private final String arc;

    private CertificateProfile(Kind kind, @Nullable CertificateIssuer issuer, String arc) {
        this.kind = kind;
        this.issuer = issuer;
        this.arc = arc;
    }

    /**
     * Enclave OS v1 in deterministic mode: valid for 24 hours from a full minute; SGX, TDX and SEV-SNP evidence only. Its OIDs are covered by the CA's
     * signature, not by the evidence.
     *
     * @param issuer signs the leaves
     * @return the profile
     */
    public static CertificateProfile enclaveOs(CertificateIssuer issuer) {
        return new CertificateProfile(Kind.ENCLAVE_OS, Objects.requireNonNull(issuer, "issuer"), DEFAULT_ARC);
    }

    /**
     * CCC interoperable, as Gramine has it; SGX and TDX evidence only.
     *
     * @return the profile
     */
    public static CertificateProfile interoperable() {
        return new CertificateProfile(Kind.INTEROPERABLE, null, DEFAULT_ARC);
    }

    /**
     * Ours, under {@link #DEFAULT_ARC}.
     *
     * @return the profile
     */
    public static CertificateProfile ebridge() {
        return new CertificateProfile(Kind.EBRIDGE, null, DEFAULT_ARC);
    }

    /**
     * Ours, under an arc of your own.
     *
     * @param arc dotted decimal; evidence is at {@code .1}, the root at {@code .2}, the service at {@code .3} below it
     * @return the profile
     */
    public static CertificateProfile ebridge(String arc) {
        return new CertificateProfile(Kind.EBRIDGE, null, requireArc(arc));
    }

    /**
     * Which one it is.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * What a certificate shall say beside its key and evidence.
     *
     * @param service the service's name
     * @param names DNS names and IP addresses, for profiles that carry them
     * @param configurationRoot 32 bytes
     * @param extensions further values by OID
     * @param lifetime how long it is valid, for profiles that leave it open
     */
    public record Content(
            String service,
            List<String> names,
            Bytes configurationRoot,
            Map<String, byte[]> extensions,
            Duration lifetime) {

        /**
         * Copies the collections.
         *
         * @param service the service's name
         * @param names DNS names and IP addresses, for profiles that carry them
         * @param configurationRoot 32 bytes
         * @param extensions further values by OID
         * @param lifetime how long it is valid, for profiles that leave it open
         */
        public Content {
            names = List.copyOf(names);
            extensions = Map.copyOf(extensions);
        }
    }

    /**
     * What was issued: a certificate, its key in memory, and the chain to send.
     *
     * @param keys the leaf's keys
     * @param chain the leaf first
     */
    public record Issued(KeyPair keys, List<X509Certificate> chain) {

        /**
         * Copies the chain.
         *
         * @param keys the leaf's keys
         * @param chain the leaf first
         */
        public Issued {
            chain = List.copyOf(chain);
        }

        @Override
        public String toString() {
            return "Issued[" + chain.get(0).getSubjectX500Principal() + "]";
        }
    }

    /**
     * Makes a key on P-256, has it quoted and puts both into a certificate. Takes as long as the quote does.
     *
     * @param content what else it says
     * @param provider makes the evidence
     * @param now its start, rounded as the profile wants it
     * @param random for the key
     * @return key and chain
     * @throws AttestedTlsException ({@link Reason#EVIDENCE_UNAVAILABLE}, {@link Reason#PROFILE}) if there is no evidence, or none that the profile can
     *     carry
     */
    public Issued issue(Content content, EvidenceProvider provider, Instant now, SecureRandom random)
            throws AttestedTlsException {
        KeyPair keys = LeafCertificates.newKeys(random);
        return issue(content, provider, now, random, keys);
    }

    Issued issue(Content content, EvidenceProvider provider, Instant now, SecureRandom random, KeyPair keys)
            throws AttestedTlsException {
        byte[] key = Bytes.of(keys.getPublic().getEncoded()).sha256().toByteArray();
        Map<String, byte[]> extensions = new LinkedHashMap<>();
        Instant start = now.truncatedTo(kind == Kind.ENCLAVE_OS ? ChronoUnit.MINUTES : ChronoUnit.SECONDS);
        Instant end = start.plus(kind == Kind.ENCLAVE_OS ? ENCLAVE_OS_LIFETIME : content.lifetime);
        switch (kind) {
            case ENCLAVE_OS -> {
                extensions.put(
                        enclaveOsOid(provider.format()).oid(),
                        quote(provider, ReportDataForms.enclaveOs(key, start))
                                .bytes()
                                .toByteArray());
                extensions.put(RatlsOid.CONFIGURATION_ROOT.oid(), content.configurationRoot.toByteArray());
            }
            case INTEROPERABLE -> {
                if (provider.format() != EvidenceFormat.SGX && provider.format() != EvidenceFormat.TDX) {
                    throw new AttestedTlsException(
                            Reason.PROFILE, "interoperable certificates carry Intel quotes, not " + provider.format());
                }
                byte[] claims = TaggedEvidence.encodeClaims(
                        Map.of(TaggedEvidence.PUBKEY_HASH, TaggedEvidence.encodeSha256(key)));
                byte[] reportData =
                        Arrays.copyOf(Bytes.of(claims).sha256().toByteArray(), EvidenceRequest.REPORT_DATA_BYTES);
                extensions.put(
                        RatlsOid.TAGGED_EVIDENCE.oid(),
                        TaggedEvidence.encode(
                                quote(provider, reportData).bytes().toByteArray(), claims));
            }
            case EBRIDGE -> {
                byte[] reportData =
                        ReportDataForms.ebridge(key, content.configurationRoot.toByteArray(), content.service, start);
                Evidence evidence = quote(provider, reportData);
                extensions.put(arc + ".1", octets(ReportDataForms.tagged(evidence)));
                extensions.put(arc + ".2", octets(content.configurationRoot.toByteArray()));
                extensions.put(arc + ".3", octets(content.service.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            }
        }
        content.extensions.forEach((oid, value) -> extensions.putIfAbsent(oid, value.clone()));
        CertificateIssuer by = issuer;
        LeafCertificates.Spec spec = new LeafCertificates.Spec(
                subject(content.service),
                by == null
                        ? null
                        : new LeafCertificates.Issuer(
                                X500Name.getInstance(by.certificate()
                                        .getSubjectX500Principal()
                                        .getEncoded()),
                                by.key()),
                kind == Kind.ENCLAVE_OS ? List.of() : content.names,
                start,
                end,
                extensions);
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(LeafCertificates.build(spec, keys, random));
        if (by != null) {
            chain.add(by.certificate());
        }
        return new Issued(keys, chain);
    }

    private X500Name subject(String service) {
        CertificateIssuer by = issuer;
        X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
        if (by == null) {
            return name.addRDN(BCStyle.CN, service.length() <= 64 ? service : service.substring(0, 64))
                    .build();
        }
        for (RDN rdn : X500Name.getInstance(
                        by.certificate().getSubjectX500Principal().getEncoded())
                .getRDNs()) {
            if (!rdn.getFirst().getType().equals(BCStyle.CN)) {
                name.addMultiValuedRDN(rdn.getTypesAndValues());
            }
        }
        return name.addRDN(BCStyle.CN, "Enclave OS RA-TLS").build();
    }

    private static RatlsOid enclaveOsOid(EvidenceFormat format) throws AttestedTlsException {
        return switch (format) {
            case SGX -> RatlsOid.SGX_QUOTE;
            case TDX -> RatlsOid.TDX_QUOTE;
            case SNP -> RatlsOid.SNP_REPORT;
            case NITRO ->
                throw new AttestedTlsException(Reason.PROFILE, "Enclave OS certificates carry no Nitro documents");
        };
    }

    static String requireArc(String arc) {
        if (!arc.matches("[0-2](\\.(0|[1-9]\\d*))+")) {
            throw new IllegalArgumentException("no arc: " + arc);
        }
        return arc;
    }

    private static byte[] octets(byte[] value) throws AttestedTlsException {
        try {
            return new DEROctetString(value).getEncoded();
        } catch (java.io.IOException e) {
            throw new AttestedTlsException(Reason.PROFILE, "an extension was not encoded", e);
        }
    }

    private static Evidence quote(EvidenceProvider provider, byte[] reportData) throws AttestedTlsException {
        try {
            return provider.quote(reportData, null);
        } catch (EvidenceUnavailableException e) {
            throw new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, String.valueOf(e.getMessage()), e);
        }
    }
}

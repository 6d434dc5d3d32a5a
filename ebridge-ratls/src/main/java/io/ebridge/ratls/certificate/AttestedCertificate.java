package io.ebridge.ratls.certificate;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.CertificateEvidence;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that carries evidence, of any of the profiles.
 *
 * <p>Reading it proves nothing; {@link #verify} shows that evidence which satisfies a policy was made for the certificate's key. Who holds that key, and
 * whether a connection ends there, it does not show. Values other than key, time and (in our own profile) configuration root and service are only as good
 * as the certificate's signature.
 */
public final class AttestedCertificate {

    /** Enclave OS leaves live for 24 hours; those of its challenge mode, for years, and say nothing without the nonce. */
    private static final Duration ENCLAVE_OS_LONGEST = Duration.ofHours(24).plusMinutes(5);

    private static final List<RatlsOid> ENCLAVE_OS_EVIDENCE =
            List.of(RatlsOid.SGX_QUOTE, RatlsOid.TDX_QUOTE, RatlsOid.SNP_REPORT);

    private final CertificateProfile.Kind profile;
    private final X509Certificate certificate;
    private final Evidence evidence;
    private final @Nullable CertificateEvidence interoperable;
    private final byte[] reportData;
    private final Map<RatlsOid, Bytes> values;
    private final Optional<Bytes> configurationRoot;
    private final Optional<String> service;

    private AttestedCertificate(
            CertificateProfile.Kind profile,
            X509Certificate certificate,
            Evidence evidence,
            @Nullable CertificateEvidence interoperable,
            byte[] reportData,
            Map<RatlsOid, Bytes> values,
            Optional<Bytes> configurationRoot,
            Optional<String> service) {
        this.profile = profile;
        this.certificate = certificate;
        this.evidence = evidence;
        this.interoperable = interoperable;
        this.reportData = reportData;
        this.values = Collections.unmodifiableMap(values);
        this.configurationRoot = configurationRoot;
        this.service = service;
    }

    /**
     * Reads a certificate of any profile, ours under {@link CertificateProfile#DEFAULT_ARC}.
     *
     * @param certificate from anybody
     * @return what it carries
     * @throws AttestedTlsException ({@link Reason#PROFILE}) if it carries no evidence, evidence of two profiles, or anything that is not as it should be
     */
    public static AttestedCertificate read(X509Certificate certificate) throws AttestedTlsException {
        return read(certificate, CertificateProfile.DEFAULT_ARC);
    }

    /**
     * Reads a certificate of any profile, ours under another arc.
     *
     * @param certificate from anybody
     * @param arc where our own extensions are
     * @return what it carries
     * @throws AttestedTlsException ({@link Reason#PROFILE}) as for {@link #read(X509Certificate)}
     * @throws IllegalArgumentException if the arc is not dotted decimal
     */
    public static AttestedCertificate read(X509Certificate certificate, String arc) throws AttestedTlsException {
        CertificateProfile.requireArc(arc);
        Map<RatlsOid, Bytes> values = new EnumMap<>(RatlsOid.class);
        RatlsOid enclaveOs = null;
        for (RatlsOid oid : RatlsOid.values()) {
            byte[] value = content(certificate, oid.oid());
            if (value == null) {
                continue;
            }
            if (!oid.fits(value.length)) {
                throw malformed(oid + " of " + value.length + " bytes");
            }
            values.put(oid, Bytes.of(value));
            if (ENCLAVE_OS_EVIDENCE.contains(oid)) {
                if (enclaveOs != null) {
                    throw malformed("evidence twice");
                }
                enclaveOs = oid;
            }
        }
        byte[] own = content(certificate, arc + ".1");
        if (own != null) {
            if (enclaveOs != null || values.containsKey(RatlsOid.TAGGED_EVIDENCE)) {
                throw malformed("evidence of two profiles");
            }
            return own(certificate, arc, own, values);
        }
        if (enclaveOs != null) {
            if (values.containsKey(RatlsOid.TAGGED_EVIDENCE)) {
                throw malformed("evidence of two profiles");
            }
            return enclaveOs(certificate, enclaveOs, values);
        }
        try {
            CertificateEvidence found = CertificateEvidence.of(certificate);
            return new AttestedCertificate(
                    CertificateProfile.Kind.INTEROPERABLE,
                    certificate,
                    found.evidence(),
                    found,
                    found.boundReportData().toByteArray(),
                    values,
                    Optional.empty(),
                    Optional.empty());
        } catch (EvidenceRejectedException e) {
            throw new AttestedTlsException(Reason.PROFILE, String.valueOf(e.getMessage()), e);
        }
    }

    private static AttestedCertificate enclaveOs(X509Certificate certificate, RatlsOid oid, Map<RatlsOid, Bytes> values)
            throws AttestedTlsException {
        byte[] quote = Objects.requireNonNull(values.get(oid)).toByteArray();
        EvidenceFormat format =
                switch (oid) {
                    case SGX_QUOTE -> EvidenceFormat.SGX;
                    case TDX_QUOTE -> EvidenceFormat.TDX;
                    default -> EvidenceFormat.SNP;
                };
        if (quote.length == 0 || quote.length > format.maxBytes()) {
            throw malformed("evidence of " + quote.length + " bytes");
        }
        Instant start = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        if (Duration.between(start, end).compareTo(ENCLAVE_OS_LONGEST) > 0) {
            throw malformed("valid for longer than a day: not of the deterministic mode");
        }
        return new AttestedCertificate(
                CertificateProfile.Kind.ENCLAVE_OS,
                certificate,
                Evidence.of(format, quote),
                null,
                ReportDataForms.enclaveOs(keySha256(certificate), start),
                values,
                Optional.ofNullable(values.get(RatlsOid.CONFIGURATION_ROOT)),
                Optional.empty());
    }

    private static AttestedCertificate own(
            X509Certificate certificate, String arc, byte[] wrapped, Map<RatlsOid, Bytes> values)
            throws AttestedTlsException {
        byte[] root = content(certificate, arc + ".2");
        byte[] name = content(certificate, arc + ".3");
        if (root == null || name == null) {
            throw malformed("no configuration root, or no service");
        }
        root = inner(root);
        name = inner(name);
        if (root.length != 32 || name.length < 1 || name.length > 253) {
            throw malformed("a configuration root or service of the wrong length");
        }
        String service;
        try {
            service = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AttestedTlsException(Reason.PROFILE, "a service that is not UTF-8", e);
        }
        return new AttestedCertificate(
                CertificateProfile.Kind.EBRIDGE,
                certificate,
                ReportDataForms.untagged(inner(wrapped)),
                null,
                ReportDataForms.ebridge(
                        keySha256(certificate),
                        root,
                        service,
                        certificate.getNotBefore().toInstant()),
                values,
                Optional.of(Bytes.of(root)),
                Optional.of(service));
    }

    private static byte[] keySha256(X509Certificate certificate) {
        return Bytes.of(certificate.getPublicKey().getEncoded()).sha256().toByteArray();
    }

    private static byte @Nullable [] content(X509Certificate certificate, String oid) throws AttestedTlsException {
        byte[] wrapped = certificate.getExtensionValue(oid);
        return wrapped == null ? null : inner(wrapped);
    }

    private static byte[] inner(byte[] wrapped) throws AttestedTlsException {
        try {
            return ASN1OctetString.getInstance(wrapped).getOctets();
        } catch (IllegalArgumentException e) {
            throw new AttestedTlsException(Reason.PROFILE, "an extension that is no OCTET STRING", e);
        }
    }

    private static AttestedTlsException malformed(String detail) {
        return new AttestedTlsException(Reason.PROFILE, detail);
    }

    /**
     * Verifies that the evidence satisfies a policy and was made for this certificate: for its key, and what else the profile binds. The certificate's own
     * validity and signature are the caller's to check; see {@link #requireIssuedBy}.
     *
     * @param verifier the verifier
     * @param policy without report data, which the certificate determines
     * @return what was found
     * @throws EvidenceRejectedException if the evidence does not pass
     */
    public AttestationResult verify(EvidenceVerifier verifier, AppraisalPolicy policy)
            throws EvidenceRejectedException {
        return verify(verifier, policy, Collateral.none());
    }

    /**
     * As {@link #verify(EvidenceVerifier, AppraisalPolicy)}, with collateral at hand.
     *
     * @param verifier the verifier
     * @param policy without report data
     * @param collateral beside the verifier's own
     * @return what was found
     * @throws EvidenceRejectedException if the evidence does not pass
     */
    public AttestationResult verify(EvidenceVerifier verifier, AppraisalPolicy policy, Collateral collateral)
            throws EvidenceRejectedException {
        CertificateEvidence found = interoperable;
        if (found != null) {
            return verifier.verify(
                    collateral.isEmpty()
                            ? found
                            : found.withCollateral(found.evidence().collateral().plus(collateral)),
                    policy);
        }
        if (policy.reportData().isPresent()) {
            throw new IllegalArgumentException("the certificate determines the report data");
        }
        return verifier.verify(evidence.withCollateral(collateral), policy.withReportData(reportData));
    }

    /**
     * Demands that one of these CAs signed it and is valid itself.
     *
     * @param issuers the CAs
     * @param at the time
     * @return this
     * @throws AttestedTlsException ({@link Reason#CERTIFICATE}) if none did
     */
    public AttestedCertificate requireIssuedBy(List<X509Certificate> issuers, Instant at) throws AttestedTlsException {
        for (X509Certificate issuer : issuers) {
            if (issuer.getBasicConstraints() >= 0
                    && issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
                try {
                    issuer.checkValidity(java.util.Date.from(at));
                    certificate.verify(issuer.getPublicKey());
                    return this;
                } catch (GeneralSecurityException e) {
                    throw new AttestedTlsException(
                            Reason.CERTIFICATE, "the certificate is not its issuer's: " + e.getMessage(), e);
                }
            }
        }
        throw new AttestedTlsException(Reason.CERTIFICATE, "the certificate is of no trusted issuer");
    }

    /**
     * Which profile it follows.
     *
     * @return the profile
     */
    public CertificateProfile.Kind profile() {
        return profile;
    }

    /**
     * The evidence.
     *
     * @return not yet verified
     */
    public Evidence evidence() {
        return evidence;
    }

    /**
     * The report data that its evidence must carry.
     *
     * @return 64 bytes
     */
    public Bytes expectedReportData() {
        return Bytes.of(reportData);
    }

    /**
     * The root of the configuration that it claims.
     *
     * @return 32 bytes, if it names one
     */
    public Optional<Bytes> configurationRoot() {
        return configurationRoot;
    }

    /**
     * The service that it claims to be.
     *
     * @return the name, in our own profile
     */
    public Optional<String> service() {
        return service;
    }

    /**
     * The registered extensions that it has.
     *
     * @return raw values; unmodifiable
     */
    public Map<RatlsOid, Bytes> values() {
        return values;
    }

    /**
     * The certificate.
     *
     * @return the certificate that was read
     */
    public X509Certificate certificate() {
        return certificate;
    }
}

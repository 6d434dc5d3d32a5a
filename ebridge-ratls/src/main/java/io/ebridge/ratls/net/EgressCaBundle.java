package io.ebridge.ratls.net;

import io.ebridge.attest.Bytes;
import io.ebridge.ratls.AttestedModule;
import io.ebridge.ratls.certificate.RatlsOid;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The CAs that an enclave trusts for what it calls, as a module of its identity: the bundle is the configuration leaf {@value #LEAF}, and its hash the
 * extension {@link RatlsOid#EGRESS_CA_BUNDLE}.
 *
 * <p>Both are over the exact bytes, comments and line ends included. A bundle with a member that does not parse is refused as a whole. Limits: 1 MiB,
 * 1000 certificates.
 */
public final class EgressCaBundle implements AttestedModule {

    /** The configuration leaf. */
    public static final String LEAF = "egress.ca_bundle";

    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_CERTIFICATES = 1000;

    private final byte[] pem;
    private final List<X509Certificate> certificates;

    private EgressCaBundle(byte[] pem, List<X509Certificate> certificates) {
        this.pem = pem;
        this.certificates = List.copyOf(certificates);
    }

    /**
     * Reads a bundle.
     *
     * @param pem certificates in PEM
     * @return the bundle
     * @throws CertificateException if there is none in it, or one that does not parse or is no CA
     */
    public static EgressCaBundle of(byte[] pem) throws CertificateException {
        if (pem.length == 0 || pem.length > MAX_BYTES) {
            throw new CertificateException("a bundle of " + pem.length + " bytes");
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (Certificate each :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            X509Certificate certificate = (X509Certificate) each;
            if (certificate.getBasicConstraints() < 0) {
                throw new CertificateException(certificate.getSubjectX500Principal() + " is no CA");
            }
            certificates.add(certificate);
        }
        if (certificates.isEmpty() || certificates.size() > MAX_CERTIFICATES) {
            throw new CertificateException("a bundle of " + certificates.size() + " certificates");
        }
        return new EgressCaBundle(pem.clone(), certificates);
    }

    /**
     * The certificates.
     *
     * @return unmodifiable
     */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    @Override
    public String name() {
        return "egress";
    }

    @Override
    public Map<String, byte[]> configurationLeaves() {
        return Map.of(LEAF, pem.clone());
    }

    @Override
    public Map<String, byte[]> certificateExtensions() {
        return Map.of(RatlsOid.EGRESS_CA_BUNDLE.oid(), Bytes.of(pem).sha256().toByteArray());
    }

    TrustManager[] trustManagers() throws GeneralSecurityException, java.io.IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("ca" + i, certificates.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }
}

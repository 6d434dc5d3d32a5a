package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedPeer;
import io.ebridge.ratls.AttestedTlsException;
import java.security.cert.X509Certificate;

/** Judges a chain that carries evidence. */
public interface CertificateJudge {

    AttestedPeer judge(X509Certificate[] chain) throws AttestedTlsException;
}

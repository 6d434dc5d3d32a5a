package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedPeer;
import io.ebridge.ratls.AttestedTlsException;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** Judges a chain: the evidence that it carries, or whether a CA stands behind it. */
public interface CertificateJudge {

    /** What was verified; null for a chain that a CA vouches for, without evidence. */
    @Nullable AttestedPeer judge(X509Certificate[] chain) throws AttestedTlsException;
}

package io.ebridge.attest.internal;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.x509.X509;
import java.nio.charset.StandardCharsets;
import java.security.cert.CRLException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Decides what a piece of collateral is from its content. A guess that routes it to the check that decides: names are not
 * trusted here.
 */
public final class CollateralSorter {

    private static final int SNIFF_BYTES = 512;

    private CollateralSorter() {}

    /** Adds whatever is recognised in a file's content to a bag. */
    public static void sort(byte[] content, Collateral.Builder into) {
        if (content.length == 0 || content.length > Collateral.MAX_PIECE_BYTES) {
            return;
        }
        if (content[0] == 0x30) {
            sortDer(content, into);
            return;
        }
        String head = new String(content, 0, Math.min(content.length, SNIFF_BYTES), StandardCharsets.ISO_8859_1);
        if (head.stripLeading().startsWith("{")) {
            sortJson(content, head, into);
            return;
        }
        try {
            for (byte[] der : X509.certificateBlocks(content)) {
                sortDer(der, into);
            }
        } catch (EvidenceRejectedException e) {
            // No certificates in it: it may still hold CRLs.
        }
        try {
            for (byte[] der : X509.crlBlocks(content)) {
                sortDer(der, into);
            }
        } catch (EvidenceRejectedException e) {
            // No CRLs in it either.
        }
    }

    private static void sortJson(byte[] content, String head, Collateral.Builder into) {
        if (head.contains("\"tcbInfo\"") || head.contains("\"fmspc\"")) {
            into.add(Kind.TCB_INFO, content);
        } else if (head.contains("\"enclaveIdentity\"") || head.contains("\"miscselect\"")) {
            into.add(Kind.QE_IDENTITY, content);
        } else if (head.contains("\"tcbEvaluationDataNumbers\"") || head.contains("\"tcbEvalNumbers\"")) {
            into.add(Kind.TCB_EVAL_NUMBERS, content);
        }
    }

    private static void sortDer(byte[] der, Collateral.Builder into) {
        try {
            sortCertificate(X509.certificate(der), into);
        } catch (EvidenceRejectedException e) {
            try {
                sortCrl(X509.crl(der), into);
            } catch (EvidenceRejectedException f) {
                // Neither: not collateral.
            }
        }
    }

    private static void sortCertificate(X509Certificate certificate, Collateral.Builder into) {
        String name = X509.commonName(certificate.getSubjectX500Principal());
        byte[] der;
        try {
            der = certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            return;
        }
        for (Kind kind : kindsOfCertificate(name)) {
            into.add(kind, der);
        }
    }

    private static List<Kind> kindsOfCertificate(String name) {
        if (name.equals("Intel SGX PCK Certificate")) {
            return List.of(Kind.PCK_CHAIN);
        }
        if (name.startsWith("Intel SGX PCK ")) {
            return List.of(Kind.PCK_CHAIN, Kind.PCK_CRL_CHAIN);
        }
        if (name.equals("Intel SGX TCB Signing")) {
            return List.of(Kind.TCB_INFO_CHAIN, Kind.QE_IDENTITY_CHAIN, Kind.TCB_EVAL_NUMBERS_CHAIN);
        }
        if (name.equals("Intel SGX Root CA")) {
            return List.of(
                    Kind.PCK_CHAIN,
                    Kind.PCK_CRL_CHAIN,
                    Kind.TCB_INFO_CHAIN,
                    Kind.QE_IDENTITY_CHAIN,
                    Kind.TCB_EVAL_NUMBERS_CHAIN);
        }
        if (name.startsWith("SEV-VCEK")) {
            return List.of(Kind.VCEK);
        }
        if (name.equals("SEV-VLEK")) {
            return List.of(Kind.VLEK);
        }
        if (name.startsWith("SEV-VLEK-")) {
            return List.of(Kind.ASVK);
        }
        if (name.startsWith("SEV-")) {
            return List.of(Kind.ASK);
        }
        if (name.startsWith("ARK-")) {
            return List.of(Kind.ARK);
        }
        return List.of();
    }

    private static void sortCrl(X509CRL crl, Collateral.Builder into) {
        String name = X509.commonName(crl.getIssuerX500Principal());
        byte[] der;
        try {
            der = crl.getEncoded();
        } catch (CRLException e) {
            return;
        }
        if (name.equals("Intel SGX Root CA")) {
            into.add(Kind.ROOT_CA_CRL, der);
        } else if (name.startsWith("Intel SGX PCK ")) {
            into.add(Kind.PCK_CRL, der);
        } else if (name.startsWith("ARK-")) {
            into.add(Kind.AMD_CRL, der);
        } else {
            into.add(Kind.NITRO_CRL, der);
        }
    }
}

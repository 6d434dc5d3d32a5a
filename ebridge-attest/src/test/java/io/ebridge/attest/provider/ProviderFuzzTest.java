package io.ebridge.attest.provider;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.attest.EvidenceUnavailableException;

/** Whatever a device or host answers gives a document or certificates, or a typed error. */
class ProviderFuzzTest {

    @FuzzTest
    void response(byte[] input) {
        try {
            if (NsmMessages.document(input).length == 0) {
                throw new AssertionError("an empty document");
            }
        } catch (EvidenceUnavailableException e) {
            // A verdict.
        }
    }

    @FuzzTest
    void certificateTable(byte[] input) {
        SnpCertificateTable.read(input).kinds();
    }
}

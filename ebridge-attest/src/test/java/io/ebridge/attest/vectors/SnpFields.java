package io.ebridge.attest.vectors;

import io.ebridge.attest.AttestationResult;
import java.util.Map;

/** SNP results in the words of the manifest. */
final class SnpFields {

    private SnpFields() {}

    static void add(AttestationResult result, Map<String, String> fields) {
        throw new IllegalStateException("no SNP result expected");
    }
}

package io.ebridge.ratls.strict;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import java.util.concurrent.CompletableFuture;

/** The side of a service that shows evidence. Thread-safe. */
public interface Attester {

    EvidenceFormat format();

    String service();

    /** The root of the configuration that is in force now. */
    Bytes configurationRoot();

    /** Has a binding quoted, alone or with others; fails with {@code AttestedTlsException}. */
    CompletableFuture<Answer.Quote> quote(byte[] binding);
}

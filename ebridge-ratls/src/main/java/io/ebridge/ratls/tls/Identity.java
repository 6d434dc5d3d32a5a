package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.strict.Attester;
import org.jspecify.annotations.Nullable;

/** A side's leaf certificates and, in STRICT mode, what makes its evidence. */
public interface Identity {

    /** The leaf for a new connection. */
    Leaf leaf() throws AttestedTlsException;

    /** What attests in STRICT mode; null for a side that shows an ordinary certificate and only verifies. */
    @Nullable Attester attester();
}

package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.strict.Attester;

/** A side's leaf certificates and, in STRICT mode, what makes its evidence. */
public interface Identity {

    /** The leaf for a new connection. */
    Leaf leaf() throws AttestedTlsException;

    /** What attests in STRICT mode. */
    Attester attester();
}

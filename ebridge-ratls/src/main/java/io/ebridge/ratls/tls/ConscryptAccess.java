package io.ebridge.ratls.tls;

import java.security.Provider;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.conscrypt.Conscrypt;

/** The only class that names Conscrypt; it is loaded only where Conscrypt is on the path. */
final class ConscryptAccess {

    private static final class Holder {
        static final Provider PROVIDER = Conscrypt.newProvider();
    }

    private ConscryptAccess() {}

    static Provider provider() {
        Conscrypt.checkAvailability();
        return Holder.PROVIDER;
    }

    static byte[] export(SSLEngine engine, String label, int length) throws SSLException {
        byte[] value = Conscrypt.exportKeyingMaterial(engine, label, null, length);
        if (value == null) {
            throw new SSLException("the session exports no keying material");
        }
        return value;
    }

    static void configure(SSLEngine engine) {
        Conscrypt.setUseSessionTickets(engine, false);
    }
}

package io.ebridge.attest.crypto;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;

/**
 * Finds Amazon Corretto Crypto Provider: as registered by the application, else by its class on the path. On a module path its
 * automatic module must be resolved ({@code --add-modules AmazonCorrettoCryptoProvider}).
 */
final class CorrettoProvider {

    private static final Logger LOG = System.getLogger(CorrettoProvider.class.getName());
    private static final String NAME = "AmazonCorrettoCryptoProvider";
    private static final String CLASS = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

    private CorrettoProvider() {}

    static Optional<Provider> find() {
        Provider registered = Security.getProvider(NAME);
        if (registered != null) {
            return Optional.of(registered).filter(CorrettoProvider::works);
        }
        try {
            Class<?> type = Class.forName(CLASS, true, ClassLoader.getSystemClassLoader());
            Provider provider = (Provider) type.getField("INSTANCE").get(null);
            return Optional.of(provider).filter(CorrettoProvider::works);
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            LOG.log(Level.INFO, "Amazon Corretto Crypto Provider is present and does not load; doing without it", e);
            return Optional.empty();
        }
    }

    private static boolean works(Provider provider) {
        try {
            Object error = provider.getClass().getMethod("getLoadingError").invoke(provider);
            if (error != null) {
                LOG.log(Level.INFO, "Amazon Corretto Crypto Provider cannot load its library; doing without it");
                return false;
            }
        } catch (ReflectiveOperationException e) {
            LOG.log(Level.DEBUG, "Amazon Corretto Crypto Provider does not tell whether it loaded", e);
            return false;
        }
        return provider.getService("Signature", SignatureScheme.ES256.jcaName()) != null
                && provider.getService("Signature", SignatureScheme.ES384.jcaName()) != null;
    }
}

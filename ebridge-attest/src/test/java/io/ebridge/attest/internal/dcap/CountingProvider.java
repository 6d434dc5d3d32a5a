package io.ebridge.attest.internal.dcap;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Verifies with the JDK and counts how often. Never registered. */
final class CountingProvider extends Provider {
    private static final long serialVersionUID = 1L;

    private final transient AtomicInteger count = new AtomicInteger();

    CountingProvider() {
        super("Counting", "1", "counts ECDSA verifications");
        for (String name : List.of("SHA256withECDSAinP1363Format", "SHA384withECDSAinP1363Format")) {
            putService(new Service(this, "Signature", name, Spi.class.getName(), null, null) {
                @Override
                public Object newInstance(Object parameter) throws NoSuchAlgorithmException {
                    return new Spi(Signature.getInstance(name, Security.getProvider("SunEC")), count);
                }

                @Override
                public boolean supportsParameter(Object parameter) {
                    return true;
                }
            });
        }
    }

    /** How many verifications there were since the last call. */
    int taken() {
        return count.getAndSet(0);
    }

    private static final class Spi extends SignatureSpi {
        private final Signature real;
        private final AtomicInteger count;

        Spi(Signature real, AtomicInteger count) {
            this.real = real;
            this.count = count;
        }

        @Override
        protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
            real.initVerify(key);
        }

        @Override
        protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
            throw new InvalidKeyException("verifies only");
        }

        @Override
        protected void engineUpdate(byte b) throws SignatureException {
            real.update(b);
        }

        @Override
        protected void engineUpdate(byte[] b, int off, int len) throws SignatureException {
            real.update(b, off, len);
        }

        @Override
        protected void engineUpdate(ByteBuffer input) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected byte[] engineSign() throws SignatureException {
            throw new SignatureException("verifies only");
        }

        @Override
        protected boolean engineVerify(byte[] signature) throws SignatureException {
            count.incrementAndGet();
            return real.verify(signature);
        }

        @Override
        @Deprecated
        protected void engineSetParameter(String param, Object value) {
            throw new InvalidParameterException(param);
        }

        @Override
        @Deprecated
        protected Object engineGetParameter(String param) {
            throw new InvalidParameterException(param);
        }
    }
}

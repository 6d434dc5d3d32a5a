package io.ebridge.ratls.tls;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Keying material of a finished handshake (RFC 8446, section 7.5), with an empty context. */
public interface Exporter {

    byte[] export(SSLEngine engine, String label, int length) throws SSLException;

    /** The one of Java 25's sessions, found by method handle so that one jar serves older runtimes too; null where it is not. */
    static @Nullable Exporter ofJdk() {
        MethodHandle handle;
        try {
            handle = MethodHandles.publicLookup()
                    .findVirtual(
                            ExtendedSSLSession.class,
                            "exportKeyingMaterialData",
                            MethodType.methodType(byte[].class, String.class, byte[].class, int.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
        return (engine, label, length) -> {
            try {
                ExtendedSSLSession session = (ExtendedSSLSession) engine.getSession();
                return (byte[]) handle.invokeExact(session, label, (byte[]) null, length);
            } catch (SSLException | RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new SSLException("the session exports no keying material", e);
            }
        };
    }
}

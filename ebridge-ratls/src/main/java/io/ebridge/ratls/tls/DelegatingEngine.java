package io.ebridge.ratls.tls;

import io.ebridge.ratls.AttestedTlsException;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The parts of an engine that only pass on, and keep to TLS 1.3. */
abstract class DelegatingEngine extends SSLEngine {

    static final String TLS13 = "TLSv1.3";

    /** Set by the constructor of the subclass, once. */
    SSLEngine inner;

    @SuppressWarnings("NullAway.Init")
    DelegatingEngine() {}

    @Override
    public boolean isInboundDone() {
        return inner.isInboundDone();
    }

    @Override
    public boolean isOutboundDone() {
        return inner.isOutboundDone();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return inner.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return inner.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        inner.setEnabledCipherSuites(suites);
    }

    @Override
    public String[] getSupportedProtocols() {
        return new String[] {TLS13};
    }

    @Override
    public String[] getEnabledProtocols() {
        return new String[] {TLS13};
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        requireTls13(protocols);
    }

    static void requireTls13(String[] protocols) {
        if (!Arrays.asList(protocols).contains(TLS13)) {
            throw new IllegalArgumentException("attested TLS is TLS 1.3, which is not among " + List.of(protocols));
        }
    }

    @Override
    public SSLParameters getSSLParameters() {
        return inner.getSSLParameters();
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        if (parameters.getProtocols() != null) {
            requireTls13(parameters.getProtocols());
        }
        boolean need = inner.getNeedClientAuth();
        List<javax.net.ssl.SNIServerName> names = inner.getSSLParameters().getServerNames();
        String[] protocols = parameters.getProtocols();
        List<javax.net.ssl.SNIServerName> asked = parameters.getServerNames();
        String identification = parameters.getEndpointIdentificationAlgorithm();
        try {
            parameters.setProtocols(new String[] {TLS13});
            if (asked == null && names != null) {
                parameters.setServerNames(names);
            }
            // The certificate is checked against the service's identity by the trust manager, on every engine alike.
            parameters.setEndpointIdentificationAlgorithm(null);
            inner.setSSLParameters(parameters);
        } finally {
            // The caller's object stays as it was.
            parameters.setProtocols(protocols);
            parameters.setServerNames(asked);
            parameters.setEndpointIdentificationAlgorithm(identification);
        }
        if (need) {
            inner.setNeedClientAuth(true);
        }
    }

    @Override
    public SSLSession getSession() {
        return inner.getSession();
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return inner.getHandshakeSession();
    }

    @Override
    public void beginHandshake() throws SSLException {
        inner.beginHandshake();
    }

    @Override
    public void setUseClientMode(boolean mode) {
        if (mode != inner.getUseClientMode()) {
            throw new IllegalArgumentException(
                    "the context is a " + (mode ? "server" : "client") + "'s: roles have different duties");
        }
    }

    @Override
    public boolean getUseClientMode() {
        return inner.getUseClientMode();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        if (!need && inner.getNeedClientAuth()) {
            throw new IllegalArgumentException("this context demands that clients attest");
        }
        inner.setNeedClientAuth(need);
    }

    @Override
    public boolean getNeedClientAuth() {
        return inner.getNeedClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        if (inner.getNeedClientAuth()) {
            throw new IllegalArgumentException("this context demands that clients attest");
        }
        inner.setWantClientAuth(want);
    }

    @Override
    public boolean getWantClientAuth() {
        return inner.getWantClientAuth();
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        if (!flag) {
            throw new IllegalArgumentException("sessions of attested TLS are always new");
        }
    }

    @Override
    public boolean getEnableSessionCreation() {
        return true;
    }

    @Override
    public String getApplicationProtocol() {
        return inner.getApplicationProtocol();
    }

    @Override
    public String getHandshakeApplicationProtocol() {
        return inner.getHandshakeApplicationProtocol();
    }

    @Override
    public void setHandshakeApplicationProtocolSelector(
            @Nullable BiFunction<SSLEngine, List<String>, String> selector) {
        inner.setHandshakeApplicationProtocolSelector(
                selector == null ? null : (engine, protocols) -> selector.apply(this, protocols));
    }

    @Override
    public @Nullable BiFunction<SSLEngine, List<String>, String> getHandshakeApplicationProtocolSelector() {
        return inner.getHandshakeApplicationProtocolSelector();
    }

    /** The reason, if an exception of a TLS stack has one of ours inside. */
    static SSLException unwrapped(SSLException thrown) {
        return AttestedTlsException.in(thrown).map(SSLException.class::cast).orElse(thrown);
    }
}

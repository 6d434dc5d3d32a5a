package io.ebridge.ratls.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** Listening sockets whose connections are attested. */
final class AttestedServerSocketFactory extends SSLServerSocketFactory {

    private final AttestedContextSpi context;

    AttestedServerSocketFactory(AttestedContextSpi context) {
        this.context = context;
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return context.cipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return context.cipherSuites();
    }

    @Override
    public ServerSocket createServerSocket() throws IOException {
        return new Listener(context);
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
        return createServerSocket(port, 50, null);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
        return createServerSocket(port, backlog, null);
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, @Nullable InetAddress address) throws IOException {
        Listener listener = new Listener(context);
        try {
            listener.bind(new InetSocketAddress(address, port), backlog);
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
        return listener;
    }

    private static final class Listener extends SSLServerSocket {

        private final AttestedContextSpi context;
        private final AttestedEngine prototype;

        Listener(AttestedContextSpi context) throws IOException {
            this.context = context;
            this.prototype = context.engine(null, -1);
        }

        @Override
        public Socket accept() throws IOException {
            Socket raw = new Socket();
            implAccept(raw);
            try {
                AttestedEngine engine = context.engine(null, -1);
                engine.setSSLParameters(prototype.getSSLParameters());
                return new AttestedSocket(engine, raw, true);
            } catch (IOException | RuntimeException e) {
                raw.close();
                throw e;
            }
        }

        @Override
        public String[] getEnabledCipherSuites() {
            return prototype.getEnabledCipherSuites();
        }

        @Override
        public void setEnabledCipherSuites(String[] suites) {
            prototype.setEnabledCipherSuites(suites);
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return prototype.getSupportedCipherSuites();
        }

        @Override
        public String[] getSupportedProtocols() {
            return prototype.getSupportedProtocols();
        }

        @Override
        public String[] getEnabledProtocols() {
            return prototype.getEnabledProtocols();
        }

        @Override
        public void setEnabledProtocols(String[] protocols) {
            prototype.setEnabledProtocols(protocols);
        }

        @Override
        public void setNeedClientAuth(boolean need) {
            prototype.setNeedClientAuth(need);
        }

        @Override
        public boolean getNeedClientAuth() {
            return prototype.getNeedClientAuth();
        }

        @Override
        public void setWantClientAuth(boolean want) {
            prototype.setWantClientAuth(want);
        }

        @Override
        public boolean getWantClientAuth() {
            return prototype.getWantClientAuth();
        }

        @Override
        public void setUseClientMode(boolean mode) {
            prototype.setUseClientMode(mode);
        }

        @Override
        public boolean getUseClientMode() {
            return prototype.getUseClientMode();
        }

        @Override
        public void setEnableSessionCreation(boolean flag) {
            prototype.setEnableSessionCreation(flag);
        }

        @Override
        public boolean getEnableSessionCreation() {
            return true;
        }

        @Override
        public javax.net.ssl.SSLParameters getSSLParameters() {
            return prototype.getSSLParameters();
        }

        @Override
        public void setSSLParameters(javax.net.ssl.SSLParameters parameters) {
            prototype.setSSLParameters(parameters);
        }
    }
}

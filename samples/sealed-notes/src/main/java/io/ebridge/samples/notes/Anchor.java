package io.ebridge.samples.notes;

import io.ebridge.kv.etcd.EtcdCounter;
import io.ebridge.kv.memory.InsecureCounter;
import io.ebridge.kv.spi.MonotonicCounter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What the enclave counts with, so that the host cannot offer an old state after a restart. */
sealed interface Anchor {

    /** Opens the counter, in the enclave. */
    MonotonicCounter open() throws IOException, GeneralSecurityException;

    /** The words that tell a child process the same. */
    List<String> arguments();

    /** What a reader of the output should know. */
    String description();

    /**
     * etcd, over TLS that ends in the enclave: the host may carry the connection and cannot answer in etcd's place.
     *
     * @param keys holds {@code ca.crt} and {@code client.p12}, which in earnest are part of the enclave's sealed configuration
     */
    record Etcd(URI uri, Path keys) implements Anchor {
        static final char[] PASSWORD = "notes".toCharArray();

        @Override
        public MonotonicCounter open() throws IOException, GeneralSecurityException {
            return EtcdCounter.builder("notes")
                    .endpoint(uri)
                    .tls(tls())
                    // A restart after a kill waits as long.
                    .leaseTime(Duration.ofSeconds(2))
                    .requestTimeout(Duration.ofSeconds(5))
                    .build();
        }

        private SSLContext tls() throws IOException, GeneralSecurityException {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            try (InputStream in = Files.newInputStream(keys.resolve("ca.crt"))) {
                trusted.setCertificateEntry(
                        "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            KeyStore own = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(keys.resolve("client.p12"))) {
                own.load(in, PASSWORD);
            }
            KeyManagerFactory identity = KeyManagerFactory.getInstance("PKIX");
            identity.init(own, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        }

        @Override
        public List<String> arguments() {
            return List.of("--etcd", uri.toString(), "--etcd-keys", keys.toString());
        }

        @Override
        public String description() {
            return "etcd at " + uri + ", mutual TLS that ends in the enclave";
        }
    }

    /** A file, which protects nothing: for machines without etcd. */
    record InsecureFile(Path file) implements Anchor {
        @Override
        public MonotonicCounter open() throws IOException {
            return InsecureCounter.file(file);
        }

        @Override
        public List<String> arguments() {
            return List.of("--insecure-anchor", file.toString());
        }

        @Override
        public String description() {
            return "INSECURE: the file " + file + ", which whoever can write it can set back together with the store";
        }
    }
}

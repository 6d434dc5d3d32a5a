/** Hello over attested TLS: a client that talks to the right code only, through a host that sees ciphertext. */
module io.ebridge.samples.attested {
    requires io.ebridge.samples.support;
    requires io.ebridge.tunnel;
    requires io.ebridge.ratls;
    requires io.ebridge.testkit;
    // Optional for ratls, so the application is who names it.
    requires org.conscrypt;
    requires java.net.http;
    requires jdk.httpserver;
}

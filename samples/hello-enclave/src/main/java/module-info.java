/** Hello from the enclave: the two sides of a bridge in two processes. */
module io.ebridge.samples.hello {
    requires io.ebridge.samples.support;
    requires io.ebridge.tunnel;
    requires java.logging;
    requires java.net.http;
    requires jdk.httpserver;
}

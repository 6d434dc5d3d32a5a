/** Sealed notes: an enclave that keeps its state on a host it does not trust. */
module io.ebridge.samples.notes {
    requires io.ebridge.samples.support;
    requires io.ebridge.tunnel;
    requires io.ebridge.kv;
    requires rocksdbjni;
    requires java.net.http;
    requires jdk.httpserver;
}

/** A small service that lives in an enclave, and the gate of one that calls it. */
module com.example.orders {
    requires io.ebridge.attest;
    requires jdk.httpserver;
}

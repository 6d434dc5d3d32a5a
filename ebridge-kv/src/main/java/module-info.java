/** Sealed key-value storage on a host that is not trusted. */
@org.jspecify.annotations.NullMarked
module io.ebridge.kv {
    requires static org.jspecify;
    requires io.ebridge.protocol;
    requires io.ebridge.attest;
}

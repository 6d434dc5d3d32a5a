/** Judges attestation evidence from files. */
@org.jspecify.annotations.NullMarked
module io.ebridge.samples.verify {
    requires static org.jspecify;
    requires io.ebridge.attest;
    requires com.fasterxml.jackson.databind;
}

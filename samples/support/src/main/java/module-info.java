/** What the samples share: command lines, child JVMs, and a list of steps that are checked. Not part of the suite. */
module io.ebridge.samples.support {
    requires transitive io.ebridge.vsock;

    exports io.ebridge.samples.support;
}

/** What the samples share: child JVMs, and a list of steps that are checked. Not part of the suite. */
module io.ebridge.samples.support {
    exports io.ebridge.samples.support;
}

package io.ebridge.kv;

/** Says nothing; one object, so that nothing is timed for it. */
enum SilentListener implements StoreListener {
    INSTANCE
}

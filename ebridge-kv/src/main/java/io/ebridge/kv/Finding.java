package io.ebridge.kv;

import java.util.Optional;

/**
 * One thing that is wrong with a store.
 *
 * @param namespace the namespace; empty if it cannot be told
 * @param recordId the record's key on the host in hex, which is all that can be said about a record that does not open
 * @param reason what is wrong
 * @param detail for people; never a key or a value
 */
public record Finding(Optional<String> namespace, String recordId, SealedStoreException.Reason reason, String detail) {}

package io.ebridge.kv;

/**
 * The acknowledgement of a write.
 *
 * @param version the version of the last record written: unique in the store and growing, not consecutive; for a delete, the
 *     version of the deletion
 * @param durability what the acknowledgement promises; {@link Durability#VOLATILE} whenever the host's storage cannot be made
 *     durable, whatever was asked for
 */
public record Ack(long version, Durability durability) {}

package io.ebridge.ratls.strict;

/** The TLS role of the side that sends a message. */
public enum Role {
    CLIENT(1),
    SERVER(2);

    private final int code;

    Role(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    public Role other() {
        return this == CLIENT ? SERVER : CLIENT;
    }
}

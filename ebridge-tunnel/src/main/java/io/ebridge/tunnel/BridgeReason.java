package io.ebridge.tunnel;

/** Why the bridge refused, ended or failed something; the machine-readable half of every message of this module. */
public enum BridgeReason {
    /** The peer's CID is not among those the host accepts. */
    CID_NOT_ALLOWED,
    /** The peer's CID is accepted, but it has not completed a handshake (or its bridge is gone). */
    NOT_BRIDGED,
    /** The settings name the CID of somebody other than the enclave that sent them. */
    FOREIGN_CID,
    /** The ingress policy does not let this enclave claim that TCP port. */
    PORT_NOT_ALLOWED,
    /** The port is in use: by the bridge itself, a service, another enclave, or another process. */
    PORT_TAKEN,
    /** The settings ask for more tunnels than the policy grants. */
    TOO_MANY_TUNNELS,
    /** The peer spoke something that is not the bridge's protocol, or exceeded one of its size limits. */
    PROTOCOL_ERROR,
    /** The peer did not take its next step within the deadline. */
    STEP_TIMEOUT,
    /** The peer ended the connection in the middle of an exchange. */
    PEER_CLOSED,
    /** A limit on connections was reached. */
    LIMIT_REACHED,
    /** The target is not of the form {@code host:port}, or its host is no proper name or address. */
    TARGET_MALFORMED,
    /** The egress policy has no rule for this host and port. */
    TARGET_NOT_ALLOWED,
    /** The name is allowed, but every address it resolves to lies where the egress policy keeps the door shut. */
    ADDRESS_NOT_ALLOWED,
    /** The name could not be resolved. */
    NAME_NOT_RESOLVED,
    /** Too many names are being resolved; an enclave may hold no more of the host's slots for that than it leaves free. */
    TOO_MANY_NAMES,
    /** Nobody listens at the other end. */
    CONNECT_REFUSED,
    /** The other end did not answer the connection attempt in time. */
    CONNECT_TIMEOUT,
    /** The connection attempt failed in another way. */
    CONNECT_FAILED,
    /** A full interval passed without a heartbeat. */
    HEARTBEAT_TIMEOUT,
    /** A heartbeat carried another id than that of the enclave bridged under this CID. */
    HEARTBEAT_MISMATCH,
    /** The same enclave shook hands again; what belonged to the earlier run was torn down. */
    RESTARTED,
    /** No data moved for the idle time. */
    IDLE,
    /** The peer reset the connection. */
    RESET,
    /** This side is closing. */
    CLOSING,
    /** The wait ended before what was waited for came about. */
    TIMEOUT,
    /** The descriptors of the process, or of the system, are exhausted. */
    DESCRIPTORS_EXHAUSTED,
    /** The transport cannot be used here; the message says why. */
    TRANSPORT_UNAVAILABLE,
    /** The application's own callback threw. */
    APPLICATION_FAILED
}

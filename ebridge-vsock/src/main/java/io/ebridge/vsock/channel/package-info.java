/** The channels and transports behind {@link io.ebridge.vsock.Vsock}. Not exported. */
package io.ebridge.vsock.channel;

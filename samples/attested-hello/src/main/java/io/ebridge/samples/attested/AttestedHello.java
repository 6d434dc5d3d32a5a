package io.ebridge.samples.attested;

import java.nio.file.Path;

/** Hello over attested TLS. */
public final class AttestedHello {

    private static final String USAGE =
            """
            usage: attested-hello [--check]                 host, enclave and clients in three processes; shows what is accepted and what is not
                   attested-hello host SOCKET PORT…         the host beside the enclave: one port for each variant of the service
                   attested-hello enclave SOCKET            the enclave""";

    private AttestedHello() {}

    /** Runs the sample. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0 || arguments[0].equals("--check")) {
            System.exit(HelloCheck.run());
        } else if (arguments[0].equals("host") && arguments.length == 2 + Variant.values().length) {
            int[] ports = new int[Variant.values().length];
            for (int i = 0; i < ports.length; i++) {
                ports[i] = Integer.parseInt(arguments[2 + i]);
            }
            HelloHost.run(Path.of(arguments[1]), ports);
        } else if (arguments[0].equals("enclave") && arguments.length == 2) {
            HelloEnclave.run(Path.of(arguments[1]));
        } else {
            System.err.println(USAGE);
            System.exit(2);
        }
    }
}

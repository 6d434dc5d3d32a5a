package io.ebridge.samples.hello;

import io.ebridge.samples.support.BothSides;
import io.ebridge.samples.support.ChildJvm;
import io.ebridge.samples.support.Meeting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Hello from the enclave: host and enclave in two processes, or one of them alone. */
public final class Hello {
    private Hello() {}

    /** Runs the sample; {@link Options#USAGE} says how. */
    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(2);
            return;
        }
        switch (options.role()) {
            case HOST -> HelloHost.run(options);
            case ENCLAVE -> HelloEnclave.run(options);
            case BOTH -> {
                if (options.check()) {
                    System.exit(HelloCheck.run(options));
                } else {
                    BothSides.run(
                            options.meeting(),
                            (name, role, meeting) -> start(name, role, meeting, options.port(), options.allowed()));
                }
            }
        }
    }

    static ChildJvm start(String name, String role, Meeting meeting, int port, List<String> allowed)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(role, "--port", Integer.toString(port)));
        arguments.addAll(meeting.arguments());
        for (String target : allowed) {
            arguments.add("--allow");
            arguments.add(target);
        }
        // What the host may pass on; the rest of the environment stays here.
        return ChildJvm.start(name, Hello.class, arguments, Map.of("HELLO_GREETING", "good day"));
    }
}

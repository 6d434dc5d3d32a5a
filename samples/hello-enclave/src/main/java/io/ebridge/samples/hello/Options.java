package io.ebridge.samples.hello;

import io.ebridge.samples.support.CommandLine;
import io.ebridge.samples.support.Meeting;
import java.util.ArrayList;
import java.util.List;

/** What the command line says. */
record Options(Role role, Meeting meeting, int port, List<String> allowed, boolean check) {
    static final String USAGE =
            """
            usage: hello [host | enclave] [OPTION…]      without a role: both, in two processes

            """
                    + Meeting.USAGE
                    + """
              --port N                    the host's TCP port for the enclave's HTTP server (default 8080)
              --allow HOST:PORT           a target that the enclave may reach; may be repeated
              --check                     run both sides on free ports, see every step work, and end"""
                            .indent(2)
                            .stripTrailing();

    /** Which side this process is. */
    enum Role {
        BOTH,
        HOST,
        ENCLAVE
    }

    static Options parse(String[] arguments) {
        CommandLine line = new CommandLine(arguments);
        Role role = Role.BOTH;
        boolean check = false;
        int port = 8080;
        List<String> allowed = new ArrayList<>();
        for (String word = line.next(); word != null; word = line.next()) {
            switch (word) {
                case "host" -> role = Role.HOST;
                case "enclave" -> role = Role.ENCLAVE;
                case "--check" -> check = true;
                case "--port" -> port = Integer.parseInt(line.value());
                case "--allow" -> allowed.add(line.value());
                default -> throw line.unknown();
            }
        }
        return new Options(role, line.meeting(role != Role.BOTH), port, List.copyOf(allowed), check);
    }
}

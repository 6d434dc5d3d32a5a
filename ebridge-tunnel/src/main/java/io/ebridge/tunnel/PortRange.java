package io.ebridge.tunnel;

/** TCP ports from first to last, both included. Port 0 stands for "any free port", where a caller allows that. */
record PortRange(int first, int last) {
    PortRange {
        if (first < 0 || last > 65535 || first > last) {
            throw new IllegalArgumentException("Ports " + first + " to " + last + " are not within 0 to 65535");
        }
    }

    /** Parses {@code 443}, {@code 8000-8010} or {@code *}. */
    static PortRange parse(String text) {
        if (text.equals("*")) {
            return new PortRange(1, 65535);
        }
        int dash = text.indexOf('-');
        return dash < 0
                ? new PortRange(number(text), number(text))
                : new PortRange(number(text.substring(0, dash)), number(text.substring(dash + 1)));
    }

    private static int number(String digits) {
        if (!digits.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("'" + digits + "' is not a port");
        }
        int port = Integer.parseInt(digits);
        if (port == 0) {
            throw new IllegalArgumentException("Port 0 is not a target");
        }
        return port;
    }

    boolean contains(int port) {
        return port >= first && port <= last;
    }

    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first == 1 && last == 65535 ? "*" : first + "-" + last;
    }
}

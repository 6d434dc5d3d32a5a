package io.ebridge.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Bytes written by hand, and a driver that keeps the minutes of what a machine does. */
final class Wire {
    static final long SECOND = 1_000_000_000L;

    private Wire() {}

    /** Text as UTF-8; {@code <06 0A>} in it stands for raw bytes. */
    static byte[] bytes(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('<', at);
            int end = open < 0 ? text.length() : open;
            out.writeBytes(text.substring(at, end).getBytes(StandardCharsets.UTF_8));
            if (open < 0) {
                break;
            }
            int close = text.indexOf('>', open);
            out.writeBytes(
                    HexFormat.of().parseHex(text.substring(open + 1, close).replace(" ", "")));
            at = close + 1;
        }
        return out.toByteArray();
    }

    static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(bytes(text));
    }

    static String text(ByteBuffer buffer) {
        return StandardCharsets.UTF_8.decode(buffer.duplicate()).toString();
    }

    static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().withUpperCase().withDelimiter(" ").formatHex(bytes);
    }

    /** The next output as hex, or an empty text. */
    static String outputHex(StateMachine<?> machine) {
        return machine.pollOutput().map(Wire::hex).orElse("");
    }

    static String outputText(StateMachine<?> machine) {
        return machine.pollOutput().map(Wire::text).orElse("");
    }

    static ProtocolException failureOf(Failing failing) {
        try {
            failing.run();
        } catch (ProtocolException e) {
            return e;
        }
        throw new AssertionError("expected a ProtocolException");
    }

    static ProtocolException.Reason reasonOf(Failing failing) {
        return failureOf(failing).reason();
    }

    interface Failing {
        void run() throws ProtocolException;
    }

    /** What the owner of a machine does on an event. */
    interface Reaction<E> {
        void on(E event) throws ProtocolException;
    }

    /**
     * Feeds input cut at the given places, and writes down events, outputs, the failure, and what was left over.
     *
     * @param cuts lengths of the pieces, used in turn; the rest comes in one piece
     */
    static <E> List<String> minutes(StateMachine<E> machine, byte[] input, List<Integer> cuts, Reaction<E> reaction) {
        List<String> minutes = new ArrayList<>();
        StringBuilder sent = new StringBuilder();
        int at = 0;
        int cut = 0;
        int left = 0;
        try {
            collect(machine, sent);
            while (at < input.length) {
                int length = cut < cuts.size() ? Math.min(cuts.get(cut++), input.length - at) : input.length - at;
                ByteBuffer piece = ByteBuffer.wrap(input, at, length).slice();
                at += length;
                while (piece.hasRemaining() && !machine.isDone()) {
                    Optional<E> event = machine.receive(piece, 0);
                    collect(machine, sent);
                    if (event.isPresent()) {
                        minutes.add("event " + event.get());
                        reaction.on(event.get());
                        collect(machine, sent);
                    }
                }
                left += piece.remaining();
            }
            machine.endOfInput(0);
            minutes.add("end, left over " + left);
        } catch (ProtocolException e) {
            collect(machine, sent);
            minutes.add("failed " + e.reason() + " " + e.member() + " " + e.getMessage());
        }
        minutes.add("sent " + sent);
        return minutes;
    }

    private static void collect(StateMachine<?> machine, StringBuilder sent) {
        machine.pollOutput().ifPresent(out -> sent.append(hex(out)).append(' '));
    }
}

package io.ebridge.samples.verify;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.Strictness;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param file the evidence, unless there is a manifest
 * @param manifest the manifest, unless there is evidence
 * @param collateral files and directories to find collateral in
 * @param at the instant to judge at; now if empty
 * @param policy the policy's file
 * @param format the format, if it shall not be detected
 * @param anchor a root certificate that replaces the vendors' own
 * @param strictness how much collateral is demanded where there is no policy
 * @param json whether to print JSON
 */
record Options(
        Optional<Path> file,
        Optional<Path> manifest,
        List<Path> collateral,
        Optional<Instant> at,
        Optional<Path> policy,
        Optional<EvidenceFormat> format,
        Optional<Path> anchor,
        Strictness strictness,
        boolean json) {

    static final String USAGE =
            """
            usage: verify-evidence FILE [OPTION...]       judge one piece of evidence
                   verify-evidence --manifest FILE        judge every case of a manifest

              --collateral PATH...      files or directories; what they are is found out from their content
              --at RFC3339              judge as of then, not of now
              --policy FILE             a policy in JSON; without one, authenticity and dates are judged, and debug
              --json                    print JSON
              --format NAME             nitro, sgx, tdx or snp; detected if not given
              --insecure-anchor FILE    trust this root certificate in place of the vendors' own
              --insecure-without-revocation, --insecure-signatures-only
                                        do without revocation lists, or with signatures and chains alone (no policy)

            exit code: 0 accepted, 1 rejected, 2 unusable""";

    static Options parse(String... args) throws UnusableException {
        Deque<String> left = new ArrayDeque<>(List.of(args));
        Path file = null;
        Path manifest = null;
        Path policy = null;
        Path anchor = null;
        List<Path> collateral = new ArrayList<>();
        Instant at = null;
        EvidenceFormat format = null;
        Strictness strictness = Strictness.full();
        boolean json = false;
        while (!left.isEmpty()) {
            String arg = left.pop();
            switch (arg) {
                case "--json" -> json = true;
                case "--insecure-without-revocation" -> strictness = strictness.insecureWithoutRevocation();
                case "--insecure-signatures-only" -> strictness = strictness.insecureSignaturesOnly();
                case "--manifest" -> manifest = path(value(arg, left));
                case "--policy" -> policy = path(value(arg, left));
                case "--insecure-anchor" -> anchor = path(value(arg, left));
                case "--at" -> at = instant(value(arg, left));
                case "--format" -> format = format(value(arg, left));
                case "--collateral" -> {
                    collateral.add(path(value(arg, left)));
                    // The evidence comes first, so everything up to the next option is collateral.
                    while (file != null && !left.isEmpty() && !left.peek().startsWith("--")) {
                        collateral.add(path(left.pop()));
                    }
                }
                default -> {
                    if (arg.startsWith("--") || file != null) {
                        throw new UnusableException("not understood: " + arg + "\n" + USAGE);
                    }
                    file = path(arg);
                }
            }
        }
        if ((file == null) == (manifest == null)) {
            throw new UnusableException("give either evidence or a manifest\n" + USAGE);
        }
        return new Options(
                Optional.ofNullable(file),
                Optional.ofNullable(manifest),
                List.copyOf(collateral),
                Optional.ofNullable(at),
                Optional.ofNullable(policy),
                Optional.ofNullable(format),
                Optional.ofNullable(anchor),
                strictness,
                json);
    }

    private static String value(String option, Deque<String> left) throws UnusableException {
        @Nullable String value = left.poll();
        if (value == null) {
            throw new UnusableException(option + " needs a value\n" + USAGE);
        }
        return value;
    }

    private static Path path(String text) throws UnusableException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UnusableException("no path: " + text, e);
        }
    }

    private static Instant instant(String text) throws UnusableException {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new UnusableException("no time in RFC 3339, such as 2026-03-07T00:00:00Z", e);
        }
    }

    private static EvidenceFormat format(String text) throws UnusableException {
        try {
            return EvidenceFormat.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new UnusableException("no format: " + text, e);
        }
    }
}

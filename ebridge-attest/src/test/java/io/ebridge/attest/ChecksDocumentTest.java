package io.ebridge.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of checks for people says what the enum says, constant by constant, and every constant says where it comes from. */
class ChecksDocumentTest {

    private static final Path DOCUMENT = Path.of("CHECKS.md");
    private static final Path SOURCE = Path.of("src/main/java/io/ebridge/attest/RejectionReason.java");
    private static final Pattern CONSTANT = Pattern.compile(
            "/\\*\\*\\s*((?:(?!\\*/).)*?)\\s*\\*/\\s*([A-Z][A-Z0-9_]+)\\(\\s*(?:Aspect\\.)?[A-Z]+,", Pattern.DOTALL);

    @Test
    void theDocumentListsEveryCheckAsTheEnumHasIt() throws IOException {
        assumeTrue(Files.isRegularFile(SOURCE), "the sources are not beside the test");
        List<String> rows = Files.readAllLines(DOCUMENT).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertThat(rows)
                .as("rows of %s; the expected ones, to paste:%n%s", DOCUMENT, String.join("\n", expectedRows()))
                .containsExactlyElementsOf(expectedRows());
    }

    @Test
    void everyConstantNamesItsSourceAndFormats() {
        for (RejectionReason reason : RejectionReason.values()) {
            assertThat(reason.source()).as(reason.name()).isNotBlank();
            assertThat(reason.formats()).as(reason.name()).isNotEmpty();
            for (EvidenceFormat format : EvidenceFormat.values()) {
                if (reason.name().startsWith(format.name() + "_")) {
                    assertThat(reason.formats()).as(reason.name()).containsExactly(format);
                }
            }
        }
    }

    private static List<String> expectedRows() throws IOException {
        Matcher matcher = CONSTANT.matcher(Files.readString(SOURCE));
        List<String> rows = new ArrayList<>();
        EnumSet<RejectionReason> seen = EnumSet.noneOf(RejectionReason.class);
        while (matcher.find()) {
            RejectionReason reason = RejectionReason.valueOf(matcher.group(2));
            seen.add(reason);
            rows.add("| `" + reason + "` | " + formats(reason) + " | "
                    + reason.aspect().name().toLowerCase(Locale.ROOT) + " | " + text(matcher.group(1)) + " | "
                    + reason.source() + " |");
        }
        assertThat(seen).as("documented constants").isEqualTo(EnumSet.allOf(RejectionReason.class));
        return rows;
    }

    private static String formats(RejectionReason reason) {
        return reason.formats().size() == EvidenceFormat.values().length
                ? "all"
                : reason.formats().stream().map(Enum::name).collect(Collectors.joining(", "));
    }

    private static String text(String javadoc) {
        return javadoc.replaceFirst("^\\*\\s*", "")
                .replaceAll("\\s*\\n\\s*\\*\\s*", " ")
                .replaceAll("\\{@code ((?:[^{}]|\\{[^}]*})*)}", "`$1`")
                .replaceAll("\\{@link [#\\w]*?#?(\\w+)(?:\\([^)]*\\))?}", "`$1`")
                .replace("<p>", "")
                .replace("|", "\\|")
                .trim();
    }
}

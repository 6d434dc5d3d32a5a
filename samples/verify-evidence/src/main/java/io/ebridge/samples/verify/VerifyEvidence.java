package io.ebridge.samples.verify;

import java.io.PrintStream;
import java.time.InstantSource;

/** Judges evidence from files and says what it found, for people or as JSON. */
public final class VerifyEvidence {

    private VerifyEvidence() {}

    /**
     * Runs the program.
     *
     * @param args the command line; without any, it is explained
     */
    public static void main(String[] args) {
        System.exit(run(System.out, System.err, InstantSource.system(), args));
    }

    static int run(PrintStream out, PrintStream err, InstantSource clock, String... args) {
        boolean json = java.util.Arrays.asList(args).contains("--json");
        try {
            Options options = Options.parse(args);
            if (options.manifest().isPresent()) {
                return ManifestRun.judge(options.manifest().get(), out);
            }
            Verdict verdict = FileJudge.judge(options, clock);
            out.print(json ? verdict.toJson() : verdict.toTable());
            return verdict.exitCode();
        } catch (UnusableException e) {
            if (json) {
                out.println(Verdict.unusable(String.valueOf(e.getMessage())));
            } else {
                err.println(e.getMessage());
            }
            return 2;
        }
    }
}

package io.ebridge.samples.benchmarks.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Processor seconds of process trees, from the kernel's accounting; children that have ended are counted through their parent. */
final class Cpu {
    private static final double TICKS = 100.0;

    private Cpu() {}

    static double seconds(List<Long> pids) throws IOException {
        double sum = 0;
        for (long pid : pids) {
            sum += ticks(pid);
            for (ProcessHandle child : ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::descendants)
                    .toList()) {
                sum += ticks(child.pid());
            }
        }
        return sum / TICKS;
    }

    private static double ticks(long pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name in parentheses may hold anything; the fields are counted from behind it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            long ended = Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
            return own + ended;
        } catch (IOException e) {
            // It may end before its file is opened, or between that and the read.
            if (ProcessHandle.of(pid).isEmpty()) {
                return 0;
            }
            throw e;
        }
    }
}

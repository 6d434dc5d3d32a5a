package io.ebridge.attest.provider;

import io.ebridge.attest.Availability;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * TDX quotes and SEV-SNP reports in a confidential VM, through Linux's {@code configfs-tsm} (kernel 6.7 and later,
 * needs root or a delegated directory).
 *
 * <p>Guaranteed: every request has a directory of its own, which is gone afterwards; evidence is returned only if the
 * kernel counted exactly the writes of this request while it was made, and its report data is what was asked for. Not
 * guaranteed: that it verifies; give it to a verifier. Certificates that the host supplied beside an SEV-SNP report
 * ({@code auxblob}) are attached as collateral and trusted no more than any other.
 *
 * <p>The nonce and the public key of a request have no field here and are left out: hash them into the report data.
 *
 * <p>Source: Linux, Documentation/ABI/testing/configfs-tsm-report. Thread-safe; requests run side by side.
 */
public final class ConfigfsTsmProvider implements EvidenceProvider {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ATTEMPTS = 3;
    private static final int BLOB_LIMIT = 64 * 1024;

    private final EvidenceFormat format;
    private final DeviceFiles files;
    private final int privilegeLevel;

    private ConfigfsTsmProvider(EvidenceFormat format, DeviceFiles files, int privilegeLevel) {
        this.format = format;
        this.files = files;
        this.privilegeLevel = privilegeLevel;
    }

    /**
     * TDX quotes from {@code /sys/kernel/config/tsm/report}.
     *
     * @return the provider
     */
    public static ConfigfsTsmProvider tdx() {
        return of(EvidenceFormat.TDX, Path.of("/sys/kernel/config/tsm/report"));
    }

    /**
     * SEV-SNP reports from {@code /sys/kernel/config/tsm/report}.
     *
     * @return the provider
     */
    public static ConfigfsTsmProvider snp() {
        return of(EvidenceFormat.SNP, Path.of("/sys/kernel/config/tsm/report"));
    }

    /**
     * A provider at another directory, of the default or any other file system.
     *
     * @param format {@link EvidenceFormat#TDX} or {@link EvidenceFormat#SNP}
     * @param root the directory in which report directories are made
     * @return the provider
     * @throws IllegalArgumentException for another format
     */
    public static ConfigfsTsmProvider of(EvidenceFormat format, Path root) {
        if (format != EvidenceFormat.TDX && format != EvidenceFormat.SNP) {
            throw new IllegalArgumentException("configfs-tsm makes TDX and SNP evidence, not " + format);
        }
        return new ConfigfsTsmProvider(format, new DeviceFiles(root), -1);
    }

    /**
     * The same provider asking for a privilege level (the VMPL of an SEV-SNP report); without it the kernel chooses.
     *
     * @param level 0 (most privileged) to 3
     * @return a copy
     * @throws IllegalArgumentException if the level is out of range or the format has none
     */
    public ConfigfsTsmProvider withPrivilegeLevel(int level) {
        if (level < 0 || level > 3) {
            throw new IllegalArgumentException("a privilege level is 0 to 3, not " + level);
        }
        if (format != EvidenceFormat.SNP) {
            throw new IllegalArgumentException("only SNP reports have a privilege level");
        }
        return new ConfigfsTsmProvider(format, files, level);
    }

    @Override
    public EvidenceFormat format() {
        return format;
    }

    @Override
    public Availability available() {
        if (!files.exists("")) {
            return Availability.no("there is no " + files
                    + ": this is not a confidential VM, the kernel is older than 6.7 or configfs is not mounted");
        }
        String directory = newName();
        try {
            files.createDirectory(directory);
        } catch (IOException e) {
            return Availability.no(
                    files.writable("")
                            ? "the kernel makes no report directory under " + files + "; is a TSM driver loaded?"
                            : "this process may not write to " + files + "; it needs root or a delegated directory");
        }
        try {
            String name = text(directory + "/provider");
            return name.equals(driver())
                    ? Availability.yes()
                    : Availability.no("the kernel's provider is \"" + name + "\", not \"" + driver() + "\"");
        } catch (IOException e) {
            return Availability.no("the provider's name under " + files + " cannot be read: " + e.getMessage());
        } finally {
            remove(directory);
        }
    }

    @Override
    public Evidence quote(EvidenceRequest request) throws EvidenceUnavailableException {
        if (!files.exists("")) {
            throw new EvidenceUnavailableException(Reason.NO_DEVICE, available().reason(), null);
        }
        for (int i = 0; i < ATTEMPTS; i++) {
            String directory = newName();
            try {
                files.createDirectory(directory);
            } catch (IOException e) {
                throw new EvidenceUnavailableException(
                        Reason.NO_DEVICE, "no report directory could be made under " + files, e);
            }
            try {
                Evidence evidence = once(directory, request.reportData());
                if (evidence != null) {
                    return evidence;
                }
            } catch (IOException e) {
                throw new EvidenceUnavailableException(
                        Reason.DEVICE_REFUSED, "the kernel made no report: " + e.getMessage(), e);
            } finally {
                remove(directory);
            }
        }
        throw new EvidenceUnavailableException(
                Reason.CONTENDED, "another writer got between request and report, " + ATTEMPTS + " times", null);
    }

    /** Evidence, or null if somebody else wrote to our directory meanwhile. */
    private @org.jspecify.annotations.Nullable Evidence once(String directory, Bytes reportData)
            throws IOException, EvidenceUnavailableException {
        String driver = text(directory + "/provider");
        if (!driver.equals(driver())) {
            throw new EvidenceUnavailableException(
                    Reason.NO_DEVICE, "the kernel's provider is \"" + driver + "\", not \"" + driver() + "\"", null);
        }
        long before = generation(directory);
        int writes = 1;
        if (privilegeLevel >= 0) {
            files.write(
                    directory + "/privlevel", Integer.toString(privilegeLevel).getBytes(StandardCharsets.US_ASCII));
            writes++;
        }
        files.write(directory + "/inblob", reportData.toByteArray());
        byte[] report = files.read(directory + "/outblob", BLOB_LIMIT);
        byte[] auxiliary = format == EvidenceFormat.SNP && files.exists(directory + "/auxblob")
                ? files.read(directory + "/auxblob", BLOB_LIMIT)
                : new byte[0];
        if (generation(directory) != before + writes) {
            return null;
        }
        int at = reportDataOffset(report);
        if (at < 0 || report.length < at + reportData.length()) {
            throw new EvidenceUnavailableException(
                    Reason.BAD_ANSWER, "the kernel answered with " + report.length + " bytes that are no report", null);
        }
        if (!Bytes.of(report, at, reportData.length()).equals(reportData)) {
            return null;
        }
        Evidence evidence = Evidence.of(format, report);
        return auxiliary.length == 0 ? evidence : evidence.withCollateral(SnpCertificateTable.read(auxiliary));
    }

    /** SNP: 0x50 (AMD 56860, ATTESTATION_REPORT). TDX: 520 of the TD report body behind header and, in v5, descriptor. */
    private int reportDataOffset(byte[] report) {
        if (format == EvidenceFormat.SNP) {
            return 0x50;
        }
        int version = report.length < 2 ? 0 : (report[0] & 0xff) | (report[1] & 0xff) << 8;
        return version == 4 ? 48 + 520 : version == 5 ? 48 + 6 + 520 : -1;
    }

    private String driver() {
        return format == EvidenceFormat.SNP ? "sev_guest" : "tdx_guest";
    }

    private long generation(String directory) throws IOException {
        String text = text(directory + "/generation");
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException("the generation is not a number: " + text, e);
        }
    }

    private String text(String name) throws IOException {
        return new String(files.read(name, 256), StandardCharsets.US_ASCII).strip();
    }

    private static String newName() {
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        return "ebridge-" + ProcessHandle.current().pid() + "-" + HexFormat.of().formatHex(random);
    }

    private void remove(String directory) {
        try {
            files.removeDirectory(directory);
        } catch (IOException e) {
            System.getLogger(ConfigfsTsmProvider.class.getName())
                    .log(System.Logger.Level.WARNING, "report directory {0} could not be removed: {1}", directory, e);
        }
    }
}

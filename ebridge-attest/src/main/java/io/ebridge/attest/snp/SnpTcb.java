package io.ebridge.attest.snp;

import io.ebridge.attest.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * The security version of a platform, component by component. There is no order of versions as a whole: one is at least
 * another if every component is.
 *
 * <p>In a report it takes 8 bytes whose order depends on the product: boot loader, TEE, four reserved, SNP firmware,
 * microcode for Milan and Genoa; FMC, boot loader, TEE, SNP firmware, three reserved, microcode for Turin. Source: AMD
 * 56860, TCB_VERSION.
 *
 * @param fmc the security version of the FMC firmware, 0 to 255; 0 where the product has none (Milan and Genoa)
 * @param bootloader that of the boot loader, 0 to 255
 * @param tee that of the operating system of the secure processor, 0 to 255
 * @param snp that of the SNP firmware, 0 to 255
 * @param microcode that of the microcode of all cores, 0 to 255
 */
public record SnpTcb(int fmc, int bootloader, int tee, int snp, int microcode) {

    /**
     * Checks the ranges.
     *
     * @param fmc the security version of the FMC firmware, 0 to 255
     * @param bootloader that of the boot loader, 0 to 255
     * @param tee that of the operating system of the secure processor, 0 to 255
     * @param snp that of the SNP firmware, 0 to 255
     * @param microcode that of the microcode of all cores, 0 to 255
     * @throws IllegalArgumentException if a component is out of range
     */
    public SnpTcb {
        if (((fmc | bootloader | tee | snp | microcode) & ~0xff) != 0) {
            throw new IllegalArgumentException("components of a TCB are 0 to 255");
        }
    }

    /**
     * A version for Milan or Genoa.
     *
     * @param bootloader the boot loader's
     * @param tee the secure processor's operating system's
     * @param snp the SNP firmware's
     * @param microcode the microcode's
     * @return the version
     * @throws IllegalArgumentException if a component is out of range
     */
    public static SnpTcb of(int bootloader, int tee, int snp, int microcode) {
        return new SnpTcb(0, bootloader, tee, snp, microcode);
    }

    /**
     * Reads the 8 bytes of a report. Reserved bytes are not looked at.
     *
     * @param product whose layout it is
     * @param bytes 8 bytes, as in the report
     * @return the version
     * @throws IllegalArgumentException if there are not 8 bytes
     */
    public static SnpTcb read(SnpProduct product, Bytes bytes) {
        if (bytes.length() != 8) {
            throw new IllegalArgumentException("a TCB version has 8 bytes, not " + bytes.length());
        }
        return product == SnpProduct.TURIN
                ? new SnpTcb(bytes.at(0), bytes.at(1), bytes.at(2), bytes.at(3), bytes.at(7))
                : new SnpTcb(0, bytes.at(0), bytes.at(1), bytes.at(6), bytes.at(7));
    }

    /**
     * Whether the reserved bytes of the 8 bytes of a report are zero (AMD 56860, "TCB versions").
     *
     * @param product whose layout it is
     * @param bytes 8 bytes, as in the report
     * @return whether they are
     * @throws IllegalArgumentException if there are not 8 bytes
     */
    public static boolean reservedAreZero(SnpProduct product, Bytes bytes) {
        if (bytes.length() != 8) {
            throw new IllegalArgumentException("a TCB version has 8 bytes, not " + bytes.length());
        }
        return product == SnpProduct.TURIN
                ? bytes.slice(4, 3).isZero()
                : bytes.slice(2, 4).isZero();
    }

    /**
     * Whether every component is at least that of another version.
     *
     * @param other the other version
     * @return whether it is
     */
    public boolean atLeast(SnpTcb other) {
        return shortfall(other).isEmpty();
    }

    /**
     * The components that are below those of another version, in words such as {@code microcode 210 < 213}.
     *
     * @param minimum the other version
     * @return one entry per component that falls short; empty if none does
     */
    public List<String> shortfall(SnpTcb minimum) {
        List<String> result = new ArrayList<>();
        compare(result, "fmc", fmc, minimum.fmc);
        compare(result, "bootloader", bootloader, minimum.bootloader);
        compare(result, "tee", tee, minimum.tee);
        compare(result, "snp", snp, minimum.snp);
        compare(result, "microcode", microcode, minimum.microcode);
        return List.copyOf(result);
    }

    private static void compare(List<String> result, String name, int is, int minimum) {
        if (is < minimum) {
            result.add(name + " " + is + " < " + minimum);
        }
    }
}

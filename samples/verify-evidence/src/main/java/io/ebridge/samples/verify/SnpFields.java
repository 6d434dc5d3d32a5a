package io.ebridge.samples.verify;

import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.snp.SnpReport;
import io.ebridge.attest.snp.SnpResult;
import java.util.Locale;
import java.util.Map;

/** SNP results in the words of the manifest. */
final class SnpFields {

    private SnpFields() {}

    static void add(AttestationResult result, Map<String, Object> fields) {
        SnpResult snp = (SnpResult) result;
        SnpReport report = snp.report();
        fields.put("measurements.measurement", report.measurement().hex());
        fields.put("report_data", report.reportData().hex());
        fields.put("fields.report_version", String.valueOf(report.version()));
        fields.put("fields.guest_svn", String.valueOf(report.guestSvn()));
        fields.put("fields.policy", report.policy().toString());
        fields.put("fields.vmpl", String.valueOf(report.vmpl()));
        fields.put("fields.platform_info", report.platformInfo().toString());
        fields.put("fields.signing_key", report.signingKey().name().toLowerCase(Locale.ROOT));
        fields.put("fields.product", snp.product().line());
        fields.put("fields.current_tcb", report.currentTcb().hex());
        fields.put("fields.reported_tcb", report.reportedTcb().hex());
        fields.put("fields.committed_tcb", report.committedTcb().hex());
        fields.put("fields.launch_tcb", report.launchTcb().hex());
        fields.put("fields.host_data", report.hostData().hex());
        fields.put("fields.id_key_digest", report.idKeyDigest().hex());
        fields.put("fields.author_key_digest", report.authorKeyDigest().hex());
        fields.put("fields.family_id", report.familyId().hex());
        fields.put("fields.image_id", report.imageId().hex());
        fields.put("fields.report_id", report.reportId().hex());
        fields.put("fields.report_id_ma", report.reportIdMigrationAgent().hex());
        fields.put("fields.chip_id", report.chipId().hex());
        report.launchMitigations()
                .ifPresent(bits -> fields.put("fields.launch_mit_vector", String.format("0x%016x", bits)));
        report.currentMitigations()
                .ifPresent(bits -> fields.put("fields.current_mit_vector", String.format("0x%016x", bits)));
        snp.cspId().ifPresent(csp -> fields.put("fields.csp_id", csp));
    }
}

package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.snp.SnpProduct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Fakes have the layout of the real thing, field by field; a difference is printed as such. */
class StructureTest {
    private static byte[] vector(String name) throws IOException {
        Path path = Path.of(System.getProperty("ebridge.vectors", "../../shared/vectors"), name);
        assumeTrue(Files.exists(path), () -> "no real evidence at " + path + ": the comparison is skipped");
        return Files.readAllBytes(path);
    }

    private static void same(String what, byte[] fake, byte[] real, Function<byte[], Shape> shape) {
        List<String> f = shape.apply(fake).lines();
        List<String> r = shape.apply(real).lines();
        List<String> onlyFake = new ArrayList<>(f);
        onlyFake.removeAll(r);
        List<String> onlyReal = new ArrayList<>(r);
        onlyReal.removeAll(f);
        assertThat(f)
                .as("%s%n  only in the fake: %s%n  only in the real one: %s%n", what, onlyFake, onlyReal)
                .isEqualTo(r);
        assertThat(f).as("%s is described at all", what).hasSizeGreaterThan(10);
    }

    private static byte[] quote(FakePlatform p) throws Exception {
        FakeQuotingEnclave fake = Fixtures.at(p);
        return fake.quote(Fixtures.request(p.format())).bytes().toByteArray();
    }

    private static byte[] collateral(FakePlatform p, Kind kind) {
        return Fixtures.at(p).collateral().pieces(kind).get(0).toByteArray();
    }

    @Test
    void nitroDocument() throws Exception {
        byte[] real = vector("nitro/sparsity-xyz_aws-nitro-enclave-attestation/attestation_1.report");
        same("Nitro document", quote(FakeNitro.standard()), real, b -> new Shape().nitro(b));
    }

    @Test
    void nitroDocumentWithNulls() throws Exception {
        byte[] real = vector("nitro/anjuna-security_go-nitro-attestation/sample_prod_doc.bin");
        byte[] fake = Fixtures.at(FakeNitro.standard())
                .nitroDocument(FakeNitro.standard(), FakeNitro.standard().measured(), null, null, null);
        same("Nitro document without user data", fake, real, b -> nitroWithoutCertificates(b));
    }

    /** Certificates of 2021 had no CRL distribution points yet. */
    private static Shape nitroWithoutCertificates(byte[] document) {
        Shape all = new Shape().nitro(document);
        Shape some = new Shape();
        all.lines().stream()
                .filter(l -> !l.contains("cabundle[") && !l.contains("certificate."))
                .forEach(some::add);
        return some;
    }

    @Test
    void sgxQuoteV3() throws Exception {
        byte[] real = vector("sgx/Phala-Network_dcap-qvl/sgx_quote");
        same("SGX quote v3", quote(FakeSgx.standard().processorCa()), real, b -> new Shape().quote(b));
    }

    @Test
    void tdxQuoteV4() throws Exception {
        byte[] real = vector("tdx/Phala-Network_dcap-qvl/tdx_quote");
        same("TDX quote v4", quote(FakeTdx.standard().trailingZeros(70)), real, b -> new Shape().quote(b));
    }

    @Test
    void tdxQuoteV5() throws Exception {
        byte[] real = vector("tdx/google_go-tdx-guest/quote_v5_sample.dat");
        same("TDX quote v5", quote(FakeTdx.standard().quoteV5(true)), real, b -> new Shape().quote(b));
    }

    @Test
    void intelCollateral() throws Exception {
        String tdx = "tdx/Phala-Network_dcap-qvl/derived/tdx_quote.";
        same("PCK CRL", collateral(FakeTdx.standard(), Kind.PCK_CRL), vector(tdx + "pck_crl.der"), b -> new Shape()
                .der("crl", b));
        same(
                "root CRL",
                collateral(FakeTdx.standard(), Kind.ROOT_CA_CRL),
                vector("sgx/automata-network_automata-dcap-attestation/solana_intel_root_ca_crl.der"),
                b -> new Shape().der("crl", b));
        same(
                "QE identity of TDX",
                collateral(FakeTdx.standard(), Kind.QE_IDENTITY),
                vector("tdx/google_go-tdx-guest/sample_qeIdentity_response"),
                b -> jsonWithoutLevels(b));
        same(
                "QE identity of SGX",
                collateral(FakeSgx.standard(), Kind.QE_IDENTITY),
                vector("sgx/Phala-Network_dcap-qvl/derived/sgx_quote.qe_identity.json"),
                b -> new Shape().json("qe", b));
        same(
                "TCB info of TDX",
                collateral(FakeTdx.standard(), Kind.TCB_INFO),
                vector("tdx/Phala-Network_dcap-qvl/derived/tdx_quote.tcb_info.json"),
                b -> sorted(new Shape().json("tcb", b)));
        same(
                "TCB info of SGX",
                collateral(FakeSgx.standard(), Kind.TCB_INFO),
                vector("sgx/Phala-Network_dcap-qvl/derived/sgx_quote.tcb_info.json"),
                b -> sorted(new Shape().json("tcb", b)));
        same(
                "TCB evaluation data numbers",
                collateral(FakeSgx.standard(), Kind.TCB_EVAL_NUMBERS),
                vector("sgx/matter-labs_teepot/derived/sgx_tcb_eval_nums.response.json"),
                b -> new Shape().json("numbers", b));
        same(
                "TCB signing chain",
                collateral(FakeSgx.standard(), Kind.TCB_INFO_CHAIN),
                vector("sgx/Phala-Network_dcap-qvl/derived/sgx_quote.tcb_info_chain.pem"),
                StructureTest::chain);
        same(
                "PCK CRL chain",
                collateral(FakeTdx.standard(), Kind.PCK_CRL_CHAIN),
                vector("tdx/Phala-Network_dcap-qvl/derived/near_quote.pck_crl_chain.pem"),
                StructureTest::chain);
    }

    /** Optional members of levels (advisories) depend on how many levels there are. */
    private static Shape jsonWithoutLevels(byte[] json) {
        Shape some = new Shape();
        new Shape()
                .json("qe", json).lines().stream()
                        .filter(l -> !l.contains("advisoryIDs"))
                        .forEach(some::add);
        return some;
    }

    /** Which element of an array first has an optional member depends on the platform. */
    private static Shape sorted(Shape shape) {
        Shape out = new Shape();
        shape.lines().stream().filter(l -> !l.contains("advisoryIDs")).sorted().forEach(out::add);
        return out;
    }

    private static Shape chain(byte[] pem) {
        Shape s = new Shape();
        int i = 0;
        for (byte[] der : Shape.pem(pem)) {
            s.der("chain[" + i++ + "]", der);
        }
        return s;
    }

    @Test
    void snpReports() throws Exception {
        FakeSnp snp = FakeSnp.standard();
        same(
                "report v2 of Milan",
                quote(snp.reportVersion(2)),
                vector("snp/virtee_sev/report_milan.bin"),
                b -> new Shape().report(b));
        same(
                "report v3 of Milan, VLEK",
                quote(snp.reportVersion(3).vlek("CN=cc.insecure-test.invalid")),
                vector("snp/confidential-containers_trustee/test-vlek-report.bin"),
                b -> new Shape().report(b));
        same(
                "report v3 of Genoa",
                quote(snp.reportVersion(3).product(SnpProduct.GENOA)),
                vector("snp/microsoft_TEE-Attestation-Verification/genoa_attestation_report.bin"),
                b -> new Shape().report(b));
        same(
                "report v5 of Turin",
                quote(snp.product(SnpProduct.TURIN)),
                vector("snp/microsoft_TEE-Attestation-Verification/turin_attestation_report.bin"),
                b -> new Shape().report(b));
    }

    @Test
    void amdCertificates() throws Exception {
        FakeSnp snp = FakeSnp.standard();
        same(
                "VCEK of Milan",
                collateral(snp, Kind.VCEK),
                vector("snp/microsoft_TEE-Attestation-Verification/milan_vcek.pem"),
                StructureTest::certificate);
        same(
                "VCEK of Genoa",
                collateral(snp.product(SnpProduct.GENOA), Kind.VCEK),
                vector("snp/microsoft_TEE-Attestation-Verification/genoa_vcek.pem"),
                StructureTest::certificate);
        same(
                "VCEK of Turin",
                collateral(snp.product(SnpProduct.TURIN), Kind.VCEK),
                vector("snp/microsoft_TEE-Attestation-Verification/turin_vcek.pem"),
                StructureTest::certificate);
        same(
                "VLEK of Milan",
                collateral(snp.vlek("CN=cc.insecure-test.invalid"), Kind.VLEK),
                vector("snp/confidential-containers_trustee/test-vlek.der"),
                StructureTest::certificate);
        for (SnpProduct product : SnpProduct.values()) {
            String real = "snp/microsoft_TEE-Attestation-Verification/"
                    + product.line().toLowerCase(java.util.Locale.ROOT);
            same(
                    "ARK of " + product,
                    collateral(snp.product(product), Kind.ARK),
                    vector(real + "_ark.pem"),
                    StructureTest::certificate);
            same(
                    "ASK of " + product,
                    collateral(snp.product(product), Kind.ASK),
                    vector(real + "_ask.pem"),
                    StructureTest::certificate);
        }
        FakeSnp vlek = snp.vlek("CN=cc.insecure-test.invalid");
        same(
                "ASVK of Milan",
                collateral(vlek, Kind.ASVK),
                vector("snp/google_go-sev-guest/ask_ark_milan_vlek.pem"),
                StructureTest::certificate);
    }

    /** The first certificate, DER or PEM. */
    private static Shape certificate(byte[] derOrPem) {
        return new Shape().der("certificate", Shape.pem(derOrPem).get(0));
    }

    @Test
    void aDifferenceIsFoundAndTold() throws Exception {
        byte[] fake = collateral(FakeSnp.standard(), Kind.VCEK);
        byte[] other = collateral(FakeSnp.standard().product(SnpProduct.TURIN), Kind.VCEK);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> same("VCEK", fake, other, StructureTest::certificate)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("only in the fake")
                .hasMessageContaining("1.3.6.1.4.1.3704.1.3.9");
    }
}

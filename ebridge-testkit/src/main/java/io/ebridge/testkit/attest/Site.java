package io.ebridge.testkit.attest;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A place in the making of evidence and collateral where a defect can step in. What passes a site is either a mutable description (changed in
 * place, before anything is signed) or finished bytes (replaced).
 *
 * @param name for messages
 * @param <T> what passes
 */
record Site<T>(String name) {
    // What evidence is asked to bind.
    static final Site<EvidenceRequest> REQUEST = new Site<>("request");

    static final Site<EvidenceFormat> FORMAT = new Site<>("format");

    static final Site<FakePlatform> PLATFORM = new Site<>("platform");

    // Certificates, before they are signed.
    static final Site<CertSpec> NITRO_ROOT = new Site<>("Nitro root");
    static final Site<CertSpec> NITRO_REGIONAL = new Site<>("Nitro regional CA");
    static final Site<CertSpec> NITRO_ZONAL = new Site<>("Nitro zonal CA");
    static final Site<CertSpec> NITRO_INSTANCE = new Site<>("Nitro instance CA");
    static final Site<CertSpec> NITRO_LEAF = new Site<>("Nitro leaf");
    static final Site<CertSpec> INTEL_ROOT = new Site<>("Intel root");
    static final Site<CertSpec> PCK_CA = new Site<>("PCK CA");
    static final Site<IntelPki.PckExtension> PCK_EXTENSION = new Site<>("SGX extension of the PCK");
    static final Site<CertSpec> PCK = new Site<>("PCK");
    static final Site<CertSpec> TCB_SIGNING = new Site<>("TCB signing");
    static final Site<CertSpec> ARK = new Site<>("ARK");
    static final Site<CertSpec> ASK = new Site<>("ASK or ASVK");
    static final Site<CertSpec> VEK = new Site<>("VCEK or VLEK");
    static final Site<CertSpec> CARRIER = new Site<>("certificate that carries evidence");

    // What a certificate carries: claims, claims as encoded, what the evidence is to bind, the extension's content.
    static final Site<Map<String, byte[]>> CARRIER_CLAIMS = new Site<>("claims beside evidence");
    static final Site<byte[]> CARRIER_BUFFER = new Site<>("buffer of claims");
    static final Site<byte[]> CARRIER_BINDING = new Site<>("binding of a certificate's key");
    static final Site<byte[]> CARRIER_CONTENT = new Site<>("extension that carries evidence");

    // Revocation lists, before they are signed.
    static final Site<CrlSpec> NITRO_REGIONAL_CRL = new Site<>("CRL of the Nitro root");
    static final Site<CrlSpec> INTEL_ROOT_CRL = new Site<>("CRL of the Intel root");
    static final Site<CrlSpec> PCK_CRL = new Site<>("CRL of the PCK CA");
    static final Site<CrlSpec> AMD_CRL = new Site<>("CRL of the ARK");

    // Nitro.
    static final Site<NitroForge.Document> NITRO_DOCUMENT = new Site<>("Nitro document");
    static final Site<byte[]> NITRO_PAYLOAD = new Site<>("Nitro payload, before it is signed");

    // Intel.
    static final Site<QuoteForge.Quote> QUOTE = new Site<>("quote");
    static final Site<TcbInfo> TCB_INFO = new Site<>("TCB info");
    static final Site<QeIdentity> QE_IDENTITY = new Site<>("QE identity");
    static final Site<EvaluationNumbers> EVALUATION_NUMBERS = new Site<>("TCB evaluation data numbers");
    static final Site<SignedJson> EVALUATION_NUMBERS_JSON = new Site<>("TCB evaluation data numbers as signed JSON");
    static final Site<SignedJson> TCB_INFO_JSON = new Site<>("TCB info as signed JSON");
    static final Site<SignedJson> QE_IDENTITY_JSON = new Site<>("QE identity as signed JSON");

    // AMD.
    static final Site<SnpForge.Report> REPORT = new Site<>("SNP report");

    // All.
    static final Site<byte[]> EVIDENCE = new Site<>("finished evidence");
    static final Site<CollateralSpec> COLLATERAL = new Site<>("collateral");

    /** What a Nitro chain is made of. */
    static final List<Site<?>> NITRO_CHAIN =
            List.of(NITRO_ROOT, NITRO_REGIONAL, NITRO_ZONAL, NITRO_INSTANCE, NITRO_LEAF, NITRO_REGIONAL_CRL);
    /** What Intel's certificates and lists are made of. */
    static final List<Site<?>> INTEL_CERTIFICATES =
            List.of(INTEL_ROOT, PCK_CA, PCK, PCK_EXTENSION, TCB_SIGNING, INTEL_ROOT_CRL, PCK_CRL);
    /** What AMD's root and intermediate certificates are made of. */
    static final List<Site<?>> AMD_ISSUERS = List.of(ARK, ASK);
    /** What AMD's certificates and list are made of. */
    static final List<Site<?>> AMD_CERTIFICATES = List.of(ARK, ASK, VEK, AMD_CRL);

    /** A JSON object, its exact bytes and the signature over them. */
    static final class SignedJson {
        final String member;
        byte[] body;
        byte[] signature;

        SignedJson(String member, byte[] body, byte[] signature) {
            this.member = member;
            this.body = body;
            this.signature = signature;
        }

        /** The document as the vendor serves it. */
        byte[] document() {
            String text = "{\"" + member + "\":" + new String(body, StandardCharsets.UTF_8) + ",\"signature\":\""
                    + java.util.HexFormat.of().formatHex(signature) + "\"}";
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }
}

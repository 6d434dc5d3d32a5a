package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.intel.TcbAssessment;
import io.ebridge.attest.intel.TcbPart;
import io.ebridge.attest.intel.TcbShortfall;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.tdx.TdReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares a platform, its TDX module and its quoting enclave with Intel's documents, and merges the three (Intel SGX ECDSA quote
 * verification, step 4.1.2.4.17 and its parts). Pure: no clock, no policy.
 */
final class TcbEvaluator {

    private static final String PLATFORM = "platform";

    private TcbEvaluator() {}

    /**
     * Assesses a platform.
     *
     * @param info the TCB info that fits it
     * @param platform the platform, from its PCK certificate
     * @param td the TD's report; null for SGX
     * @param qe the quoting enclave's state; empty without QE identity
     * @param qeShortfall what keeps it from being up to date
     * @throws EvidenceRejectedException if the TD's current module has no identity in the document
     */
    static TcbAssessment assess(
            TcbInfo info,
            IntelPlatform platform,
            @Nullable TdReport td,
            Optional<TcbPart> qe,
            Optional<TcbShortfall> qeShortfall)
            throws EvidenceRejectedException {
        Optional<TcbInfo.Level> sgxLevel = info.levels().stream()
                .filter(level -> reachesSgx(level, platform))
                .findFirst();
        Optional<TcbInfo.Level> level = td == null
                ? sgxLevel
                : info.levels().stream()
                        .filter(l -> reachesSgx(l, platform) && reachesTdx(l, td.teeTcbSvn()))
                        .findFirst();
        TcbPart platformPart = level.map(l ->
                        new TcbPart(PLATFORM, l.status(), Optional.of(l.date()), l.advisories(), OptionalInt.empty()))
                .orElseGet(() -> new TcbPart(
                        PLATFORM, TcbStatus.NOT_SUPPORTED, Optional.empty(), List.of(), OptionalInt.empty()));

        Optional<TdxModule> identity = td == null || td.teeTcbSvn().at(1) == 0
                ? Optional.empty()
                : info.module(td.teeTcbSvn().at(1));
        Optional<IsvLevels> moduleLevels = identity.flatMap(TdxModule::levels);
        Optional<TcbPart> module = td == null
                ? Optional.empty()
                : moduleLevels.map(levels -> levels.assess(
                        identity.get().id().orElse(""), td.teeTcbSvn().at(0)));

        TcbStatus status = platformPart.status();
        if (module.isPresent()) {
            status = converge(status, module.get().status());
        }
        if (td != null && td.teeTcbSvn2().isPresent() && relaunchHelps(info, sgxLevel, status, module, qe, td)) {
            boolean configuration = status.configurationNeeded()
                    || sgxLevel.map(l -> l.status().configurationNeeded()).orElse(false);
            status = configuration ? TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED : TcbStatus.RELAUNCH_ADVISED;
        }
        if (qe.isPresent()) {
            status = converge(status, qe.get().status());
        }

        SortedSet<String> advisories = new TreeSet<>();
        // Of a platform below every level more is open than any document lists: a list would look complete.
        if (platformPart.status() != TcbStatus.NOT_SUPPORTED) {
            advisories.addAll(platformPart.advisories());
            module.ifPresent(part -> advisories.addAll(part.advisories()));
            qe.ifPresent(part -> advisories.addAll(part.advisories()));
        }

        List<TcbShortfall> shortfalls = new ArrayList<>(platformShortfalls(info, platformPart.status(), platform, td));
        if (module.isPresent()) {
            moduleLevels.get().shortfall(module.get()).ifPresent(shortfalls::add);
        }
        qeShortfall.ifPresent(shortfalls::add);
        return new TcbAssessment(status, advisories, platformPart, module, qe, info.evaluationDataNumber(), shortfalls);
    }

    /**
     * A state together with that of a part (quote verification 4.1.2.4.17, convergence): a part that is out of date makes the
     * whole so and keeps an open configuration question; one that is revoked or unknown decides alone.
     */
    static TcbStatus converge(TcbStatus whole, TcbStatus part) {
        if (whole == TcbStatus.REVOKED || part == TcbStatus.REVOKED) {
            return TcbStatus.REVOKED;
        }
        if (whole == TcbStatus.NOT_SUPPORTED || part == TcbStatus.NOT_SUPPORTED) {
            return TcbStatus.NOT_SUPPORTED;
        }
        if (!part.outOfDate()) {
            return whole;
        }
        return whole.configurationNeeded() ? TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED : TcbStatus.OUT_OF_DATE;
    }

    private static boolean reachesSgx(TcbInfo.Level level, IntelPlatform platform) {
        for (int i = 0; i < level.sgx().length; i++) {
            if (platform.sgxComponents().get(i) < level.sgx()[i]) {
                return false;
            }
        }
        return platform.pceSvn() >= level.pceSvn();
    }

    /**
     * From TDX module version 1 on, components 0 and 1 belong to the module, whose identity judges them; only the others are
     * compared here.
     */
    private static boolean reachesTdx(TcbInfo.Level level, Bytes teeTcbSvn) {
        for (int i = firstTdxComponent(teeTcbSvn); i < level.tdx().length; i++) {
            if (teeTcbSvn.at(i) < level.tdx()[i]) {
                return false;
            }
        }
        return true;
    }

    private static int firstTdxComponent(Bytes teeTcbSvn) {
        return teeTcbSvn.at(1) > 0 ? 2 : 0;
    }

    /**
     * Whether the TD is out of date only because it was launched under an older TDX module than the one that runs now (quote
     * verification 4.1.2.4.17.4.3): then relaunching it would do.
     */
    private static boolean relaunchHelps(
            TcbInfo info,
            Optional<TcbInfo.Level> sgxLevel,
            TcbStatus status,
            Optional<TcbPart> module,
            Optional<TcbPart> qe,
            TdReport td)
            throws EvidenceRejectedException {
        boolean qeCurrent = qe.isEmpty() || qe.get().status() == TcbStatus.UP_TO_DATE;
        boolean sgxCurrent = sgxLevel.isPresent()
                && !sgxLevel.get().status().outOfDate()
                && sgxLevel.get().status() != TcbStatus.REVOKED;
        boolean moduleOld = module.isPresent() && module.get().status() == TcbStatus.OUT_OF_DATE;
        if (!qeCurrent || !sgxCurrent || !status.outOfDate() || !moduleOld) {
            return false;
        }
        Bytes now = td.teeTcbSvn2().orElseThrow();
        TcbInfo.Level latest = info.levels().get(0);
        int required = latest.tdx()[0];
        if (now.at(1) != 0) {
            TdxModule current = info.module(now.at(1))
                    .orElseThrow(() -> new EvidenceRejectedException(
                            RejectionReason.TDX_MODULE_UNKNOWN,
                            "the TDX module that runs now is " + TdxModule.idOf(now.at(1))
                                    + ", of which the TCB info says nothing"));
            List<IsvLevels.Level> levels =
                    current.levels().map(IsvLevels::levels).orElse(List.of());
            if (levels.isEmpty()) {
                return false;
            }
            required = levels.get(0).isvSvn();
        }
        return now.at(0) >= required && now.at(2) >= latest.tdx()[2];
    }

    /** The numbers below the closest level in the best state that the document knows. */
    private static List<TcbShortfall> platformShortfalls(
            TcbInfo info, TcbStatus status, IntelPlatform platform, @Nullable TdReport td) {
        Optional<TcbStatus> best =
                info.levels().stream().map(TcbInfo.Level::status).min(Comparator.naturalOrder());
        if (best.isEmpty() || status.compareTo(best.get()) <= 0) {
            return List.of();
        }
        return info.levels().stream()
                .filter(level -> level.status() == best.get())
                .map(level -> shortfalls(level, platform, td))
                .min(Comparator.comparingInt(List::size))
                .orElse(List.of());
    }

    private static List<TcbShortfall> shortfalls(TcbInfo.Level level, IntelPlatform platform, @Nullable TdReport td) {
        List<TcbShortfall> missing = new ArrayList<>();
        for (int i = 0; i < level.sgx().length; i++) {
            int actual = platform.sgxComponents().get(i);
            if (actual < level.sgx()[i]) {
                missing.add(new TcbShortfall(PLATFORM, "sgx[" + i + "]" + level.names()[i], actual, level.sgx()[i]));
            }
        }
        if (platform.pceSvn() < level.pceSvn()) {
            missing.add(new TcbShortfall(PLATFORM, "pcesvn", platform.pceSvn(), level.pceSvn()));
        }
        if (td != null) {
            for (int i = firstTdxComponent(td.teeTcbSvn()); i < level.tdx().length; i++) {
                int actual = td.teeTcbSvn().at(i);
                if (actual < level.tdx()[i]) {
                    String name = level.names()[level.sgx().length + i];
                    missing.add(new TcbShortfall(PLATFORM, "tdx[" + i + "]" + name, actual, level.tdx()[i]));
                }
            }
        }
        return missing;
    }
}

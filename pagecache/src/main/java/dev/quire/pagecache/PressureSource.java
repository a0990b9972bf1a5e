package dev.quire.pagecache;

import java.io.IOException;

/** Tells how short the system is of memory: a signal for {@link PageCacheConfig}. */
@FunctionalInterface
public interface PressureSource {
    /**
     * How much of the last ten seconds or so at least one task had to wait for memory.
     *
     * @return percent, 0..100
     * @throws IOException if it is not known; it is not asked again then
     */
    double stalledPercent() throws IOException;

    /**
     * What Linux says (PSI): of this process's control group, if version 2 tells, else of the
     * machine.
     *
     * @return the source; asking it fails on other systems, and where PSI is switched off
     */
    static PressureSource ofThisProcess() {
        return PsiFile.ofThisProcess();
    }
}

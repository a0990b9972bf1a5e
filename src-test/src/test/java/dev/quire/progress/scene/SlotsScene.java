package dev.quire.progress.scene;

import dev.quire.progress.Probe;

import java.util.ArrayList;
import java.util.List;

/** As all scenes of a cache, of slots only: they are given back, and wanted again. */
public final class SlotsScene extends CacheScene {
    private static final int PROBES = 6;

    @Override
    void actOnce(int number) {
        dropSlots(number);
    }

    @Override
    public List<Probe> probes() {
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < PROBES; i++) {
            addOfSlots(probes);
        }
        return probes;
    }
}

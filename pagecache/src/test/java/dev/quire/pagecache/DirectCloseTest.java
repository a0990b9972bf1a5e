package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Direct transfers that race with the end of their file. */
class DirectCloseTest extends DirectFixture {
    private static final int ROUNDS = 200;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        backing.put(19, 1);
        return config;
    }

    /** S2.13. */
    @Test
    void shouldAnswerEveryTransferThatRacesTheClose() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            MemoryBacking store = new MemoryBacking(PAGE_BYTES);
            store.put(9, 1);
            PagedFile of = cache.map("racing", store);
            Queue<Outcome> accepted = new ConcurrentLinkedQueue<>();
            List<Running<Boolean>> submitters = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                long page = thread;
                submitters.add(
                        Running.run(
                                () -> {
                                    while (true) {
                                        Outcome write = new Outcome();
                                        Outcome read = new Outcome();
                                        try {
                                            of.writeDirect(
                                                    pages(page, 1, 1), position(page), write);
                                            accepted.add(write);
                                            of.readDirect(memory(PAGE_BYTES), position(page), read);
                                            accepted.add(read);
                                        } catch (IllegalStateException closed) {
                                            return;
                                        }
                                    }
                                }));
            }
            int early = round % 5;
            Running.until("some are accepted", () -> accepted.size() >= early);
            of.close();
            assertThat(store.closes).hasValue(1);
            int reads = store.direct.reads.get();
            int writes = store.direct.writes.get();
            for (Running<Boolean> submitter : submitters) {
                submitter.get();
            }
            assertThat(accepted).allMatch(outcome -> outcome.reports.get() == 1);
            assertThat(store.direct.reads).as("none after the close").hasValue(reads);
            assertThat(store.direct.writes).as("none after the close").hasValue(writes);
        }
    }
}

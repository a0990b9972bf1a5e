package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.backing.AddressSpaceOps;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;

/** Which hooks of a store are called: those that it has. */
class StoreHooksTest {
    private static final StoreHooks NONE =
            new StoreHooks(false, false, false, false, false, false, false);
    private static final StoreHooks ALL = new StoreHooks(true, true, true, true, true, true, true);

    /** A store that hears of pages that have left. */
    private abstract static class Heard implements Plain {
        @Override
        public void freePage(long page, long privateData) {}
    }

    /** A store that hears nothing. */
    private interface Plain extends AddressSpaceOps {
        @Override
        default int readPage(long page, MemorySegment into) {
            return 0;
        }

        @Override
        default void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes) {}

        @Override
        default void sync() {}

        @Override
        default void truncate(long sizeBytes) {}

        @Override
        default long sizeBytes() {
            return 0;
        }
    }

    @Test
    void shouldFindNoneWhereNoneIsOverridden() {
        assertThat(StoreHooks.of(new Plain() {})).isEqualTo(NONE);
    }

    @Test
    void shouldFindWhatASuperclassOverrides() {
        assertThat(StoreHooks.of(new Heard() {}))
                .isEqualTo(new StoreHooks(false, false, false, false, false, false, true));
    }

    @Test
    void shouldFindWhatTheStoreOverrides() {
        AddressSpaceOps store =
                new Plain() {
                    @Override
                    public void afterRead(long page, MemorySegment memory) {}

                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn) {
                        return GO;
                    }

                    @Override
                    public void forceLog(long lsn) {}

                    @Override
                    public void dirtyPage(long page) {}

                    @Override
                    public boolean releasePage(long page, long privateData) {
                        return false;
                    }

                    @Override
                    public boolean migratePage(long page, long privateData) {
                        return false;
                    }

                    @Override
                    public void freePage(long page, long privateData) {}
                };
        assertThat(StoreHooks.of(store)).isEqualTo(ALL);
    }

    /** A store whose calls are all answered by a handler has every hook. */
    @Test
    void shouldAskWhoeverAnswersForAStore() {
        AddressSpaceOps proxy =
                (AddressSpaceOps)
                        Proxy.newProxyInstance(
                                StoreHooksTest.class.getClassLoader(),
                                new Class<?>[] {AddressSpaceOps.class},
                                (store, method, arguments) -> null);
        assertThat(StoreHooks.of(proxy)).isEqualTo(ALL);
    }
}

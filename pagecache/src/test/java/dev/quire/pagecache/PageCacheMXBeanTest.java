package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.OpenMBeanAttributeInfo;

/** What a JMX client that has no class of Quire sees of a cache. */
class PageCacheMXBeanTest extends CacheFixture {
    private static final String NAME = "mxbean test: one";

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.jmxName(NAME);
    }

    private static ObjectName bean(String name) throws Exception {
        return new ObjectName("dev.quire:type=PageCache,name=" + ObjectName.quote(name));
    }

    private Object attribute(String name) throws Exception {
        return server.getAttribute(bean(NAME), name);
    }

    private static Set<String> components(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.toSet());
    }

    @Test
    void shouldShowEveryStatisticByItsName() throws Exception {
        write(0, 3, 0);

        CompositeData stats = (CompositeData) attribute("Stats");
        CompositeData memory = (CompositeData) attribute("Allocator");
        CompositeData io = (CompositeData) attribute("Io");

        assertThat(stats.getCompositeType().keySet()).isEqualTo(components(PageCacheStats.class));
        assertThat(stats.get("faults")).isEqualTo(3L);
        assertThat(stats.get("dirtyPages")).isEqualTo(3L);
        assertThat(memory.getCompositeType().keySet())
                .isEqualTo(components(cache.allocatorStats().getClass()));
        assertThat(memory.get("capacityFrames")).isEqualTo(FRAMES);
        assertThat(io.getCompositeType().keySet())
                .isEqualTo(components(cache.ioStats().getClass()));
        assertThat((int[]) attribute("FreeBlocks")).isEqualTo(cache.buddyInfo().freeBlocks());
        assertThat(attribute("Engine")).isEqualTo(cache.engine().name());
        assertThat(attribute("PageBytes")).isEqualTo(PAGE_BYTES);
    }

    @Test
    void shouldShowEachFile() throws Exception {
        write(0, 3, 0);

        CompositeData[] files = (CompositeData[]) attribute("Files");

        assertThat(files).hasSize(1);
        assertThat(files[0].getCompositeType().keySet()).isEqualTo(components(FileStats.class));
        assertThat(files[0].get("file")).isEqualTo("store");
        assertThat(files[0].get("dirtyPages")).isEqualTo(3L);
    }

    @Test
    void shouldBeOfOpenTypesAlone() throws Exception {
        for (MBeanAttributeInfo info : server.getMBeanInfo(bean(NAME)).getAttributes()) {
            if (!(info instanceof OpenMBeanAttributeInfo)) { // primitives and their arrays
                assertThat(info.getDescriptor().getFieldValue("openType"))
                        .as(info.getName())
                        .isNotNull();
            }
            assertThat(info.isWritable()).as(info.getName()).isFalse();
        }
        assertThat((String) server.invoke(bean(NAME), "dump", new Object[0], new String[0]))
                .contains("free blocks by order");
    }

    @Test
    void shouldRefuseANameThatAnotherCacheHas() throws Exception {
        assertThatThrownBy(() -> PageCache.create(config().jmxName(NAME).build()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("jmxName=" + NAME);
        assertThat(server.isRegistered(bean(NAME))).isTrue();
    }

    @Test
    void shouldShowTwoCachesOfTwoNames() throws Exception {
        try (PageCache other = PageCache.create(config().jmxName("other").build())) {
            ObjectName plain = new ObjectName("dev.quire:type=PageCache,name=other");
            assertThat(server.getAttribute(plain, "Engine")).isEqualTo(other.engine().name());
            assertThat(server.isRegistered(bean(NAME))).isTrue();
        }
    }

    @Test
    void shouldLeaveWithItsCache() throws Exception {
        ObjectName other = new ObjectName("dev.quire:type=PageCache,name=other");
        PageCache.create(config().jmxName("other").build()).close();
        assertThat(server.isRegistered(other)).isFalse();
    }
}

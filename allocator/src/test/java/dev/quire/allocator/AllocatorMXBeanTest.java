package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;

/** What a JMX client that has no class of Quire sees of an allocator. */
class AllocatorMXBeanTest extends AllocatorFixture {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    private static ObjectName bean(String name) throws Exception {
        return new ObjectName("dev.quire:type=PageAllocator,name=" + name);
    }

    @Test
    void shouldShowEveryStatisticByItsName() throws Exception {
        PageAllocator allocator = create(config(64).jmxName("bean-1"));
        int frame = allocator.allocate(2);

        CompositeData stats = (CompositeData) server.getAttribute(bean("bean-1"), "Stats");

        assertThat(stats.getCompositeType().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(AllocatorStats.class.getRecordComponents())
                                .map(RecordComponent::getName)
                                .toList());
        assertThat(stats.get("capacityFrames")).isEqualTo(64);
        assertThat(stats.get("allocatedFrames")).isEqualTo(4);
        assertThat((int[]) server.getAttribute(bean("bean-1"), "FreeBlocks"))
                .isEqualTo(allocator.buddyInfo().freeBlocks());
        assertThat((String) server.invoke(bean("bean-1"), "dump", null, null))
                .contains("free blocks by order");
        allocator.put(frame);
    }

    @Test
    void shouldRefuseANameThatAnotherAllocatorHas() {
        create(config(8).jmxName("bean-2"));
        assertThatThrownBy(() -> PageAllocator.create(config(8).jmxName("bean-2").build()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("jmxName=bean-2");
    }

    @Test
    void shouldLeaveWithItsAllocator() throws Exception {
        PageAllocator allocator = create(config(8).jmxName("bean-3"));
        assertThat(server.isRegistered(bean("bean-3"))).isTrue();
        allocator.close();
        assertThat(server.isRegistered(bean("bean-3"))).isFalse();
        create(config(8).jmxName("bean-3"));
    }

    @Test
    void shouldNotMindThatAConsoleUnregisteredIt() throws Exception {
        PageAllocator allocator = create(config(8).jmxName("bean-4"));
        server.unregisterMBean(bean("bean-4"));
        allocator.close();
        assertThat(allocator.stats().allocatedFrames()).isZero();
    }

    @Test
    void shouldTellTheWatermarksAsFreeFrames() {
        PageAllocator allocator = create(config(64).watermarksFrames(4, 8, 16));
        AllocatorStats before = allocator.stats();
        assertThat(before.lowFrames()).isEqualTo(8);
        assertThat(before.highFrames()).isEqualTo(16);
        allocator.limitFrames(32);
        AllocatorStats after = allocator.stats();
        assertThat(after.withheldFrames()).isEqualTo(32);
        assertThat(after.lowFrames()).as("withheld ones included").isEqualTo(40);
        assertThat(after.highFrames()).isEqualTo(48);
    }
}

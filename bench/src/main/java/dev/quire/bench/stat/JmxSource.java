package dev.quire.bench.stat;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;

import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The MXBean of a page cache in another JVM of this machine. */
final class JmxSource implements StatSource {
    private static final String CACHES = "dev.quire:type=PageCache,*";

    private final long pid;
    private final JMXConnector connector;
    private final MBeanServerConnection server;
    private final ObjectName cache;

    private JmxSource(
            long pid, JMXConnector connector, MBeanServerConnection server, ObjectName cache) {
        this.pid = pid;
        this.connector = connector;
        this.server = server;
        this.cache = cache;
    }

    /**
     * Attaches to a JVM and finds its cache.
     *
     * @param name which one; null for the only one
     * @throws InputException if that cannot be done: the message says why and what helps
     */
    static JmxSource attach(long pid, @Nullable String name) throws IOException {
        JMXConnector connector = connect(pid);
        try {
            MBeanServerConnection server = connector.getMBeanServerConnection();
            return new JmxSource(pid, connector, server, find(server, pid, name));
        } catch (IOException | RuntimeException e) {
            connector.close();
            throw e;
        }
    }

    @SuppressWarnings("BanJNDI") // The address is that of the JVM of this machine just attached to.
    private static JMXConnector connect(long pid) {
        ProcessHandle process =
                ProcessHandle.of(pid)
                        .orElseThrow(() -> new InputException("no such process: pid=" + pid));
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                String url = machine.startLocalManagementAgent();
                return JMXConnectorFactory.connect(new JMXServiceURL(url));
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException | IOException e) {
            throw new InputException(whyNot(process, e), e);
        }
    }

    private static String whyNot(ProcessHandle process, Exception e) {
        String user = process.info().user().orElse("");
        String self = ProcessHandle.current().info().user().orElse("");
        if (!user.isEmpty() && !user.equals(self)) {
            return "the process is another user's, run this as that one: user="
                    + user
                    + ", pid="
                    + process.pid();
        }
        if (process.pid() == ProcessHandle.current().pid()) {
            return "the process is this one: pid=" + process.pid();
        }
        if (e instanceof AttachNotSupportedException) { // its message has the whole command line
            return "not a JVM, or one that lets nobody attach (-XX:+DisableAttachMechanism): pid="
                    + process.pid();
        }
        return "cannot attach to the JVM (" + Failures.describe(e) + "): pid=" + process.pid();
    }

    private static ObjectName find(MBeanServerConnection server, long pid, @Nullable String name)
            throws IOException {
        Map<String, ObjectName> caches = new TreeMap<>();
        try {
            for (ObjectName found : server.queryNames(new ObjectName(CACHES), null)) {
                caches.put(nameOf(found), found);
            }
        } catch (JMException e) {
            throw new AssertionError(CACHES, e);
        }
        if (caches.isEmpty()) {
            throw new InputException(
                    "no page cache of Quire is registered there (PageCacheConfig.jmxName): pid="
                            + pid);
        }
        if (name == null && caches.size() > 1) {
            throw new InputException(
                    "there are several page caches, say which by --cache: " + caches.keySet());
        }
        ObjectName cache = name == null ? caches.values().iterator().next() : caches.get(name);
        if (cache == null) {
            throw new InputException(
                    "--cache must be one of " + caches.keySet() + ": --cache=" + name);
        }
        return cache;
    }

    private static String nameOf(ObjectName cache) {
        String name = cache.getKeyProperty("name");
        return name.startsWith("\"") ? ObjectName.unquote(name) : name;
    }

    @Override
    public Sample sample() {
        try {
            Map<String, Long> numbers = new HashMap<>();
            add(numbers, "stats.", (CompositeData) server.getAttribute(cache, "Stats"));
            add(numbers, "allocator.", (CompositeData) server.getAttribute(cache, "Allocator"));
            add(numbers, "io.", (CompositeData) server.getAttribute(cache, "Io"));
            int[] free = (int[]) server.getAttribute(cache, "FreeBlocks");
            for (int order = 0; order < free.length; order++) {
                numbers.put("freeBlocks." + order, (long) free[order]);
            }
            return new Sample(System.nanoTime(), numbers);
        } catch (InstanceNotFoundException e) {
            throw new SourceEndedException("the cache was closed: pid=" + pid, e);
        } catch (IOException e) {
            throw new SourceEndedException("the process has ended: pid=" + pid, e);
        } catch (JMException e) {
            throw new InputException("statistics cannot be read: pid=" + pid, e);
        }
    }

    private static void add(Map<String, Long> numbers, String prefix, CompositeData data) {
        for (String item : data.getCompositeType().keySet()) {
            numbers.put(prefix + item, ((Number) data.get(item)).longValue());
        }
    }

    @Override
    public void close() {
        try {
            connector.close();
        } catch (IOException e) { // the process is gone, and the connection with it
            return;
        }
    }
}

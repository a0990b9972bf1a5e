package dev.quire.allocator.jmx;

import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;

import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/** A bean in the platform's MBean server, from the making of this until it is closed. */
public final class Registration implements AutoCloseable {
    /** Domain of all beans of Quire. */
    public static final String DOMAIN = "dev.quire";

    /** Names that need no quotes in an {@link ObjectName}. */
    private static final Pattern PLAIN = Pattern.compile("[\\w.-]+");

    private final ObjectName name;

    private Registration(ObjectName name) {
        this.name = name;
    }

    /**
     * Registers a bean as {@code dev.quire:type=TYPE,name=NAME}, the name in quotes unless it is
     * made of letters, digits, {@code _}, {@code .} and {@code -} alone.
     *
     * @param type what it is
     * @param name which one
     * @param bean the bean
     * @param face its MXBean interface
     * @param <T> its MXBean interface
     * @return close it to unregister the bean
     * @throws IllegalStateException if there is one of this type and name
     */
    public static <T> Registration of(String type, String name, T bean, Class<T> face) {
        try {
            ObjectName objectName = objectName(type, name);
            ManagementFactory.getPlatformMBeanServer()
                    .registerMBean(new StandardMBean(bean, face, true), objectName);
            return new Registration(objectName);
        } catch (InstanceAlreadyExistsException e) {
            throw new IllegalStateException(
                    "another " + type + " of this JVM has the name: jmxName=" + name, e);
        } catch (JMException e) {
            throw new IllegalStateException(
                    type + " cannot be registered with JMX: jmxName=" + name, e);
        }
    }

    private static ObjectName objectName(String type, String name) throws JMException {
        String quoted = PLAIN.matcher(name).matches() ? name : ObjectName.quote(name);
        return new ObjectName(DOMAIN + ":type=" + type + ",name=" + quoted);
    }

    /** Unregisters it, unless somebody has. */
    @Override
    public void close() {
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            return; // a console may unregister what it likes
        } catch (JMException e) {
            throw new IllegalStateException("cannot be unregistered from JMX: " + name, e);
        }
    }

    @Override
    public String toString() {
        return name.toString();
    }
}

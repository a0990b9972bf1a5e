package dev.quire.weave;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * What is woven into classes: a table of calls, and what comes before each, or in its place.
 * Immutable.
 *
 * <p>Hooks and replacements are public static methods of public classes that are not woven. Calls
 * are known by the class that they name, which is the static type of the receiver; {@code super}
 * calls stay as they are.
 */
public final class Weaving {
    /** Names of methods that read and write a variable in one atomic step. */
    public static final String UPDATES = "compareAnd.*|weakCompareAnd.*|getAnd.*|.*AndGet";

    /** Names of methods that store into a variable that others look at. */
    public static final String STORES = "setOpaque|setRelease|setVolatile|lazySet";

    private static final List<Class<?>> ATOMICS =
            List.of(
                    VarHandle.class,
                    AtomicBoolean.class,
                    AtomicInteger.class,
                    AtomicIntegerArray.class,
                    AtomicLong.class,
                    AtomicLongArray.class,
                    AtomicReference.class,
                    AtomicReferenceArray.class);

    /** A hook before a call. */
    record Before(Pattern names, ClassDesc hooks, String hook) {}

    /** A hook that changes what a call answers. */
    record After(Pattern names, ClassDesc hooks, String hook) {}

    /** Another class's static method of the same name, the receiver its first argument. */
    record Replace(Pattern names, Class<?> receiver, Class<?> by) {
        /** The other method's type, which may return less than what it stands for. */
        MethodTypeDesc type(String name, boolean isStatic, MethodTypeDesc original) {
            MethodTypeDesc wanted =
                    isStatic ? original : original.insertParameterTypes(0, desc(receiver));
            for (Method method : by.getMethods()) {
                if (method.getName().equals(name)) {
                    MethodTypeDesc type =
                            MethodType.methodType(
                                            method.getReturnType(), method.getParameterTypes())
                                    .describeConstable()
                                    .orElseThrow();
                    if (type.parameterList().equals(wanted.parameterList())) {
                        return type;
                    }
                }
            }
            throw new IllegalStateException(
                    "%s has no %s%s".formatted(by.getName(), name, wanted.displayDescriptor()));
        }
    }

    private final Map<String, List<Before>> befores;
    private final Optional<Before> beforeVolatiles;
    private final Map<String, List<After>> afters;
    private final Map<String, List<Replace>> replaces;
    private final Map<String, ClassDesc> constructs;
    private final Map<String, Consumer<CodeBuilder>> starts;
    private final Map<String, Consumer<ClassBuilder>> members;
    private final List<ClassDesc> monitors;

    private Weaving(Builder builder) {
        befores = Map.copyOf(builder.befores);
        beforeVolatiles = builder.beforeVolatiles;
        afters = Map.copyOf(builder.afters);
        replaces = Map.copyOf(builder.replaces);
        constructs = Map.copyOf(builder.constructs);
        starts = Map.copyOf(builder.starts);
        members = Map.copyOf(builder.members);
        monitors = List.copyOf(builder.monitors);
    }

    /**
     * An empty table.
     *
     * @return to be filled
     */
    public static Builder table() {
        return new Builder();
    }

    /** Fills a table. */
    public static final class Builder {
        private final Map<String, List<Before>> befores = new HashMap<>();
        private Optional<Before> beforeVolatiles = Optional.empty();
        private final Map<String, List<After>> afters = new HashMap<>();
        private final Map<String, List<Replace>> replaces = new HashMap<>();
        private final Map<String, ClassDesc> constructs = new HashMap<>();
        private final Map<String, Consumer<CodeBuilder>> starts = new HashMap<>();
        private final Map<String, Consumer<ClassBuilder>> members = new HashMap<>();
        private final List<ClassDesc> monitors = new ArrayList<>();

        private Builder() {}

        /**
         * Calls {@code static void hook(int site)} before each call of some methods.
         *
         * @param hooks class of the hook
         * @param hook its name
         * @param owner whose methods
         * @param names regular expression of their names
         * @return this
         */
        public Builder before(Class<?> hooks, String hook, Class<?> owner, String names) {
            return before(hooks, hook, owner.getName(), names);
        }

        /**
         * As {@link #before(Class, String, Class, String)}, of a class that cannot be named here.
         *
         * @param hooks class of the hook
         * @param hook its name
         * @param owner binary name of the class whose methods
         * @param names regular expression of their names
         * @return this
         */
        public Builder before(Class<?> hooks, String hook, String owner, String names) {
            checkIsHook(hooks, hook, void.class, int.class);
            befores.computeIfAbsent(internal(owner), o -> new ArrayList<>())
                    .add(new Before(Pattern.compile(names), desc(hooks), hook));
            return this;
        }

        /**
         * Calls {@code static void hook(int site)} before every atomic update: of VarHandles and of
         * the atomic classes, adders apart.
         *
         * @param hooks class of the hook
         * @param hook its name
         * @return this
         */
        public Builder beforeUpdates(Class<?> hooks, String hook) {
            ATOMICS.forEach(owner -> before(hooks, hook, owner, UPDATES));
            return this;
        }

        /**
         * Calls {@code static void hook(int site)} before every ordered store through VarHandles
         * and the atomic classes.
         *
         * @param hooks class of the hook
         * @param hook its name
         * @return this
         */
        public Builder beforeStores(Class<?> hooks, String hook) {
            for (Class<?> owner : ATOMICS) {
                before(hooks, hook, owner, owner == VarHandle.class ? STORES : STORES + "|set");
            }
            return this;
        }

        /**
         * Calls {@code static void hook(int site)} before every access to what threads share: to
         * whatever VarHandles and the atomic classes do, and to the volatile fields of its own
         * class.
         *
         * @param hooks class of the hook
         * @param hook its name
         * @return this
         */
        public Builder beforeShared(Class<?> hooks, String hook) {
            ATOMICS.forEach(owner -> before(hooks, hook, owner, ".*"));
            beforeVolatiles = Optional.of(new Before(Pattern.compile(".*"), desc(hooks), hook));
            return this;
        }

        /**
         * Calls {@code static long hook(long)} after each call of some methods that answer a long,
         * with what they answer, and goes on with what the hook does.
         *
         * @param hooks class of the hook
         * @param hook its name
         * @param owner binary name of the class whose methods
         * @param names regular expression of their names
         * @return this
         */
        public Builder after(Class<?> hooks, String hook, String owner, String names) {
            checkIsHook(hooks, hook, long.class, long.class);
            afters.computeIfAbsent(internal(owner), o -> new ArrayList<>())
                    .add(new After(Pattern.compile(names), desc(hooks), hook));
            return this;
        }

        /**
         * Calls other methods instead, method references included.
         *
         * @param by has a public static method for each, of the same name and arguments, after the
         *     receiver if the method that it replaces has one
         * @param owner whose methods
         * @param names regular expression of their names
         * @return this
         */
        public Builder replace(Class<?> by, Class<?> owner, String names) {
            return replace(by, owner, owner.getName(), names);
        }

        /**
         * As {@link #replace(Class, Class, String)}, where calls name a subclass that cannot be
         * named here.
         *
         * @param by has a public static method for each
         * @param receiver its first argument, of methods that are not static
         * @param owner binary name of the class whose methods
         * @param names regular expression of their names
         * @return this
         */
        public Builder replace(Class<?> by, Class<?> receiver, String owner, String names) {
            replaces.computeIfAbsent(internal(owner), o -> new ArrayList<>())
                    .add(new Replace(Pattern.compile(names), receiver, by));
            return this;
        }

        /**
         * Does something first in a method, whatever its arguments.
         *
         * @param place class and method, such as {@code dev.quire.aio.os.Uring.result}
         * @param code of it
         * @return this
         */
        public Builder atStart(String place, Consumer<CodeBuilder> code) {
            starts.put(place, code);
            return this;
        }

        /**
         * Adds to a class, such as what overrides a method of its superclass.
         *
         * @param className binary name of it
         * @param added its further members
         * @return this
         */
        public Builder add(String className, Consumer<ClassBuilder> added) {
            members.put(className, added);
            return this;
        }

        /**
         * Makes objects of a subclass instead.
         *
         * @param made what woven code makes, by {@code new}
         * @param by a public subclass with the same public constructors
         * @return this
         */
        public Builder construct(Class<?> made, Class<?> by) {
            if (!made.isAssignableFrom(by)) {
                throw new IllegalArgumentException(by + " must be a subclass of " + made);
            }
            constructs.put(internal(made.getName()), desc(by));
            return this;
        }

        /**
         * Calls {@code static void enter(Object)} and {@code static void exit(Object)} instead of
         * entering and leaving monitors, those of synchronized methods included.
         *
         * @param by has both
         * @return this
         */
        public Builder monitors(Class<?> by) {
            checkIsHook(by, "enter", void.class, Object.class);
            checkIsHook(by, "exit", void.class, Object.class);
            monitors.clear();
            monitors.add(desc(by));
            return this;
        }

        /**
         * The table as it is now.
         *
         * @return to be given to a {@link WovenLoader}
         */
        public Weaving build() {
            return new Weaving(this);
        }

        private static void checkIsHook(
                Class<?> hooks, String name, Class<?> result, Class<?> argument) {
            try {
                Method hook = hooks.getMethod(name, argument);
                if (Modifier.isStatic(hook.getModifiers())
                        && hook.getReturnType() == result
                        && Modifier.isPublic(hooks.getModifiers())) {
                    return;
                }
            } catch (NoSuchMethodException e) {
                // as one of another kind
            }
            throw new IllegalArgumentException(
                    "a hook must be public static %s %s(%s) of a public class: %s"
                            .formatted(result, name, argument.getSimpleName(), hooks.getName()));
        }
    }

    /**
     * Weaves a class.
     *
     * @param original its class file
     * @param sites numbers places that call a hook
     * @param resolver knows the classes that it names
     * @return another class file
     */
    byte[] weave(byte[] original, Sites sites, ClassHierarchyResolver resolver) {
        ClassFile files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(resolver));
        ClassModel model = files.parse(original);
        String name = model.thisClass().asInternalName().replace('/', '.');
        ClassTransform woven = new WovenClass(this, sites);
        return files.transformClass(
                model,
                woven.andThen(
                        ClassTransform.endHandler(members.getOrDefault(name, builder -> {}))));
    }

    // ---- what applies to a call

    List<Before> befores(String owner, String name) {
        return befores.getOrDefault(owner, List.of()).stream()
                .filter(before -> before.names.matcher(name).matches())
                .toList();
    }

    List<After> afters(String owner, String name) {
        return afters.getOrDefault(owner, List.of()).stream()
                .filter(after -> after.names.matcher(name).matches())
                .toList();
    }

    List<Replace> replaces(String owner, String name) {
        return replaces.getOrDefault(owner, List.of()).stream()
                .filter(replace -> replace.names.matcher(name).matches())
                .limit(1)
                .toList();
    }

    /** What comes before accesses to volatile fields. */
    Optional<Before> beforeVolatiles() {
        return beforeVolatiles;
    }

    /** What comes first in a method. */
    Optional<Consumer<CodeBuilder>> start(String place) {
        return Optional.ofNullable(starts.get(place));
    }

    /** The methods in which something comes first. */
    Set<String> started() {
        return starts.keySet();
    }

    List<ClassDesc> constructs(String made) {
        ClassDesc by = constructs.get(made);
        return by == null ? List.of() : List.of(by);
    }

    /** Whose hooks stand for monitors; empty when these stay. */
    List<ClassDesc> monitors() {
        return monitors;
    }

    static final MethodTypeDesc HOOK =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);

    static final MethodTypeDesc HOOK_AFTER =
            MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_long);

    static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    private static String internal(String className) {
        return className.replace('.', '/');
    }
}

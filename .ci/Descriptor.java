import module java.base;

/**
 * Makes a compiled module descriptor fit for who reads it.
 *
 * <p>Maven's jar and javadoc plugins read it in Maven's own JVM, which may be a Java 17 that
 * refuses the class file version of Java 25; a descriptor holds no code, so that only the number
 * differs.
 *
 * <p>Javac wants {@code requires static transitive org.jspecify} in the source, since annotations
 * stand in what is exported; a user's javac would then demand that module. The users' descriptor
 * says {@code static} only: annotations that are not there are left out.
 */
final class Descriptor {
    private static final int MAJOR_JAVA_17 = 61;
    private static final String ANNOTATIONS = "org.jspecify";

    static void main(String[] args) throws IOException {
        Path file = Path.of(args[0], "module-info.class");
        ClassFile classFile = ClassFile.of();
        ClassTransform transform =
                (builder, element) -> {
                    switch (element) {
                        case ClassFileVersion _ -> builder.withVersion(MAJOR_JAVA_17, 0);
                        case ModuleAttribute module -> builder.with(forUsers(module));
                        default -> builder.with(element);
                    }
                };
        Files.write(file, classFile.transformClass(classFile.parse(file), transform));
    }

    private static ModuleAttribute forUsers(ModuleAttribute module) {
        List<ModuleRequireInfo> requires =
                module.requires().stream()
                        .map(
                                it ->
                                        it.requires().name().equalsString(ANNOTATIONS)
                                                ? ModuleRequireInfo.of(
                                                        it.requires(),
                                                        ClassFile.ACC_STATIC_PHASE,
                                                        it.requiresVersion().orElse(null))
                                                : it)
                        .toList();
        return ModuleAttribute.of(
                module.moduleName(),
                module.moduleFlagsMask(),
                module.moduleVersion().orElse(null),
                requires,
                module.exports(),
                module.opens(),
                module.uses(),
                module.provides());
    }
}

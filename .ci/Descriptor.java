import module java.base;

/**
 * Marks a compiled module descriptor as readable from Java 17 on.
 *
 * <p>Maven's jar and javadoc plugins read the descriptor in Maven's own JVM, which may be a Java 17
 * that refuses the class file version of Java 25. A descriptor holds no code, so that only the
 * version number differs.
 */
final class Descriptor {
    private static final int MAJOR_OFFSET = 6;
    private static final short MAJOR_JAVA_17 = 61;

    static void main(String[] args) throws IOException {
        Path file = Path.of(args[0], "module-info.class");
        ByteBuffer descriptor = ByteBuffer.wrap(Files.readAllBytes(file));
        if (descriptor.getShort(MAJOR_OFFSET) != MAJOR_JAVA_17) {
            descriptor.putShort(MAJOR_OFFSET, MAJOR_JAVA_17);
            Files.write(file, descriptor.array());
        }
    }
}

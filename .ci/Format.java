import module java.base;

/**
 * Checks or fixes the format of every Java source of the project with google-java-format (AOSP).
 *
 * <p>It runs in a JVM of its own because the formatter parses with the running JDK's compiler, and
 * Maven may run on a JDK that does not know the language level of the sources.
 */
final class Format {
    static void main(String[] args) throws Exception {
        boolean fix = args[0].equals("fix");
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(List.of("-jar", args[1], "--aosp"));
        command.addAll(fix ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
        List<String> sources = sources();
        if (sources.isEmpty()) {
            throw new IllegalStateException("no Java source under " + Path.of("").toAbsolutePath());
        }
        command.addAll(sources);
        int exitCode = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (exitCode != 0) {
            System.err.println(
                    "The files above are not in the project's format; to fix them: mvn -q -N -Dfix"
                            + " process-sources");
        }
        System.exit(exitCode);
    }

    private static List<String> sources() throws IOException {
        try (Stream<Path> tree = Files.walk(Path.of(""))) {
            return tree.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.toString().matches("(.*/)?target/.*"))
                    .map(Path::toString)
                    .sorted()
                    .toList();
        }
    }
}

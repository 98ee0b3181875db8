// Snake.java: a YAML file as SnakeYAML reads it, printed as JSON.
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.Yaml;

public class Snake {
    public static void main(String[] args) throws Exception {
        try (InputStream in = Files.newInputStream(Path.of(args[0]))) {
            new PrintStream(System.out, true, "UTF-8").print(json(new Yaml().load(in)));
        }
    }

    static String json(Object value) {
        if (value == null || value instanceof Number || value instanceof Boolean)
            return String.valueOf(value);
        if (value instanceof Map<?, ?> map)
            return map.entrySet().stream().map(e -> quote(e.getKey().toString()) + ":" + json(e.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
        if (value instanceof Iterable<?> list)
            return StreamSupport.stream(list.spliterator(), false).map(Snake::json)
                .collect(Collectors.joining(",", "[", "]"));
        return quote(value.toString());
    }

    static String quote(String text) {
        return text.chars().mapToObj(c -> c == '"' || c == '\\' || c < 32 ? String.format("\\u%04x", c)
            : String.valueOf((char) c)).collect(Collectors.joining("", "\"", "\""));
    }
}

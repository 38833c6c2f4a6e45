namespace Sluice.Cli.Shell;

/// <summary>Examples of each command, for its help and its man page. The documentation has them, too.</summary>
internal static class Examples
{
    /// <summary>Gets the examples of a command, each with what it is for.</summary>
    /// <param name="path">The words of the command, such as <c>sluice cert renew</c>.</param>
    public static IReadOnlyList<(string Text, string? Purpose)> Of(string path) => path switch
    {
        "sluice connect" =>
        [
            ("sluice connect -z example.com 443", "is that port open?"),
            ("sluice connect -v tls://example.com:443 --alpn h2", "who is connected, and what TLS negotiated"),
            ("sluice connect mail.example.com:25 --starttls smtp", "TLS after STARTTLS"),
            ("printf 'one\\ntwo\\n' | sluice connect 127.0.0.1:2323", null),
        ],
        "sluice check" =>
        [
            ("sluice check tls://localhost:5000", null),
            ("sluice check www.example.com:80 --send 'GET / HTTP/1.0\\r\\n\\r\\n'", "does it answer a request?"),
        ],
        "sluice tls" => [("sluice tls example.com:443", null), ("sluice tls mail.example.com:25 --starttls smtp --expires-within 14", null)],
        "sluice listen" =>
        [
            ("sluice listen 9000 > received", "receive a file; the other side: sluice connect host 9000 < file"),
            ("sluice listen tls://:9443 --chat", "a chat under TLS"),
            ("sluice listen :8080 --file page.http", "the same answer to everyone"),
        ],
        "sluice relay" =>
        [
            ("sluice relay 6380 localhost:6379", "a port for another"),
            ("sluice relay tls://:6380 localhost:6379 --latency 1s", "TLS and a second of latency before Redis"),
            ("sluice relay 5432 db1:5432 db2:5432 --balance first --check 5", "db2 stands in for db1"),
        ],
        "sluice replay" => [("sluice relay 6380 localhost:6379 --record session.pcapng", null), ("sluice replay session.pcapng localhost:6379 --compare", null)],
        "sluice udp" => [("sluice udp :5353 --join 224.0.0.251 --hex", null), ("sluice udp localhost:9000 --send ping --count 3", null)],
        "sluice echo" => [("sluice echo 0 --raw --quiet", null), ("sluice echo --tls --cert certs/server.pem --key certs/server.key", null)],
        "sluice bench" =>
        [
            ("sluice bench 127.0.0.1:2323 --connections 8 --size 65536", null),
            ("sluice bench 127.0.0.1:2323 --rate 5000 --report report.html", null),
            ("sluice bench udp://127.0.0.1:2323 --depth 16", null),
        ],
        "sluice top" => [("sluice top localhost:5000", null)],
        "sluice cert" => [("sluice cert certs", null), ("sluice connect localhost:2323 --tls --ca certs/ca.pem", null)],
        "sluice completion" => [("source <(sluice completion bash)", null)],
        "sluice help" => [("sluice help relay --man | man -l -", null)],
        _ => [],
    };

    /// <summary>Formats the examples of a command, the purposes below each other.</summary>
    public static IEnumerable<string> LinesOf(string path)
    {
        IReadOnlyList<(string Text, string? Purpose)> examples = Of(path);
        int width = examples.Where(one => one.Purpose is not null).Select(one => one.Text.Length).DefaultIfEmpty().Max();
        return examples.Select(one => one.Purpose is null ? one.Text : $"{one.Text.PadRight(width)}  # {one.Purpose}");
    }
}

namespace Sluice.Bench.Contenders;

/// <summary>The contenders of <c>bench/peers</c>.</summary>
internal static class PeerPrograms
{
    private const string DebianCrates = "/usr/share/cargo/registry";

    private static readonly string[] s_fromDebian =
    [
        "--offline", "--config", "source.crates-io.replace-with=\"debian\"", "--config", $"source.debian.directory=\"{DebianCrates}\"",
    ];

    private static readonly string s_netty = string.Join(
        ':', ((string[])["buffer", "codec", "common", "handler", "resolver", "transport"]).Select(part => $"/usr/share/java/netty-{part}.jar"));

    /// <summary>The <c>sluice</c> command as a native program.</summary>
    public static PeerProgram SluiceNative { get; } =
        SluiceCommand("native", ["-p:PublishAot=true"], folder => [Path.Combine(folder, "sluice")], "clang zlib1g-dev");

    /// <summary>The <c>sluice</c> command with its assemblies compiled to ReadyToRun code, as the library is in its package.</summary>
    public static PeerProgram SluiceReadyToRun { get; } =
        SluiceCommand("r2r", ["--no-self-contained", "-p:PublishReadyToRun=true"], folder => ["dotnet", Path.Combine(folder, "Sluice.Cli.dll")], string.Empty);

    public static PeerProgram CEpoll { get; } = new()
    {
        Compiler = "gcc",
        Source = "epoll_echo.c",
        Arguments = (source, output) => ["-O2", "-o", output, source],
        Packages = "gcc libc6-dev",
    };

    public static PeerProgram CBroadcast { get; } = new()
    {
        Compiler = "gcc",
        Source = "epoll_broadcast.c",
        Arguments = (source, output) => ["-O2", "-o", output, source],
        Packages = "gcc libc6-dev",
    };

    public static PeerProgram LibUv { get; } = new()
    {
        Compiler = "gcc",
        Source = "uv_echo.c",
        Arguments = (source, output) => ["-O2", "-o", output, source, "-luv"],
        Packages = "gcc libuv1-dev",
    };

    public static PeerProgram Tokio { get; } = new()
    {
        Compiler = "cargo",
        Source = "tokio",
        Arguments = (source, output) =>
        [
            "build", "--release", "--quiet", "--manifest-path", Path.Combine(source, "Cargo.toml"), "--target-dir", output,
            .. FromDebian ? s_fromDebian : ["--config", "net.retry=0"],
        ],
        Run = output => [Path.Combine(output, "release", "tokio_echo")],
        Packages = "cargo librust-tokio-dev",
    };

    public static PeerProgram Go { get; } = new()
    {
        Compiler = "go",
        Source = "echo.go",
        Arguments = (source, output) => ["build", "-o", output, source],
        Packages = "golang-go",
    };

    public static PeerProgram Netty { get; } = new()
    {
        Compiler = "javac",
        Source = "NettyEcho.java",
        Arguments = (source, output) => ["-cp", s_netty, "-d", output, source],
        Run = output => ["java", "-cp", $"{s_netty}:{output}", "NettyEcho"],
        Packages = "default-jdk-headless libnetty-java",
    };

    // Uses Debian's crates where they are installed, so that it builds without crates.io.
    private static bool FromDebian => Directory.Exists(DebianCrates) && Directory.EnumerateDirectories(DebianCrates, "tokio-1*").Any();

    private static PeerProgram SluiceCommand(string kind, string[] options, Func<string, string[]> run, string packages) => new()
    {
        Compiler = "dotnet",
        Source = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "src", "Sluice.Cli", "Sluice.Cli.csproj")),
        Arguments = (source, output) =>
        [
            "publish", source, "-c", "Release", "--ucr", "-p:PackAsTool=false", .. options, $"-p:ArtifactsPath={output}.{kind}.artifacts", "-o", $"{output}.{kind}",
        ],
        Run = output => run($"{output}.{kind}"),
        Packages = packages,
    };
}

namespace Sluice.Bench.Contenders;

/// <summary>The contenders of <c>bench/peers</c>.</summary>
internal static class PeerPrograms
{
    public static PeerProgram CEpoll { get; } = new(
        compiler: "gcc",
        arguments: (source, output) => ["-O2", "-o", output, source],
        command: output => [output],
        source: "epoll_echo.c");
}
